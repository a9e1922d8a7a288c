/**
 * Linear maps by packed weights. Those of whole numbers are multiplied by rows
 * that are rounded to 16 bits first, group by group, so that the sums of a group
 * are sums of whole numbers: the same bits on every machine, whatever other rows
 * there are. Longer than our files are: five formats stand side by side, each
 * unrolled for one row and for several, so that what differs can be compared.
 */

import {
  LinearBF16,
  LinearF16,
  LinearQ4,
  LinearQ5,
  LinearQ8,
  UnpackBF16,
  UnpackF16,
  UnpackQ4,
  UnpackQ5,
  UnpackQ8,
} from "./jobs";
import { madd, sum4 } from "./math";

/** Values that have a scale in common. */
const GROUP: usize = 32;

/** The largest rounded value. */
const LARGEST: f32 = 32767;

/** Rows of x whose share of a row of weights is computed side by side. */
const ROWS: usize = 4;

/** Bytes of a thread's own: a row of weights, then rounded rows of x. */
export const packedScratchBytes: usize = 1024 * 1024;

/** Where they are. */
let scratch: usize = 0;

/** Says where this thread's scratch is. */
export function useScratch(address: usize): void {
  scratch = address;
}

// A rounded row is its values (i16), a scale a group (f32), and the sum of each
// group (f32).

function bytesOfRow(width: usize): usize {
  return 2 * width + width / 4;
}

/** Where the first one stands: behind a row of weights, which may be f32. */
function roundedAt(width: usize): usize {
  return scratch + 4 * width;
}

/** How many fit. */
function mostRows(width: usize): usize {
  return (packedScratchBytes - 4 * width) / bytesOfRow(width);
}

/** Rounds rows of x. */
function round(x: usize, rows: usize, width: usize): void {
  const step = bytesOfRow(width);
  for (let row: usize = 0; row < rows; row++) {
    const to = roundedAt(width) + row * step, scales = to + 2 * width;
    const sums = scales + width / 8;
    for (let c: usize = 0; c < width; c += GROUP) {
      const at = c / GROUP * 4;
      roundGroup(x + 4 * (row * width + c), to + 2 * c, scales + at, sums + at);
    }
  }
}

function roundGroup(x: usize, to: usize, scale: usize, sum: usize): void {
  const a = v128.load(x), b = v128.load(x, 16), c = v128.load(x, 32);
  const d = v128.load(x, 48), e = v128.load(x, 64), f = v128.load(x, 80);
  const g = v128.load(x, 96), h = v128.load(x, 112);
  const ab = f32x4.max(f32x4.abs(a), f32x4.abs(b));
  const cd = f32x4.max(f32x4.abs(c), f32x4.abs(d));
  const ef = f32x4.max(f32x4.abs(e), f32x4.abs(f));
  const gh = f32x4.max(f32x4.abs(g), f32x4.abs(h));
  let largest = f32x4.max(f32x4.max(ab, cd), f32x4.max(ef, gh));
  largest = f32x4.max(
    largest,
    v128.shuffle<f32>(largest, largest, 2, 3, 0, 1),
  );
  largest = f32x4.max(
    largest,
    v128.shuffle<f32>(largest, largest, 1, 0, 3, 2),
  );
  const by = f32x4.div(f32x4.splat(LARGEST), largest);
  const p = rounded(a, b, by), q = rounded(c, d, by);
  const r = rounded(e, f, by), s = rounded(g, h, by);
  v128.store(to, p);
  v128.store(to, q, 16);
  v128.store(to, r, 32);
  v128.store(to, s, 48);
  const one = i16x8.splat(1);
  const total = i32x4.add(
    i32x4.add(i32x4.dot_i16x8_s(p, one), i32x4.dot_i16x8_s(q, one)),
    i32x4.add(i32x4.dot_i16x8_s(r, one), i32x4.dot_i16x8_s(s, one)),
  );
  const size = f32x4.extract_lane(largest, 0) / LARGEST;
  store<f32>(scale, size);
  store<f32>(sum, size * sum4(f32x4.convert_i32x4_s(total)));
}

/** Zeros of a group without a value become zeros again, not numbers. */
function rounded(a: v128, b: v128, by: v128): v128 {
  return i16x8.narrow_i32x4_s(
    i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(a, by))),
    i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(b, by))),
  );
}

/** What is in x, 8 bits each, times 16 of a rounded row, added up in fours. */
function times(x: v128, y: usize): v128 {
  return i32x4.add(
    i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(x), v128.load(y)),
    i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(x), v128.load(y, 16)),
  );
}

/** sum + whole · scale · scale of the other. */
function plus(sum: v128, whole: v128, scale: usize, other: usize): v128 {
  const scales = f32x4.mul(
    v128.load32_splat(scale),
    v128.load32_splat(other),
  );
  return f32x4.add(sum, f32x4.mul(f32x4.convert_i32x4_s(whole), scales));
}

/** The numbers of 16 bytes' low and high halves, less `centre`. */
function lowNibbles(pairs: v128, centre: v128): v128 {
  return i8x16.sub(v128.and(pairs, i8x16.splat(15)), centre);
}

function highNibbles(pairs: v128, centre: v128): v128 {
  return i8x16.sub(i8x16.shr_u(pairs, 4), centre);
}

/** 16 in each byte whose bit is set, of two bytes of bits in all lanes. */
function fifth(bits: v128): v128 {
  const each = i64x2.splat(0x8040201008040201);
  return v128.and(i8x16.eq(v128.and(bits, each), each), i8x16.splat(16));
}

/** The fifth bits of the first half of a group, and of the second. */
function fifthsLow(bits: v128): v128 {
  return fifth(
    v128.shuffle<u8>(
      bits,
      bits,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      1,
      1,
      1,
      1,
      1,
      1,
      1,
      1,
    ),
  );
}

function fifthsHigh(bits: v128): v128 {
  return fifth(
    v128.shuffle<u8>(
      bits,
      bits,
      2,
      2,
      2,
      2,
      2,
      2,
      2,
      2,
      3,
      3,
      3,
      3,
      3,
      3,
      3,
      3,
    ),
  );
}

/** y = x · (scale · q)ᵀ. Slices: outputs. */
export function linearQ8(start: usize, end: usize, job: LinearQ8): void {
  const rows = job.rows, width = job.width, outputs = job.outputs;
  const groups = width / GROUP, most = mostRows(width);
  for (let first: usize = 0; first < rows; first += most) {
    const count = min(most, rows - first);
    const to = job.y + 4 * first * outputs;
    round(job.x + 4 * first * width, count, width);
    for (let j = start; j < end; j++) {
      const q = job.quants + j * width, scales = job.scales + 4 * j * groups;
      if (count == 1) {
        store<f32>(to + 4 * j, dotQ8(q, scales, roundedAt(width), width));
        continue;
      }
      spreadQ8(q, width);
      dots(to + 4 * j, 4 * outputs, count, scales, 0, width);
    }
  }
}

function dotQ8(q: usize, scales: usize, x: usize, width: usize): f32 {
  let sum = f32x4.splat(0), others = x + 2 * width;
  for (const end = q + width; q < end; q += 32) {
    const low = times(v128.load(q), x);
    const high = times(v128.load(q, 16), x + 32);
    sum = plus(sum, i32x4.add(low, high), scales, others);
    x += 64, scales += 4, others += 4;
  }
  return sum4(sum);
}

/** A row of weights as i16, at the start of the scratch. */
function spreadQ8(q: usize, width: usize): void {
  for (let c: usize = 0; c < width; c += 16) {
    spread(v128.load(q + c), scratch + 2 * c);
  }
}

function spread(bytes: v128, to: usize): void {
  v128.store(to, i16x8.extend_low_i8x16_s(bytes));
  v128.store(to, i16x8.extend_high_i8x16_s(bytes), 16);
}

/** y = x · (scale · (q - 8))ᵀ. Slices: outputs. */
export function linearQ4(start: usize, end: usize, job: LinearQ4): void {
  const rows = job.rows, width = job.width, outputs = job.outputs;
  const groups = width / GROUP, most = mostRows(width);
  for (let first: usize = 0; first < rows; first += most) {
    const count = min(most, rows - first);
    const to = job.y + 4 * first * outputs;
    round(job.x + 4 * first * width, count, width);
    for (let j = start; j < end; j++) {
      const q = job.quants + j * width / 2,
        scales = job.scales + 4 * j * groups;
      if (count == 1) {
        store<f32>(to + 4 * j, dotQ4(q, scales, roundedAt(width), width));
        continue;
      }
      spreadQ4(q, width);
      dots(to + 4 * j, 4 * outputs, count, scales, 0, width);
    }
  }
}

function dotQ4(q: usize, scales: usize, x: usize, width: usize): f32 {
  const eight = i8x16.splat(8);
  let sum = f32x4.splat(0), others = x + 2 * width;
  for (const end = q + width / 2; q < end; q += 16) {
    const pairs = v128.load(q);
    const low = times(lowNibbles(pairs, eight), x);
    const high = times(highNibbles(pairs, eight), x + 32);
    sum = plus(sum, i32x4.add(low, high), scales, others);
    x += 64, scales += 4, others += 4;
  }
  return sum4(sum);
}

function spreadQ4(q: usize, width: usize): void {
  const eight = i8x16.splat(8);
  for (let c: usize = 0; c < width; c += GROUP) {
    const pairs = v128.load(q + c / 2), to = scratch + 2 * c;
    spread(lowNibbles(pairs, eight), to);
    spread(highNibbles(pairs, eight), to + 32);
  }
}

/** y = x · (scale · q + least)ᵀ. Slices: outputs. */
export function linearQ5(start: usize, end: usize, job: LinearQ5): void {
  const rows = job.rows, width = job.width, outputs = job.outputs;
  const groups = width / GROUP, most = mostRows(width);
  for (let first: usize = 0; first < rows; first += most) {
    const count = min(most, rows - first);
    const to = job.y + 4 * first * outputs;
    round(job.x + 4 * first * width, count, width);
    for (let j = start; j < end; j++) {
      const q = job.quants + j * width / 2, at: usize = 4 * j * groups;
      const scales = job.scales + at, leasts = job.leasts + at;
      if (count == 1) {
        const x = roundedAt(width);
        const sum = dotQ5(q, job.fifths + at, scales, x, width);
        store<f32>(to + 4 * j, sum + leastsOf(leasts, x, width));
        continue;
      }
      spreadQ5(q, job.fifths + at, width);
      dots(to + 4 * j, 4 * outputs, count, scales, leasts, width);
    }
  }
}

function dotQ5(
  q: usize,
  fifths: usize,
  scales: usize,
  x: usize,
  width: usize,
): f32 {
  const zero = i8x16.splat(0);
  let sum = f32x4.splat(0), others = x + 2 * width;
  for (const end = q + width / 2; q < end; q += 16) {
    const pairs = v128.load(q), bits = v128.load32_splat(fifths);
    const first = v128.or(lowNibbles(pairs, zero), fifthsLow(bits));
    const second = v128.or(highNibbles(pairs, zero), fifthsHigh(bits));
    const low = times(first, x), high = times(second, x + 32);
    sum = plus(sum, i32x4.add(low, high), scales, others);
    x += 64, scales += 4, others += 4, fifths += 4;
  }
  return sum4(sum);
}

function spreadQ5(q: usize, fifths: usize, width: usize): void {
  const zero = i8x16.splat(0);
  for (let c: usize = 0; c < width; c += GROUP) {
    const pairs = v128.load(q + c / 2), to = scratch + 2 * c;
    const bits = v128.load32_splat(fifths + c / 8);
    spread(v128.or(lowNibbles(pairs, zero), fifthsLow(bits)), to);
    spread(v128.or(highNibbles(pairs, zero), fifthsHigh(bits)), to + 32);
  }
}

/** What the least values of a row add to its product with a rounded row. */
function leastsOf(leasts: usize, x: usize, width: usize): f32 {
  const sums = x + 2 * width + width / 8;
  let total: f32 = 0;
  for (let at: usize = 0; at < width / 8; at += 4) {
    total += load<f32>(leasts + at) * load<f32>(sums + at);
  }
  return total;
}

/**
 * The products of the row of weights in the scratch with rounded rows, each as
 * for one row alone; `to` is the first, the others are `next` bytes apart.
 */
function dots(
  to: usize,
  next: usize,
  rows: usize,
  scales: usize,
  leasts: usize,
  width: usize,
): void {
  const step = bytesOfRow(width);
  let x = roundedAt(width), row: usize = 0;
  for (; row + ROWS <= rows; row += ROWS, x += ROWS * step) {
    dots4(to + row * next, next, x, scales, width);
  }
  for (; row < rows; row++, x += step) {
    store<f32>(to + row * next, dot16(x, scales, width));
  }
  if (!leasts) return;
  x = roundedAt(width);
  for (row = 0; row < rows; row++, x += step) {
    const at = to + row * next;
    store<f32>(at, load<f32>(at) + leastsOf(leasts, x, width));
  }
}

function dot16(x: usize, scales: usize, width: usize): f32 {
  let sum = f32x4.splat(0), others = x + 2 * width;
  for (let w = scratch, end = w + 2 * width; w < end; w += 64) {
    const a = v128.load(w), b = v128.load(w, 16);
    const c = v128.load(w, 32), d = v128.load(w, 48);
    sum = plus(sum, whole(x, a, b, c, d), scales, others);
    x += 64, scales += 4, others += 4;
  }
  return sum4(sum);
}

/** A group of a rounded row times one of weights, in the order of `times`. */
function whole(x: usize, a: v128, b: v128, c: v128, d: v128): v128 {
  return i32x4.add(
    i32x4.add(
      i32x4.dot_i16x8_s(a, v128.load(x)),
      i32x4.dot_i16x8_s(b, v128.load(x, 16)),
    ),
    i32x4.add(
      i32x4.dot_i16x8_s(c, v128.load(x, 32)),
      i32x4.dot_i16x8_s(d, v128.load(x, 48)),
    ),
  );
}

function dots4(
  to: usize,
  next: usize,
  x: usize,
  scales: usize,
  width: usize,
): void {
  const step = bytesOfRow(width);
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  let x1 = x + step, x2 = x1 + step, x3 = x2 + step;
  let others = x + 2 * width;
  for (let w = scratch, end = w + 2 * width; w < end; w += 64) {
    const a = v128.load(w), b = v128.load(w, 16);
    const c = v128.load(w, 32), d = v128.load(w, 48);
    s0 = plus(s0, whole(x, a, b, c, d), scales, others);
    s1 = plus(s1, whole(x1, a, b, c, d), scales, others + step);
    s2 = plus(s2, whole(x2, a, b, c, d), scales, others + 2 * step);
    s3 = plus(s3, whole(x3, a, b, c, d), scales, others + 3 * step);
    x += 64, x1 += 64, x2 += 64, x3 += 64, scales += 4, others += 4;
  }
  store<f32>(to, sum4(s0));
  store<f32>(to + next, sum4(s1));
  store<f32>(to + 2 * next, sum4(s2));
  store<f32>(to + 3 * next, sum4(s3));
}

/** Four f16, each below the sign of 32 bits, as f32; finite ones. */
function floats(halves: v128): v128 {
  const bits = v128.and(i32x4.shl(halves, 13), i32x4.splat(0x8fffe000));
  return f32x4.mul(bits, f32x4.splat(5.192296858534828e33)); // 2¹¹²
}

/** y = x · wᵀ, w of f16. Slices: outputs. */
export function linearF16(start: usize, end: usize, job: LinearF16): void {
  const rows = job.rows, width = job.width, outputs = job.outputs;
  for (let j = start; j < end; j++) {
    const w = job.halves + 2 * j * width;
    if (rows == 1) {
      store<f32>(job.y + 4 * j, dotF16(job.x, w, width));
      continue;
    }
    widenF16(w, scratch, width);
    for (let i: usize = 0; i < rows; i++) {
      const product = dotF32(job.x + 4 * i * width, scratch, width);
      store<f32>(job.y + 4 * (i * outputs + j), product);
    }
  }
}

function dotF16(x: usize, w: usize, width: usize): f32 {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  for (const end = w + 2 * width; w < end; w += 32, x += 64) {
    const a = v128.load(w), b = v128.load(w, 16);
    s0 = madd(floats(i32x4.extend_low_i16x8_s(a)), v128.load(x), s0);
    s1 = madd(floats(i32x4.extend_high_i16x8_s(a)), v128.load(x, 16), s1);
    s2 = madd(floats(i32x4.extend_low_i16x8_s(b)), v128.load(x, 32), s2);
    s3 = madd(floats(i32x4.extend_high_i16x8_s(b)), v128.load(x, 48), s3);
  }
  return sum4(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
}

/** As the others add up. */
function dotF32(x: usize, w: usize, width: usize): f32 {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  for (const end = w + 4 * width; w < end; w += 64, x += 64) {
    s0 = madd(v128.load(w), v128.load(x), s0);
    s1 = madd(v128.load(w, 16), v128.load(x, 16), s1);
    s2 = madd(v128.load(w, 32), v128.load(x, 32), s2);
    s3 = madd(v128.load(w, 48), v128.load(x, 48), s3);
  }
  return sum4(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
}

function widenF16(w: usize, to: usize, width: usize): void {
  for (const end = w + 2 * width; w < end; w += 16, to += 32) {
    const halves = v128.load(w);
    v128.store(to, floats(i32x4.extend_low_i16x8_s(halves)));
    v128.store(to, floats(i32x4.extend_high_i16x8_s(halves)), 16);
  }
}

/** y = x · wᵀ, w of bf16. Slices: outputs. */
export function linearBF16(start: usize, end: usize, job: LinearBF16): void {
  const rows = job.rows, width = job.width, outputs = job.outputs;
  for (let j = start; j < end; j++) {
    const w = job.halves + 2 * j * width;
    if (rows == 1) {
      store<f32>(job.y + 4 * j, dotBF16(job.x, w, width));
      continue;
    }
    widenBF16(w, scratch, width);
    for (let i: usize = 0; i < rows; i++) {
      const product = dotF32(job.x + 4 * i * width, scratch, width);
      store<f32>(job.y + 4 * (i * outputs + j), product);
    }
  }
}

function upperLow(halves: v128): v128 {
  return i32x4.shl(i32x4.extend_low_i16x8_u(halves), 16);
}

function upperHigh(halves: v128): v128 {
  return i32x4.shl(i32x4.extend_high_i16x8_u(halves), 16);
}

function dotBF16(x: usize, w: usize, width: usize): f32 {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  for (const end = w + 2 * width; w < end; w += 32, x += 64) {
    const a = v128.load(w), b = v128.load(w, 16);
    s0 = madd(upperLow(a), v128.load(x), s0);
    s1 = madd(upperHigh(a), v128.load(x, 16), s1);
    s2 = madd(upperLow(b), v128.load(x, 32), s2);
    s3 = madd(upperHigh(b), v128.load(x, 48), s3);
  }
  return sum4(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
}

function widenBF16(w: usize, to: usize, width: usize): void {
  for (const end = w + 2 * width; w < end; w += 16, to += 32) {
    const halves = v128.load(w);
    v128.store(to, upperLow(halves));
    v128.store(to, upperHigh(halves), 16);
  }
}

// Rows of weights as f32, `depth` of each, for products of many rows. Slices:
// rows.

export function unpackQ8(start: usize, end: usize, job: UnpackQ8): void {
  const width = job.width, depth = job.depth, none = f32x4.splat(0);
  for (let j = start; j < end; j++) {
    let q = job.quants + j * width, to = job.out + 4 * j * depth;
    let scales = job.scales + j * width / 8;
    for (const last = q + depth; q < last; q += 32, to += 128, scales += 4) {
      const scale = v128.load32_splat(scales);
      widen(v128.load(q), scale, none, to);
      widen(v128.load(q, 16), scale, none, to + 64);
    }
  }
}

export function unpackQ4(start: usize, end: usize, job: UnpackQ4): void {
  const width = job.width, depth = job.depth;
  const eight = i8x16.splat(8), none = f32x4.splat(0);
  for (let j = start; j < end; j++) {
    let q = job.quants + j * width / 2, to = job.out + 4 * j * depth;
    let scales = job.scales + j * width / 8;
    for (const last = q + depth / 2; q < last; q += 16, to += 128) {
      const pairs = v128.load(q), scale = v128.load32_splat(scales);
      widen(lowNibbles(pairs, eight), scale, none, to);
      widen(highNibbles(pairs, eight), scale, none, to + 64);
      scales += 4;
    }
  }
}

export function unpackQ5(start: usize, end: usize, job: UnpackQ5): void {
  const width = job.width, depth = job.depth, zero = i8x16.splat(0);
  for (let j = start; j < end; j++) {
    let q = job.quants + j * width / 2, to = job.out + 4 * j * depth;
    let at: usize = j * width / 8;
    for (const last = q + depth / 2; q < last; q += 16, to += 128, at += 4) {
      const pairs = v128.load(q), bits = v128.load32_splat(job.fifths + at);
      const scale = v128.load32_splat(job.scales + at);
      const least = v128.load32_splat(job.leasts + at);
      const first = v128.or(lowNibbles(pairs, zero), fifthsLow(bits));
      const second = v128.or(highNibbles(pairs, zero), fifthsHigh(bits));
      widen(first, scale, least, to);
      widen(second, scale, least, to + 64);
    }
  }
}

/** 16 numbers times their scale, plus the least value. */
function widen(q: v128, scale: v128, least: v128, to: usize): void {
  const low = i16x8.extend_low_i8x16_s(q), high = i16x8.extend_high_i8x16_s(q);
  const a = f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(low));
  const b = f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(low));
  const c = f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(high));
  const d = f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(high));
  v128.store(to, f32x4.add(f32x4.mul(a, scale), least));
  v128.store(to, f32x4.add(f32x4.mul(b, scale), least), 16);
  v128.store(to, f32x4.add(f32x4.mul(c, scale), least), 32);
  v128.store(to, f32x4.add(f32x4.mul(d, scale), least), 48);
}

export function unpackF16(start: usize, end: usize, job: UnpackF16): void {
  const width = job.width, depth = job.depth;
  for (let j = start; j < end; j++) {
    widenF16(job.halves + 2 * j * width, job.out + 4 * j * depth, depth);
  }
}

export function unpackBF16(start: usize, end: usize, job: UnpackBF16): void {
  const width = job.width, depth = job.depth;
  for (let j = start; j < end; j++) {
    widenBF16(job.halves + 2 * j * width, job.out + 4 * j * depth, depth);
  }
}
