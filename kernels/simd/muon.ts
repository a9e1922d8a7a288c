/** Muon's update, but for its matrix products. */

import { everywhereUnless, shrinkOf } from "./adamw";
import {
  DivideByNorm,
  MatrixPolynomial,
  MuonDirection,
  MuonUpdate,
} from "./jobs";
import { loadUpTo, madd, storeUpTo } from "./math";

/**
 * With g = clip · gradient, where clip stands in the place of `clipNorm`:
 * m = keep · m + take · g, gradient = keep · m + take · g. Slices: values.
 */
export function muonDirection(
  start: usize,
  end: usize,
  job: MuonDirection,
): void {
  const gradients = job.gradients, momentum = job.momentum;
  const scale = f32x4.splat(job.clipNorm);
  const keep = f32x4.splat(job.keep), take = f32x4.splat(job.take);
  for (let i = start; i < end; i += 4) {
    const at: usize = 4 * i, count = end - i;
    const g = f32x4.mul(loadUpTo(gradients + at, count), scale);
    const own = f32x4.mul(take, g);
    const m = madd(keep, loadUpTo(momentum + at, count), own);
    storeUpTo(momentum + at, m, count);
    storeUpTo(gradients + at, madd(keep, m, own), count);
  }
}

/** x = x / (margin · √squaredNorm + ε). Slices: values. */
export function divideByNorm(
  start: usize,
  end: usize,
  job: DivideByNorm,
): void {
  const x = job.x, norm = sqrt<f32>(load<f32>(job.squaredNorm));
  const divisor = f32x4.splat(job.margin * norm + job.epsilon);
  for (let i = start; i < end; i += 4) {
    const at = x + 4 * i, count = end - i;
    storeUpTo(at, f32x4.div(loadUpTo(at, count), divisor), count);
  }
}

/** y = constant · I + linear · x + quadratic · y. Slices: rows. */
export function matrixPolynomial(
  start: usize,
  end: usize,
  job: MatrixPolynomial,
): void {
  const width = job.width, bytes: usize = 4 * width;
  const linear = f32x4.splat(job.linear);
  const quadratic = f32x4.splat(job.quadratic);
  for (let row = start; row < end; row++) {
    const y = job.y + row * bytes, x = job.x + row * bytes;
    for (let i: usize = 0; i < width; i += 4) {
      const at: usize = 4 * i, count = width - i;
      const square = f32x4.mul(quadratic, loadUpTo(y + at, count));
      storeUpTo(y + at, madd(linear, loadUpTo(x + at, count), square), count);
    }
    if (row >= width) continue;
    const diagonal = y + 4 * row;
    store<f32>(diagonal, load<f32>(diagonal) + job.constant);
  }
}

/**
 * p -= rate · direction + shrink · p, gradient = 0; a cautious one shrinks where
 * direction · p > 0 only. Slices: values.
 */
export function muonUpdate(start: usize, end: usize, job: MuonUpdate): void {
  const parameters = job.parameters, gradients = job.gradients;
  const direction = job.direction, zero = f32x4.splat(0);
  const rates = f32x4.splat(job.rate), shrinks = f32x4.splat(job.shrink);
  const anyway = everywhereUnless(job.cautious);
  for (let i = start; i < end; i += 4) {
    const at: usize = 4 * i, count = end - i;
    const d = loadUpTo(direction + at, count);
    const p = loadUpTo(parameters + at, count);
    const shrink = shrinkOf(shrinks, d, p, anyway);
    const change = madd(shrink, p, f32x4.mul(rates, d));
    storeUpTo(parameters + at, f32x4.sub(p, change), count);
    storeUpTo(gradients + at, zero, count);
  }
}
