/**
 * What fits into a time, for whoever has not measured yet.
 *
 * @module
 */

/**
 * How many steps a time is enough for, as a round number: two digits and zeros.
 *
 * @param seconds The time.
 * @param tokensPerSecond How fast the training is.
 * @param tokensPerStep How much a step is.
 * @returns At least 1.
 *
 * @example
 * ```ts
 * import { stepsWithin } from "./plan.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(stepsWithin(86_400, 1000, 8192), 10_000);
 * ```
 */
export function stepsWithin(
  seconds: number,
  tokensPerSecond: number,
  tokensPerStep: number,
): number {
  const steps = Math.floor(seconds * tokensPerSecond / tokensPerStep);
  const unit = 10 ** Math.max(0, String(steps).length - 2);
  return Math.max(1, Math.floor(steps / unit) * unit);
}
