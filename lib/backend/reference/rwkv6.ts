/**
 * The plain loops of RWKV-6's ops.
 *
 * @module
 */

import { STATE_CHUNK } from "../ops.ts";
import {
  eachHead,
  eachValue,
  headStats,
  type Loops,
  sigmoid,
  type Values,
} from "./loops.ts";

/** By op. */
export const RWKV6_LOOPS: Loops<
  | "sliceHeadForward"
  | "sliceHeadBackward"
  | "tokenBlendForward"
  | "tokenBlendBackward"
  | "wkv6Forward"
  | "wkv6Backward"
  | "wkv6OutputForward"
  | "wkv6OutputBackward"
> = {
  sliceHeadForward({ y, x }, { rows, width, headSize: n, head }) {
    for (let row = 0; row < rows; row++) {
      const from = row * width + head * n;
      y.set(x.subarray(from, from + n), row * n);
    }
  },

  sliceHeadBackward({ dx, dy }, { rows, width, headSize: n, head }) {
    for (let row = 0; row < rows; row++) {
      const to = row * width + head * n;
      for (let j = 0; j < n; j++) dx[to + j] += dy[row * n + j];
    }
  },

  tokenBlendForward({ y, x, mix, delta, state }, shape) {
    eachValue(shape, x, state, (at, c, before) => {
      y[at] = x[at] + (before - x[at]) * (mix[c] + delta[at]);
    });
  },

  tokenBlendBackward({ dx, dMix, dDelta, dy, x, mix, delta, state }, shape) {
    eachValue(shape, x, state, (at, c, before, isFirst) => {
      const m = mix[c] + delta[at];
      dx[at] += (1 - m) * dy[at];
      if (!isFirst) dx[at - shape.width] += m * dy[at];
      const slope = dy[at] * (before - x[at]);
      dDelta[at] += slope;
      dMix[c] += slope;
    });
  },

  wkv6Forward(
    { y, r, k, v, decay, decayBias, bonus, state, states },
    { batch, time, width, headSize: n },
  ) {
    const heads = width / n, chunks = Math.ceil(time / STATE_CHUNK);
    for (let here = 0; here < batch * heads; here++) {
      const channel = here % heads * n;
      const S = state?.subarray(here * n * n, (here + 1) * n * n) ??
        new (y.constructor as Float64ArrayConstructor)(n * n);
      for (let t = 0; t < time; t++) {
        if (t % STATE_CHUNK === 0) {
          states?.set(S, (here * chunks + t / STATE_CHUNK) * n * n);
        }
        const at = (Math.floor(here / heads) * time + t) * width + channel;
        y.fill(0, at, at + n);
        for (let i = 0; i < n; i++) {
          const w = kept(decay[at + i] + decayBias[channel + i]);
          const u = bonus[channel + i];
          for (let j = 0; j < n; j++) {
            const kv = k[at + i] * v[at + j], held = S[i * n + j];
            y[at + j] += r[at + i] * (held + u * kv);
            S[i * n + j] = w * held + kv;
          }
        }
      }
    }
  },

  // Makes the states anew, from the first that was kept.
  wkv6Backward(
    { dr, dk, dv, dDecay, dDecayBias, dBonus, dState, dy, ...inputs },
    { batch, time, width, headSize: n },
  ) {
    const { r, k, v, decay, decayBias, bonus, states } = inputs;
    const heads = width / n, chunks = Math.ceil(time / STATE_CHUNK);
    for (let here = 0; here < batch * heads; here++) {
      const channel = here % heads * n;
      const first = Math.floor(here / heads) * time * width + channel;
      const start = states.slice(here * chunks * n * n).subarray(0, n * n);
      const befores = statesBefore(start, inputs, {
        first,
        channel,
        time,
        width,
      });
      const D = new Float64Array(n * n);
      for (let t = time - 1; t >= 0; t--) {
        const at = first + t * width, S = befores[t];
        let along = 0; // v · dy
        for (let j = 0; j < n; j++) along += v[at + j] * dy[at + j];
        for (let i = 0; i < n; i++) {
          const u = bonus[channel + i], ri = r[at + i], ki = k[at + i];
          const rate = Math.exp(decay[at + i] + decayBias[channel + i]);
          const w = Math.exp(-rate);
          let dw = 0;
          dr[at + i] += u * ki * along;
          dk[at + i] += u * ri * along;
          dBonus[channel + i] += ri * ki * along;
          for (let j = 0; j < n; j++) {
            const d = D[i * n + j];
            dr[at + i] += S[i * n + j] * dy[at + j];
            dk[at + i] += d * v[at + j];
            dv[at + j] += d * ki + ri * u * ki * dy[at + j];
            dw += d * S[i * n + j];
            D[i * n + j] = w * d + ri * dy[at + j];
          }
          const slope = -dw * w * rate;
          dDecay[at + i] += slope;
          dDecayBias[channel + i] += slope;
        }
      }
      D.forEach((d, i) => {
        if (dState !== undefined) dState[here * n * n + i] += d;
      });
    }
  },

  wkv6OutputForward({ y, x, gate, weight, bias }, shape) {
    const { headSize: n } = shape;
    eachHead(shape, (at, channel) => {
      const { mean, scale } = headStats(x.subarray(at, at + n));
      for (let i = at, c = channel; i < at + n; i++, c++) {
        const normal = (x[i] - mean) * scale;
        y[i] = (normal * weight[c] + bias[c]) * gate[i] * sigmoid(gate[i]);
      }
    });
  },

  wkv6OutputBackward(
    { dx, dGate, dWeight, dBias, dy, x, gate, weight, bias },
    shape,
  ) {
    const { headSize: n } = shape;
    eachHead(shape, (at, channel) => {
      const { mean, scale } = headStats(x.subarray(at, at + n));
      let meanG = 0, meanGx = 0;
      for (let i = at, c = channel; i < at + n; i++, c++) {
        const normal = (x[i] - mean) * scale, s = sigmoid(gate[i]);
        const u = dy[i] * gate[i] * s;
        meanG += u * weight[c] / n;
        meanGx += u * weight[c] * normal / n;
        dWeight[c] += u * normal;
        dBias[c] += u;
        dGate[i] += dy[i] * (normal * weight[c] + bias[c]) * s *
          (1 + gate[i] * (1 - s));
      }
      for (let i = at, c = channel; i < at + n; i++, c++) {
        const normal = (x[i] - mean) * scale;
        const g = dy[i] * gate[i] * sigmoid(gate[i]) * weight[c];
        dx[i] += scale * (g - meanG - normal * meanGx);
      }
    });
  },
};

/** How much of a row of the state is kept: exp(-e^z). */
function kept(z: number): number {
  return Math.exp(-Math.exp(z));
}

/**
 * The states of one head before each token of a sequence.
 *
 * @param S The one before the first; it is advanced.
 */
function statesBefore(
  S: Values,
  { k, v, decay, decayBias }: Record<"k" | "v" | "decay" | "decayBias", Values>,
  { first, channel, time, width }: Record<
    "first" | "channel" | "time" | "width",
    number
  >,
): Values[] {
  const n = Math.sqrt(S.length);
  return Array.from({ length: time }, (_, t) => {
    const before = S.slice(), at = first + t * width;
    for (let i = 0; i < n; i++) {
      const w = kept(decay[at + i] + decayBias[channel + i]);
      for (let j = 0; j < n; j++) {
        S[i * n + j] = w * S[i * n + j] + k[at + i] * v[at + j];
      }
    }
    return before;
  });
}
