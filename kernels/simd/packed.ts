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
import { dot, dots1x4, dots3x4 } from "./gemv";
import { madd, sum4, sums4 } from "./math";

/** Constants of the inner loops; why from memory: see `math.ts`. */
const CONSTANTS = memory.data<u32>([
  0x8fffe000, // 0: of an f16 whose sign was spread, what belongs into an f32
  0x77800000, // 4: 2¹¹², what such an f32 is too small by
  0x000f000f, // 8: the lowest 4 bits of 16
  0x00ff00ff, // 12: the lowest 8 bits of 16
  0x0f0f0f0f, // 16: the lowest 4 bits of 8
  0x10101010, // 20: the fifth bits of 8
  0x08040201, // 24: a bit for each of 8 bytes, and the next word's
  0x80402010, // 28
  0xfff8fff8, // 32: -8 of 16 bits
  0x08080808, // 36: 8 of 8 bits
  0, // 40: byte 0 of a word eight times, then byte 1
  0,
  0x01010101,
  0x01010101,
  0x02020202, // 56: byte 2, then byte 3
  0x02020202,
  0x03030303,
  0x03030303,
], 64);

/** A constant in all lanes. */
function constant(at: usize): v128 {
  return v128.load32_splat(CONSTANTS + at);
}

/** Values that have a scale in common. */
const GROUP: usize = 32;

/** The largest rounded value. */
const LARGEST: f32 = 32767;

/** Rows of x whose share of a row of weights is computed side by side. */
const ROWS: usize = 4;

/** Bytes that come from memory together. */
const LINE: usize = 64;

/** Rows of f16 or bf16 that are widened at a time, a multiple of 4. */
const WIDENED: usize = 32;

/** Bytes of a thread's own: a row of weights, then rounded rows of x. */
export const packedScratchBytes: usize = 1024 * 1024;

/** Where they are. */
let scratch: usize = 0;

/** Says where this thread's scratch is. */
export function useScratch(address: usize): void {
  scratch = address;
}

// A rounded row is its values (i16), a scale a group (f32), and the sum of each
// group (f32). Of every 16 values those at even places come first, then those at
// odd ones: so they meet the bytes of 16-bit words that are taken apart by masks
// and shifts.

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
  v128.store(to, evens(p, q));
  v128.store(to, odds(p, q), 16);
  v128.store(to, evens(r, s), 32);
  v128.store(to, odds(r, s), 48);
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

function evens(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 0, 2, 4, 6, 8, 10, 12, 14);
}

function odds(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 1, 3, 5, 7, 9, 11, 13, 15);
}

/** The bytes at even places of 16, as i16. */
function lowBytes(bytes: v128): v128 {
  return i16x8.shr_s(i16x8.shl(bytes, 8), 8);
}

/** Those at odd places. */
function highBytes(bytes: v128): v128 {
  return i16x8.shr_s(bytes, 8);
}

/** sum + whole · scale · scale of the other. */
function plus(sum: v128, whole: v128, scale: usize, other: usize): v128 {
  const scales = f32x4.mul(
    v128.load32_splat(scale),
    v128.load32_splat(other),
  );
  return f32x4.add(sum, f32x4.mul(f32x4.convert_i32x4_s(whole), scales));
}

/** The low halves of 16 bytes. */
function lowNibbles(pairs: v128, nibble: v128): v128 {
  return v128.and(pairs, nibble);
}

/** The high ones. */
function highNibbles(pairs: v128, nibble: v128): v128 {
  return v128.and(i16x8.shr_u(pairs, 4), nibble);
}

/** Eight bits each of two bytes of a word: 16 where one is set. */
function fifths(word: v128, which: v128, each: v128, one: v128): v128 {
  const bits = i8x16.relaxed_swizzle(word, which);
  return v128.and(i8x16.eq(v128.and(bits, each), each), one);
}

/** y = x · (scale · q)ᵀ. Slices: outputs. */
export function linearQ8(start: usize, end: usize, job: LinearQ8): void {
  const rows = job.rows, width = job.width, outputs = job.outputs;
  const groups = width / GROUP, most = mostRows(width);
  const last = job.quants + outputs * width - 2 * LINE;
  for (let first: usize = 0; first < rows; first += most) {
    const count = min(most, rows - first);
    const to = job.y + 4 * first * outputs;
    round(job.x + 4 * first * width, count, width);
    let j = start;
    if (count == 1) {
      for (; j + ROWS <= end; j += ROWS) {
        const q = job.quants + j * width;
        dotsQ8(to + 4 * j, q, job.scales + 4 * j * groups, width, last);
      }
    }
    for (; j < end; j++) {
      spreadQ8(job.quants + j * width, width);
      const scales = job.scales + 4 * j * groups;
      dots(to + 4 * j, 4 * outputs, count, scales, 0, width);
    }
  }
}

/**
 * Four outputs of one row, each as by itself: x is read once for all. The weights
 * after them, up to `last`, are looked at in the order of their addresses on the
 * way: four rows at once are not an order that processors foresee; see `gemv`.
 */
function dotsQ8(
  to: usize,
  q: usize,
  scales: usize,
  width: usize,
  last: usize,
): void {
  const step = width / 8;
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  let x = roundedAt(width), others = x + 2 * width;
  let coming = q + ROWS * width;
  for (const end = q + width; q < end; q += 32) {
    if (coming < last) {
      atomic.load<u32>(coming);
      atomic.load<u32>(coming + LINE);
    }
    coming += 2 * LINE;
    const a = v128.load(x), b = v128.load(x, 16);
    const c = v128.load(x, 32), d = v128.load(x, 48);
    const other = v128.load32_splat(others);
    let from = q, at = scales;
    s0 = scaled(s0, bytesTimes(from, a, b, c, d), at, other);
    from += width, at += step;
    s1 = scaled(s1, bytesTimes(from, a, b, c, d), at, other);
    from += width, at += step;
    s2 = scaled(s2, bytesTimes(from, a, b, c, d), at, other);
    from += width, at += step;
    s3 = scaled(s3, bytesTimes(from, a, b, c, d), at, other);
    x += 64, scales += 4, others += 4;
  }
  v128.store(to, sums4(s0, s1, s2, s3));
}

/** A group of weights, a byte each, times one of a rounded row. */
function bytesTimes(q: usize, a: v128, b: v128, c: v128, d: v128): v128 {
  const first = v128.load(q), second = v128.load(q, 16);
  return i32x4.add(
    i32x4.add(
      i32x4.dot_i16x8_s(lowBytes(first), a),
      i32x4.dot_i16x8_s(highBytes(first), b),
    ),
    i32x4.add(
      i32x4.dot_i16x8_s(lowBytes(second), c),
      i32x4.dot_i16x8_s(highBytes(second), d),
    ),
  );
}

/** As `plus`, with one of the scales at hand. */
function scaled(sum: v128, whole: v128, scale: usize, other: v128): v128 {
  const scales = f32x4.mul(v128.load32_splat(scale), other);
  return f32x4.add(sum, f32x4.mul(f32x4.convert_i32x4_s(whole), scales));
}

/** A row of weights as i16, at the start of the scratch. */
function spreadQ8(q: usize, width: usize): void {
  for (let c: usize = 0; c < width; c += 16) {
    spread(v128.load(q + c), scratch + 2 * c);
  }
}

function spread(bytes: v128, to: usize): void {
  v128.store(to, lowBytes(bytes));
  v128.store(to, highBytes(bytes), 16);
}

/** y = x · (scale · (q - 8))ᵀ. Slices: outputs. */
export function linearQ4(start: usize, end: usize, job: LinearQ4): void {
  const rows = job.rows, width = job.width, outputs = job.outputs;
  const groups = width / GROUP, most = mostRows(width);
  const last = job.quants + outputs * width / 2 - LINE;
  for (let first: usize = 0; first < rows; first += most) {
    const count = min(most, rows - first);
    const to = job.y + 4 * first * outputs;
    round(job.x + 4 * first * width, count, width);
    let j = start;
    if (count == 1) {
      for (; j + ROWS <= end; j += ROWS) {
        const q = job.quants + j * width / 2;
        dotsQ4(to + 4 * j, q, job.scales + 4 * j * groups, width, last);
      }
    }
    for (; j < end; j++) {
      spreadQ4(job.quants + j * width / 2, width);
      const scales = job.scales + 4 * j * groups;
      dots(to + 4 * j, 4 * outputs, count, scales, 0, width);
    }
  }
}

/** As `dotsQ8`. */
function dotsQ4(
  to: usize,
  q: usize,
  scales: usize,
  width: usize,
  last: usize,
): void {
  const next = width / 2, step = width / 8;
  const centre = constant(32), mask = constant(8);
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  let x = roundedAt(width), others = x + 2 * width;
  let coming = q + ROWS * next;
  for (const end = q + next; q < end; q += 16) {
    if (coming < last) atomic.load<u32>(coming);
    coming += LINE;
    const a = v128.load(x), b = v128.load(x, 16);
    const c = v128.load(x, 32), d = v128.load(x, 48);
    const other = v128.load32_splat(others);
    // What 8 less in each weight comes to, once for all four.
    const less = i32x4.add(
      i32x4.add(i32x4.dot_i16x8_s(centre, a), i32x4.dot_i16x8_s(centre, b)),
      i32x4.add(i32x4.dot_i16x8_s(centre, c), i32x4.dot_i16x8_s(centre, d)),
    );
    let from = q, at = scales;
    s0 = scaled(s0, nibblesTimes(from, a, b, c, d, less, mask), at, other);
    from += next, at += step;
    s1 = scaled(s1, nibblesTimes(from, a, b, c, d, less, mask), at, other);
    from += next, at += step;
    s2 = scaled(s2, nibblesTimes(from, a, b, c, d, less, mask), at, other);
    from += next, at += step;
    s3 = scaled(s3, nibblesTimes(from, a, b, c, d, less, mask), at, other);
    x += 64, scales += 4, others += 4;
  }
  v128.store(to, sums4(s0, s1, s2, s3));
}

/** A group of nibbles, from 0 to 15, times one of a rounded row, plus `less`. */
function nibblesTimes(
  q: usize,
  a: v128,
  b: v128,
  c: v128,
  d: v128,
  less: v128,
  mask: v128,
): v128 {
  const pairs = v128.load(q);
  const high = v128.and(i16x8.shr_u(pairs, 8), mask);
  const second = v128.and(i16x8.shr_u(pairs, 4), mask);
  return i32x4.add(
    i32x4.add(
      i32x4.dot_i16x8_s(v128.and(pairs, mask), a),
      i32x4.dot_i16x8_s(high, b),
    ),
    i32x4.add(
      i32x4.add(i32x4.dot_i16x8_s(second, c), less),
      i32x4.dot_i16x8_s(i16x8.shr_u(pairs, 12), d),
    ),
  );
}

function spreadQ4(q: usize, width: usize): void {
  const nibble = constant(16), eight = constant(36);
  for (let c: usize = 0; c < width; c += GROUP) {
    const pairs = v128.load(q + c / 2), to = scratch + 2 * c;
    spread(i8x16.sub(lowNibbles(pairs, nibble), eight), to);
    spread(i8x16.sub(highNibbles(pairs, nibble), eight), to + 32);
  }
}

/** y = x · (scale · q + least)ᵀ. Slices: outputs. */
export function linearQ5(start: usize, end: usize, job: LinearQ5): void {
  const rows = job.rows, width = job.width, outputs = job.outputs;
  const groups = width / GROUP, most = mostRows(width);
  const last = job.quants + outputs * width / 2 - LINE;
  for (let first: usize = 0; first < rows; first += most) {
    const count = min(most, rows - first);
    const to = job.y + 4 * first * outputs;
    round(job.x + 4 * first * width, count, width);
    let j = start;
    if (count == 1) {
      for (; j + ROWS <= end; j += ROWS) {
        const q = job.quants + j * width / 2, at: usize = 4 * j * groups;
        dotsQ5(to + 4 * j, q, job.fifths + at, job.scales + at, width, last);
        addLeasts(to + 4 * j, job.leasts + at, width);
      }
    }
    for (; j < end; j++) {
      const at: usize = 4 * j * groups;
      const scales = job.scales + at, leasts = job.leasts + at;
      spreadQ5(job.quants + j * width / 2, job.fifths + at, width);
      dots(to + 4 * j, 4 * outputs, count, scales, leasts, width);
    }
  }
}

/** As `dotsQ8`, without the least values. */
function dotsQ5(
  to: usize,
  q: usize,
  bits: usize,
  scales: usize,
  width: usize,
  last: usize,
): void {
  const next = width / 2, step = width / 8;
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  let x = roundedAt(width), others = x + 2 * width;
  let coming = q + ROWS * next;
  for (const end = q + next; q < end; q += 16) {
    if (coming < last) atomic.load<u32>(coming);
    coming += LINE;
    const other = v128.load32_splat(others);
    let from = q, at = bits, scale = scales;
    s0 = scaled(s0, fivesTimes(from, at, x), scale, other);
    from += next, at += step, scale += step;
    s1 = scaled(s1, fivesTimes(from, at, x), scale, other);
    from += next, at += step, scale += step;
    s2 = scaled(s2, fivesTimes(from, at, x), scale, other);
    from += next, at += step, scale += step;
    s3 = scaled(s3, fivesTimes(from, at, x), scale, other);
    x += 64, scales += 4, others += 4, bits += 4;
  }
  v128.store(to, sums4(s0, s1, s2, s3));
}

/** A group of 5 bits each, from 0 to 31, times one of a rounded row. */
function fivesTimes(q: usize, bits: usize, x: usize): v128 {
  const pairs = v128.load(q), word = v128.load32_splat(bits);
  const nibble = constant(16), byte = constant(12), one = constant(20);
  const each = v128.load64_splat(CONSTANTS + 24);
  const first = v128.or(
    lowNibbles(pairs, nibble),
    fifths(word, v128.load(CONSTANTS + 40), each, one),
  );
  const second = v128.or(
    highNibbles(pairs, nibble),
    fifths(word, v128.load(CONSTANTS + 56), each, one),
  );
  return i32x4.add(
    i32x4.add(
      i32x4.dot_i16x8_s(v128.and(first, byte), v128.load(x)),
      i32x4.dot_i16x8_s(i16x8.shr_u(first, 8), v128.load(x, 16)),
    ),
    i32x4.add(
      i32x4.dot_i16x8_s(v128.and(second, byte), v128.load(x, 32)),
      i32x4.dot_i16x8_s(i16x8.shr_u(second, 8), v128.load(x, 48)),
    ),
  );
}

/** Adds to four outputs of one row what their least values come to. */
function addLeasts(to: usize, leasts: usize, width: usize): void {
  const x = roundedAt(width), end = to + 4 * ROWS;
  for (; to < end; to += 4, leasts += width / 8) {
    store<f32>(to, load<f32>(to) + leastsOf(leasts, x, width));
  }
}

function spreadQ5(q: usize, bits: usize, width: usize): void {
  const nibble = constant(16), one = constant(20);
  const each = v128.load64_splat(CONSTANTS + 24);
  const lower = v128.load(CONSTANTS + 40), upper = v128.load(CONSTANTS + 56);
  for (let c: usize = 0; c < width; c += GROUP) {
    const pairs = v128.load(q + c / 2), to = scratch + 2 * c;
    const word = v128.load32_splat(bits + c / 8);
    const low = lowNibbles(pairs, nibble), high = highNibbles(pairs, nibble);
    spread(v128.or(low, fifths(word, lower, each, one)), to);
    spread(v128.or(high, fifths(word, upper, each, one)), to + 32);
  }
}

/** What the least values of a row add to its product with a rounded row. */
function leastsOf(leasts: usize, x: usize, width: usize): f32 {
  const sums = x + 2 * width + width / 8, bytes = width / 8;
  let total = f32x4.splat(0), at: usize = 0;
  for (; at + 16 <= bytes; at += 16) {
    const product = f32x4.mul(v128.load(leasts + at), v128.load(sums + at));
    total = f32x4.add(total, product);
  }
  let rest: f32 = 0;
  for (; at < bytes; at += 4) {
    rest += load<f32>(leasts + at) * load<f32>(sums + at);
  }
  return sum4(total) + rest;
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
function floats(halves: v128, mask: v128, scale: v128): v128 {
  return f32x4.mul(v128.and(i32x4.shl(halves, 13), mask), scale);
}

/** y = x · wᵀ, w of f16. Slices: outputs. */
export function linearF16(start: usize, end: usize, job: LinearF16): void {
  const rows = job.rows, width = job.width, outputs = job.outputs;
  if (rows == 1) {
    const last = job.halves + 2 * outputs * width - 2 * LINE;
    let j = start;
    for (; j + 2 <= end; j += 2) {
      const w = job.halves + 2 * j * width;
      dotsF16(job.y + 4 * j, job.x, w, width, last);
    }
    if (j < end) {
      const w = job.halves + 2 * j * width;
      store<f32>(job.y + 4 * j, dotF16(job.x, w, width));
    }
    return;
  }
  const block = widenedRows(width);
  for (let j = start; j < end; j += block) {
    const count = min(block, end - j);
    widenF16(job.halves + 2 * j * width, scratch, count * width);
    multiplyWidened(job.y + 4 * j, outputs, job.x, rows, count, width);
  }
}

function dotF16(x: usize, w: usize, width: usize): f32 {
  const mask = constant(0), scale = constant(4);
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  for (const end = w + 2 * width; w < end; w += 32, x += 64) {
    const a = v128.load(w), b = v128.load(w, 16);
    s0 = madd(
      floats(i32x4.extend_low_i16x8_s(a), mask, scale),
      v128.load(x),
      s0,
    );
    s1 = madd(
      floats(i32x4.extend_high_i16x8_s(a), mask, scale),
      v128.load(x, 16),
      s1,
    );
    s2 = madd(
      floats(i32x4.extend_low_i16x8_s(b), mask, scale),
      v128.load(x, 32),
      s2,
    );
    s3 = madd(
      floats(i32x4.extend_high_i16x8_s(b), mask, scale),
      v128.load(x, 48),
      s3,
    );
  }
  return sum4(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
}

/** Two outputs, each as by itself. */
function dotsF16(
  to: usize,
  x: usize,
  w: usize,
  width: usize,
  last: usize,
): void {
  const mask = constant(0), scale = constant(4);
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  let t0 = s0, t1 = s0, t2 = s0, t3 = s0, v = w + 2 * width;
  let coming = v + 2 * width;
  for (const end = v; w < end; w += 32, v += 32, x += 64) {
    if (coming < last) atomic.load<u32>(coming);
    coming += LINE;
    const x0 = v128.load(x), x1 = v128.load(x, 16);
    const a = v128.load(w), b = v128.load(v);
    s0 = madd(floats(i32x4.extend_low_i16x8_s(a), mask, scale), x0, s0);
    t0 = madd(floats(i32x4.extend_low_i16x8_s(b), mask, scale), x0, t0);
    s1 = madd(floats(i32x4.extend_high_i16x8_s(a), mask, scale), x1, s1);
    t1 = madd(floats(i32x4.extend_high_i16x8_s(b), mask, scale), x1, t1);
    const x2 = v128.load(x, 32), x3 = v128.load(x, 48);
    const c = v128.load(w, 16), d = v128.load(v, 16);
    s2 = madd(floats(i32x4.extend_low_i16x8_s(c), mask, scale), x2, s2);
    t2 = madd(floats(i32x4.extend_low_i16x8_s(d), mask, scale), x2, t2);
    s3 = madd(floats(i32x4.extend_high_i16x8_s(c), mask, scale), x3, s3);
    t3 = madd(floats(i32x4.extend_high_i16x8_s(d), mask, scale), x3, t3);
  }
  store<f32>(to, sum4(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3))));
  store<f32>(to, sum4(f32x4.add(f32x4.add(t0, t1), f32x4.add(t2, t3))), 4);
}

/** Rows of weights that are widened at a time: they stay in cache. */
function widenedRows(width: usize): usize {
  const fit = packedScratchBytes / (4 * width);
  return max(1, min(WIDENED, fit - fit % 4));
}

/** The products of rows of x with those in the scratch; see `gemv`. */
function multiplyWidened(
  to: usize,
  outputs: usize,
  x: usize,
  rows: usize,
  count: usize,
  width: usize,
): void {
  const step: usize = 4 * width, next: usize = 4 * outputs;
  let c: usize = 0;
  for (; c + 4 <= count; c += 4) {
    const y = scratch + c * step;
    let r: usize = 0;
    for (; r + 3 <= rows; r += 3) {
      dots3x4(to + r * next + 4 * c, next, x + r * step, y, width, 0);
    }
    for (; r < rows; r++) {
      dots1x4(to + r * next + 4 * c, x + r * step, y, width, 0);
    }
  }
  for (; c < count; c++) {
    for (let r: usize = 0; r < rows; r++) {
      const product = sum4(dot(x + r * step, scratch + c * step, width));
      store<f32>(to + r * next + 4 * c, product);
    }
  }
}

function widenF16(w: usize, to: usize, width: usize): void {
  const mask = constant(0), scale = constant(4);
  for (const end = w + 2 * width; w < end; w += 16, to += 32) {
    const halves = v128.load(w);
    v128.store(to, floats(i32x4.extend_low_i16x8_s(halves), mask, scale));
    v128.store(to, floats(i32x4.extend_high_i16x8_s(halves), mask, scale), 16);
  }
}

/** y = x · wᵀ, w of bf16. Slices: outputs. */
export function linearBF16(start: usize, end: usize, job: LinearBF16): void {
  const rows = job.rows, width = job.width, outputs = job.outputs;
  if (rows == 1) {
    const last = job.halves + 2 * outputs * width - 2 * LINE;
    let j = start;
    for (; j + 2 <= end; j += 2) {
      const w = job.halves + 2 * j * width;
      dotsBF16(job.y + 4 * j, job.x, w, width, last);
    }
    if (j < end) {
      const w = job.halves + 2 * j * width;
      store<f32>(job.y + 4 * j, dotBF16(job.x, w, width));
    }
    return;
  }
  const block = widenedRows(width);
  for (let j = start; j < end; j += block) {
    const count = min(block, end - j);
    widenBF16(job.halves + 2 * j * width, scratch, count * width);
    multiplyWidened(job.y + 4 * j, outputs, job.x, rows, count, width);
  }
}

function upperLow(halves: v128): v128 {
  const zero = i16x8.splat(0);
  return v128.shuffle<i16>(zero, halves, 0, 8, 1, 9, 2, 10, 3, 11);
}

function upperHigh(halves: v128): v128 {
  const zero = i16x8.splat(0);
  return v128.shuffle<i16>(zero, halves, 4, 12, 5, 13, 6, 14, 7, 15);
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

function dotsBF16(
  to: usize,
  x: usize,
  w: usize,
  width: usize,
  last: usize,
): void {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  let t0 = s0, t1 = s0, t2 = s0, t3 = s0, v = w + 2 * width;
  let coming = v + 2 * width;
  for (const end = v; w < end; w += 32, v += 32, x += 64) {
    if (coming < last) atomic.load<u32>(coming);
    coming += LINE;
    const x0 = v128.load(x), x1 = v128.load(x, 16);
    const a = v128.load(w), b = v128.load(v);
    s0 = madd(upperLow(a), x0, s0), t0 = madd(upperLow(b), x0, t0);
    s1 = madd(upperHigh(a), x1, s1), t1 = madd(upperHigh(b), x1, t1);
    const x2 = v128.load(x, 32), x3 = v128.load(x, 48);
    const c = v128.load(w, 16), d = v128.load(v, 16);
    s2 = madd(upperLow(c), x2, s2), t2 = madd(upperLow(d), x2, t2);
    s3 = madd(upperHigh(c), x3, s3), t3 = madd(upperHigh(d), x3, t3);
  }
  store<f32>(to, sum4(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3))));
  store<f32>(to, sum4(f32x4.add(f32x4.add(t0, t1), f32x4.add(t2, t3))), 4);
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
  const nibble = constant(16), eight = constant(36), none = f32x4.splat(0);
  for (let j = start; j < end; j++) {
    let q = job.quants + j * width / 2, to = job.out + 4 * j * depth;
    let scales = job.scales + j * width / 8;
    for (const last = q + depth / 2; q < last; q += 16, to += 128) {
      const pairs = v128.load(q), scale = v128.load32_splat(scales);
      const low = i8x16.sub(lowNibbles(pairs, nibble), eight);
      const high = i8x16.sub(highNibbles(pairs, nibble), eight);
      widen(low, scale, none, to);
      widen(high, scale, none, to + 64);
      scales += 4;
    }
  }
}

export function unpackQ5(start: usize, end: usize, job: UnpackQ5): void {
  const width = job.width, depth = job.depth;
  const nibble = constant(16), one = constant(20);
  const each = v128.load64_splat(CONSTANTS + 24);
  const lower = v128.load(CONSTANTS + 40), upper = v128.load(CONSTANTS + 56);
  for (let j = start; j < end; j++) {
    let q = job.quants + j * width / 2, to = job.out + 4 * j * depth;
    let at: usize = j * width / 8;
    for (const last = q + depth / 2; q < last; q += 16, to += 128, at += 4) {
      const pairs = v128.load(q), word = v128.load32_splat(job.fifths + at);
      const scale = v128.load32_splat(job.scales + at);
      const least = v128.load32_splat(job.leasts + at);
      const low = lowNibbles(pairs, nibble), high = highNibbles(pairs, nibble);
      const first = v128.or(low, fifths(word, lower, each, one));
      const second = v128.or(high, fifths(word, upper, each, one));
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
