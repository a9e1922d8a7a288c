/**
 * Exponentials of many numbers at once: a vocabulary of them a token, which
 * `Math.exp` takes most of the time of choosing for.
 *
 * @module
 */

/** Steps between two powers of two. */
const STEPS = 64;

/** 2^(i / STEPS). */
const FRACTIONS = Float64Array.from(
  { length: STEPS },
  (_, i) => 2 ** (i / STEPS),
);

/** 2^-i, down to the smallest number of f64. */
const POWERS = Float64Array.from({ length: 1075 }, (_, i) => 2 ** -i);

/** Below it, in steps, nothing is left. */
const LOWEST = -STEPS * (POWERS.length - 1);

/** Groups of exponentials that are about as large; the last has the smallest. */
const GROUPS = 32 * STEPS;
const GROUP_SUMS = new Float64Array(GROUPS);

/**
 * Writes e^((x - max) / divisor) of every number, to within 1e-13 of it.
 *
 * 2^(k / 64) is looked up for the nearest k, and what is left of the exponent
 * is so small that the series of e^r ends after r⁴: r⁵ / 120 < 4e-14.
 *
 * @param values Any numbers, none above `max`.
 * @param max The largest; finite.
 * @param divisor Above 0.
 * @param into As many, written over.
 * @returns Their sum, and what those add up to that are about as large: 64
 * groups for each halving, the largest first, good until the next call.
 *
 * @example
 * ```ts
 * import { exponentials } from "./exponentials.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const into = new Float64Array(2);
 * const values = new Float64Array([3, 1]);
 * const { sum } = exponentials(values, { max: 3, divisor: 2, into });
 * assertAlmostEquals(into[1], Math.exp(-1), 1e-13);
 * assertAlmostEquals(sum, 1 + Math.exp(-1), 1e-13);
 * ```
 */
export function exponentials(
  values: Float64Array,
  { max, divisor, into }: {
    readonly max: number;
    readonly divisor: number;
    readonly into: Float64Array;
  },
): { readonly sum: number; readonly groups: Float64Array } {
  GROUP_SUMS.fill(0);
  const scale = STEPS / Math.LN2 / divisor;
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const steps = (values[i] - max) * scale;
    if (!(steps > LOWEST)) {
      into[i] = 0;
      continue;
    }
    const k = (steps - 0.5) | 0; // the nearest, as none is above 0
    const r = (steps - k) * (Math.LN2 / STEPS);
    const series = 1 + r * (1 + r * (1 / 2 + r * (1 / 6 + r * (1 / 24))));
    const value = series * FRACTIONS[k & (STEPS - 1)] * POWERS[-(k >> 6)];
    into[i] = value;
    sum += value;
    GROUP_SUMS[k > -GROUPS ? -k : GROUPS - 1] += value;
  }
  return { sum, groups: GROUP_SUMS };
}

/**
 * A bound that the fewest of the largest exponentials reach that together make
 * up a share of all; a few more may reach it too.
 *
 * @param share 0 to 1.
 * @param all As {@linkcode exponentials} returned it.
 */
export function boundOfShare(
  share: number,
  { sum, groups }: ReturnType<typeof exponentials>,
): number {
  let left = share * sum, group = 0;
  while (group < GROUPS - 1 && left > 0) left -= groups[group++];
  // The next group too, as sums in another order are not quite the same.
  return group < GROUPS - 1 ? 2 ** (-(group + 1) / STEPS) : 0;
}
