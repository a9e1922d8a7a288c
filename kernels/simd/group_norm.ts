/** The GroupNorm by head that follows the attentions with heads. */

import { loadUpTo, madd, maskOf, sum4 } from "./math";

/** The ε of the official code. */
const EPSILON: f32 = 64e-5;

/** Mean of a head. */
export function meanOf(x: usize, n: usize): f32 {
  let sum = f32x4.splat(0);
  for (let j: usize = 0; j < n; j += 4) {
    sum = f32x4.add(sum, loadUpTo(x + 4 * j, n - j));
  }
  return sum4(sum) / <f32> n;
}

/** 1 / √(variance + ε) of a head. */
export function scaleOf(x: usize, mean: f32, n: usize): f32 {
  const center = f32x4.splat(mean);
  let squares = f32x4.splat(0);
  for (let j: usize = 0; j < n; j += 4) {
    let off = f32x4.sub(loadUpTo(x + 4 * j, n - j), center);
    if (n - j < 4) off = v128.and(off, maskOf(n - j));
    squares = madd(off, off, squares);
  }
  return 1 / sqrt<f32>(sum4(squares) / <f32> n + EPSILON);
}
