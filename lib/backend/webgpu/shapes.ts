/**
 * From the shapes of a call to grids of workgroups and to parts that can be
 * bound.
 *
 * @module
 */

import { STATE_CHUNK } from "../ops.ts";
import type { Grid } from "./commands.ts";
import type { Specialization } from "./specialize.ts";

/** Slices start at multiples of it, so that they can be bound. */
export const SLICE_STEP = 64;

/** Threads of the kernels that go value by value. */
export const VALUES = 256;

/** Most workgroups along one axis of a grid. */
const WIDEST_GRID = 65535;

/** Threads of the kernels that go column by column over chunks of rows. */
export const COLUMNS = 64;

/** Rows whose share of a parameter's gradient one thread adds up, at least. */
const CHUNK_ROWS = 32;

/** Most such chunks, which one thread adds up in its turn. */
const MOST_CHUNKS = 64;

/** Values of the shared memory that `wkv7Forward` fetches into. */
const FETCHED_VALUES = 3072;

/** Turns of a loop that are written out where compilers are slow. */
const LONGEST_BLOCK = 16;

/** Channels of a workgroup of the kernels along time. */
export const CHANNELS = 32;

/** With fewer threads than this, a large GPU would have idle cores. */
const MANY_THREADS = 65536;

/** Most chunks of time, and fewest tokens in one. */
const MOST_TIME_CHUNKS = 8, CHUNK_TOKENS = 8;

/**
 * A row of workgroups, folded where it is longer than a grid may be.
 *
 * @example
 * ```ts
 * import { folded } from "./shapes.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(folded(10), [10, 1, 1]);
 * assertEquals(folded(65536), [65535, 2, 1]);
 * ```
 */
export function folded(groups: number): Grid {
  if (groups <= WIDEST_GRID) return [groups, 1, 1];
  return [WIDEST_GRID, Math.ceil(groups / WIDEST_GRID), 1];
}

/**
 * In how many chunks of time a kernel along time works: so many that there are many
 * threads, as far as there is time for them.
 *
 * @param channels Of all sequences.
 *
 * @example
 * ```ts
 * import { chunkedBy } from "./shapes.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(chunkedBy(512, 256).constants, { CHUNKS: 8 });
 * assertEquals(chunkedBy(512, 1).constants, { CHUNKS: 1 });
 * assertEquals(chunkedBy(32768, 256).constants, { CHUNKS: 2 });
 * ```
 */
export function chunkedBy(channels: number, time: number): Specialization {
  let chunks = 1;
  while (
    chunks < MOST_TIME_CHUNKS && channels * chunks < MANY_THREADS &&
    2 * chunks * CHUNK_TOKENS <= time
  ) chunks *= 2;
  return { key: `${chunks}`, constants: { CHUNKS: chunks } };
}

/** Rows of a chunk, where sums over rows are made a thread a column and chunk. */
export function chunkOf(rows: number): number {
  return Math.max(CHUNK_ROWS, Math.ceil(rows / MOST_CHUNKS));
}

/** A power of two of threads that takes in a head. */
export function threadsFor(headSize: number): Specialization {
  const threads = 2 ** Math.ceil(Math.log2(Math.max(2, headSize)));
  return { key: `${threads}`, constants: { WORKGROUP: threads } };
}

/**
 * How the kernels of RWKV-7's attention go over the channels of a head.
 *
 * @param unrolled Whether the longest loops are written out.
 */
export function loopsOver(headSize: number, unrolled: boolean): Specialization {
  let block = Math.min(headSize, LONGEST_BLOCK);
  while (headSize % block !== 0) block--;
  const tokens = Math.floor(FETCHED_VALUES / (5 * headSize));
  return {
    key: `${headSize}`,
    constants: {
      N: headSize,
      TOKENS: Math.min(STATE_CHUNK, tokens),
      UNROLLED: unrolled,
      BLOCK: block,
    },
  };
}

/**
 * Cuts rows into pieces that can be bound, as [first row, rows].
 *
 * @param limit Most values of a binding.
 * @param rows How many rows there are.
 * @param widest Values of a row in the widest memory.
 * @param widths Values of a row in the memories that are cut.
 * @throws {RangeError} When the fewest rows that can be cut off are too many.
 *
 * @example
 * ```ts
 * import { piecesOf } from "./shapes.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(piecesOf(1000, 5, 128, [128]), [[0, 5]]);
 * assertEquals(piecesOf(300, 5, 128, [128]), [[0, 2], [2, 2], [4, 1]]);
 * ```
 */
export function piecesOf(
  limit: number,
  rows: number,
  widest: number,
  widths: readonly number[],
): readonly (readonly [start: number, count: number])[] {
  if (rows * widest <= limit) return [[0, rows]];
  const step = Math.max(...widths.map(alignedRows));
  const most = Math.floor(limit / widest / step) * step;
  if (most === 0) {
    throw new RangeError(
      `Cannot compute: ${step} rows of ${widest} values are more than the ` +
        `${limit} that the adapter takes at once`,
    );
  }
  const pieces: [number, number][] = [];
  for (let start = 0; start < rows; start += most) {
    pieces.push([start, Math.min(most, rows - start)]);
  }
  return pieces;
}

/** The fewest rows that end where a slice may start. */
function alignedRows(width: number): number {
  let step = SLICE_STEP;
  while (step > 1 && (step / 2 * width) % SLICE_STEP === 0) step /= 2;
  return step;
}
