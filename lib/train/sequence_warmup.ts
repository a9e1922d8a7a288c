/**
 * Windows that grow over the first steps: each is cut into parts that are rows of
 * their own, so that a step has the same tokens as ever, in the same order.
 *
 * @module
 */

import type { Batch } from "../dataset/data_loader.ts";
import type { TrainingFields } from "../training_config.ts";

/** What windows are cut into at first, where they can be. */
const MOST_PARTS = 8;

/**
 * Into how many parts the windows of a step are cut: at first 8, then 4 and 2,
 * for as many steps each, then none.
 *
 * @param step 1 for the first step.
 * @param contextLength Tokens of a window; what they do not divide by is left
 * out.
 * @param config Over how many steps.
 *
 * @example
 * ```ts
 * import { partsOfWindow } from "./sequence_warmup.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const parts = [1, 3, 4, 6, 7, 9, 10].map((step) =>
 *   partsOfWindow(step, 256, { sequenceWarmup: 9 })
 * );
 * assertEquals(parts, [8, 8, 4, 4, 2, 2, 1]);
 * ```
 */
export function partsOfWindow(
  step: number,
  contextLength: number,
  { sequenceWarmup }: Pick<TrainingFields, "sequenceWarmup">,
): number {
  if (step > sequenceWarmup) return 1;
  let levels = 0;
  while (contextLength % 2 ** (levels + 1) === 0 && 2 ** levels < MOST_PARTS) {
    levels++;
  }
  const passed = Math.floor((step - 1) / sequenceWarmup * levels);
  return 2 ** (levels - passed);
}

/**
 * Throws unless windows can be cut, where they are to be.
 *
 * @throws {RangeError} When they have an odd number of tokens.
 */
export function assertCuttable(
  contextLength: number,
  { sequenceWarmup }: Pick<TrainingFields, "sequenceWarmup">,
): void {
  if (sequenceWarmup === 0 || contextLength % 2 === 0) return;
  throw new RangeError(
    `Cannot let windows grow to ${contextLength} tokens: give an even number`,
  );
}

/** A batch whose windows are cut: the same tokens as more rows. */
export function cutBatch(batch: Batch, parts: number): Batch {
  return parts === 1 ? batch : { ...batch, rows: batch.rows * parts };
}
