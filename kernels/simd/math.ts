/**
 * What the kernels share: exponential and logarithm, horizontal sums, and
 * vectors of fewer than four values.
 *
 * Every kernel of this folder has the form `name(start, end, job)`: it works on
 * the slice [start, end) of an axis along which nothing is summed, so that the
 * results do not depend on how many threads share the work. The job has byte
 * addresses of memories, extents as numbers of f32 values, and other numbers;
 * its class is made from the table of ops, see `tools/build_simd.ts`. The
 * equations stand in that table, `lib/backend/ops.ts`.
 */

/**
 * Constants of the inner loops. V8 builds a constant vector anew in every turn
 * of a loop, from several instructions; spreading one from memory takes one
 * (four exponentials: 8.5 ns with constants in the code, 4.4 ns with these).
 */
const CONSTANTS = memory.data<f32>([
  -87.3, // 0: below it eˣ is as good as 0
  12582912, // 4: 1.5 · 2²³, which leaves a rounded number in the low bits
  1.44269504, // 8: 1 / ln 2
  0.693359375, // 12: ln 2, upper part
  -2.12194440e-4, // 16: ln 2, lower part
  1.381454e-3, // 20: the polynomial, from the highest power
  8.368745e-3, // 24
  4.166839e-2, // 28
  0.16666521, // 32
  0.49999994, // 36
  1, // 40
  -5.70498872745e-3, // 44: the polynomial of tanh, from the highest power
  2.06390887954e-2, // 48
  -5.37397155531e-2, // 52
  1.33314422036e-1, // 56
  -3.33332819422e-1, // 60
  0.625, // 64: below it tanh is the polynomial
], 64);

/** Where the kernels' constants end; see `memoryBase` in the build. */
export const dataEnd: usize = __heap_base;

/** A vector of four ones. */
export function one4(): v128 {
  return v128.load32_splat(CONSTANTS, 40);
}

/** a · b + c, fused where the processor can. */
export function madd(a: v128, b: v128, c: v128): v128 {
  return f32x4.relaxed_madd(a, b, c);
}

/**
 * eˣ to within 2 ulp for -87.3 <= x <= 88.72, and exactly 1 at 0; below, what
 * it is at -87.3: 1.2e-38.
 *
 * x = n·ln 2 + r with |r| <= ln 2 / 2, ln 2 in two parts as in the Cephes
 * library; eʳ is 1 + r + r²·p(r), p of least relative error (3e-9) found by
 * weighted least squares; 2ⁿ is added to the exponent.
 */
export function expAbove(x: v128): v128 {
  const bounded = f32x4.pmax(x, v128.load32_splat(CONSTANTS));
  const shifter = v128.load32_splat(CONSTANTS, 4);
  const shifted = madd(bounded, v128.load32_splat(CONSTANTS, 8), shifter);
  const n = f32x4.sub(shifted, shifter);
  const ln2High = v128.load32_splat(CONSTANTS, 12);
  const ln2Low = v128.load32_splat(CONSTANTS, 16);
  const high = f32x4.relaxed_nmadd(n, ln2High, bounded);
  const r = f32x4.relaxed_nmadd(n, ln2Low, high);
  const first = v128.load32_splat(CONSTANTS, 20);
  let p = madd(first, r, v128.load32_splat(CONSTANTS, 24));
  p = madd(p, r, v128.load32_splat(CONSTANTS, 28));
  p = madd(p, r, v128.load32_splat(CONSTANTS, 32));
  p = madd(p, r, v128.load32_splat(CONSTANTS, 36));
  p = madd(p, f32x4.mul(r, r), f32x4.add(r, one4()));
  return i32x4.add(p, i32x4.shl(shifted, 23));
}

/** eˣ as {@linkcode expAbove} computes it, and 0 below -87.3. */
export function exp4(x: v128): v128 {
  return v128.andnot(
    expAbove(x),
    f32x4.lt(x, v128.load32_splat(CONSTANTS)),
  );
}

/** σ(x) = 1 / (1 + e⁻ˣ) from e = e^-|x|, so that nothing overflows. */
export function sigmoid(x: v128, e: v128): v128 {
  const one = one4();
  const negative = f32x4.lt(x, f32x4.splat(0));
  return f32x4.div(v128.bitselect(e, one, negative), f32x4.add(one, e));
}

/** σ(x)(1 - σ(x)) = e / (1 + e)² with e = e^-|x|, without cancellation. */
export function sigmoidSlope(e: v128): v128 {
  const sum = f32x4.add(one4(), e);
  return f32x4.div(e, f32x4.mul(sum, sum));
}

/** σ(x). */
export function sigmoid4(x: v128): v128 {
  return sigmoid(x, exp4(f32x4.neg(f32x4.abs(x))));
}

/**
 * tanh x: (1 - e) / (1 + e) with e = e^-2|x|, and near 0, where that cancels,
 * the polynomial of the Cephes library's tanhf.
 */
export function tanh4(x: v128): v128 {
  const one = one4(), size = f32x4.abs(x);
  const e = exp4(f32x4.neg(f32x4.add(size, size)));
  const far = f32x4.div(f32x4.sub(one, e), f32x4.add(one, e));
  const square = f32x4.mul(x, x);
  const first = v128.load32_splat(CONSTANTS, 44);
  let p = madd(first, square, v128.load32_splat(CONSTANTS, 48));
  p = madd(p, square, v128.load32_splat(CONSTANTS, 52));
  p = madd(p, square, v128.load32_splat(CONSTANTS, 56));
  p = madd(p, square, v128.load32_splat(CONSTANTS, 60));
  const near = madd(f32x4.mul(p, square), x, x);
  const signed = v128.or(far, v128.and(x, f32x4.splat(-0.0)));
  const isNear = f32x4.lt(size, v128.load32_splat(CONSTANTS, 64));
  return v128.bitselect(near, signed, isNear);
}

/** ln x of a positive, normal x, from the series of artanh; of NaN, NaN. */
export function logOf(x: f64): f64 {
  if (!(x < Infinity)) return x;
  const bits = reinterpret<u64>(x);
  let exponent = <i32> (bits >> 52) - 1023;
  let mantissa = reinterpret<f64>(
    (bits & 0x000fffffffffffff) | 0x3ff0000000000000,
  );
  if (mantissa > 1.4142135623730951) {
    mantissa *= 0.5;
    exponent++;
  }
  const t = (mantissa - 1) / (mantissa + 1); // |t| < 0.172
  const tt = t * t;
  let series: f64 = 1.0 / 19.0;
  for (let odd: f64 = 17; odd > 0; odd -= 2) series = series * tt + 1 / odd;
  return 2 * t * series + <f64> exponent * 0.6931471805599453;
}

/** The sum of the four lanes. */
export function sum4(x: v128): f32 {
  const pairs = f32x4.add(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** (Σ a, Σ b, Σ c, Σ d). */
export function sums4(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(
    v128.shuffle<f32>(a, b, 0, 4, 1, 5),
    v128.shuffle<f32>(a, b, 2, 6, 3, 7),
  );
  const cd = f32x4.add(
    v128.shuffle<f32>(c, d, 0, 4, 1, 5),
    v128.shuffle<f32>(c, d, 2, 6, 3, 7),
  );
  return f32x4.add(
    v128.shuffle<f32>(ab, cd, 0, 1, 4, 5),
    v128.shuffle<f32>(ab, cd, 2, 3, 6, 7),
  );
}

/** A mask whose first `count` lanes are all ones. */
export function maskOf(count: usize): v128 {
  return i32x4.lt_u(i32x4(0, 1, 2, 3), i32x4.splat(<i32> count));
}

/** The first `count` (1 to 3) values at an address, then zeros. */
export function loadPart(address: usize, count: usize): v128 {
  let part = v128.load32_zero(address);
  if (count > 1) part = v128.load32_lane(address, part, 1, 4);
  if (count > 2) part = v128.load32_lane(address, part, 2, 8);
  return part;
}

/** Stores the first `count` (1 to 3) lanes. */
export function storePart(address: usize, x: v128, count: usize): void {
  v128.store32_lane(address, x, 0);
  if (count > 1) v128.store32_lane(address, x, 1, 4);
  if (count > 2) v128.store32_lane(address, x, 2, 8);
}

/** Four values, or `count` of them and zeros. */
export function loadUpTo(address: usize, count: usize): v128 {
  return count >= 4 ? v128.load(address) : loadPart(address, count);
}

/** Stores four values, or `count` of them. */
export function storeUpTo(address: usize, x: v128, count: usize): void {
  if (count >= 4) v128.store(address, x);
  else storePart(address, x, count);
}

/** Adds to four values, or to `count` of them. */
export function addUpTo(address: usize, x: v128, count: usize): void {
  storeUpTo(address, f32x4.add(loadUpTo(address, count), x), count);
}

/** Adds n values to others. */
export function addAll(to: usize, x: usize, n: usize): void {
  for (let i: usize = 0; i < n; i += 4) {
    addUpTo(to + 4 * i, loadUpTo(x + 4 * i, n - i), n - i);
  }
}

/** Σ a · b · c over n values. */
export function sumOfThree(a: usize, b: usize, c: usize, n: usize): f32 {
  let sum = f32x4.splat(0);
  for (let j: usize = 0; j < n; j += 4) {
    const at: usize = 4 * j, count = n - j;
    const product = f32x4.mul(loadUpTo(a + at, count), loadUpTo(b + at, count));
    sum = madd(product, loadUpTo(c + at, count), sum);
  }
  return sum4(sum);
}

/** The greatest of `width` values; NaNs are passed over. */
export function maxOf(row: usize, width: usize): f32 {
  let first = f32x4.splat(-Infinity), second = first;
  let third = first, fourth = first;
  let i: usize = 0;
  for (; i + 16 <= width; i += 16) {
    const at = row + 4 * i;
    first = f32x4.pmax(first, v128.load(at));
    second = f32x4.pmax(second, v128.load(at, 16));
    third = f32x4.pmax(third, v128.load(at, 32));
    fourth = f32x4.pmax(fourth, v128.load(at, 48));
  }
  first = f32x4.pmax(f32x4.pmax(first, second), f32x4.pmax(third, fourth));
  first = f32x4.pmax(first, v128.shuffle<f32>(first, first, 2, 3, 0, 1));
  let max = f32x4.extract_lane(first, 0);
  if (f32x4.extract_lane(first, 1) > max) max = f32x4.extract_lane(first, 1);
  for (; i < width; i++) {
    const value = load<f32>(row + 4 * i);
    if (value > max) max = value;
  }
  return max;
}
