/** Flat vectors: fill, add, swap, averages, sums in fixed chunks. */

import {
  Add,
  ChunkSquares,
  ChunkSums,
  Fill,
  MovingAverage,
  SUM_CHUNK,
  Swap,
} from "./jobs";
import { loadPart, loadUpTo, madd, storePart, storeUpTo } from "./math";

/** out = value. Slices: values. */
export function fill(start: usize, end: usize, job: Fill): void {
  const out = job.out, values = f32x4.splat(job.value);
  let i = start;
  for (; i + 4 <= end; i += 4) v128.store(out + 4 * i, values);
  if (i < end) storePart(out + 4 * i, values, end - i);
}

/** out += x. Slices: values. */
export function add(start: usize, end: usize, job: Add): void {
  const out = job.out, x = job.x;
  let i = start;
  for (; i + 4 <= end; i += 4) {
    const at = out + 4 * i;
    v128.store(at, f32x4.add(v128.load(at), v128.load(x + 4 * i)));
  }
  if (i < end) {
    const at = out + 4 * i, count = end - i;
    const sum = f32x4.add(loadPart(at, count), loadPart(x + 4 * i, count));
    storePart(at, sum, count);
  }
}

/** a = b, b = a. Slices: values. */
export function swap(start: usize, end: usize, job: Swap): void {
  for (let i = start; i < end; i += 4) {
    const a = job.a + 4 * i, b = job.b + 4 * i, count = end - i;
    const kept = loadUpTo(a, count);
    storeUpTo(a, loadUpTo(b, count), count);
    storeUpTo(b, kept, count);
  }
}

/** average += take · (x - average). Slices: values. */
export function movingAverage(
  start: usize,
  end: usize,
  job: MovingAverage,
): void {
  const take = f32x4.splat(job.take);
  for (let i = start; i < end; i += 4) {
    const at = job.average + 4 * i, count = end - i;
    const own = loadUpTo(at, count);
    const change = f32x4.sub(loadUpTo(job.x + 4 * i, count), own);
    storeUpTo(at, madd(take, change, own), count);
  }
}

/** partials[i] (f64) = the sum of chunk i of x. Slices: chunks. */
export function chunkSums(start: usize, end: usize, job: ChunkSums): void {
  const partials = job.partials, x = job.x, length = job.length;
  for (let chunk = start; chunk < end; chunk++) {
    const last = min(length, (chunk + 1) * SUM_CHUNK);
    let low = f64x2.splat(0), high = low;
    let i = chunk * SUM_CHUNK;
    for (; i + 4 <= last; i += 4) {
      const value = v128.load(x + 4 * i);
      low = f64x2.add(low, lowHalf(value));
      high = f64x2.add(high, highHalf(value));
    }
    if (i < last) {
      const value = loadPart(x + 4 * i, last - i);
      low = f64x2.add(low, lowHalf(value));
      high = f64x2.add(high, highHalf(value));
    }
    store<f64>(partials + 8 * chunk, lanesOf(low, high));
  }
}

/** partials[i] (f64) = the sum of squares of chunk i of x. Slices: chunks. */
export function chunkSquares(
  start: usize,
  end: usize,
  job: ChunkSquares,
): void {
  const partials = job.partials, x = job.x, length = job.length;
  for (let chunk = start; chunk < end; chunk++) {
    const last = min(length, (chunk + 1) * SUM_CHUNK);
    let low = f64x2.splat(0), high = low, low2 = low, high2 = low;
    let i = chunk * SUM_CHUNK;
    for (; i + 8 <= last; i += 8) {
      const value = v128.load(x + 4 * i), next = v128.load(x + 4 * i, 16);
      low = f64x2.add(low, square(lowHalf(value)));
      high = f64x2.add(high, square(highHalf(value)));
      low2 = f64x2.add(low2, square(lowHalf(next)));
      high2 = f64x2.add(high2, square(highHalf(next)));
    }
    low = f64x2.add(low, low2);
    high = f64x2.add(high, high2);
    if (i + 4 <= last) {
      const value = v128.load(x + 4 * i);
      low = f64x2.add(low, square(lowHalf(value)));
      high = f64x2.add(high, square(highHalf(value)));
      i += 4;
    }
    if (i < last) {
      const value = loadPart(x + 4 * i, last - i);
      low = f64x2.add(low, square(lowHalf(value)));
      high = f64x2.add(high, square(highHalf(value)));
    }
    store<f64>(partials + 8 * chunk, lanesOf(low, high));
  }
}

function lowHalf(x: v128): v128 {
  return f64x2.promote_low_f32x4(x);
}

function highHalf(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f64>(x, x, 1, 0));
}

function square(x: v128): v128 {
  return f64x2.mul(x, x);
}

function lanesOf(low: v128, high: v128): f64 {
  const both = f64x2.add(low, high);
  return f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
}

/** Sets bytes to 0, for those who clear outputs themselves. */
export function clear(to: usize, bytes: usize): void {
  memory.fill(to, 0, bytes);
}
