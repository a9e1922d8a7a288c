/**
 * Finds steps whose loss jumps up, so that the data they began with can be
 * looked at.
 *
 * @module
 */

/** Steps that a loss is compared with. */
const WINDOW = 100;
/** Fewer than these say nothing about how much losses vary. */
const MIN_STEPS = 50;
/**
 * So many standard deviations above the mean is a spike: a rule of thumb, as
 * the spike score of OLMo 2 (2025), which takes seven over 1,000 steps.
 */
const DEVIATIONS = 6;
/** Nats that it is above the mean at least: near 0 losses hardly vary. */
const MIN_RISE = 0.1;

/** A loss that jumped up. */
export interface Spike {
  /** The step's loss, in nats. */
  readonly loss: number;
  /** The mean loss of the steps before. */
  readonly mean: number;
  /** The standard deviation of these. */
  readonly deviation: number;
  /** The step's training windows: from the first to before the last. */
  readonly data: readonly [number, number];
}

/**
 * Compares each loss with those of the 100 steps before, of the same process.
 *
 * @example
 * ```ts
 * import { SpikeDetector } from "./spikes.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const detector = new SpikeDetector();
 * for (let i = 0; i < 50; i++) {
 *   assertEquals(detector.add(i % 2 === 0 ? 2.9 : 3.1, [i, i + 1]), undefined);
 * }
 * assertEquals(detector.add(4, [50, 51])?.data, [50, 51]);
 * ```
 */
export class SpikeDetector {
  readonly #losses: number[] = [];

  /**
   * Takes note of a step.
   *
   * @param loss Its loss.
   * @param data Its training windows.
   * @returns What is to be said of it, where its loss jumped up.
   */
  add(loss: number, data: Spike["data"]): Spike | undefined {
    const losses = this.#losses, { length } = losses;
    const mean = losses.reduce((sum, value) => sum + value, 0) / length;
    const squares = losses.reduce((sum, x) => sum + (x - mean) ** 2, 0);
    const deviation = Math.sqrt(squares / length);
    losses.push(loss);
    if (losses.length > WINDOW) losses.shift();
    const rise = Math.max(DEVIATIONS * deviation, MIN_RISE);
    const isSpike = length >= MIN_STEPS && loss > mean + rise;
    return isSpike ? { loss, mean, deviation, data } : undefined;
  }
}
