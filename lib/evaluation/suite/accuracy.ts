/**
 * How often something was right, and how sure that is.
 *
 * @module
 */

/** The normal distribution has 95 % of its mass within so many deviations. */
const Z = 1.959964;

/** How often something was right. */
export interface Accuracy {
  /** How often it was tried. */
  readonly count: number;
  /** How often it was right. */
  readonly right: number;
  /** right / count. */
  readonly accuracy: number;
  /** Where the true share is, 95 % sure: Wilson's interval. */
  readonly interval: readonly [low: number, high: number];
}

/**
 * The share, with Wilson's interval (1927), which stays within 0 and 1 and
 * holds for small counts too.
 *
 * @param right How often it was right.
 * @param count Of how many.
 * @throws {RangeError} When nothing was tried.
 *
 * @example
 * ```ts
 * import { accuracyOf } from "./accuracy.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { accuracy, interval: [low, high] } = accuracyOf(8, 10);
 * assertAlmostEquals(accuracy, 0.8);
 * assertAlmostEquals(low, 0.4902, 1e-4);
 * assertAlmostEquals(high, 0.9433, 1e-4);
 * ```
 */
export function accuracyOf(right: number, count: number): Accuracy {
  if (count === 0) {
    throw new RangeError("Cannot give an accuracy: nothing was tried");
  }
  const share = right / count, z2 = Z * Z / count;
  const middle = share + z2 / 2;
  const reach = Z * Math.sqrt(share * (1 - share) / count + z2 / (4 * count));
  const bound = (value: number) => Math.min(1, Math.max(0, value / (1 + z2)));
  return {
    count,
    right,
    accuracy: share,
    interval: [bound(middle - reach), bound(middle + reach)],
  };
}
