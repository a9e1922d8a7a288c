/**
 * Strings that do not hold on to the text they were cut from.
 *
 * @module
 */

/** V8 keeps shorter cuts as copies, longer ones as views of their source. */
const SHORTEST_VIEW = 13;
/** How many units are copied at once, within the limit of call arguments. */
const BLOCK = 4096;

/**
 * Copies a string that may be a view of a long text, for a key that outlives
 * the text.
 *
 * @example
 * ```ts
 * import { owned } from "./own_string.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(owned("inconstitucionalidade"), "inconstitucionalidade");
 * ```
 */
export function owned(word: string): string {
  if (word.length < SHORTEST_VIEW) return word;
  let copy = "";
  for (let start = 0; start < word.length; start += BLOCK) {
    const units = new Uint16Array(Math.min(BLOCK, word.length - start));
    for (let i = 0; i < units.length; i++) {
      units[i] = word.charCodeAt(start + i);
    }
    copy += String.fromCharCode(...units);
  }
  return copy;
}
