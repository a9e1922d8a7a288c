/** RWKV-7's token shift: up to six mixes of each token with the one before. */

import { MOST_LISTED, TokenLerpBackward, TokenLerpForward } from "./jobs";
import { addUpTo, loadUpTo, madd, storeUpTo } from "./math";

/** Bytes from one memory of a list to the next. */
const NEXT: usize = sizeof<usize>();

/**
 * y_n,t = x_t + (x_{t-1} - x_t) · mix_n. Slices: rows, batch x time.
 *
 * The outputs that there are come first, then zeros.
 */
export function tokenLerpForward(
  start: usize,
  end: usize,
  job: TokenLerpForward,
): void {
  const x = job.x, state = job.state, time = job.time, width = job.width;
  const ys = changetype<usize>(job) + offsetof<TokenLerpForward>("ys0");
  const mixes = changetype<usize>(job) + offsetof<TokenLerpForward>("mixes0");
  for (let row = start; row < end; row++) {
    const at: usize = 4 * row * width, own = x + at;
    let before = own - 4 * width; // 0 stands for a row of zeros
    if (row % time == 0) before = state ? state + 4 * (row / time) * width : 0;
    for (let n: usize = 0; n < MOST_LISTED * NEXT; n += NEXT) {
      const y = load<usize>(ys + n);
      if (!y) break;
      lerp(y + at, own, before, load<usize>(mixes + n), width);
    }
  }
}

function lerp(
  y: usize,
  x: usize,
  before: usize,
  mix: usize,
  width: usize,
): void {
  for (let i: usize = 0; i < width; i += 4) {
    const count = width - i;
    const now = loadUpTo(x + 4 * i, count);
    const previous = before ? loadUpTo(before + 4 * i, count) : f32x4.splat(0);
    const share = loadUpTo(mix + 4 * i, count);
    storeUpTo(y + 4 * i, madd(f32x4.sub(previous, now), share, now), count);
  }
}

/**
 * dx_t += Σ_n (1 - mix_n) · dy_n,t + mix_n · dy_n,t+1,
 * dMix_n += Σ_t dy_n,t · (x_{t-1} - x_t). Slices: columns.
 */
export function tokenLerpBackward(
  start: usize,
  end: usize,
  job: TokenLerpBackward,
): void {
  const dx = job.dx, x = job.x, state = job.state, time = job.time;
  const width = job.width;
  const rows = job.batch * time;
  const dMixes = changetype<usize>(job) +
    offsetof<TokenLerpBackward>("dMixes0");
  const dys = changetype<usize>(job) + offsetof<TokenLerpBackward>("dys0");
  const mixes = changetype<usize>(job) + offsetof<TokenLerpBackward>("mixes0");
  const first: usize = 4 * start, count = end - start;
  for (let row: usize = 0; row < rows; row++) {
    const at: usize = 4 * row * width + first;
    const to = dx + at, own = x + at;
    let before = own - 4 * width; // 0 stands for a row of zeros
    if (row % time == 0) {
      before = state ? state + 4 * (row / time) * width + first : 0;
    }
    const next: usize = (row + 1) % time == 0 ? 0 : 4 * width;
    for (let n: usize = 0; n < MOST_LISTED * NEXT; n += NEXT) {
      const dMix = load<usize>(dMixes + n);
      if (!dMix) break;
      const dy = load<usize>(dys + n) + at,
        mix = load<usize>(mixes + n) + first;
      back(to, dMix + first, dy, next, mix, own, before, count);
    }
  }
}

/** One mix of one row. `next` leads to dy of the next token, or is 0. */
function back(
  dx: usize,
  dMix: usize,
  dy: usize,
  next: usize,
  mix: usize,
  x: usize,
  before: usize,
  length: usize,
): void {
  const zero = f32x4.splat(0);
  for (let i: usize = 0; i < length; i += 4) {
    const at: usize = 4 * i, count = length - i;
    const d = loadUpTo(dy + at, count);
    const later = next ? loadUpTo(dy + at + next, count) : zero;
    const share = loadUpTo(mix + at, count);
    addUpTo(dx + at, madd(f32x4.sub(later, d), share, d), count);
    const previous = before ? loadUpTo(before + at, count) : zero;
    const step = f32x4.sub(previous, loadUpTo(x + at, count));
    storeUpTo(dMix + at, madd(d, step, loadUpTo(dMix + at, count)), count);
  }
}
