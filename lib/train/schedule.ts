/**
 * The learning rate of each step, and the weight decay that may follow it.
 *
 * @module
 */

import type { TrainingFields } from "../training_config.ts";

/** What of a recipe the rate follows from. */
export type Schedule =
  & Pick<TrainingFields, "learningRate" | "warmupSteps" | "maxSteps">
  & Partial<Pick<TrainingFields, "schedule" | "decayShare" | "finalRate">>;

/**
 * Linear warm-up to the peak, then by the schedule to `finalRate` of it at the
 * last step; that from there on.
 *
 * @param step 1 for the first step (whose rate is above zero).
 * @param config The recipe; `linear` to 10 % unless it says otherwise.
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
 *
 * const stable = {
 *   ...config,
 *   schedule: "wsd",
 *   decayShare: 0.2,
 *   finalRate: 0,
 * } as const;
 * assertAlmostEquals(getLearningRate(88, stable), 1);
 * assertAlmostEquals(getLearningRate(99, stable), 0.5);
 * ```
 */
export function getLearningRate(
  step: number,
  {
    learningRate,
    warmupSteps,
    maxSteps,
    schedule = "linear",
    decayShare = 0.3,
    finalRate = 0.1,
  }: Schedule,
): number {
  if (step <= warmupSteps) return learningRate * step / warmupSteps;
  // The steps in which the rate falls end with the last.
  const falling = schedule === "wsd"
    ? Math.min(decayShare * maxSteps, maxSteps - warmupSteps)
    : maxSteps - warmupSteps;
  const left = Math.min(
    1,
    Math.max(0, maxSteps - step) / Math.max(1, falling),
  );
  const height = schedule === "cosine"
    ? (1 - Math.cos(Math.PI * left)) / 2
    : left;
  return learningRate * (finalRate + (1 - finalRate) * height);
}

/**
 * The weight decay λ of a step.
 *
 * @param rate The step's learning rate.
 * @param config The recipe.
 *
 * @example
 * ```ts
 * import { getWeightDecay } from "./schedule.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const config = { learningRate: 1, weightDecay: 0.5 };
 * const constant = { ...config, weightDecaySchedule: "constant" } as const;
 * const falling = { ...config, weightDecaySchedule: "rate" } as const;
 * assertEquals(getWeightDecay(0.25, constant), 0.5);
 * assertEquals(getWeightDecay(0.25, falling), 0.125);
 * ```
 */
export function getWeightDecay(
  rate: number,
  { learningRate, weightDecay, weightDecaySchedule }: Pick<
    TrainingFields,
    "learningRate" | "weightDecay" | "weightDecaySchedule"
  >,
): number {
  const follows = weightDecaySchedule === "rate" && learningRate > 0;
  return follows ? weightDecay * (rate / learningRate) : weightDecay;
}
