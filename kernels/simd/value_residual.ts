/** RWKV-7's values, mixed with the first block's. */

import { ValueResidualBackward, ValueResidualForward } from "./jobs";
import {
  addUpTo,
  exp4,
  loadUpTo,
  madd,
  one4,
  sigmoid,
  sigmoid4,
  sigmoidSlope,
  storeUpTo,
} from "./math";

/** y = v + (first - v) · σ(share + bias). Slices: rows. */
export function valueResidualForward(
  start: usize,
  end: usize,
  job: ValueResidualForward,
): void {
  const y = job.y, v = job.v, first = job.first, share = job.share;
  const bias = job.bias, width = job.width;
  for (let row = start; row < end; row++) {
    for (let i: usize = 0; i < width; i += 4) {
      const at: usize = 4 * (row * width + i), count = width - i;
      const own = loadUpTo(v + at, count);
      const part = sigmoid4(f32x4.add(
        loadUpTo(share + at, count),
        loadUpTo(bias + 4 * i, count),
      ));
      const way = f32x4.sub(loadUpTo(first + at, count), own);
      storeUpTo(y + at, madd(way, part, own), count);
    }
  }
}

/**
 * With s = σ(share + bias): dv += dy · (1 - s), dFirst += dy · s,
 * dShare += dy · (first - v) · s(1 - s), dBias += Σ that. Slices: columns.
 */
export function valueResidualBackward(
  start: usize,
  end: usize,
  job: ValueResidualBackward,
): void {
  const dv = job.dv, dFirst = job.dFirst, dShare = job.dShare;
  const dBias = job.dBias, dy = job.dy, v = job.v, first = job.first;
  const share = job.share, bias = job.bias, rows = job.rows, width = job.width;
  for (let row: usize = 0; row < rows; row++) {
    for (let i = start; i < end; i += 4) {
      const at: usize = 4 * (row * width + i), count = end - i;
      const x = f32x4.add(
        loadUpTo(share + at, count),
        loadUpTo(bias + 4 * i, count),
      );
      const e = exp4(f32x4.neg(f32x4.abs(x)));
      const s = sigmoid(x, e), d = loadUpTo(dy + at, count);
      const way = f32x4.sub(
        loadUpTo(first + at, count),
        loadUpTo(v + at, count),
      );
      const slope = f32x4.mul(f32x4.mul(d, way), sigmoidSlope(e));
      addUpTo(dv + at, f32x4.mul(d, f32x4.sub(one4(), s)), count);
      addUpTo(dFirst + at, f32x4.mul(d, s), count);
      addUpTo(dShare + at, slope, count);
      addUpTo(dBias + 4 * i, slope, count);
    }
  }
}
