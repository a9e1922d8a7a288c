/**
 * The shapes and tolerances that the cases share: odd ones and the models'.
 *
 * @module
 */

import type {
  HeadShape,
  ProductShape,
  RowShape,
  SequenceShape,
} from "../../../lib/backend/backend.ts";

/** Tolerance for the f32 rounding of a few operations. */
export const FEW = 2e-6;

/** Tolerance for sums over channels or time. */
export const SUM = 2e-5;

/** Tolerance where rows are rounded to 16 bits, a group of 32 at a time. */
export const ROUNDED = 1e-4;

/** Lengths of flat vectors. */
export const LENGTHS: readonly number[] = [1, 3, 64, 127, 5000, 24576];

/** Rows and widths. */
export const ROW_SHAPES: readonly RowShape[] = [
  [1, 1],
  [3, 1],
  [1, 256],
  [3, 5],
  [17, 127],
  [64, 64],
  [17, 384],
  [64, 256],
].map(([rows, width]) => ({ rows, width }));

/** Batches, times and widths. */
export const SEQUENCE_SHAPES: readonly SequenceShape[] = [
  [1, 1, 1],
  [2, 3, 5],
  [1, 17, 127],
  [2, 64, 64],
  [3, 17, 256],
  [1, 64, 384],
].map(([batch, time, width]) => ({ batch, time, width }));

/** Rows, widths and outputs of products with packed weights. */
export const PRODUCT_SHAPES: readonly ProductShape[] = [
  [1, 32, 1],
  [1, 96, 3],
  [1, 384, 65],
  [2, 64, 5],
  [5, 256, 33],
  [64, 96, 16],
  [65, 64, 3],
  [70, 32, 1030],
].map(([rows, width, outputs]) => ({ rows, width, outputs }));

/** Batches, times, widths and head sizes. */
export const HEAD_SHAPES: readonly HeadShape[] = [
  [1, 1, 1, 1],
  [2, 3, 6, 3],
  [1, 17, 35, 5],
  [2, 16, 32, 16],
  [3, 33, 48, 16],
  [1, 37, 28, 14],
  [1, 50, 192, 64],
  [2, 40, 128, 64],
].map(([batch, time, width, headSize]) => ({ batch, time, width, headSize }));
