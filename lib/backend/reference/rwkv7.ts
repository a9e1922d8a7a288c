/**
 * The plain loops of RWKV-7's ops, head by head.
 *
 * @module
 */

import { STATE_CHUNK } from "../ops.ts";
import {
  eachHead,
  headStats,
  type Loops,
  sigmoid,
  type Values,
} from "./loops.ts";

/** A decay is at least exp(-e^-½) = 0.545. */
const DECAY_RATE = Math.exp(-0.5);

/** Least norm that a key is divided by. */
const LEAST_NORM = 1e-12;

/** By op. */
export const RWKV7_LOOPS: Loops<
  | "wkv7InputForward"
  | "wkv7InputBackward"
  | "wkv7Forward"
  | "wkv7Backward"
  | "wkv7OutputForward"
  | "wkv7OutputBackward"
> = {
  wkv7InputForward(
    { y, key, decay, rate, decayBias, rateBias, keyScale, keyRate },
    shape,
  ) {
    const { headSize: n } = shape;
    eachHead(shape, (at, channel, input) => {
      const norm = normOf(key, keyScale, at, channel, n);
      for (let j = 0; j < n; j++) {
        const i = at + j, c = channel + j;
        const a = sigmoid(rate[i] + rateBias[c]);
        y[input + j] = Math.exp(-DECAY_RATE * sigmoid(decay[i] + decayBias[c]));
        y[input + n + j] = key[i] * (1 + (a - 1) * keyRate[c]);
        y[input + 2 * n + j] = key[i] * keyScale[c] / norm;
        y[input + 3 * n + j] = a;
      }
    });
  },

  wkv7InputBackward(
    {
      dKey,
      dDecay,
      dRate,
      dDecayBias,
      dRateBias,
      dKeyScale,
      dKeyRate,
      dy,
      key,
      decay,
      rate,
      decayBias,
      rateBias,
      keyScale,
      keyRate,
    },
    shape,
  ) {
    const { headSize: n } = shape;
    eachHead(shape, (at, channel, input) => {
      const norm = normOf(key, keyScale, at, channel, n);
      // κ = z/‖z‖  ⇒  dz = (dκ - κ (κ·dκ)) / ‖z‖; a norm held up is a constant.
      let along = 0;
      for (let j = 0; j < n && norm > LEAST_NORM; j++) {
        along += dy[input + 2 * n + j] * key[at + j] * keyScale[channel + j];
      }
      along /= norm;
      for (let j = 0; j < n; j++) {
        const i = at + j, c = channel + j;
        const s = sigmoid(decay[i] + decayBias[c]);
        const w = Math.exp(-DECAY_RATE * s);
        const decaySlope = -dy[input + j] * w * DECAY_RATE * s * (1 - s);
        dDecay[i] += decaySlope;
        dDecayBias[c] += decaySlope;

        const dk = dy[input + n + j];
        const a = sigmoid(rate[i] + rateBias[c]);
        const da = dy[input + 3 * n + j] + dk * key[i] * keyRate[c];
        const rateSlope = da * a * (1 - a);
        dRate[i] += rateSlope;
        dRateBias[c] += rateSlope;
        dKeyRate[c] += dk * key[i] * (a - 1);

        const removal = key[i] * keyScale[c] / norm;
        const dz = (dy[input + 2 * n + j] - removal * along) / norm;
        dKeyScale[c] += dz * key[i];
        dKey[i] += dz * keyScale[c] + dk * (1 + (a - 1) * keyRate[c]);
      }
    });
  },

  wkv7Forward(
    { y, r, input, v, state, states },
    { batch, time, width, headSize: n },
  ) {
    const heads = width / n, chunks = Math.ceil(time / STATE_CHUNK);
    for (let sequence = 0; sequence < batch; sequence++) {
      for (let head = 0; head < heads; head++) {
        const here = sequence * heads + head;
        const S = state?.subarray(here * n * n, (here + 1) * n * n) ??
          new (y.constructor as Float64ArrayConstructor)(n * n);
        for (let t = 0; t < time; t++) {
          if (t % STATE_CHUNK === 0) {
            states?.set(S, (here * chunks + t / STATE_CHUNK) * n * n);
          }
          const at = (sequence * time + t) * width + head * n;
          const token = tokenAt(r, input, v, at, n);
          advance(S, token);
          y.set(heldAt(S, token.r), at);
        }
      }
    }
  },

  // Makes the states anew, from the first that was kept.
  wkv7Backward(
    { dr, dInput, dv, dState, dy, r, input, v, states },
    { batch, time, width, headSize: n },
  ) {
    const chunks = Math.ceil(time / STATE_CHUNK);
    for (let sequence = 0; sequence < batch; sequence++) {
      for (let head = 0; head < width / n; head++) {
        const at = (t: number) => (sequence * time + t) * width + head * n;
        const here = sequence * (width / n) + head;
        const S = states.slice(here * chunks * n * n).subarray(0, n * n);
        const befores = [];
        for (let t = 0; t < time; t++) {
          befores.push(S.slice());
          advance(S, tokenAt(r, input, v, at(t), n));
        }
        const dS = new Float64Array(n * n);
        for (let t = time - 1; t >= 0; t--) {
          tokenBackward(
            tokenAt(dr, dInput, dv, at(t), n),
            dS,
            dy.subarray(at(t), at(t) + n),
            tokenAt(r, input, v, at(t), n),
            befores[t],
          );
        }
        dS.forEach((d, i) => {
          if (dState !== undefined) dState[here * n * n + i] += d;
        });
      }
    }
  },

  wkv7OutputForward({ y, x, r, input, v, gate, weight, bias, bonus }, shape) {
    const { headSize: n } = shape;
    eachHead(shape, (at, channel) => {
      const { mean, scale } = headStats(x.subarray(at, at + n));
      const own = ownShare({ r, input, bonus }, at, channel, n);
      for (let j = 0; j < n; j++) {
        const i = at + j, c = channel + j;
        const normal = (x[i] - mean) * scale;
        y[i] = (normal * weight[c] + bias[c] + own * v[i]) * gate[i];
      }
    });
  },

  wkv7OutputBackward(
    {
      dx,
      dr,
      dInput,
      dv,
      dGate,
      dWeight,
      dBias,
      dBonus,
      dy,
      x,
      r,
      input,
      v,
      gate,
      weight,
      bias,
      bonus,
    },
    shape,
  ) {
    const { headSize: n } = shape;
    eachHead(shape, (at, channel) => {
      const { mean, scale } = headStats(x.subarray(at, at + n));
      const own = ownShare({ r, input, bonus }, at, channel, n);
      // With u = dy·gate and g = u·weight:
      // dx = scale·(g - mean(g) - x̂·mean(g·x̂)), d(own) = Σ u·v.
      let meanG = 0, meanGx = 0, dOwn = 0;
      for (let j = 0; j < n; j++) {
        const i = at + j, c = channel + j;
        const normal = (x[i] - mean) * scale, u = dy[i] * gate[i];
        meanG += u * weight[c] / n;
        meanGx += u * weight[c] * normal / n;
        dOwn += u * v[i];
        dGate[i] += dy[i] * (normal * weight[c] + bias[c] + own * v[i]);
        dv[i] += u * own;
        dWeight[c] += u * normal;
        dBias[c] += u;
      }
      for (let j = 0; j < n; j++) {
        const i = at + j, c = channel + j, k = 4 * at + n + j;
        const normal = (x[i] - mean) * scale;
        const g = dy[i] * gate[i] * weight[c];
        dx[i] += scale * (g - meanG - normal * meanGx);
        dr[i] += dOwn * input[k] * bonus[c];
        dInput[k] += dOwn * r[i] * bonus[c];
        dBonus[c] += dOwn * r[i] * input[k];
      }
    });
  },
};

/** The norm that a head's scaled key is divided by. */
function normOf(
  key: Values,
  keyScale: Values,
  at: number,
  channel: number,
  headSize: number,
): number {
  let sum = 0;
  for (let j = 0; j < headSize; j++) {
    sum += (key[at + j] * keyScale[channel + j]) ** 2;
  }
  return Math.max(Math.sqrt(sum), LEAST_NORM);
}

/** One token's vectors of one head. */
interface Token {
  readonly r: Values;
  readonly w: Values;
  readonly k: Values;
  /** κ. */
  readonly removal: Values;
  readonly a: Values;
  readonly v: Values;
}

function tokenAt(
  r: Values,
  input: Values,
  v: Values,
  at: number,
  n: number,
): Token {
  const part = (i: number) =>
    input.subarray(4 * at + i * n, 4 * at + (i + 1) * n);
  return {
    r: r.subarray(at, at + n),
    w: part(0),
    k: part(1),
    removal: part(2),
    a: part(3),
    v: v.subarray(at, at + n),
  };
}

/** S κ: what the state holds at the removal key. */
function heldAt(S: Values, removal: Values): Float64Array {
  const n = removal.length;
  const held = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) held[i] += S[i * n + j] * removal[j];
  }
  return held;
}

/** S diag(w) - (S κ)(κ · a)ᵀ + v kᵀ, in place. */
function advance(S: Values, { w, k, removal, a, v }: Token): void {
  const n = v.length;
  const held = heldAt(S, removal);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      S[i * n + j] = S[i * n + j] * w[j] - held[i] * removal[j] * a[j] +
        v[i] * k[j];
    }
  }
}

/**
 * One token back: takes dS after it, leaves dS before it.
 *
 * @param before The state before the token.
 */
function tokenBackward(
  d: Token,
  dS: Float64Array,
  dy: Values,
  token: Token,
  before: Values,
): void {
  const { r, w, k, removal, a, v } = token;
  const n = v.length;
  const after = before.slice();
  advance(after, token);
  const held = heldAt(before, removal);
  for (let i = 0; i < n; i++) {
    let dHeld = 0;
    for (let j = 0; j < n; j++) {
      const here = i * n + j;
      d.r[j] += after[here] * dy[i];
      dS[here] += dy[i] * r[j];
      d.w[j] += dS[here] * before[here];
      d.k[j] += dS[here] * v[i];
      d.v[i] += dS[here] * k[j];
      // -held_i · κ_j · a_j
      d.removal[j] -= dS[here] * held[i] * a[j];
      d.a[j] -= dS[here] * held[i] * removal[j];
      dHeld -= dS[here] * removal[j] * a[j];
    }
    for (let j = 0; j < n; j++) {
      const here = i * n + j;
      d.removal[j] += dHeld * before[here];
      dS[here] = dS[here] * w[j] + dHeld * removal[j];
    }
  }
}

/** Σ_j r_j k_j bonus_j of a head. */
function ownShare(
  { r, input, bonus }: { r: Values; input: Values; bonus: Values },
  at: number,
  channel: number,
  n: number,
): number {
  let sum = 0;
  for (let j = 0; j < n; j++) {
    sum += r[at + j] * input[4 * at + n + j] * bonus[channel + j];
  }
  return sum;
}
