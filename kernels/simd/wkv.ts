/**
 * The RWKV-4 attention and its gradients, four channels at a time.
 *
 * Numerators and denominators are kept as a · eᵖ with a common exponent p, so
 * that nothing overflows. Two terms on one exponent, e^(x-q) and e^(y-q) with
 * q = max(x, y), need a single exponential: the greater one has weight 1.
 */

import { WkvBackward, WkvForward } from "./jobs";
import { addUpTo, exp4, loadUpTo, madd, one4, storeUpTo } from "./math";

/** The exponent of an empty sum; its weight beside any other is 0. */
const EMPTY: f32 = -1e38;

/** The weight of x beside y on their common exponent: e^(x - max(x, y)). */
function weightOf(e: v128, isGreater: v128): v128 {
  return v128.bitselect(one4(), e, isGreater);
}

/** e^-|x - y|. */
function gap(x: v128, y: v128): v128 {
  return exp4(f32x4.neg(f32x4.abs(f32x4.sub(x, y))));
}

/** w = -e^decay, -∞ where that is beyond f32. */
function rateOf(decay: v128): v128 {
  const top = f32x4.splat(88.72);
  const rate = exp4(f32x4.pmin(decay, top));
  const beyond = f32x4.gt(decay, top);
  return f32x4.neg(v128.bitselect(f32x4.splat(Infinity), rate, beyond));
}

/** Slices: channels. `state` is (batch, 3, width), or 0 for none. */
export function wkvForward(start: usize, end: usize, job: WkvForward): void {
  const y = job.y, k = job.k, v = job.v, decay = job.decay, bonus = job.bonus;
  const state = job.state, batch = job.batch, time = job.time;
  const width = job.width;
  const stride: usize = 4 * width;
  for (let c = start; c < end; c += 4) {
    const count = end - c;
    const w = rateOf(loadUpTo(decay + 4 * c, count));
    const u = loadUpTo(bonus + 4 * c, count);
    for (let sequence: usize = 0; sequence < batch; sequence++) {
      const kept = state + 3 * sequence * stride + 4 * c;
      let num = f32x4.splat(0), den = num, p = f32x4.splat(EMPTY);
      if (state) {
        num = loadUpTo(kept, count);
        den = loadUpTo(kept + stride, count);
        p = loadUpTo(kept + 2 * stride, count);
      }
      let at: usize = 4 * (sequence * time * width + c);
      for (let t: usize = 0; t < time; t++, at += stride) {
        const kt = loadUpTo(k + at, count), vt = loadUpTo(v + at, count);
        const own = f32x4.add(u, kt);
        let e = gap(p, own), greater = f32x4.ge(p, own);
        const past = weightOf(e, greater);
        const now = weightOf(e, v128.not(greater));
        const above = madd(past, num, f32x4.mul(now, vt));
        storeUpTo(y + at, f32x4.div(above, madd(past, den, now)), count);
        const aged = f32x4.add(p, w);
        e = gap(aged, kt);
        greater = f32x4.ge(aged, kt);
        const old = weightOf(e, greater);
        const added = weightOf(e, v128.not(greater));
        num = madd(old, num, f32x4.mul(added, vt));
        den = madd(old, den, added);
        p = v128.bitselect(aged, kt, greater);
      }
      if (state) {
        storeUpTo(kept, num, count);
        storeUpTo(kept + stride, den, count);
        storeUpTo(kept + 2 * stride, p, count);
      }
    }
  }
}

/**
 * Slices: channels. The forward sweep gathers ∂/∂w and ∂/∂u and leaves
 * g_t = dy_t / denominator_t and its exponent in `scratch`; the sweep back in
 * time carries A = Σ g and B = -Σ g·y of all later times, decayed by w.
 * `dDecay` and `dBonus` are 0 when not wanted.
 */
export function wkvBackward(start: usize, end: usize, job: WkvBackward): void {
  const dk = job.dk, dv = job.dv, dDecay = job.dDecay, dBonus = job.dBonus;
  const dy = job.dy, y = job.y, k = job.k, v = job.v, decay = job.decay;
  const bonus = job.bonus, state = job.state, scratch = job.scratch;
  const batch = job.batch, time = job.time, width = job.width;
  const sequenceBytes: usize = 4 * time * width;
  const exponents = scratch + batch * sequenceBytes;
  for (let c = start; c < end; c += 4) {
    const count = end - c;
    const w = rateOf(loadUpTo(decay + 4 * c, count));
    const u = loadUpTo(bonus + 4 * c, count);
    let dw = f32x4.splat(0), du = dw;
    for (let sequence: usize = 0; sequence < batch; sequence++) {
      const first = sequence * sequenceBytes + 4 * c;
      let num = f32x4.splat(0), den = num, p = f32x4.splat(EMPTY);
      let dNum = num, dDen = num; // ∂num/∂w, ∂den/∂w, on the same exponent
      if (state) {
        const kept = state + 4 * (3 * sequence * width + c);
        num = loadUpTo(kept, count);
        den = loadUpTo(kept + 4 * width, count);
        p = loadUpTo(kept + 8 * width, count);
      }
      let at = first;
      for (let t: usize = 0; t < time; t++, at += 4 * width) {
        const kt = loadUpTo(k + at, count), vt = loadUpTo(v + at, count);
        const yt = loadUpTo(y + at, count), own = f32x4.add(u, kt);
        let e = gap(p, own), greater = f32x4.ge(p, own);
        const past = weightOf(e, greater);
        const now = weightOf(e, v128.not(greater));
        const g = f32x4.div(loadUpTo(dy + at, count), madd(past, den, now));
        const slope = f32x4.relaxed_nmadd(yt, dDen, dNum);
        dw = madd(f32x4.mul(g, past), slope, dw);
        const direct = f32x4.mul(g, now);
        const toKey = f32x4.mul(direct, f32x4.sub(vt, yt));
        du = f32x4.add(du, toKey);
        addUpTo(dk + at, toKey, count);
        addUpTo(dv + at, direct, count);
        storeUpTo(scratch + at, g, count);
        const q = v128.bitselect(p, own, greater);
        storeUpTo(exponents + at, q, count);
        const aged = f32x4.add(p, w);
        e = gap(aged, kt);
        greater = f32x4.ge(aged, kt);
        const old = weightOf(e, greater);
        const added = weightOf(e, v128.not(greater));
        dNum = f32x4.mul(old, f32x4.add(num, dNum));
        dDen = f32x4.mul(old, f32x4.add(den, dDen));
        num = madd(old, num, f32x4.mul(added, vt));
        den = madd(old, den, added);
        p = v128.bitselect(aged, kt, greater);
      }
      wkvBackInTime(job, sequence, c, w, count);
    }
    if (dDecay) {
      // dw/d(decay) = w; where w is -∞ nothing of the past was kept.
      const none = f32x4.eq(dw, f32x4.splat(0));
      const product = v128.andnot(f32x4.mul(dw, w), none);
      addUpTo(dDecay + 4 * c, product, count);
    }
    if (dBonus) addUpTo(dBonus + 4 * c, du, count);
  }
}

/** The second sweep of one sequence's backward, from its last token down. */
function wkvBackInTime(
  job: WkvBackward,
  sequence: usize,
  c: usize,
  w: v128,
  count: usize,
): void {
  const time = job.time, stride: usize = 4 * job.width;
  const first = sequence * time * stride + 4 * c; // bytes to the first token
  const dk = job.dk + first, dv = job.dv + first, y = job.y + first;
  const k = job.k + first, v = job.v + first, scratch = job.scratch + first;
  const exponents = scratch + job.batch * time * stride;
  let sumG = f32x4.splat(0), sumGy = sumG, p = f32x4.splat(EMPTY);
  for (let t = time; t > 0; t--) {
    const at = (t - 1) * stride;
    const vt = loadUpTo(v + at, count);
    const weight = exp4(f32x4.add(loadUpTo(k + at, count), p));
    const toKey = madd(vt, sumG, sumGy);
    addUpTo(dk + at, f32x4.mul(weight, toKey), count);
    addUpTo(dv + at, f32x4.mul(weight, sumG), count);
    const g = loadUpTo(scratch + at, count);
    const own = f32x4.neg(loadUpTo(exponents + at, count));
    const aged = f32x4.add(p, w);
    const e = gap(aged, own), greater = f32x4.ge(aged, own);
    const old = weightOf(e, greater);
    const added = f32x4.mul(weightOf(e, v128.not(greater)), g);
    sumG = madd(old, sumG, added);
    sumGy = f32x4.relaxed_nmadd(
      added,
      loadUpTo(y + at, count),
      f32x4.mul(old, sumGy),
    );
    p = v128.bitselect(aged, own, greater);
  }
  if (job.dState) {
    returnState(job, 3 * sequence * stride + 4 * c, p, sumG, sumGy, count);
  }
}

/**
 * The gradient of the state before the first token, of which A and B are those of
 * numerator and denominator, on the exponent p.
 *
 * @param at Bytes to the state's numerator.
 */
function returnState(
  job: WkvBackward,
  at: usize,
  p: v128,
  sumG: v128,
  sumGy: v128,
  count: usize,
): void {
  const state = job.state, dState = job.dState + at, row: usize = 4 * job.width;
  let num = f32x4.splat(0), den = num, exponent = f32x4.splat(EMPTY);
  if (state) {
    num = loadUpTo(state + at, count);
    den = loadUpTo(state + at + row, count);
    exponent = loadUpTo(state + at + 2 * row, count);
  }
  const weight = exp4(f32x4.add(exponent, p));
  addUpTo(dState, f32x4.mul(weight, sumG), count);
  addUpTo(dState + row, f32x4.mul(weight, sumGy), count);
  const both = madd(num, sumG, f32x4.mul(den, sumGy));
  addUpTo(dState + 2 * row, f32x4.mul(weight, both), count);
}
