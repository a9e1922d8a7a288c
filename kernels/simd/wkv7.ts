/**
 * The RWKV-7 attention. A head's state, (value channel, key channel), stays in
 * the first-level cache while the tokens go by; heads whose size is a multiple
 * of 8 take four rows of it at a time, others one. The
 * chunked form, in matrix products, was measured too: its products alone take as
 * long as all of this.
 */

import { STATE_CHUNK, Wkv7Forward } from "./jobs";
import { loadUpTo, madd, storeUpTo, sum4, sums4 } from "./math";

/**
 * S = S diag(w) - (S κ)(κ · a)ᵀ + v kᵀ, y = S r. Slices: (batch, heads).
 *
 * Where `states` is 0, the states before every 16th token are not kept.
 */
export function wkv7Forward(start: usize, end: usize, job: Wkv7Forward): void {
  const y = job.y, r = job.r, input = job.input, v = job.v, work = job.state;
  const states = job.states, time = job.time;
  const width = job.width, n = job.headSize;
  const heads = width / n, bytes: usize = 4 * n * n;
  const chunks = (time + STATE_CHUNK - 1) / STATE_CHUNK;
  for (let item = start; item < end; item++) {
    const S = work + item * bytes;
    let kept = states + item * chunks * bytes;
    let at: usize = 4 * (item / heads * time * width + item % heads * n);
    for (let t: usize = 0; t < time; t++, at += 4 * width) {
      if (states && t % STATE_CHUNK == 0) {
        memory.copy(kept, S, bytes);
        kept += bytes;
      }
      wkv7Step(S, S, y + at, 0, r + at, input + 4 * at, v + at, n);
    }
  }
}

/**
 * One token of one head.
 *
 * @param to The new state, from the one at `from`; may be the same place.
 * @param held Where S κ goes; 0 for nowhere.
 * @param input w, k, κ, a.
 */
export function wkv7Step(
  to: usize,
  from: usize,
  y: usize,
  held: usize,
  r: usize,
  input: usize,
  v: usize,
  n: usize,
): void {
  if (n % 8 == 0) {
    for (let i: usize = 0; i < n; i += 4) {
      const row: usize = 4 * i * n, at: usize = 4 * i;
      const sums = fourHeld(from + row, input + 8 * n, n);
      if (held) v128.store(held + at, sums);
      const out = fourRows(to + row, from + row, r, input, v + at, sums, n);
      v128.store(y + at, out);
    }
    return;
  }
  for (let i: usize = 0; i < n; i++) {
    const row: usize = 4 * i * n, at: usize = 4 * i;
    const sum = dot(from + row, input + 8 * n, n);
    if (held) store<f32>(held + at, sum);
    oneRow(to + row, from + row, input, load<f32>(v + at), sum, n);
    store<f32>(y + at, dot(to + row, r, n));
  }
}

/** Σ x · y. */
export function dot(x: usize, y: usize, n: usize): f32 {
  let sum = f32x4.splat(0);
  for (let j: usize = 0; j < n; j += 4) {
    sum = madd(loadUpTo(x + 4 * j, n - j), loadUpTo(y + 4 * j, n - j), sum);
  }
  return sum4(sum);
}

/** The products of four rows with κ. */
function fourHeld(row: usize, removal: usize, n: usize): v128 {
  const stride: usize = 4 * n;
  const row1 = row + stride, row2 = row1 + stride, row3 = row2 + stride;
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  for (let j: usize = 0; j < stride; j += 16) {
    const by = v128.load(removal + j);
    s0 = madd(v128.load(row + j), by, s0);
    s1 = madd(v128.load(row1 + j), by, s1);
    s2 = madd(v128.load(row2 + j), by, s2);
    s3 = madd(v128.load(row3 + j), by, s3);
  }
  return sums4(s0, s1, s2, s3);
}

/** Makes four rows of the new state; gives their products with r. */
function fourRows(
  to: usize,
  from: usize,
  r: usize,
  input: usize,
  v: usize,
  held: v128,
  n: usize,
): v128 {
  const stride: usize = 4 * n;
  const to1 = to + stride, to2 = to1 + stride, to3 = to2 + stride;
  const from1 = from + stride, from2 = from1 + stride, from3 = from2 + stride;
  const key = input + stride, removal = key + stride, rate = removal + stride;
  const h0 = v128.shuffle<f32>(held, held, 0, 0, 0, 0);
  const h1 = v128.shuffle<f32>(held, held, 1, 1, 1, 1);
  const h2 = v128.shuffle<f32>(held, held, 2, 2, 2, 2);
  const h3 = v128.shuffle<f32>(held, held, 3, 3, 3, 3);
  const v0 = v128.load32_splat(v), v1 = v128.load32_splat(v, 4);
  const v2 = v128.load32_splat(v, 8), v3 = v128.load32_splat(v, 12);
  let y0 = f32x4.splat(0), y1 = y0, y2 = y0, y3 = y0;
  for (let j: usize = 0; j < stride; j += 16) {
    const w = v128.load(input + j), k = v128.load(key + j);
    const b = f32x4.mul(v128.load(removal + j), v128.load(rate + j));
    const by = v128.load(r + j);
    let s = madd(v128.load(from + j), w, f32x4.mul(v0, k));
    s = f32x4.relaxed_nmadd(h0, b, s);
    v128.store(to + j, s);
    y0 = madd(s, by, y0);
    s = madd(v128.load(from1 + j), w, f32x4.mul(v1, k));
    s = f32x4.relaxed_nmadd(h1, b, s);
    v128.store(to1 + j, s);
    y1 = madd(s, by, y1);
    s = madd(v128.load(from2 + j), w, f32x4.mul(v2, k));
    s = f32x4.relaxed_nmadd(h2, b, s);
    v128.store(to2 + j, s);
    y2 = madd(s, by, y2);
    s = madd(v128.load(from3 + j), w, f32x4.mul(v3, k));
    s = f32x4.relaxed_nmadd(h3, b, s);
    v128.store(to3 + j, s);
    y3 = madd(s, by, y3);
  }
  return sums4(y0, y1, y2, y3);
}

/** A row of the new state. */
function oneRow(
  to: usize,
  from: usize,
  input: usize,
  v: f32,
  held: f32,
  n: usize,
): void {
  const value = f32x4.splat(v), out = f32x4.splat(held);
  for (let j: usize = 0; j < n; j += 4) {
    const at: usize = 4 * j, count = n - j;
    const w = loadUpTo(input + at, count);
    const k = loadUpTo(input + 4 * n + at, count);
    const b = f32x4.mul(
      loadUpTo(input + 8 * n + at, count),
      loadUpTo(input + 12 * n + at, count),
    );
    const s = madd(loadUpTo(from + at, count), w, f32x4.mul(value, k));
    storeUpTo(to + at, f32x4.relaxed_nmadd(out, b, s), count);
  }
}
