/**
 * The pullbacks of RWKV-7's ops against central differences, and the attention
 * against its definition.
 *
 * @module
 */

import { assertAlmostEquals, assertEquals } from "@std/assert";
import { CpuBackend } from "../../lib/backend/cpu/cpu_backend.ts";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { residual } from "../../lib/ops/residual.ts";
import { squaredRelu } from "../../lib/ops/squared_relu.ts";
import { tanh } from "../../lib/ops/tanh.ts";
import { tokenLerp } from "../../lib/ops/token_lerp.ts";
import { wkv7 } from "../../lib/ops/wkv7.ts";
import { wkv7Input } from "../../lib/ops/wkv7_input.ts";
import { wkv7Output } from "../../lib/ops/wkv7_output.ts";
import { Random } from "../../lib/random.ts";
import { Tape } from "../../lib/tensor/tape.ts";
import { checkGradients } from "./gradients.ts";

for (const shape of [[1, 1, 3], [2, 5, 3]]) {
  Deno.test(`tokenLerp() has the gradients of its equation at (${shape})`, () => {
    checkGradients(
      { x: shape, a: [3], b: [3] },
      (tape, { x, a, b }) => {
        const [first, second] = tokenLerp(tape, x, [a, b]);
        return residual(tape, first, squaredRelu(tape, second));
      },
    );
  });
}

for (const [shape, headSize] of [[[1, 1, 2], 1], [[2, 3, 6], 3]] as const) {
  const [, , width] = shape;

  Deno.test(`wkv7Input() has the gradients of its equation at (${shape})`, () => {
    checkGradients({
      key: shape,
      decay: shape,
      rate: shape,
      decayBias: [width],
      rateBias: [width],
      keyScale: [width],
      keyRate: [width],
    }, (tape, operands) =>
      wkv7Input(
        tape,
        operands as unknown as Parameters<typeof wkv7Input>[1],
        headSize,
      ));
  });

  Deno.test(`wkv7Output() has the gradients of its equation at (${shape})`, () => {
    checkGradients({
      x: shape,
      r: shape,
      input: [shape[0], shape[1], width / headSize, 4, headSize],
      v: shape,
      gate: shape,
      weight: [width],
      bias: [width],
      bonus: [width / headSize, headSize],
    }, (tape, operands) =>
      wkv7Output(
        tape,
        operands as unknown as Parameters<typeof wkv7Output>[1],
      ));
  });
}

for (const shape of [[1, 1, 2], [2, 5, 6], [1, 18, 2]]) {
  const [batch, time, width] = shape;
  const headSize = width / 2;

  Deno.test(`wkv7() has the gradients of its equation at (${shape})`, () => {
    checkGradients({
      r: shape,
      key: shape,
      v: shape,
      decay: shape,
      rate: shape,
    }, (tape, { r, key, v, decay, rate }, backend) => {
      const constant = (value: number) => {
        const data = backend.alloc(width), grad = backend.alloc(width);
        backend.run("fill", { out: data }, { value: value });
        return { shape: [width], data, grad };
      };
      const input = wkv7Input(tape, {
        key,
        decay,
        rate,
        decayBias: constant(0.3),
        rateBias: constant(-0.2),
        keyScale: constant(0.7),
        keyRate: constant(1.02),
      }, headSize);
      return wkv7(tape, { r, input, v });
    });
  });

  Deno.test(`wkv7() has right gradients for any state update at (${shape})`, () => {
    // Small ones: with w of any size the state would grow without bounds.
    checkGradients({
      r: shape,
      x: [batch, time, 2, 4, headSize],
      v: shape,
    }, (tape, { r, x, v }) => wkv7(tape, { r, input: tanh(tape, x), v }));
  });
}

Deno.test("wkv7() is the product of its transitions", async () => {
  // y_T = Σ_i v_i k_iᵀ Π_{t>i} (diag(w_t) - κ_t (κ_t∘a_t)ᵀ) r_T, term by term.
  const n = 3, time = 4;
  const backend = new ReferenceBackend("f64");
  const tape = new Tape(backend, { recording: false });
  const random = new Random(11);
  const tensor = (...shape: number[]) => {
    const made = tape.tensor(...shape);
    const values = backend.values(made.data);
    for (let i = 0; i < values.length; i++) values[i] = random.normal() / 2;
    return made;
  };
  const r = tensor(1, time, n), v = tensor(1, time, n);
  const input = tensor(1, time, 1, 4, n);
  const y = await backend.read(wkv7(tape, { r, input, v }).data);
  const part = (t: number, which: number) => [
    ...backend.values(input.data).subarray(
      (4 * t + which) * n,
      (4 * t + which + 1) * n,
    ),
  ];
  const at = (tensor: typeof r, t: number) =>
    backend.values(tensor.data).subarray(t * n, (t + 1) * n);
  const expected = new Float64Array(n);
  for (let i = 0; i < time; i++) {
    // From the right: what is read, carried back to token i.
    let read = [...at(r, time - 1)];
    for (let t = time - 1; t > i; t--) {
      const [w, , removal, a] = [0, 1, 2, 3].map((which) => part(t, which));
      const along = read.reduce((sum, x, j) => sum + removal[j] * a[j] * x, 0);
      read = read.map((x, j) => w[j] * x - removal[j] * along);
    }
    const weight = part(i, 1).reduce((sum, k, j) => sum + k * read[j], 0);
    at(v, i).forEach((value, c) => expected[c] += weight * value);
  }
  for (let c = 0; c < n; c++) {
    assertAlmostEquals(y[(time - 1) * n + c], expected[c], 1e-6);
  }
});

Deno.test("wkv7() carried over in pieces equals one pass", async () => {
  const n = 4, width = 8, time = 7;
  const backend = new ReferenceBackend();
  const tape = new Tape(backend, { recording: false });
  const random = new Random(12);
  const draw = (length: number) =>
    Float32Array.from({ length }, () => random.normal() / 2);
  const rs = draw(time * width), vs = draw(time * width);
  const inputs = draw(4 * time * width);
  const run = (from: number, to: number, state = backend.alloc(2 * n * n)) => {
    const r = tape.tensor(1, to - from, width);
    const v = tape.tensor(1, to - from, width);
    const input = tape.tensor(1, to - from, 2, 4, n);
    backend.write(r.data, rs.slice(from * width, to * width));
    backend.write(v.data, vs.slice(from * width, to * width));
    backend.write(input.data, inputs.slice(4 * from * width, 4 * to * width));
    return backend.read(wkv7(tape, { r, input, v, state }).data);
  };
  const state = backend.alloc(2 * n * n);
  const pieces = [...await run(0, 3, state), ...await run(3, time, state)];
  assertEquals(new Float32Array(pieces), await run(0, time));
});

/** One head's numbers, as arrays of vectors, token by token. */
interface Head {
  readonly r: number[][];
  readonly w: number[][];
  readonly k: number[][];
  readonly removal: number[][];
  readonly a: number[][];
  readonly v: number[][];
}

const inner = (x: number[], y: number[]) =>
  x.reduce((sum, value, i) => sum + value * y[i], 0);

/**
 * The attention in chunks, by matrix products instead of token by token. With
 * W_t the product of the decays up to t, k̃ = k/W, b̃ = κ∘a/W, κ̄_t = κ_t∘W_{t-1}
 * and r̄ = r∘W, what each token finds at its removal key is a triangular system,
 * h_t = S κ̄_t + Σ_{i<t} (k̃_i·κ̄_t) v_i - (b̃_i·κ̄_t) h_i, and
 * y_t = S r̄_t + Σ_{i≤t} (k̃_i·r̄_t) v_i - (b̃_i·r̄_t) h_i,
 * S' = (S + Σ v_i k̃_iᵀ - h_i b̃_iᵀ) diag(W).
 */
function inChunks(head: Head, chunk: number): number[][] {
  const time = head.r.length, n = head.r[0].length;
  let S = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  const y: number[][] = [];
  for (let start = 0; start < time; start += chunk) {
    const written: number[][] = [], taken: number[][] = [];
    const vs: number[][] = [], hs: number[][] = [];
    let W = new Array<number>(n).fill(1);
    const gather = (by: number[]) =>
      S.map((row, i) =>
        inner(row, by) + written.reduce((sum, k, t) =>
          sum + inner(k, by) * vs[t][i], 0) -
        taken.reduce((sum, b, t) => sum + inner(b, by) * hs[t][i], 0)
      );
    for (let t = start; t < Math.min(start + chunk, time); t++) {
      const h = gather(head.removal[t].map((x, j) => x * W[j]));
      W = W.map((x, j) => x * head.w[t][j]);
      written.push(head.k[t].map((x, j) => x / W[j]));
      taken.push(head.removal[t].map((x, j) => x * head.a[t][j] / W[j]));
      vs.push(head.v[t]);
      hs.push(h);
      y.push(gather(head.r[t].map((x, j) => x * W[j])));
    }
    S = S.map((_, i) =>
      W.map((decay, j) => {
        const unit = W.map((_, other) => Number(other === j));
        return gather(unit)[i] * decay;
      })
    );
  }
  return y;
}

Deno.test("wkv7() token by token equals the chunked form", async () => {
  const time = 37, n = 4, heads = 2;
  using cpu = await CpuBackend.create({ threads: 2, blas: "none" });
  const random = new Random(13);
  const draw = (length: number, make: () => number) =>
    Float32Array.from({ length }, make);
  const normal = () => random.normal();
  const rs = draw(time * heads * n, normal), vs = draw(rs.length, normal);
  // Decays as a model has them, from 0.545 up; removal keys of length 1.
  const inputs = draw(4 * rs.length, normal);
  for (let at = 0; at < inputs.length; at += 4 * n) {
    const part = inputs.subarray(at, at + 4 * n);
    const norm = Math.hypot(...part.subarray(2 * n, 3 * n));
    part.subarray(0, n).forEach((_, j) =>
      part[j] = 0.545 + 0.455 * random.uniform()
    );
    part.subarray(2 * n, 3 * n).forEach((x, j) => part[2 * n + j] = x / norm);
    part.subarray(3 * n).forEach((_, j) => part[3 * n + j] = random.uniform());
  }
  const vector = (from: Float32Array, at: number) => [
    ...from.subarray(at, at + n),
  ];
  for (const backend of [new ReferenceBackend("f64"), cpu]) {
    const tape = new Tape(backend);
    const tensor = (shape: number[], values: Float32Array) => {
      const made = tape.tensor(...shape);
      backend.write(made.data, values);
      return made;
    };
    const r = tensor([1, time, heads * n], rs);
    const v = tensor([1, time, heads * n], vs);
    const input = tensor([1, time, heads, 4, n], inputs);
    const y = await backend.read(wkv7(tape, { r, input, v }).data);
    for (let head = 0; head < heads; head++) {
      const tokens = Array.from({ length: time }, (_, t) => t);
      const at = (t: number) => (t * heads + head) * n;
      const part = (which: number) =>
        tokens.map((t) => vector(inputs, 4 * at(t) + which * n));
      const [w, k, removal, a] = [0, 1, 2, 3].map(part);
      const numbers = {
        r: tokens.map((t) => vector(rs, at(t))),
        v: tokens.map((t) => vector(vs, at(t))),
        w,
        k,
        removal,
        a,
      };
      for (const chunk of [1, 5, 16, time]) {
        for (const [t, row] of inChunks(numbers, chunk).entries()) {
          for (const [j, value] of row.entries()) {
            const tolerance = 1e-5 * (1 + Math.abs(value));
            assertAlmostEquals(y[at(t) + j], value, tolerance);
          }
        }
      }
    }
  }
});
