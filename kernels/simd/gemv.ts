/** Products of a few rows with a matrix: decoding. */

import { Gemv, GemvTransposed } from "./jobs";
import { loadPart, loadUpTo, madd, storeUpTo, sum4, sums4 } from "./math";

/**
 * out (m, n) = a (m, k) · bᵀ, b stored (n, k), for small m: every row of b is
 * read once, as one stream. Slices: n.
 */
export function gemv(start: usize, end: usize, job: Gemv): void {
  const out = job.out, a = job.a, b = job.b, m = job.m, k = job.k, n = job.n;
  const accumulate = job.accumulate;
  const step: usize = 4 * k;
  let j = start;
  for (; m == 1 && j + 4 <= end; j += 4) {
    const row = b + j * step, next = row + 2 * step, to = out + 4 * j;
    const product = sums4(
      dot(a, row, k),
      dot(a, row + step, k),
      dot(a, next, k),
      dot(a, next + step, k),
    );
    v128.store(to, accumulate ? f32x4.add(v128.load(to), product) : product);
  }
  for (; j < end; j++) {
    const row = b + j * step;
    let i: usize = 0;
    for (; i + 2 <= m; i += 2) {
      dots(out + 4 * (i * n + j), 4 * n, a + i * step, row, k, accumulate);
    }
    if (i < m) {
      const to = out + 4 * (i * n + j);
      const product = sum4(dot(a + i * step, row, k));
      store<f32>(to, accumulate ? load<f32>(to) + product : product);
    }
  }
}

/** Four numbers whose sum is the product of two rows. */
function dot(x: usize, y: usize, length: usize): v128 {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  let i: usize = 0;
  for (; i + 32 <= length; i += 32) {
    const p = x + 4 * i, q = y + 4 * i;
    s0 = madd(v128.load(p), v128.load(q), s0);
    s1 = madd(v128.load(p, 16), v128.load(q, 16), s1);
    s2 = madd(v128.load(p, 32), v128.load(q, 32), s2);
    s3 = madd(v128.load(p, 48), v128.load(q, 48), s3);
    s0 = madd(v128.load(p, 64), v128.load(q, 64), s0);
    s1 = madd(v128.load(p, 80), v128.load(q, 80), s1);
    s2 = madd(v128.load(p, 96), v128.load(q, 96), s2);
    s3 = madd(v128.load(p, 112), v128.load(q, 112), s3);
  }
  for (; i + 16 <= length; i += 16) {
    const p = x + 4 * i, q = y + 4 * i;
    s0 = madd(v128.load(p), v128.load(q), s0);
    s1 = madd(v128.load(p, 16), v128.load(q, 16), s1);
    s2 = madd(v128.load(p, 32), v128.load(q, 32), s2);
    s3 = madd(v128.load(p, 48), v128.load(q, 48), s3);
  }
  for (; i + 4 <= length; i += 4) {
    s0 = madd(v128.load(x + 4 * i), v128.load(y + 4 * i), s0);
  }
  if (i < length) {
    const count = length - i;
    s1 = madd(loadPart(x + 4 * i, count), loadPart(y + 4 * i, count), s1);
  }
  return f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3));
}

/**
 * Two rows of a, one after the other, by one of b, which is loaded once for
 * both; each adds up as {@linkcode dot} does, to the same bits.
 *
 * @param out Where the first product goes; the second `step` bytes further.
 */
function dots(
  out: usize,
  step: usize,
  a: usize,
  y: usize,
  length: usize,
  accumulate: usize,
): void {
  const next: usize = 4 * length;
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  let t0 = s0, t1 = s0, t2 = s0, t3 = s0;
  let i: usize = 0;
  for (; i + 16 <= length; i += 16) {
    const p = a + 4 * i, r = p + next, q = y + 4 * i;
    const y0 = v128.load(q), y1 = v128.load(q, 16);
    s0 = madd(v128.load(p), y0, s0);
    t0 = madd(v128.load(r), y0, t0);
    s1 = madd(v128.load(p, 16), y1, s1);
    t1 = madd(v128.load(r, 16), y1, t1);
    const y2 = v128.load(q, 32), y3 = v128.load(q, 48);
    s2 = madd(v128.load(p, 32), y2, s2);
    t2 = madd(v128.load(r, 32), y2, t2);
    s3 = madd(v128.load(p, 48), y3, s3);
    t3 = madd(v128.load(r, 48), y3, t3);
  }
  for (; i + 4 <= length; i += 4) {
    const p = a + 4 * i, value = v128.load(y + 4 * i);
    s0 = madd(v128.load(p), value, s0);
    t0 = madd(v128.load(p + next), value, t0);
  }
  if (i < length) {
    const p = a + 4 * i, count = length - i;
    const value = loadPart(y + 4 * i, count);
    s1 = madd(loadPart(p, count), value, s1);
    t1 = madd(loadPart(p + next, count), value, t1);
  }
  const s = sum4(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
  const t = sum4(f32x4.add(f32x4.add(t0, t1), f32x4.add(t2, t3)));
  store<f32>(out, accumulate ? load<f32>(out) + s : s);
  out += step;
  store<f32>(out, accumulate ? load<f32>(out) + t : t);
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
