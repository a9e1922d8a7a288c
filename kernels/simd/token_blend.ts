/** RWKV-6's token shift: by a share that each token sets. */

import { TokenBlendBackward, TokenBlendForward } from "./jobs";
import { addUpTo, loadUpTo, madd, storeUpTo } from "./math";

/** y_t = x_t + (x_{t-1} - x_t) · (mix + delta_t). Slices: rows. */
export function tokenBlendForward(
  start: usize,
  end: usize,
  job: TokenBlendForward,
): void {
  const y = job.y, x = job.x, mix = job.mix, delta = job.delta;
  const state = job.state, time = job.time, width = job.width;
  const zero = f32x4.splat(0);
  for (let row = start; row < end; row++) {
    const at: usize = 4 * row * width;
    let before = x + at - 4 * width; // 0 stands for a row of zeros
    if (row % time == 0) before = state ? state + 4 * (row / time) * width : 0;
    for (let i: usize = 0; i < width; i += 4) {
      const here: usize = at + 4 * i, count = width - i;
      const now = loadUpTo(x + here, count);
      const previous = before ? loadUpTo(before + 4 * i, count) : zero;
      const share = f32x4.add(
        loadUpTo(mix + 4 * i, count),
        loadUpTo(delta + here, count),
      );
      const sum = madd(f32x4.sub(previous, now), share, now);
      storeUpTo(y + here, sum, count);
    }
  }
}

/**
 * With m_t = mix + delta_t: dx_t += (1 - m_t) · dy_t + m_{t+1} · dy_{t+1},
 * dDelta_t += dy_t · (x_{t-1} - x_t), dMix += Σ of the same. Slices: columns.
 */
export function tokenBlendBackward(
  start: usize,
  end: usize,
  job: TokenBlendBackward,
): void {
  const dx = job.dx, dMix = job.dMix, dDelta = job.dDelta, dy = job.dy;
  const x = job.x, mix = job.mix, delta = job.delta, state = job.state;
  const rows = job.batch * job.time, time = job.time, width = job.width;
  for (let i = start; i < end; i += 4) {
    const count = end - i, share = loadUpTo(mix + 4 * i, count);
    let sum = f32x4.splat(0);
    for (let first: usize = 0; first < rows; first += time) {
      // From the last token down: what the token after takes of this one.
      let taken = f32x4.splat(0);
      const start = state
        ? loadUpTo(state + 4 * (first / time * width + i), count)
        : f32x4.splat(0);
      for (let row = first + time; row > first; row--) {
        const here: usize = 4 * ((row - 1) * width + i);
        const d = loadUpTo(dy + here, count);
        const m = f32x4.add(share, loadUpTo(delta + here, count));
        const back = f32x4.mul(m, d);
        addUpTo(dx + here, f32x4.add(f32x4.sub(d, back), taken), count);
        taken = back;
        const previous = row - 1 == first
          ? start
          : loadUpTo(x + here - 4 * width, count);
        const slope = f32x4.mul(
          d,
          f32x4.sub(previous, loadUpTo(x + here, count)),
        );
        addUpTo(dDelta + here, slope, count);
        sum = f32x4.add(sum, slope);
      }
    }
    addUpTo(dMix + 4 * i, sum, count);
  }
}
