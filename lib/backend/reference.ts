/**
 * The reference backend: every kernel as the plainest loop that is right.
 *
 * Slow on purpose. It is the oracle that the other backends are tested against,
 * and, in f64, that gradients are checked with by central differences. Read it
 * to learn what an op means; each equation stands in `backend.ts`. One class of
 * one short method an op: longer than our files are, and read one at a time.
 *
 * @module
 */

import { hash32, uniformAt } from "../random.ts";
import type {
  AdamWOptions,
  Backend,
  Dropout,
  HeadRowShape,
  HeadShape,
  Indices,
  MatmulOptions,
  Memory,
  RowShape,
  SequenceShape,
} from "./backend.ts";
import { checkSampling, sample, type SamplingOptions } from "./sampling.ts";
import {
  inputBackward,
  inputForward,
  outputBackward,
  outputForward,
  sigmoid,
  type Values,
  wkv7Backward,
  wkv7Forward,
} from "./reference_wkv7.ts";

/** LayerNorm's ε, as in RWKV and Burn. */
const EPSILON = 1e-5;

class ReferenceMemory implements Memory {
  constructor(readonly values: Values) {}
  get length(): number {
    return this.values.length;
  }
}

class ReferenceIndices implements Indices {
  readonly ids: Uint32Array;
  constructor(readonly length: number) {
    this.ids = new Uint32Array(length);
  }
}

/** The numbers behind a memory of this backend. */
function $(memory: Memory): Values {
  return (memory as ReferenceMemory).values;
}

/** The numbers behind each of several memories. */
function $all<K extends string>(memories: Record<K, Memory>) {
  const entries = Object.entries<Memory>(memories);
  return Object.fromEntries(
    entries.map(([name, memory]) => [name, $(memory)]),
  ) as Record<K, Values>;
}

function idsOf(indices: Indices): Uint32Array {
  return (indices as ReferenceIndices).ids;
}

/**
 * Plain loops over typed arrays.
 *
 * @example
 * ```ts
 * import { ReferenceBackend } from "./reference.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const backend = new ReferenceBackend();
 * const x = backend.alloc(2), y = backend.alloc(2);
 * backend.write(x, new Float32Array([-1, 3]));
 * backend.squaredReluForward(y, x);
 * assertEquals(await backend.read(y), new Float32Array([0, 9]));
 * ```
 */
export class ReferenceBackend implements Backend {
  readonly name = "reference";
  readonly description: string;
  readonly #array: Float32ArrayConstructor | Float64ArrayConstructor;

  /**
   * Makes an empty backend.
   *
   * @param precision f64 for gradient checks, else f32.
   */
  constructor(precision: "f32" | "f64" = "f32") {
    this.#array = precision === "f64" ? Float64Array : Float32Array;
    this.description = `reference: plain loops in ${precision}, one thread`;
  }

  /** Nothing to give back. */
  [Symbol.dispose](): void {}

  /** The live numbers of a memory, in the backend's own precision. */
  values(memory: Memory): Float32Array | Float64Array {
    return $(memory);
  }

  alloc(length: number): Memory {
    return new ReferenceMemory(new this.#array(length));
  }

  allocIndices(length: number): Indices {
    return new ReferenceIndices(length);
  }

  slice(memory: Memory, start: number, length: number): Memory {
    return new ReferenceMemory($(memory).subarray(start, start + length));
  }

  write(memory: Memory, values: Float32Array): void {
    $(memory).set(values);
  }

  writeIndices(indices: Indices, ids: ArrayLike<number>): void {
    idsOf(indices).set(ids);
  }

  read(memory: Memory): Promise<Float32Array> {
    return Promise.resolve(Float32Array.from($(memory)));
  }

  readIndices(indices: readonly Indices[]): Promise<Uint32Array[]> {
    return Promise.resolve(indices.map((each) => idsOf(each).slice()));
  }

  fill(out: Memory, value: number): void {
    $(out).fill(value);
  }

  add(out: Memory, x: Memory): void {
    const to = $(out), from = $(x);
    for (let i = 0; i < to.length; i++) to[i] += from[i];
  }

  sum(out: Memory, x: Memory, scale: number): void {
    let total = 0;
    for (const value of $(x)) total += value;
    $(out)[0] += scale * total;
  }

  sumOfSquares(out: Memory, x: Memory): void {
    let total = 0;
    for (const value of $(x)) total += value * value;
    $(out)[0] += total;
  }

  together<T>(calls: () => T): T {
    return calls();
  }

  matmul(
    out: Memory,
    a: Memory,
    b: Memory,
    { m, k, n }: { m: number; k: number; n: number },
    options: MatmulOptions = {},
  ): void {
    const { transposeA, transposeB, accumulate } = options;
    const c = $(out), A = $(a), B = $(b);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let p = 0; p < k; p++) {
          sum += A[transposeA ? p * m + i : i * k + p] *
            B[transposeB ? j * k + p : p * n + j];
        }
        c[i * n + j] = accumulate ? c[i * n + j] + sum : sum;
      }
    }
  }

  embeddingForward(
    y: Memory,
    weight: Memory,
    ids: Indices,
    { rows, width }: RowShape,
  ): void {
    for (let row = 0; row < rows; row++) {
      const from = idsOf(ids)[row] * width;
      $(y).set($(weight).subarray(from, from + width), row * width);
    }
  }

  embeddingBackward(
    dWeight: Memory,
    dy: Memory,
    ids: Indices,
    { rows, width }: RowShape,
  ): void {
    const dw = $(dWeight), d = $(dy);
    for (let row = 0; row < rows; row++) {
      const to = idsOf(ids)[row] * width;
      for (let c = 0; c < width; c++) dw[to + c] += d[row * width + c];
    }
  }

  layerNormForward(
    y: Memory,
    stats: Memory,
    x: Memory,
    weight: Memory,
    bias: Memory,
    { rows, width }: RowShape,
  ): void {
    for (let row = 0; row < rows; row++) {
      const at = row * width;
      const values = $(x).subarray(at, at + width);
      let mean = 0, variance = 0;
      for (const value of values) mean += value / width;
      for (const value of values) variance += (value - mean) ** 2 / width;
      const scale = 1 / Math.sqrt(variance + EPSILON);
      for (let c = 0; c < width; c++) {
        $(y)[at + c] = (values[c] - mean) * scale * $(weight)[c] + $(bias)[c];
      }
      $(stats)[2 * row] = mean;
      $(stats)[2 * row + 1] = scale;
    }
  }

  layerNormBackward(
    dx: Memory,
    dWeight: Memory,
    dBias: Memory,
    dy: Memory,
    x: Memory,
    stats: Memory,
    weight: Memory,
    { rows, width }: RowShape,
  ): void {
    // With x̂ = (x - mean)·scale and g = dy·weight:
    // dx = scale · (g - mean(g) - x̂ · mean(g·x̂)).
    for (let row = 0; row < rows; row++) {
      const at = row * width;
      const mean = $(stats)[2 * row], scale = $(stats)[2 * row + 1];
      let meanG = 0, meanGx = 0;
      for (let c = 0; c < width; c++) {
        const normal = ($(x)[at + c] - mean) * scale;
        const g = $(dy)[at + c] * $(weight)[c];
        meanG += g / width;
        meanGx += g * normal / width;
        $(dWeight)[c] += $(dy)[at + c] * normal;
        $(dBias)[c] += $(dy)[at + c];
      }
      for (let c = 0; c < width; c++) {
        const normal = ($(x)[at + c] - mean) * scale;
        const g = $(dy)[at + c] * $(weight)[c];
        $(dx)[at + c] += scale * (g - meanG - normal * meanGx);
      }
    }
  }

  tokenShiftForward(
    y: Memory,
    x: Memory,
    mix: Memory,
    state: Memory | undefined,
    { batch, time, width }: SequenceShape,
  ): void {
    for (let b = 0; b < batch; b++) {
      for (let t = 0; t < time; t++) {
        for (let c = 0; c < width; c++) {
          const at = (b * time + t) * width + c;
          const previous = t > 0
            ? $(x)[at - width]
            : state === undefined
            ? 0
            : $(state)[b * width + c];
          const m = $(mix)[c];
          $(y)[at] = m * $(x)[at] + (1 - m) * previous;
        }
      }
    }
  }

  tokenShiftBackward(
    dx: Memory,
    dMix: Memory | undefined,
    dy: Memory,
    x: Memory,
    mix: Memory,
    { batch, time, width }: SequenceShape,
  ): void {
    for (let b = 0; b < batch; b++) {
      for (let t = 0; t < time; t++) {
        for (let c = 0; c < width; c++) {
          const at = (b * time + t) * width + c;
          const m = $(mix)[c], d = $(dy)[at];
          const previous = t > 0 ? $(x)[at - width] : 0;
          $(dx)[at] += m * d;
          if (t > 0) $(dx)[at - width] += (1 - m) * d;
          if (dMix !== undefined) $(dMix)[c] += d * ($(x)[at] - previous);
        }
      }
    }
  }

  lastToken(
    state: Memory,
    x: Memory,
    { batch, time, width }: SequenceShape,
  ): void {
    for (let b = 0; b < batch; b++) {
      const end = (b + 1) * time * width;
      $(state).set($(x).subarray(end - width, end), b * width);
    }
  }

  wkvForward(
    y: Memory,
    k: Memory,
    v: Memory,
    decay: Memory,
    bonus: Memory,
    state: Memory | undefined,
    { batch, time, width }: SequenceShape,
  ): void {
    for (let b = 0; b < batch; b++) {
      for (let c = 0; c < width; c++) {
        const w = -Math.exp($(decay)[c]), u = $(bonus)[c];
        const stateAt = b * 3 * width + c;
        // numerator a·e^p, denominator b·e^p
        let num = 0, den = 0, p = -1e38;
        if (state !== undefined) {
          num = $(state)[stateAt];
          den = $(state)[stateAt + width];
          p = $(state)[stateAt + 2 * width];
        }
        for (let t = 0; t < time; t++) {
          const at = (b * time + t) * width + c;
          const kt = $(k)[at], vt = $(v)[at];
          const q = Math.max(p, u + kt);
          const past = Math.exp(p - q), now = Math.exp(u + kt - q);
          $(y)[at] = (past * num + now * vt) / (past * den + now);
          const next = Math.max(p + w, kt);
          const kept = Math.exp(p + w - next), added = Math.exp(kt - next);
          num = kept * num + added * vt;
          den = kept * den + added;
          p = next;
        }
        if (state !== undefined) {
          $(state)[stateAt] = num;
          $(state)[stateAt + width] = den;
          $(state)[stateAt + 2 * width] = p;
        }
      }
    }
  }

  wkvBackward(
    dk: Memory,
    dv: Memory,
    dDecay: Memory | undefined,
    dBonus: Memory | undefined,
    dy: Memory,
    y: Memory,
    k: Memory,
    v: Memory,
    decay: Memory,
    bonus: Memory,
    scratch: Memory,
    { batch, time, width }: SequenceShape,
  ): void {
    // Two sweeps per channel. Forward: the own-time terms, d/dw, d/du, and
    // q_t = dy_t / denominator_t with its exponent. Backward in time: A and B
    // gather q and -q·y of all later times, decayed by w.
    const scale = $(scratch).subarray(batch * time * width);
    for (let b = 0; b < batch; b++) {
      for (let c = 0; c < width; c++) {
        const w = -Math.exp($(decay)[c]), u = $(bonus)[c];
        let num = 0, den = 0, p = -1e38;
        let dNum = 0, dDen = 0; // ∂num/∂w, ∂den/∂w, on the same exponent
        let dw = 0, du = 0;
        for (let t = 0; t < time; t++) {
          const at = (b * time + t) * width + c;
          const kt = $(k)[at], vt = $(v)[at], yt = $(y)[at];
          const q = Math.max(p, u + kt);
          const past = Math.exp(p - q), now = Math.exp(u + kt - q);
          const g = $(dy)[at] / (past * den + now);
          dw += g * past * (dNum - yt * dDen);
          du += g * now * (vt - yt);
          $(dk)[at] += g * now * (vt - yt);
          $(dv)[at] += g * now;
          $(scratch)[at] = g;
          scale[at] = q;
          const next = Math.max(p + w, kt);
          const kept = Math.exp(p + w - next), added = Math.exp(kt - next);
          dNum = kept * (num + dNum);
          dDen = kept * (den + dDen);
          num = kept * num + added * vt;
          den = kept * den + added;
          p = next;
        }
        if (dDecay !== undefined) $(dDecay)[c] += dw * w; // dw/d(decay) = w
        if (dBonus !== undefined) $(dBonus)[c] += du;

        let A = 0, B = 0, e = -1e38; // A·e^e, B·e^e
        for (let t = time - 1; t >= 0; t--) {
          const at = (b * time + t) * width + c;
          const weight = Math.exp($(k)[at] + e);
          $(dk)[at] += weight * ($(v)[at] * A + B);
          $(dv)[at] += weight * A;
          const g = $(scratch)[at];
          const next = Math.max(e + w, -scale[at]);
          const kept = Math.exp(e + w - next);
          const added = Math.exp(-scale[at] - next);
          A = kept * A + added * g;
          B = kept * B - added * g * $(y)[at];
          e = next;
        }
      }
    }
  }

  tokenLerpForward(
    ys: readonly Memory[],
    x: Memory,
    mixes: readonly Memory[],
    state: Memory | undefined,
    { batch, time, width }: SequenceShape,
  ): void {
    for (let b = 0; b < batch; b++) {
      for (let t = 0; t < time; t++) {
        for (let c = 0; c < width; c++) {
          const at = (b * time + t) * width + c;
          const now = $(x)[at];
          const previous = t > 0
            ? $(x)[at - width]
            : state === undefined
            ? 0
            : $(state)[b * width + c];
          for (const [n, mix] of mixes.entries()) {
            $(ys[n])[at] = now + (previous - now) * $(mix)[c];
          }
        }
      }
    }
  }

  tokenLerpBackward(
    dx: Memory,
    dMixes: readonly Memory[],
    dys: readonly Memory[],
    x: Memory,
    mixes: readonly Memory[],
    { batch, time, width }: SequenceShape,
  ): void {
    for (let b = 0; b < batch; b++) {
      for (let t = 0; t < time; t++) {
        for (let c = 0; c < width; c++) {
          const at = (b * time + t) * width + c;
          const previous = t > 0 ? $(x)[at - width] : 0;
          for (const [n, mix] of mixes.entries()) {
            const d = $(dys[n])[at], m = $(mix)[c];
            $(dx)[at] += (1 - m) * d;
            if (t > 0) $(dx)[at - width] += m * d;
            $(dMixes[n])[c] += d * (previous - $(x)[at]);
          }
        }
      }
    }
  }

  wkv7InputForward(
    y: Memory,
    key: Memory,
    decay: Memory,
    rate: Memory,
    decayBias: Memory,
    rateBias: Memory,
    keyScale: Memory,
    keyRate: Memory,
    shape: HeadRowShape,
  ): void {
    const operands = { key, decay, rate, decayBias, rateBias };
    inputForward($(y), $all({ ...operands, keyScale, keyRate }), shape);
  }

  wkv7InputBackward(
    dKey: Memory,
    dDecay: Memory,
    dRate: Memory,
    dDecayBias: Memory,
    dRateBias: Memory,
    dKeyScale: Memory,
    dKeyRate: Memory,
    dy: Memory,
    key: Memory,
    decay: Memory,
    rate: Memory,
    decayBias: Memory,
    rateBias: Memory,
    keyScale: Memory,
    keyRate: Memory,
    shape: HeadRowShape,
  ): void {
    const d = $all({
      key: dKey,
      decay: dDecay,
      rate: dRate,
      decayBias: dDecayBias,
      rateBias: dRateBias,
      keyScale: dKeyScale,
      keyRate: dKeyRate,
    });
    const operands = { key, decay, rate, decayBias, rateBias };
    inputBackward(d, $(dy), $all({ ...operands, keyScale, keyRate }), shape);
  }

  valueResidualForward(
    y: Memory,
    v: Memory,
    first: Memory,
    share: Memory,
    bias: Memory,
    { rows, width }: RowShape,
  ): void {
    for (let i = 0; i < rows * width; i++) {
      const s = sigmoid($(share)[i] + $(bias)[i % width]);
      $(y)[i] = $(v)[i] + ($(first)[i] - $(v)[i]) * s;
    }
  }

  valueResidualBackward(
    dv: Memory,
    dFirst: Memory,
    dShare: Memory,
    dBias: Memory,
    dy: Memory,
    v: Memory,
    first: Memory,
    share: Memory,
    bias: Memory,
    { rows, width }: RowShape,
  ): void {
    for (let i = 0; i < rows * width; i++) {
      const s = sigmoid($(share)[i] + $(bias)[i % width]);
      const slope = $(dy)[i] * ($(first)[i] - $(v)[i]) * s * (1 - s);
      $(dv)[i] += $(dy)[i] * (1 - s);
      $(dFirst)[i] += $(dy)[i] * s;
      $(dShare)[i] += slope;
      $(dBias)[i % width] += slope;
    }
  }

  wkv7Forward(
    y: Memory,
    r: Memory,
    input: Memory,
    v: Memory,
    state: Memory | undefined,
    states: Memory | undefined,
    shape: HeadShape,
  ): void {
    wkv7Forward($(y), {
      ...$all({ r, input, v }),
      state: state && $(state),
      states: states && $(states),
    }, shape);
  }

  wkv7Backward(
    dr: Memory,
    dInput: Memory,
    dv: Memory,
    dy: Memory,
    r: Memory,
    input: Memory,
    v: Memory,
    _states: Memory,
    _scratch: Memory,
    shape: HeadShape,
  ): void {
    const d = $all({ r: dr, input: dInput, v: dv });
    wkv7Backward(d, $(dy), $all({ r, input, v }), shape);
  }

  wkv7OutputForward(
    y: Memory,
    x: Memory,
    r: Memory,
    input: Memory,
    v: Memory,
    gate: Memory,
    weight: Memory,
    bias: Memory,
    bonus: Memory,
    shape: HeadRowShape,
  ): void {
    const operands = { x, r, input, v, gate, weight, bias, bonus };
    outputForward($(y), $all(operands), shape);
  }

  wkv7OutputBackward(
    dx: Memory,
    dr: Memory,
    dInput: Memory,
    dv: Memory,
    dGate: Memory,
    dWeight: Memory,
    dBias: Memory,
    dBonus: Memory,
    dy: Memory,
    x: Memory,
    r: Memory,
    input: Memory,
    v: Memory,
    gate: Memory,
    weight: Memory,
    bias: Memory,
    bonus: Memory,
    shape: HeadRowShape,
  ): void {
    const d = $all({
      x: dx,
      r: dr,
      input: dInput,
      v: dv,
      gate: dGate,
      weight: dWeight,
      bias: dBias,
      bonus: dBonus,
    });
    const operands = { x, r, input, v, gate, weight, bias, bonus };
    outputBackward(d, $(dy), $all(operands), shape);
  }

  tanhForward(y: Memory, x: Memory): void {
    for (let i = 0; i < y.length; i++) $(y)[i] = Math.tanh($(x)[i]);
  }

  tanhBackward(dx: Memory, dy: Memory, y: Memory): void {
    for (let i = 0; i < dx.length; i++) {
      $(dx)[i] += $(dy)[i] * (1 - $(y)[i] ** 2);
    }
  }

  sigmoidForward(y: Memory, x: Memory): void {
    for (let i = 0; i < y.length; i++) $(y)[i] = sigmoid($(x)[i]);
  }

  sigmoidBackward(dx: Memory, dy: Memory, y: Memory): void {
    for (let i = 0; i < dx.length; i++) {
      $(dx)[i] += $(dy)[i] * $(y)[i] * (1 - $(y)[i]);
    }
  }

  squaredReluForward(y: Memory, x: Memory): void {
    for (let i = 0; i < y.length; i++) $(y)[i] = Math.max($(x)[i], 0) ** 2;
  }

  squaredReluBackward(dx: Memory, dy: Memory, x: Memory): void {
    for (let i = 0; i < dx.length; i++) {
      $(dx)[i] += 2 * Math.max($(x)[i], 0) * $(dy)[i];
    }
  }

  sigmoidGateForward(y: Memory, r: Memory, v: Memory): void {
    for (let i = 0; i < y.length; i++) $(y)[i] = sigmoid($(r)[i]) * $(v)[i];
  }

  sigmoidGateBackward(
    dr: Memory,
    dv: Memory,
    dy: Memory,
    r: Memory,
    v: Memory,
  ): void {
    for (let i = 0; i < dy.length; i++) {
      const gate = sigmoid($(r)[i]);
      $(dr)[i] += $(dy)[i] * $(v)[i] * gate * (1 - gate);
      $(dv)[i] += $(dy)[i] * gate;
    }
  }

  softmaxGateForward(
    y: Memory,
    k: Memory,
    v: Memory,
    { rows, width }: RowShape,
  ): void {
    for (let row = 0; row < rows; row++) {
      const at = row * width;
      const share = softmax($(k).subarray(at, at + width));
      for (let c = 0; c < width; c++) $(y)[at + c] = share[c] * $(v)[at + c];
    }
  }

  softmaxGateBackward(
    dk: Memory,
    dv: Memory,
    dy: Memory,
    k: Memory,
    v: Memory,
    { rows, width }: RowShape,
  ): void {
    // With s = softmax(k) and g = dy·v: dk = s · (g - Σ s·g), dv = dy·s.
    for (let row = 0; row < rows; row++) {
      const at = row * width;
      const share = softmax($(k).subarray(at, at + width));
      let mean = 0;
      for (let c = 0; c < width; c++) {
        mean += share[c] * $(dy)[at + c] * $(v)[at + c];
      }
      for (let c = 0; c < width; c++) {
        const d = $(dy)[at + c];
        $(dk)[at + c] += share[c] * (d * $(v)[at + c] - mean);
        $(dv)[at + c] += d * share[c];
      }
    }
  }

  residualForward(
    y: Memory,
    x: Memory,
    branch: Memory,
    dropout: Dropout,
  ): void {
    for (let i = 0; i < y.length; i++) {
      $(y)[i] = $(x)[i] + keep(dropout, i) * $(branch)[i];
    }
  }

  residualBackward(
    dx: Memory,
    dBranch: Memory,
    dy: Memory,
    dropout: Dropout,
  ): void {
    for (let i = 0; i < dy.length; i++) {
      $(dx)[i] += $(dy)[i];
      $(dBranch)[i] += keep(dropout, i) * $(dy)[i];
    }
  }

  crossEntropy(
    losses: Memory,
    logits: Memory,
    targets: Indices,
    { rows, width, firstTarget, gradientScale }: RowShape & {
      firstTarget: number;
      gradientScale?: number;
    },
  ): void {
    for (let row = 0; row < rows; row++) {
      const z = $(logits).subarray(row * width, (row + 1) * width);
      const target = idsOf(targets)[firstTarget + row];
      const max = maxOf(z);
      let total = 0;
      for (const value of z) total += Math.exp(value - max);
      $(losses)[row] = Math.log(total) + max - z[target];
      if (gradientScale === undefined) continue;
      for (let j = 0; j < width; j++) {
        const share = Math.exp(z[j] - max) / total;
        z[j] = gradientScale * (share - (j === target ? 1 : 0));
      }
    }
  }

  sample(
    ids: Indices,
    logits: Memory,
    keys: Indices,
    { rows, width, position, ...options }:
      & RowShape
      & SamplingOptions
      & { position: number },
  ): void {
    checkSampling(options, width);
    for (let row = 0; row < rows; row++) {
      const z = $(logits).subarray(row * width, (row + 1) * width);
      const uniform = uniformAt(idsOf(keys)[row], position);
      idsOf(ids)[row] = sample(z, options, uniform);
    }
  }

  adamW(
    parameters: Memory,
    gradients: Memory,
    firstMoments: Memory,
    secondMoments: Memory,
    squaredNorm: Memory,
    options: AdamWOptions,
  ): void {
    const { learningRate, beta1, beta2, epsilon, weightDecay, step } = options;
    const { clipNorm = Infinity } = options;
    const norm = Math.sqrt($(squaredNorm)[0]);
    const scale = norm > clipNorm ? clipNorm / norm : 1;
    if (Number.isFinite(norm)) {
      const p = $(parameters), m = $(firstMoments), v = $(secondMoments);
      for (let i = 0; i < p.length; i++) {
        const g = $(gradients)[i] * scale;
        m[i] = beta1 * m[i] + (1 - beta1) * g;
        v[i] = beta2 * v[i] + (1 - beta2) * g * g;
        const mean = m[i] / (1 - beta1 ** step);
        const variance = v[i] / (1 - beta2 ** step);
        p[i] -= learningRate *
          (mean / (Math.sqrt(variance) + epsilon) + weightDecay * p[i]);
      }
    }
    $(gradients).fill(0);
  }
}

function softmax(z: Values): Float64Array {
  const max = maxOf(z);
  const share = Float64Array.from(z, (value) => Math.exp(value - max));
  const total = share.reduce((a, b) => a + b, 0);
  return share.map((value) => value / total);
}

function maxOf(z: Values): number {
  let max = -Infinity;
  for (const value of z) max = Math.max(max, value);
  return max;
}

/** 0 for a dropped element, else what scales the kept ones up. */
function keep({ rate, key }: Dropout, i: number): number {
  if (rate === 0) return 1;
  const uniform = (hash32(key ^ hash32(i)) >>> 8) * 2 ** -24;
  return uniform >= rate ? 1 / (1 - rate) : 0;
}
