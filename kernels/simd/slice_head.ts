/** The columns of one head. */

import { SliceHeadBackward, SliceHeadForward } from "./jobs";
import { addUpTo, loadUpTo } from "./math";

/** y = the columns of one head of x. Slices: rows. */
export function sliceHeadForward(
  start: usize,
  end: usize,
  job: SliceHeadForward,
): void {
  const y = job.y, width = job.width, n = job.headSize;
  const x = job.x + 4 * <usize> job.head * n;
  for (let row = start; row < end; row++) {
    memory.copy(y + 4 * row * n, x + 4 * row * width, 4 * n);
  }
}

/** The columns of one head of dx += dy. Slices: rows. */
export function sliceHeadBackward(
  start: usize,
  end: usize,
  job: SliceHeadBackward,
): void {
  const width = job.width, n = job.headSize, head: usize = job.head;
  for (let row = start; row < end; row++) {
    const dy = job.dy + 4 * row * n;
    const dx = job.dx + 4 * (row * width + head * n);
    for (let j: usize = 0; j < 4 * n; j += 16) {
      const count = n - j / 4;
      addUpTo(dx + j, loadUpTo(dy + j, count), count);
    }
  }
}
