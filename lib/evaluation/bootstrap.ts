/**
 * How sure a figure is: documents are drawn again and again, as many as there
 * are and with repetitions, and the figure of each draw is looked at. Documents
 * are what is drawn, as what stands in one of them goes together.
 *
 * What is drawn follows from a seed and the number of documents alone, so two
 * models are compared on the same draws.
 *
 * @module
 */

import { hashKey, uniformAt } from "../random.ts";
import { bitsPerByteOf, type Cost, sumOf } from "./cost.ts";

/** Keeps the draws apart from other uses of a seed. */
const STREAM = 0xb007;

/** How documents are drawn. */
export interface BootstrapOptions {
  /** Chooses what is drawn. */
  readonly seed: number;
  /** How often as many documents as there are are drawn. */
  readonly resamples: number;
}

/** Where 95 % of the figures lie, in bits per byte. */
export type Interval = readonly [low: number, high: number];

/** The share of draws that lie outside on each side. */
const TAIL = 0.025;

/**
 * The interval of Σ bits / Σ bytes.
 *
 * @param costs What each document cost.
 * @param options How they are drawn.
 * @returns Undefined of fewer than two documents, which say nothing about it.
 *
 * @example
 * ```ts
 * import { intervalOf } from "./bootstrap.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const cost = { nats: Math.LN2, tokens: 1, bytes: 1 };
 * const options = { seed: 1, resamples: 100 };
 * assertEquals(intervalOf([cost, cost], options), [1, 1]);
 * assertEquals(intervalOf([cost], options), undefined);
 * ```
 */
export function intervalOf(
  costs: readonly Cost[],
  options: BootstrapOptions,
): Interval | undefined {
  return percentiles(costs.length, options, (chosen) => {
    let nats = 0, bytes = 0;
    for (const i of chosen) {
      nats += costs[i].nats;
      bytes += costs[i].bytes;
    }
    return bitsPerByteOf({ nats, bytes, tokens: 0 });
  });
}

/** By how much one spends more bits on each byte than another. */
export interface Difference {
  /** Above zero where it spends more. */
  readonly bitsPerByte: number;
  /** Where 95 % of draws have it; absent of fewer than two documents. */
  readonly interval?: Interval;
}

/**
 * Compares what the same documents cost two models: of each draw the difference
 * is taken, so that what makes documents hard for both does not count.
 *
 * @param costs What each document cost the one,
 * @param from and the other.
 * @param options How they are drawn.
 *
 * @example
 * ```ts
 * import { differenceOf } from "./bootstrap.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const costing = (bits: number) => ({
 *   nats: bits * Math.LN2,
 *   tokens: 1,
 *   bytes: 1,
 * });
 * const options = { seed: 1, resamples: 100 };
 * // Hard and easy, but always one bit apart.
 * const one = [costing(9), costing(2)], other = [costing(8), costing(1)];
 * const { bitsPerByte, interval } = differenceOf(one, other, options);
 * for (const bits of [bitsPerByte, ...interval!]) assertAlmostEquals(bits, 1);
 * ```
 */
export function differenceOf(
  costs: readonly Cost[],
  from: readonly Cost[],
  options: BootstrapOptions,
): Difference {
  const interval = percentiles(costs.length, options, (chosen) => {
    let nats = 0, bytes = 0, natsFrom = 0, bytesFrom = 0;
    for (const i of chosen) {
      nats += costs[i].nats;
      bytes += costs[i].bytes;
      natsFrom += from[i].nats;
      bytesFrom += from[i].bytes;
    }
    return (nats / bytes - natsFrom / bytesFrom) / Math.LN2;
  });
  const bitsPerByte = bitsPerByteOf(sumOf(costs)) -
    bitsPerByteOf(sumOf(from));
  return interval === undefined ? { bitsPerByte } : { bitsPerByte, interval };
}

/** The middle of the figures of many draws. */
function percentiles(
  count: number,
  { seed, resamples }: BootstrapOptions,
  figureOf: (chosen: Uint32Array) => number,
): Interval | undefined {
  if (count < 2) return undefined;
  const chosen = new Uint32Array(count);
  const figures = Float64Array.from({ length: resamples }, (_, resample) => {
    const key = hashKey(seed, STREAM, resample);
    for (let i = 0; i < count; i++) chosen[i] = uniformAt(key, i) * count;
    return figureOf(chosen);
  }).sort();
  // The nearest rank, as many from above as from below.
  const out = Math.floor(TAIL * resamples);
  return [figures[out], figures[resamples - 1 - out]];
}
