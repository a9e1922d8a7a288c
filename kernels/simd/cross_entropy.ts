/** Cross-entropy of logits against one target a row. */

import { CrossEntropy } from "./jobs";
import {
  expAbove,
  loadUpTo,
  logOf,
  maskOf,
  maxOf,
  storeUpTo,
  sum4,
} from "./math";

/**
 * losses = weight · (ln Σ_j e^logit_j - logit_target); with a gradient, logits
 * become gradientScale · weight · (softmax(logits) - onehot(target)). Without
 * weights each is 1. Slices: rows.
 */
export function crossEntropy(
  start: usize,
  end: usize,
  job: CrossEntropy,
): void {
  const losses = job.losses, logits = job.logits;
  const targets = job.targets + 4 * job.firstTarget, width = job.width;
  const withGradient = job.hasGradient, weights = job.weights;
  for (let row = start; row < end; row++) {
    const z = logits + 4 * row * width;
    const target = z + 4 * <usize> load<u32>(targets + 4 * row);
    const weight = weights ? load<f32>(weights + 4 * row) : <f32> 1;
    const gradientScale = job.gradientScale * weight;
    const max = maxOf(z, width);
    const targetLogit = load<f32>(target);
    const total = exponentials(z, width, max, withGradient != 0);
    const loss = logOf(<f64> total) + <f64> max - <f64> targetLogit;
    store<f32>(losses + 4 * row, weight * <f32> loss);
    if (!withGradient) continue;
    multiply(z, width, gradientScale / total);
    store<f32>(target, load<f32>(target) - gradientScale);
  }
}

/**
 * Σ_j e^(z_j - max), leaving the terms in place of z when asked to. Those that
 * are nothing beside the greatest, which is 1, may be 1.2e-38.
 */
function exponentials(z: usize, width: usize, max: f32, keep: bool): f32 {
  const top = f32x4.splat(max);
  let first = f32x4.splat(0), second = first;
  let i: usize = 0;
  for (; i + 16 <= width; i += 16) {
    const at = z + 4 * i;
    const e = expAbove(f32x4.sub(v128.load(at), top));
    const f = expAbove(f32x4.sub(v128.load(at, 16), top));
    const g = expAbove(f32x4.sub(v128.load(at, 32), top));
    const h = expAbove(f32x4.sub(v128.load(at, 48), top));
    first = f32x4.add(first, f32x4.add(e, g));
    second = f32x4.add(second, f32x4.add(f, h));
    if (keep) {
      v128.store(at, e);
      v128.store(at, f, 16);
      v128.store(at, g, 32);
      v128.store(at, h, 48);
    }
  }
  for (; i < width; i += 4) {
    const at = z + 4 * i, count = width - i;
    const e = expAbove(f32x4.sub(loadUpTo(at, count), top));
    first = f32x4.add(first, v128.and(e, maskOf(count)));
    if (keep) storeUpTo(at, e, count);
  }
  return sum4(f32x4.add(first, second));
}

/** x *= factor. */
function multiply(x: usize, length: usize, factor: f32): void {
  const factors = f32x4.splat(factor);
  let i: usize = 0;
  for (; i + 16 <= length; i += 16) {
    const at = x + 4 * i;
    v128.store(at, f32x4.mul(v128.load(at), factors));
    v128.store(at, f32x4.mul(v128.load(at, 16), factors), 16);
    v128.store(at, f32x4.mul(v128.load(at, 32), factors), 32);
    v128.store(at, f32x4.mul(v128.load(at, 48), factors), 48);
  }
  for (; i < length; i += 4) {
    const at = x + 4 * i, count = length - i;
    storeUpTo(at, f32x4.mul(loadUpTo(at, count), factors), count);
  }
}
