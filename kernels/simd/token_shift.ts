/** Token shift: each channel mixed with that of the token before. */

import { TokenShiftBackward, TokenShiftForward } from "./jobs";
import { addUpTo, loadUpTo, madd, storeUpTo } from "./math";

/** y_t = mix · x_t + (1 - mix) · x_{t-1}. Slices: rows, batch x time. */
export function tokenShiftForward(
  start: usize,
  end: usize,
  job: TokenShiftForward,
): void {
  const y = job.y, x = job.x, mix = job.mix, state = job.state, time = job.time;
  const width = job.width;
  for (let row = start; row < end; row++) {
    const at: usize = 4 * row * width;
    let before = x + at - 4 * width; // 0 stands for a row of zeros
    if (row % time == 0) before = state ? state + 4 * (row / time) * width : 0;
    for (let i: usize = 0; i < width; i += 4) {
      const count = width - i;
      const share = loadUpTo(mix + 4 * i, count);
      const own = f32x4.mul(share, loadUpTo(x + at + 4 * i, count));
      const previous = before
        ? loadUpTo(before + 4 * i, count)
        : f32x4.splat(0);
      const rest = f32x4.sub(f32x4.splat(1), share);
      storeUpTo(y + at + 4 * i, madd(rest, previous, own), count);
    }
  }
}

/** dx_t += mix · dy_t + (1 - mix) · dy_{t+1}. Slices: rows, batch x time. */
export function tokenShiftBackward(
  start: usize,
  end: usize,
  job: TokenShiftBackward,
): void {
  const dx = job.dx, dy = job.dy, mix = job.mix, time = job.time;
  const width = job.width;
  for (let row = start; row < end; row++) {
    const at: usize = 4 * row * width;
    const hasNext = (row + 1) % time != 0;
    for (let i: usize = 0; i < width; i += 4) {
      const here: usize = at + 4 * i, count = width - i;
      const share = loadUpTo(mix + 4 * i, count);
      let d = madd(
        share,
        loadUpTo(dy + here, count),
        loadUpTo(dx + here, count),
      );
      if (hasNext) {
        const rest = f32x4.sub(f32x4.splat(1), share);
        d = madd(rest, loadUpTo(dy + here + 4 * width, count), d);
      }
      storeUpTo(dx + here, d, count);
    }
  }
}

/** dMix += Σ_t dy_t · (x_t - x_{t-1}). Slices: columns. */
export function tokenShiftBackwardMix(
  start: usize,
  end: usize,
  job: TokenShiftBackward,
): void {
  const dMix = job.dMix, dy = job.dy, x = job.x, rows = job.batch * job.time;
  const state = job.state, time = job.time, width = job.width;
  for (let i = start; i < end; i += 4) {
    const count = end - i;
    let sum = f32x4.splat(0);
    for (let first: usize = 0; first < rows; first += time) {
      let previous = state
        ? loadUpTo(state + 4 * (first / time * width + i), count)
        : f32x4.splat(0);
      for (let row = first; row < first + time; row++) {
        const here: usize = 4 * (row * width + i);
        const value = loadUpTo(x + here, count);
        const d = loadUpTo(dy + here, count);
        sum = madd(d, f32x4.sub(value, previous), sum);
        previous = value;
      }
    }
    addUpTo(dMix + 4 * i, sum, count);
  }
}
