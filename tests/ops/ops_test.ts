/**
 * Every op's pullback against central differences, at odd shapes.
 *
 * @module
 */

import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { crossEntropyHead } from "../../lib/ops/cross_entropy_head.ts";
import { embedding } from "../../lib/ops/embedding.ts";
import { layerNorm } from "../../lib/ops/layer_norm.ts";
import { linear, project } from "../../lib/ops/linear.ts";
import { residual } from "../../lib/ops/residual.ts";
import { sigmoid } from "../../lib/ops/sigmoid.ts";
import { sigmoidGate } from "../../lib/ops/sigmoid_gate.ts";
import { softCap } from "../../lib/ops/soft_cap.ts";
import { softmaxGate } from "../../lib/ops/softmax_gate.ts";
import { squaredRelu } from "../../lib/ops/squared_relu.ts";
import { tanh } from "../../lib/ops/tanh.ts";
import { tokenShift } from "../../lib/ops/token_shift.ts";
import { valueResidual } from "../../lib/ops/value_residual.ts";
import { EMPTY_EXPONENT, wkv } from "../../lib/ops/wkv.ts";
import { Random } from "../../lib/random.ts";
import { Tape } from "../../lib/tensor/tape.ts";
import { type Build, checkGradients } from "./gradients.ts";

const FLAT = [1, 3, 5];

/** Ops that are tried at one shape: those of their inputs, and the call. */
const PLAIN: Readonly<
  Record<string, readonly [Record<string, number[]>, Build]>
> = {
  linear: [{ x: [2, 3, 5], w: [7, 5] }, (tape, { x, w }) => linear(tape, x, w)],
  project: [
    { x: [2, 3, 5], w: [5, 7] },
    (tape, { x, w }) => project(tape, x, w),
  ],
  layerNorm: [
    { x: [2, 2, 7], weight: [7], bias: [7] },
    (tape, { x, weight, bias }) => layerNorm(tape, x, { weight, bias }),
  ],
  squaredRelu: [{ x: FLAT }, (tape, { x }) => squaredRelu(tape, x)],
  "linear under a soft cap": [
    { x: [2, 3, 5], w: [7, 5] },
    (tape, { x, w }) => {
      const z = linear(tape, x, w);
      softCap(tape, z, 1.5);
      return tanh(tape, z);
    },
  ],
  tanh: [{ x: FLAT }, (tape, { x }) => tanh(tape, x)],
  sigmoid: [{ x: FLAT }, (tape, { x }) => sigmoid(tape, x)],
  sigmoidGate: [
    { r: FLAT, v: FLAT },
    (tape, { r, v }) => sigmoidGate(tape, r, v),
  ],
  softmaxGate: [
    { k: FLAT, v: FLAT },
    (tape, { k, v }) => softmaxGate(tape, k, v),
  ],
  residual: [
    { x: [1, 4, 5], branch: [1, 4, 5] },
    (tape, { x, branch }) => residual(tape, x, branch),
  ],
  "residual with dropout": [
    { x: [1, 4, 5], branch: [1, 4, 5] },
    (tape, { x, branch }) => residual(tape, x, branch, { rate: 0.5, key: 99 }),
  ],
  valueResidual: [
    { v: [2, 3, 5], first: [2, 3, 5], share: [2, 3, 5], bias: [5] },
    (tape, { v, first, share, bias }) =>
      valueResidual(tape, v, { first, share, bias }),
  ],
};

for (const [op, [shapes, build]] of Object.entries(PLAIN)) {
  Deno.test(`${op} has the gradients of its equation`, () => {
    checkGradients(shapes, build);
  });
}

Deno.test("linear() and project() refuse rows of another width", () => {
  const tape = new Tape(new ReferenceBackend());
  const x = tape.tensor(1, 2, 3);
  const message = "x has rows of 3, w takes 5";
  const calls = [
    () => linear(tape, x, tape.tensor(4, 5)),
    () => project(tape, x, tape.tensor(5, 4)),
  ];
  for (const call of calls) assertThrows(call, RangeError, message);
});

Deno.test("embedding() has the gradients of its equation", () => {
  checkGradients({ weight: [5, 3] }, (tape, { weight }, backend) => {
    const ids = backend.allocIndices(6);
    backend.writeIndices(ids, [4, 0, 4, 2, 4, 1]);
    return embedding(tape, weight, ids, { batch: 2, time: 3 });
  });
});

for (const shape of [[1, 1, 3], [2, 5, 3]]) {
  Deno.test(`tokenShift() has the gradients of its equation at (${shape})`, () => {
    checkGradients(
      { x: shape, mix: [3] },
      (tape, { x, mix }) => tokenShift(tape, x, mix),
    );
  });

  Deno.test(`wkv() has the gradients of its equation at (${shape})`, () => {
    checkGradients(
      { k: shape, v: shape, decay: [3], bonus: [3] },
      (tape, { k, v, decay, bonus }) => wkv(tape, { k, v, decay, bonus }),
    );
  });

  Deno.test(`wkv() without decay has right gradients at (${shape})`, () => {
    checkGradients({ k: shape, v: shape }, (tape, { k, v }, backend) => {
      const decay = { shape: [3], data: backend.alloc(3) };
      const bonus = { shape: [3], data: backend.alloc(3) };
      backend.run("fill", { out: decay.data }, { value: -Infinity });
      return wkv(tape, { k, v, decay, bonus });
    });
  });
}

Deno.test("wkv() without decay is a causal running softmax", async () => {
  const backend = new ReferenceBackend("f64");
  const tape = new Tape(backend, { recording: false });
  const random = new Random(3);
  const draw = () => Float32Array.from({ length: 6 }, () => random.normal());
  const keys = draw(), values = draw();
  const k = tape.tensor(1, 6, 1), v = tape.tensor(1, 6, 1);
  backend.write(k.data, keys);
  backend.write(v.data, values);
  const decay = { shape: [1], data: backend.alloc(1) };
  const bonus = { shape: [1], data: backend.alloc(1) };
  backend.run("fill", { out: decay.data }, { value: -Infinity });
  const y = await backend.read(wkv(tape, { k, v, decay, bonus }).data);
  for (let t = 0; t < 6; t++) {
    const weights = [...keys.slice(0, t + 1)].map(Math.exp);
    const total = weights.reduce((a, b) => a + b);
    const expected = weights.reduce((sum, w, i) => sum + w * values[i], 0);
    assertAlmostEquals(y[t], expected / total, 1e-6);
  }
});

Deno.test("wkv() carried over in pieces equals one pass", async () => {
  const backend = new ReferenceBackend("f64");
  const tape = new Tape(backend, { recording: false });
  const random = new Random(4);
  const draw = (length: number) =>
    Float32Array.from({ length }, () => random.normal());
  const constant = (values: Float32Array) => {
    const data = backend.alloc(values.length);
    backend.write(data, values);
    return { shape: [values.length], data };
  };
  const decay = constant(draw(2)), bonus = constant(draw(2));
  const keys = draw(10), values = draw(10);
  const run = (
    from: number,
    to: number,
    state?: ReturnType<typeof tape.take>,
  ) => {
    const k = tape.tensor(1, to - from, 2), v = tape.tensor(1, to - from, 2);
    backend.write(k.data, keys.slice(2 * from, 2 * to));
    backend.write(v.data, values.slice(2 * from, 2 * to));
    return backend.read(wkv(tape, { k, v, decay, bonus, state }).data);
  };
  const whole = await run(0, 5);
  const state = backend.alloc(6);
  backend.write(
    state,
    new Float32Array([0, 0, 0, 0, EMPTY_EXPONENT, EMPTY_EXPONENT]),
  );
  const pieces = [...await run(0, 2, state), ...await run(2, 5, state)];
  assertEquals(new Float32Array(pieces), whole);
});

Deno.test("residual() drops the given share and keeps the mean", async () => {
  const backend = new ReferenceBackend();
  const tape = new Tape(backend, { recording: false });
  const x = tape.tensor(1, 1, 20_000), branch = tape.tensor(1, 1, 20_000);
  backend.run("fill", { out: x.data }, { value: 0 });
  backend.run("fill", { out: branch.data }, { value: 1 });
  const y = await backend.read(
    residual(tape, x, branch, { rate: 0.1, key: 5 }).data,
  );
  const dropped = y.filter((value) => value === 0).length;
  assertAlmostEquals(dropped / y.length, 0.1, 0.01);
  assertAlmostEquals(y.reduce((a, b) => a + b) / y.length, 1, 0.01);
});

for (const cap of [undefined, 1.5]) {
  Deno.test(`crossEntropyHead() has the gradients of its equation over several chunks, cap ${cap}`, () => {
    // More rows than a chunk holds, seen through a layer in front of the head.
    const rows = 260, width = 2, vocabulary = 5;
    const backend = new ReferenceBackend("f64");
    const random = new Random(8);
    const tensor = (...shape: number[]) => {
      const length = shape.reduce((a, b) => a * b);
      const made = {
        shape,
        data: backend.alloc(length),
        grad: backend.alloc(length),
      };
      const values = backend.values(made.data);
      for (let i = 0; i < length; i++) values[i] = random.normal();
      return made;
    };
    const x = tensor(1, rows, width), w = tensor(width, width);
    const head = tensor(vocabulary, width);
    const targets = backend.allocIndices(rows);
    backend.writeIndices(
      targets,
      Array.from({ length: rows }, () => random.next() % vocabulary),
    );
    const lossOf = (tape: Tape) => {
      const loss = backend.alloc(1);
      const h = linear(tape, x, w);
      crossEntropyHead(tape, h, head, targets, { scale: 1 / rows, loss, cap });
      return backend.values(loss)[0];
    };
    const tape = new Tape(backend);
    const loss = lossOf(tape);
    tape.backward();
    assertAlmostEquals(
      loss,
      lossOf(new Tape(backend, { recording: false })),
      1e-12,
    );
    for (const parameter of [w, head]) {
      const values = backend.values(parameter.data);
      for (let i = 0; i < values.length; i++) {
        const at = values[i], step = 1e-5;
        values[i] = at + step;
        const above = lossOf(new Tape(backend, { recording: false }));
        values[i] = at - step;
        const below = lossOf(new Tape(backend, { recording: false }));
        values[i] = at;
        assertAlmostEquals(
          backend.values(parameter.grad)[i],
          (above - below) / (2 * step),
          1e-8,
        );
      }
    }
  });
}
