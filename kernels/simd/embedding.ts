/** Rows of a table, by token id. */

import { EmbeddingBackward, EmbeddingForward } from "./jobs";
import { addUpTo, loadUpTo } from "./math";

/** y = weight[ids]. Slices: rows. */
export function embeddingForward(
  start: usize,
  end: usize,
  job: EmbeddingForward,
): void {
  const y = job.y, weight = job.weight, ids = job.ids, width = job.width;
  for (let row = start; row < end; row++) {
    const id = <usize> load<u32>(ids + 4 * row);
    memory.copy(y + 4 * row * width, weight + 4 * id * width, 4 * width);
  }
}

/** dWeight[ids] += dy. Slices: columns, as rows may share an id. */
export function embeddingBackward(
  start: usize,
  end: usize,
  job: EmbeddingBackward,
): void {
  const dWeight = job.dWeight, dy = job.dy, ids = job.ids, rows = job.rows;
  const width = job.width;
  for (let row: usize = 0; row < rows; row++) {
    const id = <usize> load<u32>(ids + 4 * row);
    const to = dWeight + 4 * id * width, from = dy + 4 * row * width;
    for (let i = start; i < end; i += 4) {
      addUpTo(to + 4 * i, loadUpTo(from + 4 * i, end - i), end - i);
    }
  }
}
