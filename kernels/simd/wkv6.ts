/**
 * The RWKV-6 attention. A head's state, (key channel, value channel), stays in
 * the first-level cache while the tokens go by, four rows of it at a time.
 */

import { STATE_CHUNK, Wkv6Backward, Wkv6Forward } from "./jobs";
import {
  addAll,
  addUpTo,
  exp4,
  loadUpTo,
  madd,
  storeUpTo,
  sum4,
  sumOfThree,
} from "./math";

/** Rates above e^80 leave nothing, and would soon leave the range of floats. */
const HIGHEST: f32 = 80;

/** e^(decay + decayBias) of the next four channels. */
function ratesOf(decay: usize, bias: usize, count: usize): v128 {
  const z = f32x4.add(loadUpTo(decay, count), loadUpTo(bias, count));
  return exp4(f32x4.min(z, f32x4.splat(HIGHEST)));
}

/** One of the four lanes. */
function laneOf(x: v128, lane: usize): f32 {
  if (lane == 0) return f32x4.extract_lane(x, 0);
  if (lane == 1) return f32x4.extract_lane(x, 1);
  if (lane == 2) return f32x4.extract_lane(x, 2);
  return f32x4.extract_lane(x, 3);
}

/** The four lanes with another value in one of them. */
function withLane(x: v128, lane: usize, value: f32): v128 {
  if (lane == 0) return f32x4.replace_lane(x, 0, value);
  if (lane == 1) return f32x4.replace_lane(x, 1, value);
  if (lane == 2) return f32x4.replace_lane(x, 2, value);
  return f32x4.replace_lane(x, 3, value);
}

/**
 * y_t = (S_{t-1} + diag(bonus) k_t v_tᵀ)ᵀ r_t, S_t = diag(w_t) S_{t-1} + k_t v_tᵀ.
 * Slices: (batch, heads). Where `states` is 0, the states are not kept.
 */
export function wkv6Forward(start: usize, end: usize, job: Wkv6Forward): void {
  const states = job.states, time = job.time;
  const width = job.width, n = job.headSize;
  const heads = width / n, bytes: usize = 4 * n * n;
  const chunks = (time + STATE_CHUNK - 1) / STATE_CHUNK;
  for (let item = start; item < end; item++) {
    const S = job.state + item * bytes, c: usize = 4 * (item % heads) * n;
    let kept = states + item * chunks * bytes;
    let at: usize = 4 * (item / heads * time * width) + c;
    for (let t: usize = 0; t < time; t++, at += 4 * width) {
      if (states && t % STATE_CHUNK == 0) {
        memory.copy(kept, S, bytes);
        kept += bytes;
      }
      takeToken(job, S, at, c);
    }
  }
}

/**
 * One token of one head.
 *
 * @param S The state, advanced in place.
 * @param at Bytes from the start of a memory of all tokens to this one's head.
 * @param c The same in a memory of one token.
 */
function takeToken(job: Wkv6Forward, S: usize, at: usize, c: usize): void {
  const y = job.y + at, r = job.r + at, k = job.k + at, v = job.v + at;
  const decay = job.decay + at, bias = job.decayBias + c, n = job.headSize;
  const own = f32x4.splat(sumOfThree(r, k, job.bonus + c, n));
  for (let j: usize = 0; j < n; j += 4) {
    const value = loadUpTo(v + 4 * j, n - j);
    storeUpTo(y + 4 * j, f32x4.mul(own, value), n - j);
  }
  for (let i: usize = 0; i < n; i += 4) {
    const count = n - i, row = S + 4 * i * n;
    const rate = ratesOf(decay + 4 * i, bias + 4 * i, count);
    const w = exp4(f32x4.neg(rate));
    const receptance = loadUpTo(r + 4 * i, count);
    const key = loadUpTo(k + 4 * i, count);
    if (count >= 4) fourRows(row, y, v, receptance, key, w, n);
    else {
      for (let lane: usize = 0; lane < count; lane++) {
        const to = row + 4 * lane * n;
        addRow(y, to, laneOf(receptance, lane), n);
        nextRow(to, to, v, laneOf(key, lane), laneOf(w, lane), n);
      }
    }
  }
}

/** y += Σ r_i S_i and S_i = w_i S_i + k_i v, for four rows of the state. */
function fourRows(
  S: usize,
  y: usize,
  v: usize,
  r: v128,
  k: v128,
  w: v128,
  n: usize,
): void {
  const r0 = v128.shuffle<f32>(r, r, 0, 0, 0, 0);
  const r1 = v128.shuffle<f32>(r, r, 1, 1, 1, 1);
  const r2 = v128.shuffle<f32>(r, r, 2, 2, 2, 2);
  const r3 = v128.shuffle<f32>(r, r, 3, 3, 3, 3);
  const k0 = v128.shuffle<f32>(k, k, 0, 0, 0, 0);
  const k1 = v128.shuffle<f32>(k, k, 1, 1, 1, 1);
  const k2 = v128.shuffle<f32>(k, k, 2, 2, 2, 2);
  const k3 = v128.shuffle<f32>(k, k, 3, 3, 3, 3);
  const w0 = v128.shuffle<f32>(w, w, 0, 0, 0, 0);
  const w1 = v128.shuffle<f32>(w, w, 1, 1, 1, 1);
  const w2 = v128.shuffle<f32>(w, w, 2, 2, 2, 2);
  const w3 = v128.shuffle<f32>(w, w, 3, 3, 3, 3);
  const row1 = S + 4 * n, row2 = row1 + 4 * n, row3 = row2 + 4 * n;
  for (let j: usize = 0; j < n; j += 4) {
    const at: usize = 4 * j, count = n - j;
    const value = loadUpTo(v + at, count);
    const held0 = loadUpTo(S + at, count), held1 = loadUpTo(row1 + at, count);
    const held2 = loadUpTo(row2 + at, count);
    const held3 = loadUpTo(row3 + at, count);
    let sum = madd(r0, held0, loadUpTo(y + at, count));
    sum = madd(r1, held1, sum);
    sum = madd(r2, held2, sum);
    storeUpTo(y + at, madd(r3, held3, sum), count);
    storeUpTo(S + at, madd(w0, held0, f32x4.mul(k0, value)), count);
    storeUpTo(row1 + at, madd(w1, held1, f32x4.mul(k1, value)), count);
    storeUpTo(row2 + at, madd(w2, held2, f32x4.mul(k2, value)), count);
    storeUpTo(row3 + at, madd(w3, held3, f32x4.mul(k3, value)), count);
  }
}

/** to += factor · row. */
function addRow(to: usize, row: usize, factor: f32, n: usize): void {
  const by = f32x4.splat(factor);
  for (let j: usize = 0; j < n; j += 4) {
    const at: usize = 4 * j, count = n - j;
    const sum = madd(by, loadUpTo(row + at, count), loadUpTo(to + at, count));
    storeUpTo(to + at, sum, count);
  }
}

/** to = w · from + k · v: a row of the state after a token. */
function nextRow(
  to: usize,
  from: usize,
  v: usize,
  k: f32,
  w: f32,
  n: usize,
): void {
  const kept = f32x4.splat(w), key = f32x4.splat(k);
  for (let j: usize = 0; j < n; j += 4) {
    const at: usize = 4 * j, count = n - j;
    const added = f32x4.mul(key, loadUpTo(v + at, count));
    storeUpTo(to + at, madd(kept, loadUpTo(from + at, count), added), count);
  }
}

/**
 * The gradients: chunk by chunk from the last, the states before each of its
 * tokens are made again from the kept one, then the tokens are gone through
 * backwards with D, the gradient of the state. Slices: heads.
 */
export function wkv6Backward(
  start: usize,
  end: usize,
  job: Wkv6Backward,
): void {
  const batch = job.batch, time = job.time, width = job.width;
  const n = job.headSize, heads = width / n, bytes: usize = 4 * n * n;
  const chunks = (time + STATE_CHUNK - 1) / STATE_CHUNK;
  for (let head = start; head < end; head++) {
    const c: usize = 4 * head * n;
    for (let sequence: usize = 0; sequence < batch; sequence++) {
      const item = sequence * heads + head;
      const made = job.scratch + item * (STATE_CHUNK + 1) * bytes;
      const D = made + STATE_CHUNK * bytes;
      memory.fill(D, 0, bytes);
      for (let chunk = chunks; chunk > 0; chunk--) {
        const first = (chunk - 1) * STATE_CHUNK;
        const count = min(STATE_CHUNK, time - first);
        const at: usize = 4 * (sequence * time + first) * width + c;
        const kept = job.states + (item * chunks + chunk - 1) * bytes;
        memory.copy(made, kept, bytes);
        for (let t: usize = 0; t + 1 < count; t++) {
          makeNext(job, made + t * bytes, at + 4 * t * width, c);
        }
        for (let t = count; t > 0; t--) {
          const S = made + (t - 1) * bytes;
          returnToken(job, S, D, at + 4 * (t - 1) * width, c);
        }
      }
      if (job.dState) addAll(job.dState + item * bytes, D, n * n);
    }
  }
}

/** The state after a token, beside the one before it. */
function makeNext(job: Wkv6Backward, S: usize, at: usize, c: usize): void {
  const k = job.k + at, v = job.v + at, n = job.headSize;
  const next = S + 4 * n * n;
  for (let i: usize = 0; i < n; i += 4) {
    const count = n - i, bias = job.decayBias + c + 4 * i;
    const rate = ratesOf(job.decay + at + 4 * i, bias, count);
    const w = exp4(f32x4.neg(rate));
    for (let lane: usize = 0; lane < min<usize>(4, count); lane++) {
      const row: usize = 4 * (i + lane) * n;
      const key = load<f32>(k + 4 * (i + lane));
      nextRow(next + row, S + row, v, key, laneOf(w, lane), n);
    }
  }
}

/** One token of one head back: takes D after it, leaves D before it. */
function returnToken(
  job: Wkv6Backward,
  S: usize,
  D: usize,
  at: usize,
  c: usize,
): void {
  const r = job.r + at, k = job.k + at, v = job.v + at, dy = job.dy + at;
  const dv = job.dv + at, bonus = job.bonus + c, n = job.headSize;
  const own = f32x4.splat(sumOfThree(r, k, bonus, n));
  let sum = f32x4.splat(0);
  for (let j: usize = 0; j < 4 * n; j += 16) {
    const count = n - j / 4, upstream = loadUpTo(dy + j, count);
    sum = madd(loadUpTo(v + j, count), upstream, sum);
    addUpTo(dv + j, f32x4.mul(own, upstream), count);
  }
  const along = f32x4.splat(sum4(sum)); // v · dy
  for (let i: usize = 0; i < 4 * n; i += 16) {
    const count = n - i / 4;
    const receptance = loadUpTo(r + i, count), key = loadUpTo(k + i, count);
    const by = f32x4.mul(loadUpTo(bonus + i, count), along);
    addUpTo(job.dr + at + i, f32x4.mul(by, key), count);
    addUpTo(job.dk + at + i, f32x4.mul(by, receptance), count);
    const product = f32x4.mul(f32x4.mul(receptance, key), along);
    addUpTo(job.dBonus + c + i, product, count);
    const rate = ratesOf(job.decay + at + i, job.decayBias + c + i, count);
    const w = exp4(f32x4.neg(rate));
    let dw = f32x4.splat(0); // Σ_j D_ij S_ij of four rows
    for (let lane: usize = 0; lane < min<usize>(4, count); lane++) {
      const key = i + 4 * lane, row: usize = key * n;
      const held = returnRow(job, S + row, D + row, at, key, laneOf(w, lane));
      dw = withLane(dw, lane, held);
    }
    const slope = f32x4.neg(f32x4.mul(f32x4.mul(dw, w), rate));
    addUpTo(job.dDecay + at + i, slope, count);
    addUpTo(job.dDecayBias + c + i, slope, count);
  }
}

/**
 * One row of D: dr_i += S_i · dy, dk_i += D_i · v, dv += k_i D_i, then
 * D_i = w_i D_i + r_i dy.
 *
 * @param S The row of the state before the token.
 * @param D The row of the gradient.
 * @param i Bytes to the key channel.
 * @returns D_i · S_i.
 */
function returnRow(
  job: Wkv6Backward,
  S: usize,
  D: usize,
  at: usize,
  i: usize,
  w: f32,
): f32 {
  const v = job.v + at, dy = job.dy + at, dv = job.dv + at, n = job.headSize;
  const key = f32x4.splat(load<f32>(job.k + at + i));
  const receptance = f32x4.splat(load<f32>(job.r + at + i));
  const kept = f32x4.splat(w), zero = f32x4.splat(0);
  let read = zero, written = zero, held = zero;
  for (let j: usize = 0; j < 4 * n; j += 16) {
    const count = n - j / 4;
    const d = loadUpTo(D + j, count), s = loadUpTo(S + j, count);
    const upstream = loadUpTo(dy + j, count);
    read = madd(s, upstream, read);
    written = madd(d, loadUpTo(v + j, count), written);
    held = madd(d, s, held);
    storeUpTo(dv + j, madd(key, d, loadUpTo(dv + j, count)), count);
    storeUpTo(D + j, madd(kept, d, f32x4.mul(receptance, upstream)), count);
  }
  const dr = job.dr + at + i, dk = job.dk + at + i;
  store<f32>(dr, load<f32>(dr) + sum4(read));
  store<f32>(dk, load<f32>(dk) + sum4(written));
  return sum4(held);
}
