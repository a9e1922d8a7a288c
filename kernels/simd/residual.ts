/** The residual stream and its dropout. */

import { ResidualBackward, ResidualForward } from "./jobs";
import { loadUpTo, madd, storeUpTo } from "./math";

/** The factors of the hash, in memory for speed: see `CONSTANTS` in math.ts. */
const FACTORS = memory.data<i32>([0x7feb352d, <i32> 0x846ca68b], 16);
const LANES = memory.data<i32>([0, 1, 2, 3], 16);

/**
 * y = x + keep · scale · branch, an element being dropped where the top 24 bits
 * of its hash are below the threshold; 0 drops none. Slices: values.
 */
export function residualForward(
  start: usize,
  end: usize,
  job: ResidualForward,
): void {
  const y = job.y, x = job.x, branch = job.branch, key = <i32> job.key;
  const threshold = <i32> job.threshold, scale = job.scale;
  for (let i = start; i < end; i += 4) {
    const at: usize = 4 * i, count = end - i;
    const factor = keep(i, key, threshold, scale);
    const sum = madd(
      factor,
      loadUpTo(branch + at, count),
      loadUpTo(x + at, count),
    );
    storeUpTo(y + at, sum, count);
  }
}

/** dx += dy, dBranch += keep · scale · dy. Slices: values. */
export function residualBackward(
  start: usize,
  end: usize,
  job: ResidualBackward,
): void {
  const dx = job.dx, dBranch = job.dBranch, dy = job.dy, key = <i32> job.key;
  const threshold = <i32> job.threshold, scale = job.scale;
  for (let i = start; i < end; i += 4) {
    const at: usize = 4 * i, count = end - i;
    const d = loadUpTo(dy + at, count);
    const factor = keep(i, key, threshold, scale);
    const branch = loadUpTo(dBranch + at, count);
    storeUpTo(dBranch + at, madd(factor, d, branch), count);
    storeUpTo(dx + at, f32x4.add(loadUpTo(dx + at, count), d), count);
  }
}

/** The factors of elements i to i+3: `scale` where kept, else 0. */
function keep(i: usize, key: i32, threshold: i32, scale: f32): v128 {
  const all = f32x4.splat(scale);
  if (threshold == 0) return all;
  const position = i32x4.add(i32x4.splat(<i32> i), v128.load(LANES));
  const hash = hash4(v128.xor(i32x4.splat(key), hash4(position)));
  const kept = i32x4.ge_s(i32x4.shr_u(hash, 8), i32x4.splat(threshold));
  return v128.and(all, kept);
}

/** `hash32` of lib/random.ts on four lanes. */
function hash4(x: v128): v128 {
  x = v128.xor(x, i32x4.shr_u(x, 16));
  x = i32x4.mul(x, v128.load32_splat(FACTORS));
  x = v128.xor(x, i32x4.shr_u(x, 15));
  x = i32x4.mul(x, v128.load32_splat(FACTORS, 4));
  return v128.xor(x, i32x4.shr_u(x, 16));
}
