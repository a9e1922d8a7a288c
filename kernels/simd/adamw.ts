/** The AdamW update. */

import { AdamW } from "./jobs";
import { loadPart, madd, storePart } from "./math";

/**
 * With g = clip · gradient, where clip stands in the place of `clipNorm`:
 * m = β₁·m + (1-β₁)·g, v = β₂·v + (1-β₂)·g²,
 * p -= rate · m / (√(correction · v) + ε) + shrink · p, gradient = 0. A cautious
 * one shrinks where m · p > 0 only.
 * Slices: values.
 */
export function adamW(start: usize, end: usize, job: AdamW): void {
  const parameters = job.parameters, gradients = job.gradients;
  const firstMoments = job.firstMoments, secondMoments = job.secondMoments;
  const zero = f32x4.splat(0), scale = f32x4.splat(job.clipNorm);
  const keep1 = f32x4.splat(job.beta1), take1 = f32x4.splat(job.rest1);
  const keep2 = f32x4.splat(job.beta2), take2 = f32x4.splat(job.rest2);
  const rates = f32x4.splat(job.rate), shrinks = f32x4.splat(job.shrink);
  const corrections = f32x4.splat(job.correction);
  const epsilons = f32x4.splat(job.epsilon);
  const anyway = everywhereUnless(job.cautious);
  let i = start;
  for (; i + 4 <= end; i += 4) {
    const at: usize = 4 * i;
    const g = f32x4.mul(v128.load(gradients + at), scale);
    const kept = f32x4.mul(keep1, v128.load(firstMoments + at));
    const m = madd(take1, g, kept);
    const kept2 = f32x4.mul(keep2, v128.load(secondMoments + at));
    const v = madd(take2, f32x4.mul(g, g), kept2);
    const root = f32x4.sqrt(f32x4.mul(v, corrections));
    const p = v128.load(parameters + at);
    const step = f32x4.div(f32x4.mul(rates, m), f32x4.add(root, epsilons));
    v128.store(firstMoments + at, m);
    v128.store(secondMoments + at, v);
    v128.store(gradients + at, zero);
    const shrink = shrinkOf(shrinks, m, p, anyway);
    v128.store(parameters + at, f32x4.sub(p, madd(shrink, p, step)));
  }
  if (i < end) {
    const at: usize = 4 * i, count = end - i;
    const g = f32x4.mul(loadPart(gradients + at, count), scale);
    const m = madd(
      take1,
      g,
      f32x4.mul(keep1, loadPart(firstMoments + at, count)),
    );
    const v = madd(
      take2,
      f32x4.mul(g, g),
      f32x4.mul(keep2, loadPart(secondMoments + at, count)),
    );
    const root = f32x4.sqrt(f32x4.mul(v, corrections));
    const p = loadPart(parameters + at, count);
    const step = f32x4.div(
      f32x4.mul(rates, m),
      f32x4.add(root, epsilons),
    );
    const change = madd(shrinkOf(shrinks, m, p, anyway), p, step);
    storePart(firstMoments + at, m, count);
    storePart(secondMoments + at, v, count);
    storePart(gradients + at, zero, count);
    storePart(parameters + at, f32x4.sub(p, change), count);
  }
}

/** A mask of all values, or of none where a decay is cautious. */
export function everywhereUnless(cautious: u32): v128 {
  return i32x4.splat(cautious == 0 ? -1 : 0);
}

/** What weights shrink by: nothing where the direction leads away from 0. */
export function shrinkOf(
  shrinks: v128,
  direction: v128,
  p: v128,
  anyway: v128,
): v128 {
  const agree = f32x4.gt(f32x4.mul(direction, p), f32x4.splat(0));
  return v128.and(shrinks, v128.or(agree, anyway));
}
