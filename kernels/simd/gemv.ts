/** Products of a few rows with a matrix: decoding. */

import { Gemv, GemvTransposed } from "./jobs";
import { loadPart, loadUpTo, madd, storeUpTo, sum4, sums4 } from "./math";

/**
 * Rows of a that pass over a block of b, and rows of b in a block: the former
 * and what they put out then stay in L1, the latter in L2.
 */
const ROWS: usize = 18, COLUMNS: usize = 32;

/**
 * out (m, n) = a (m, k) · bᵀ, b stored (n, k), for small m: every row of b is
 * read from memory once. Slices: n.
 *
 * Each output adds up in one vector, from front to back, however many are
 * computed beside it, so that a row has the same bits whatever other rows there
 * are. Blocks of outputs keep several such sums going, and load each value for
 * all of them.
 */
export function gemv(start: usize, end: usize, job: Gemv): void {
  const out = job.out, a = job.a, b = job.b, m = job.m, k = job.k, n = job.n;
  const accumulate = job.accumulate;
  const step: usize = 4 * k, next: usize = 4 * n;
  let j = start;
  for (; m == 1 && j + 8 <= end; j += 8) {
    dots1x8(out + 4 * j, a, b + j * step, k, accumulate);
  }
  for (; j + 4 <= end; j += COLUMNS) {
    const last = min(j + COLUMNS, end);
    for (let i: usize = 0; i < m; i += ROWS) {
      const rows = min(ROWS, m - i), to = out + i * next, x = a + i * step;
      for (let c = j; c + 4 <= last; c += 4) {
        column4(to + 4 * c, next, x, rows, b + c * step, k, accumulate);
      }
    }
  }
  j = end - (end - start) % 4;
  for (; j < end; j++) {
    for (let i: usize = 0; i < m; i++) {
      const to = out + i * next + 4 * j;
      const product = dot(a + i * step, b + j * step, k);
      store<f32>(to, accumulate ? load<f32>(to) + product : product);
    }
  }
}

/** Four columns of the output: several rows by four rows of b. */
function column4(
  out: usize,
  next: usize,
  x: usize,
  rows: usize,
  y: usize,
  length: usize,
  accumulate: usize,
): void {
  const step: usize = 4 * length;
  let i: usize = 0;
  // Four are two twos: one alone would load the most for the least.
  for (; i + 3 <= rows && i + 4 != rows; i += 3) {
    dots3x4(out + i * next, next, x + i * step, y, length, accumulate);
  }
  for (; i + 2 <= rows; i += 2) {
    dots2x4(out + i * next, next, x + i * step, y, length, accumulate);
  }
  if (i < rows) dots1x4(out + i * next, x + i * step, y, length, accumulate);
}

/** The product of two rows. */
function dot(x: usize, y: usize, length: usize): f32 {
  let s = f32x4.splat(0);
  let i: usize = 0;
  for (; i + 4 <= length; i += 4, x += 16, y += 16) {
    s = madd(v128.load(x), v128.load(y), s);
  }
  if (i < length) {
    s = madd(loadPart(x, length - i), loadPart(y, length - i), s);
  }
  return sum4(s);
}

/** Four outputs that stand side by side. */
function put(out: usize, sums: v128, accumulate: usize): void {
  v128.store(out, accumulate ? f32x4.add(v128.load(out), sums) : sums);
}

/** One row by eight: enough sums to hide how long each addition takes. */
function dots1x8(
  out: usize,
  x: usize,
  y: usize,
  length: usize,
  accumulate: usize,
): void {
  const step: usize = 4 * length;
  let y1 = y + step;
  let y2 = y1 + step;
  let y3 = y2 + step;
  let y4 = y3 + step;
  let y5 = y4 + step;
  let y6 = y5 + step;
  let y7 = y6 + step;
  let r0 = f32x4.splat(0);
  let r1 = r0, r2 = r0, r3 = r0, r4 = r0;
  let r5 = r0, r6 = r0, r7 = r0;
  let i: usize = 0;
  for (; i + 4 <= length; i += 4) {
    const u = v128.load(x);
    r0 = madd(u, v128.load(y), r0);
    r1 = madd(u, v128.load(y1), r1);
    r2 = madd(u, v128.load(y2), r2);
    r3 = madd(u, v128.load(y3), r3);
    r4 = madd(u, v128.load(y4), r4);
    r5 = madd(u, v128.load(y5), r5);
    r6 = madd(u, v128.load(y6), r6);
    r7 = madd(u, v128.load(y7), r7);
    x += 16;
    y += 16;
    y1 += 16;
    y2 += 16;
    y3 += 16;
    y4 += 16;
    y5 += 16;
    y6 += 16;
    y7 += 16;
  }
  if (i < length) {
    const count = length - i;
    const u = loadPart(x, count);
    r0 = madd(u, loadPart(y, count), r0);
    r1 = madd(u, loadPart(y1, count), r1);
    r2 = madd(u, loadPart(y2, count), r2);
    r3 = madd(u, loadPart(y3, count), r3);
    r4 = madd(u, loadPart(y4, count), r4);
    r5 = madd(u, loadPart(y5, count), r5);
    r6 = madd(u, loadPart(y6, count), r6);
    r7 = madd(u, loadPart(y7, count), r7);
  }
  put(out, sums4(r0, r1, r2, r3), accumulate);
  put(out + 16, sums4(r4, r5, r6, r7), accumulate);
}

/** One row by four. */
function dots1x4(
  out: usize,
  x: usize,
  y: usize,
  length: usize,
  accumulate: usize,
): void {
  const step: usize = 4 * length;
  let y1 = y + step;
  let y2 = y1 + step;
  let y3 = y2 + step;
  let r0 = f32x4.splat(0);
  let r1 = r0, r2 = r0, r3 = r0;
  let i: usize = 0;
  for (; i + 4 <= length; i += 4) {
    const u = v128.load(x);
    r0 = madd(u, v128.load(y), r0);
    r1 = madd(u, v128.load(y1), r1);
    r2 = madd(u, v128.load(y2), r2);
    r3 = madd(u, v128.load(y3), r3);
    x += 16;
    y += 16;
    y1 += 16;
    y2 += 16;
    y3 += 16;
  }
  if (i < length) {
    const count = length - i;
    const u = loadPart(x, count);
    r0 = madd(u, loadPart(y, count), r0);
    r1 = madd(u, loadPart(y1, count), r1);
    r2 = madd(u, loadPart(y2, count), r2);
    r3 = madd(u, loadPart(y3, count), r3);
  }
  put(out, sums4(r0, r1, r2, r3), accumulate);
}

/** Two rows by four; their outputs are `next` bytes apart. */
function dots2x4(
  out: usize,
  next: usize,
  x: usize,
  y: usize,
  length: usize,
  accumulate: usize,
): void {
  const step: usize = 4 * length;
  let x1 = x + step;
  let y1 = y + step;
  let y2 = y1 + step;
  let y3 = y2 + step;
  let r0 = f32x4.splat(0);
  let r1 = r0, r2 = r0, r3 = r0;
  let s0 = r0, s1 = r0, s2 = r0, s3 = r0;
  let i: usize = 0;
  for (; i + 8 <= length; i += 8) {
    const u = v128.load(x);
    const v = v128.load(x1);
    const z0 = v128.load(y);
    r0 = madd(u, z0, r0);
    s0 = madd(v, z0, s0);
    const z1 = v128.load(y1);
    r1 = madd(u, z1, r1);
    s1 = madd(v, z1, s1);
    const z2 = v128.load(y2);
    r2 = madd(u, z2, r2);
    s2 = madd(v, z2, s2);
    const z3 = v128.load(y3);
    r3 = madd(u, z3, r3);
    s3 = madd(v, z3, s3);
    const un = v128.load(x, 16);
    const vn = v128.load(x1, 16);
    const z0n = v128.load(y, 16);
    r0 = madd(un, z0n, r0);
    s0 = madd(vn, z0n, s0);
    const z1n = v128.load(y1, 16);
    r1 = madd(un, z1n, r1);
    s1 = madd(vn, z1n, s1);
    const z2n = v128.load(y2, 16);
    r2 = madd(un, z2n, r2);
    s2 = madd(vn, z2n, s2);
    const z3n = v128.load(y3, 16);
    r3 = madd(un, z3n, r3);
    s3 = madd(vn, z3n, s3);
    x += 32;
    x1 += 32;
    y += 32;
    y1 += 32;
    y2 += 32;
    y3 += 32;
  }
  for (; i + 4 <= length; i += 4) {
    const u = v128.load(x);
    const v = v128.load(x1);
    const z0 = v128.load(y);
    r0 = madd(u, z0, r0);
    s0 = madd(v, z0, s0);
    const z1 = v128.load(y1);
    r1 = madd(u, z1, r1);
    s1 = madd(v, z1, s1);
    const z2 = v128.load(y2);
    r2 = madd(u, z2, r2);
    s2 = madd(v, z2, s2);
    const z3 = v128.load(y3);
    r3 = madd(u, z3, r3);
    s3 = madd(v, z3, s3);
    x += 16;
    x1 += 16;
    y += 16;
    y1 += 16;
    y2 += 16;
    y3 += 16;
  }
  if (i < length) {
    const count = length - i;
    const u = loadPart(x, count);
    const v = loadPart(x1, count);
    const z0 = loadPart(y, count);
    r0 = madd(u, z0, r0);
    s0 = madd(v, z0, s0);
    const z1 = loadPart(y1, count);
    r1 = madd(u, z1, r1);
    s1 = madd(v, z1, s1);
    const z2 = loadPart(y2, count);
    r2 = madd(u, z2, r2);
    s2 = madd(v, z2, s2);
    const z3 = loadPart(y3, count);
    r3 = madd(u, z3, r3);
    s3 = madd(v, z3, s3);
  }
  put(out, sums4(r0, r1, r2, r3), accumulate);
  put(out + next, sums4(s0, s1, s2, s3), accumulate);
}

/** Three rows by four: as many sums as there are registers for. */
function dots3x4(
  out: usize,
  next: usize,
  x: usize,
  y: usize,
  length: usize,
  accumulate: usize,
): void {
  const step: usize = 4 * length;
  let x1 = x + step;
  let x2 = x1 + step;
  let y1 = y + step;
  let y2 = y1 + step;
  let y3 = y2 + step;
  let r0 = f32x4.splat(0);
  let r1 = r0, r2 = r0, r3 = r0;
  let s0 = r0, s1 = r0, s2 = r0, s3 = r0;
  let t0 = r0, t1 = r0, t2 = r0, t3 = r0;
  let i: usize = 0;
  for (; i + 8 <= length; i += 8) {
    const u = v128.load(x);
    const v = v128.load(x1);
    const w = v128.load(x2);
    const z0 = v128.load(y);
    r0 = madd(u, z0, r0);
    s0 = madd(v, z0, s0);
    t0 = madd(w, z0, t0);
    const z1 = v128.load(y1);
    r1 = madd(u, z1, r1);
    s1 = madd(v, z1, s1);
    t1 = madd(w, z1, t1);
    const z2 = v128.load(y2);
    r2 = madd(u, z2, r2);
    s2 = madd(v, z2, s2);
    t2 = madd(w, z2, t2);
    const z3 = v128.load(y3);
    r3 = madd(u, z3, r3);
    s3 = madd(v, z3, s3);
    t3 = madd(w, z3, t3);
    const un = v128.load(x, 16);
    const vn = v128.load(x1, 16);
    const wn = v128.load(x2, 16);
    const z0n = v128.load(y, 16);
    r0 = madd(un, z0n, r0);
    s0 = madd(vn, z0n, s0);
    t0 = madd(wn, z0n, t0);
    const z1n = v128.load(y1, 16);
    r1 = madd(un, z1n, r1);
    s1 = madd(vn, z1n, s1);
    t1 = madd(wn, z1n, t1);
    const z2n = v128.load(y2, 16);
    r2 = madd(un, z2n, r2);
    s2 = madd(vn, z2n, s2);
    t2 = madd(wn, z2n, t2);
    const z3n = v128.load(y3, 16);
    r3 = madd(un, z3n, r3);
    s3 = madd(vn, z3n, s3);
    t3 = madd(wn, z3n, t3);
    x += 32;
    x1 += 32;
    x2 += 32;
    y += 32;
    y1 += 32;
    y2 += 32;
    y3 += 32;
  }
  for (; i + 4 <= length; i += 4) {
    const u = v128.load(x);
    const v = v128.load(x1);
    const w = v128.load(x2);
    const z0 = v128.load(y);
    r0 = madd(u, z0, r0);
    s0 = madd(v, z0, s0);
    t0 = madd(w, z0, t0);
    const z1 = v128.load(y1);
    r1 = madd(u, z1, r1);
    s1 = madd(v, z1, s1);
    t1 = madd(w, z1, t1);
    const z2 = v128.load(y2);
    r2 = madd(u, z2, r2);
    s2 = madd(v, z2, s2);
    t2 = madd(w, z2, t2);
    const z3 = v128.load(y3);
    r3 = madd(u, z3, r3);
    s3 = madd(v, z3, s3);
    t3 = madd(w, z3, t3);
    x += 16;
    x1 += 16;
    x2 += 16;
    y += 16;
    y1 += 16;
    y2 += 16;
    y3 += 16;
  }
  if (i < length) {
    const count = length - i;
    const u = loadPart(x, count);
    const v = loadPart(x1, count);
    const w = loadPart(x2, count);
    const z0 = loadPart(y, count);
    r0 = madd(u, z0, r0);
    s0 = madd(v, z0, s0);
    t0 = madd(w, z0, t0);
    const z1 = loadPart(y1, count);
    r1 = madd(u, z1, r1);
    s1 = madd(v, z1, s1);
    t1 = madd(w, z1, t1);
    const z2 = loadPart(y2, count);
    r2 = madd(u, z2, r2);
    s2 = madd(v, z2, s2);
    t2 = madd(w, z2, t2);
    const z3 = loadPart(y3, count);
    r3 = madd(u, z3, r3);
    s3 = madd(v, z3, s3);
    t3 = madd(w, z3, t3);
  }
  put(out, sums4(r0, r1, r2, r3), accumulate);
  put(out + next, sums4(s0, s1, s2, s3), accumulate);
  put(out + 2 * next, sums4(t0, t1, t2, t3), accumulate);
}

/** Columns of b whose sums are held in registers. */
const BLOCK: usize = 32;

/**
 * out (m, n) = a (m, k) · b, b stored (k, n), for small m: a block of columns
 * after the other, from top to bottom. Slices: n.
 */
export function gemvTransposed(
  start: usize,
  end: usize,
  job: GemvTransposed,
): void {
  const out = job.out, a = job.a, b = job.b, m = job.m, k = job.k, n = job.n;
  const accumulate = job.accumulate;
  for (let j = start; j < end; j += BLOCK) {
    const count = min(BLOCK, end - j);
    for (let i: usize = 0; i < m; i++) {
      const to = out + 4 * (i * n + j), x = a + 4 * i * k;
      if (!accumulate) memory.fill(to, 0, 4 * count);
      if (count == BLOCK) {
        addBlock(to, x, b + 4 * j, k, 4 * n);
        continue;
      }
      for (let c: usize = 0; c < count; c += 4) {
        addColumns(to + 4 * c, x, b + 4 * (j + c), k, 4 * n, count - c);
      }
    }
  }
}

/** out += a · b for a block of columns whose rows are `step` bytes apart. */
function addBlock(
  out: usize,
  a: usize,
  b: usize,
  k: usize,
  step: usize,
): void {
  let s0 = v128.load(out), s1 = v128.load(out, 16);
  let s2 = v128.load(out, 32), s3 = v128.load(out, 48);
  let s4 = v128.load(out, 64), s5 = v128.load(out, 80);
  let s6 = v128.load(out, 96), s7 = v128.load(out, 112);
  for (const end = a + 4 * k; a < end; a += 4) {
    const x = v128.load32_splat(a);
    s0 = madd(x, v128.load(b), s0);
    s1 = madd(x, v128.load(b, 16), s1);
    s2 = madd(x, v128.load(b, 32), s2);
    s3 = madd(x, v128.load(b, 48), s3);
    s4 = madd(x, v128.load(b, 64), s4);
    s5 = madd(x, v128.load(b, 80), s5);
    s6 = madd(x, v128.load(b, 96), s6);
    s7 = madd(x, v128.load(b, 112), s7);
    b += step;
  }
  v128.store(out, s0);
  v128.store(out, s1, 16);
  v128.store(out, s2, 32);
  v128.store(out, s3, 48);
  v128.store(out, s4, 64);
  v128.store(out, s5, 80);
  v128.store(out, s6, 96);
  v128.store(out, s7, 112);
}

/** {@link addBlock} for the last one to four columns. */
function addColumns(
  out: usize,
  a: usize,
  b: usize,
  k: usize,
  step: usize,
  count: usize,
): void {
  let sum = loadUpTo(out, count);
  for (const end = a + 4 * k; a < end; a += 4) {
    sum = madd(v128.load32_splat(a), loadUpTo(b, count), sum);
    b += step;
  }
  storeUpTo(out, sum, count);
}
