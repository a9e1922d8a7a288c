/** Products of a few rows with a matrix: decoding. */

import { Gemv, GemvTransposed } from "./jobs";
import { loadPart, loadUpTo, madd, storeUpTo, sum4, sums4 } from "./math";

/**
 * Rows of a that pass over a block of b, and rows of b in a block: the former
 * and what they put out then stay in L1, the latter in L2.
 */
const ROWS: usize = 18, COLUMNS: usize = 32;

/**
 * Bytes that come from memory together. Processors foresee what is read in one
 * row of addresses, and not that each block of b is passed over some times: so
 * the next one is looked at, a little at a time, while this one is multiplied.
 * Loads that nobody uses would be left out, but for atomic ones, which cost no
 * more. For 18 rows of 256 by 32,000: 22 GF/s without, 25 with it.
 */
const LINE: usize = 64;

/** Fewer rows do not give the time for that. */
const MANY: usize = 12;

/**
 * out (m, n) = a (m, k) · bᵀ, b stored (n, k), for small m: every row of b is
 * read from memory once, and for a single row as one stream. Slices: n.
 *
 * Whatever is computed beside it, an output adds up in one order: that of
 * {@link dot}. So a row has the same bits whatever other rows there are.
 */
export function gemv(start: usize, end: usize, job: Gemv): void {
  const out = job.out, a = job.a, b = job.b, m = job.m, k = job.k, n = job.n;
  const accumulate = job.accumulate;
  const step: usize = 4 * k, next: usize = 4 * n;
  const whole = end - (end - start) % 4;
  const bEnd = b + end * step;
  // Of the next block, before each three rows of a and four of b.
  const times = m / 3 * (COLUMNS / 4);
  const ahead: usize = m < MANY ? 0 : COLUMNS * step / times + LINE;
  for (let j = start; j < whole; j += COLUMNS) {
    const last = min(j + COLUMNS, whole);
    let coming = b + last * step;
    for (let i: usize = 0; i < m; i += ROWS) {
      const rows = min(ROWS, m - i), to = out + i * next, x = a + i * step;
      for (let c = j; c < last; c += 4) {
        const y = b + c * step;
        let r: usize = 0;
        for (; r + 3 <= rows; r += 3) {
          const enough = min(coming + ahead, bEnd);
          for (; coming < enough; coming += LINE) atomic.load<u32>(coming);
          dots3x4(to + r * next + 4 * c, next, x + r * step, y, k, accumulate);
        }
        for (; r < rows; r++) {
          dots1x4(to + r * next + 4 * c, x + r * step, y, k, accumulate);
        }
      }
    }
  }
  for (let j = whole; j < end; j++) {
    for (let i: usize = 0; i < m; i++) {
      const to = out + i * next + 4 * j;
      const product = sum4(dot(a + i * step, b + j * step, k));
      store<f32>(to, accumulate ? load<f32>(to) + product : product);
    }
  }
}

/** One row by four. */
export function dots1x4(
  out: usize,
  x: usize,
  y: usize,
  length: usize,
  accumulate: usize,
): void {
  const step: usize = 4 * length, y2 = y + 2 * step;
  const sums = sums4(
    dot(x, y, length),
    dot(x, y + step, length),
    dot(x, y2, length),
    dot(x, y2 + step, length),
  );
  put(out, sums, accumulate);
}

/** Four outputs that stand side by side. */
function put(out: usize, sums: v128, accumulate: usize): void {
  v128.store(out, accumulate ? f32x4.add(v128.load(out), sums) : sums);
}

/** Four numbers whose sum is the product of two rows. */
export function dot(x: usize, y: usize, length: usize): v128 {
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
 * Three rows by four, each adding up as {@link dot} does: there are registers
 * for one of its four sums of each output at a time, so that the rows are passed
 * over four times, for every fourth vector.
 */
export function dots3x4(
  out: usize,
  next: usize,
  x: usize,
  y: usize,
  length: usize,
  accumulate: usize,
): void {
  const step: usize = 4 * length;
  const zero = f32x4.splat(0);
  let r0 = zero, r1 = zero, r2 = zero, r3 = zero;
  let s0 = zero, s1 = zero, s2 = zero, s3 = zero;
  let t0 = zero, t1 = zero, t2 = zero, t3 = zero;
  // The sum of the first two passes, and the third.
  let R0 = zero, R1 = zero, R2 = zero, R3 = zero;
  let S0 = zero, S1 = zero, S2 = zero, S3 = zero;
  let T0 = zero, T1 = zero, T2 = zero, T3 = zero;
  let f0 = zero, f1 = zero, f2 = zero, f3 = zero;
  let g0 = zero, g1 = zero, g2 = zero, g3 = zero;
  let h0 = zero, h1 = zero, h2 = zero, h3 = zero;
  for (let pass: usize = 0; pass < 4; pass++) {
    let p = x + 16 * pass, p1 = p + step, p2 = p1 + step;
    let q = y + 16 * pass, q1 = q + step, q2 = q1 + step, q3 = q2 + step;
    r0 =
      r1 =
      r2 =
      r3 =
        zero;
    s0 =
      s1 =
      s2 =
      s3 =
        zero;
    t0 =
      t1 =
      t2 =
      t3 =
        zero;
    let i: usize = 0;
    for (; i + 16 <= length; i += 16) {
      const u = v128.load(p);
      const v = v128.load(p1);
      const w = v128.load(p2);
      const z0 = v128.load(q);
      r0 = madd(u, z0, r0);
      s0 = madd(v, z0, s0);
      t0 = madd(w, z0, t0);
      const z1 = v128.load(q1);
      r1 = madd(u, z1, r1);
      s1 = madd(v, z1, s1);
      t1 = madd(w, z1, t1);
      const z2 = v128.load(q2);
      r2 = madd(u, z2, r2);
      s2 = madd(v, z2, s2);
      t2 = madd(w, z2, t2);
      const z3 = v128.load(q3);
      r3 = madd(u, z3, r3);
      s3 = madd(v, z3, s3);
      t3 = madd(w, z3, t3);
      p += 64, p1 += 64, p2 += 64;
      q += 64, q1 += 64, q2 += 64, q3 += 64;
    }
    if (pass == 0) {
      for (; i + 4 <= length; i += 4) {
        const u = v128.load(p);
        const v = v128.load(p1);
        const w = v128.load(p2);
        const z0 = v128.load(q);
        r0 = madd(u, z0, r0);
        s0 = madd(v, z0, s0);
        t0 = madd(w, z0, t0);
        const z1 = v128.load(q1);
        r1 = madd(u, z1, r1);
        s1 = madd(v, z1, s1);
        t1 = madd(w, z1, t1);
        const z2 = v128.load(q2);
        r2 = madd(u, z2, r2);
        s2 = madd(v, z2, s2);
        t2 = madd(w, z2, t2);
        const z3 = v128.load(q3);
        r3 = madd(u, z3, r3);
        s3 = madd(v, z3, s3);
        t3 = madd(w, z3, t3);
        p += 16, p1 += 16, p2 += 16;
        q += 16, q1 += 16, q2 += 16, q3 += 16;
      }
      R0 = r0;
      R1 = r1;
      R2 = r2;
      R3 = r3;
      S0 = s0;
      S1 = s1;
      S2 = s2;
      S3 = s3;
      T0 = t0;
      T1 = t1;
      T2 = t2;
      T3 = t3;
    } else if (pass == 1) {
      const past = (length & 12) << 2; // what the first pass added at the end
      const count = length & 3;
      if (count) {
        const at = past - 16;
        const u = loadPart(p + at, count);
        const v = loadPart(p1 + at, count);
        const w = loadPart(p2 + at, count);
        const z0 = loadPart(q + at, count);
        r0 = madd(u, z0, r0);
        s0 = madd(v, z0, s0);
        t0 = madd(w, z0, t0);
        const z1 = loadPart(q1 + at, count);
        r1 = madd(u, z1, r1);
        s1 = madd(v, z1, s1);
        t1 = madd(w, z1, t1);
        const z2 = loadPart(q2 + at, count);
        r2 = madd(u, z2, r2);
        s2 = madd(v, z2, s2);
        t2 = madd(w, z2, t2);
        const z3 = loadPart(q3 + at, count);
        r3 = madd(u, z3, r3);
        s3 = madd(v, z3, s3);
        t3 = madd(w, z3, t3);
      }
      R0 = f32x4.add(R0, r0);
      R1 = f32x4.add(R1, r1);
      R2 = f32x4.add(R2, r2);
      R3 = f32x4.add(R3, r3);
      S0 = f32x4.add(S0, s0);
      S1 = f32x4.add(S1, s1);
      S2 = f32x4.add(S2, s2);
      S3 = f32x4.add(S3, s3);
      T0 = f32x4.add(T0, t0);
      T1 = f32x4.add(T1, t1);
      T2 = f32x4.add(T2, t2);
      T3 = f32x4.add(T3, t3);
    } else if (pass == 2) {
      f0 = r0;
      f1 = r1;
      f2 = r2;
      f3 = r3;
      g0 = s0;
      g1 = s1;
      g2 = s2;
      g3 = s3;
      h0 = t0;
      h1 = t1;
      h2 = t2;
      h3 = t3;
    } else {
      r0 = f32x4.add(R0, f32x4.add(f0, r0));
      r1 = f32x4.add(R1, f32x4.add(f1, r1));
      r2 = f32x4.add(R2, f32x4.add(f2, r2));
      r3 = f32x4.add(R3, f32x4.add(f3, r3));
      s0 = f32x4.add(S0, f32x4.add(g0, s0));
      s1 = f32x4.add(S1, f32x4.add(g1, s1));
      s2 = f32x4.add(S2, f32x4.add(g2, s2));
      s3 = f32x4.add(S3, f32x4.add(g3, s3));
      t0 = f32x4.add(T0, f32x4.add(h0, t0));
      t1 = f32x4.add(T1, f32x4.add(h1, t1));
      t2 = f32x4.add(T2, f32x4.add(h2, t2));
      t3 = f32x4.add(T3, f32x4.add(h3, t3));
    }
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
