/**
 * Which tokens would go on with a repetition: what DRY asks.
 *
 * @module
 */

/**
 * Looks for earlier places where the tokens were those of the end.
 *
 * The text is read backwards, where "the tokens before this place are those of
 * the end" means "the text from here on begins as the whole does", which the
 * Z-algorithm (Gusfield 1997, "Algorithms on Strings, Trees, and Sequences",
 * chapter 1) answers for all places in time that grows with the text alone.
 *
 * @param tokens What has been written so far.
 * @param breakers Tokens that no repetition contains or goes on with.
 * @returns The tokens that came after such places, each with the greatest
 * number of tokens before it that are those of the end.
 *
 * @example
 * ```ts
 * import { repetitionsIn } from "./repetitions.ts";
 * import { assertEquals } from "@std/assert";
 *
 * // After "7 8" came 9 before, and after an 8 alone 5.
 * const found = repetitionsIn([7, 8, 9, 8, 5, 7, 8], new Set());
 * assertEquals(found, new Map([[9, 2], [5, 1]]));
 * ```
 */
export function repetitionsIn(
  tokens: readonly number[],
  breakers: ReadonlySet<number>,
): Map<number, number> {
  const { length } = tokens;
  const back = (i: number) => tokens[length - 1 - i];
  let most = 0; // tokens of the end that no breaker cuts off
  while (most < length && !breakers.has(back(most))) most++;
  const found = new Map<number, number>();
  const same = new Uint32Array(length);
  // The rightmost stretch known to equal the beginning, [left, right).
  let left = 0, right = 0;
  for (let i = 1; i < length; i++) {
    let size = i < right ? Math.min(right - i, same[i - left]) : 0;
    while (i + size < length && back(size) === back(i + size)) size++;
    if (i + size > right) [left, right] = [i, i + size];
    same[i] = size;
    const next = back(i - 1);
    const repeated = Math.min(size, most);
    if (repeated === 0 || breakers.has(next)) continue;
    if (repeated > (found.get(next) ?? 0)) found.set(next, repeated);
  }
  return found;
}
