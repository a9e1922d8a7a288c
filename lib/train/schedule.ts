/**
 * The learning rate of each step.
 *
 * @module
 */

import type { TrainingFields } from "../training_config.ts";

/** What the rate has fallen to at the last step, as a share of its peak. */
const FINAL_SHARE = 0.1;

/**
 * Linear warm-up to the peak, then a linear fall to 10 % of it at the last
 * step; 10 % from there on.
 *
 * @param step 1 for the first step (whose rate is above zero).
 * @param config `learningRate`, `warmupSteps`, `maxSteps`.
 *
 * @example
 * ```ts
 * import { getLearningRate } from "./schedule.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const config = { learningRate: 1, warmupSteps: 10, maxSteps: 110 };
 * assertAlmostEquals(getLearningRate(1, config), 0.1);
 * assertAlmostEquals(getLearningRate(10, config), 1);
 * assertAlmostEquals(getLearningRate(60, config), 0.55);
 * assertAlmostEquals(getLearningRate(110, config), 0.1);
 * ```
 */
export function getLearningRate(
  step: number,
  { learningRate, warmupSteps, maxSteps }: Pick<
    TrainingFields,
    "learningRate" | "warmupSteps" | "maxSteps"
  >,
): number {
  if (step <= warmupSteps) return learningRate * step / warmupSteps;
  const left = Math.max(0, maxSteps - step) /
    Math.max(1, maxSteps - warmupSteps);
  return learningRate * (FINAL_SHARE + (1 - FINAL_SHARE) * left);
}
