/** What choosing a token needs of all logits: the largest, and weights. */

import { Argmax, NO_TOKEN, SoftmaxWeights } from "./jobs";
import { exp4, loadUpTo, maxOf, storeUpTo } from "./math";

/**
 * ids[row] = the first of the largest logits, or NO_TOKEN when one is not a
 * number or the largest is infinite. Slices: rows.
 */
export function argmax(start: usize, end: usize, job: Argmax): void {
  const ids = job.ids, logits = job.logits, width = job.width;
  for (let row = start; row < end; row++) {
    const from = logits + 4 * row * width;
    const max = maxOf(from, width);
    const known = max > -Infinity && max < Infinity && !hasNaN(from, width);
    store<u32>(ids + 4 * row, known ? firstOf(from, max) : <u32> NO_TOKEN);
  }
}

function hasNaN(from: usize, width: usize): bool {
  let any = f32x4.splat(0);
  for (let i: usize = 0; i < width; i += 4) {
    const values = loadUpTo(from + 4 * i, width - i);
    any = v128.or(any, f32x4.ne(values, values));
  }
  return v128.any_true(any);
}

/** The index of the first value equal to one that the row holds. */
function firstOf(from: usize, value: f32): u32 {
  let at = from;
  while (load<f32>(at) != value) at += 4;
  return <u32> ((at - from) >> 2);
}

/**
 * weights = e^((logits - max) / temperature), each row's max that of the id in
 * `best`. Slices: rows.
 */
export function softmaxWeights(
  start: usize,
  end: usize,
  job: SoftmaxWeights,
): void {
  const weights = job.weights, logits = job.logits, best = job.best;
  const width = job.width, temperature = job.temperature;
  const divisor = f32x4.splat(temperature);
  for (let row = start; row < end; row++) {
    const id = <usize> load<u32>(best + 4 * row);
    if (id == NO_TOKEN) continue;
    const from = logits + 4 * row * width, to = weights + 4 * row * width;
    const max = v128.load32_splat(from + 4 * id);
    for (let i: usize = 0; i < width; i += 4) {
      const count = width - i;
      const off = f32x4.sub(loadUpTo(from + 4 * i, count), max);
      storeUpTo(to + 4 * i, exp4(f32x4.div(off, divisor)), count);
    }
  }
}
