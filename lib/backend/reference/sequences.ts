/**
 * The plain loops of the ops along time, channel by channel.
 *
 * @module
 */

import { eachValue, type Loops } from "./loops.ts";

/** By op. */
export const SEQUENCE_LOOPS: Loops<
  | "tokenShiftForward"
  | "tokenShiftBackward"
  | "lastToken"
  | "tokenLerpForward"
  | "tokenLerpBackward"
  | "wkvForward"
  | "wkvBackward"
> = {
  tokenShiftForward({ y, x, mix, state }, shape) {
    eachValue(shape, x, state, (at, c, before) => {
      y[at] = mix[c] * x[at] + (1 - mix[c]) * before;
    });
  },

  tokenShiftBackward({ dx, dMix, dy, x, mix, state }, shape) {
    eachValue(shape, x, state, (at, c, before, isFirst) => {
      const m = mix[c], d = dy[at];
      dx[at] += m * d;
      if (!isFirst) dx[at - shape.width] += (1 - m) * d;
      if (dMix !== undefined) dMix[c] += d * (x[at] - before);
    });
  },

  lastToken({ state, x }, { batch, time, width }) {
    for (let b = 0; b < batch; b++) {
      const end = (b + 1) * time * width;
      state.set(x.subarray(end - width, end), b * width);
    }
  },

  tokenLerpForward({ ys, x, mixes, state }, shape) {
    eachValue(shape, x, state, (at, c, before) => {
      for (const [n, mix] of mixes.entries()) {
        ys[n][at] = x[at] + (before - x[at]) * mix[c];
      }
    });
  },

  tokenLerpBackward({ dx, dMixes, dys, x, mixes, state }, shape) {
    eachValue(shape, x, state, (at, c, before, isFirst) => {
      for (const [n, mix] of mixes.entries()) {
        const d = dys[n][at], m = mix[c];
        dx[at] += (1 - m) * d;
        if (!isFirst) dx[at - shape.width] += m * d;
        dMixes[n][c] += d * (before - x[at]);
      }
    });
  },

  wkvForward({ y, k, v, decay, bonus, state }, { batch, time, width }) {
    for (let b = 0; b < batch; b++) {
      for (let c = 0; c < width; c++) {
        const w = -Math.exp(decay[c]), u = bonus[c];
        const stateAt = b * 3 * width + c;
        // numerator a·e^p, denominator b·e^p
        let num = 0, den = 0, p = -1e38;
        if (state !== undefined) {
          num = state[stateAt];
          den = state[stateAt + width];
          p = state[stateAt + 2 * width];
        }
        for (let t = 0; t < time; t++) {
          const at = (b * time + t) * width + c;
          const kt = k[at], vt = v[at];
          const q = Math.max(p, u + kt);
          const past = Math.exp(p - q), now = Math.exp(u + kt - q);
          y[at] = (past * num + now * vt) / (past * den + now);
          const next = Math.max(p + w, kt);
          const kept = Math.exp(p + w - next), added = Math.exp(kt - next);
          num = kept * num + added * vt;
          den = kept * den + added;
          p = next;
        }
        if (state !== undefined) {
          state[stateAt] = num;
          state[stateAt + width] = den;
          state[stateAt + 2 * width] = p;
        }
      }
    }
  },

  wkvBackward(
    { dk, dv, dDecay, dBonus, dState, dy, y, k, v, decay, bonus, ...kept },
    { batch, time, width },
  ) {
    // Two sweeps per channel. Forward: the own-time terms, d/dw, d/du, and
    // q_t = dy_t / denominator_t with its exponent. Backward in time: A and B
    // gather q and -q·y of all later times, decayed by w.
    const { state, scratch } = kept;
    const scale = scratch.subarray(batch * time * width);
    for (let b = 0; b < batch; b++) {
      for (let c = 0; c < width; c++) {
        const w = -Math.exp(decay[c]), u = bonus[c];
        const stateAt = b * 3 * width + c;
        let num = 0, den = 0, p = -1e38;
        if (state !== undefined) {
          num = state[stateAt];
          den = state[stateAt + width];
          p = state[stateAt + 2 * width];
        }
        const first = { num, den, p };
        let dNum = 0, dDen = 0; // ∂num/∂w, ∂den/∂w, on the same exponent
        let dw = 0, du = 0;
        for (let t = 0; t < time; t++) {
          const at = (b * time + t) * width + c;
          const kt = k[at], vt = v[at], yt = y[at];
          const q = Math.max(p, u + kt);
          const past = Math.exp(p - q), now = Math.exp(u + kt - q);
          const g = dy[at] / (past * den + now);
          dw += g * past * (dNum - yt * dDen);
          du += g * now * (vt - yt);
          dk[at] += g * now * (vt - yt);
          dv[at] += g * now;
          scratch[at] = g;
          scale[at] = q;
          const next = Math.max(p + w, kt);
          const kept = Math.exp(p + w - next), added = Math.exp(kt - next);
          dNum = kept * (num + dNum);
          dDen = kept * (den + dDen);
          num = kept * num + added * vt;
          den = kept * den + added;
          p = next;
        }
        if (dDecay !== undefined) dDecay[c] += dw * w; // dw/d(decay) = w
        if (dBonus !== undefined) dBonus[c] += du;

        let A = 0, B = 0, e = -1e38; // A·e^e, B·e^e
        for (let t = time - 1; t >= 0; t--) {
          const at = (b * time + t) * width + c;
          const weight = Math.exp(k[at] + e);
          dk[at] += weight * (v[at] * A + B);
          dv[at] += weight * A;
          const g = scratch[at];
          const next = Math.max(e + w, -scale[at]);
          const kept = Math.exp(e + w - next);
          const added = Math.exp(-scale[at] - next);
          A = kept * A + added * g;
          B = kept * B - added * g * y[at];
          e = next;
        }
        if (dState !== undefined) {
          const weight = Math.exp(first.p + e);
          dState[stateAt] += weight * A;
          dState[stateAt + width] += weight * B;
          dState[stateAt + 2 * width] += weight *
            (first.num * A + first.den * B);
        }
      }
    }
  },
};
