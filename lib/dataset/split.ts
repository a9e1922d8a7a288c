/**
 * Which documents are held out for validation: decided by each document's own
 * text, so that the same document is on the same side in every corpus and no
 * copy of one is on both.
 *
 * @module
 */

import { hash32 } from "../random.ts";

/** The parts of a dataset. */
export type SplitName = "train" | "val";

/**
 * A document's place in [0, 1), a hash of its text.
 *
 * @param text The document.
 * @returns A multiple of 2⁻³².
 */
export function placeOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash32(hash) * 2 ** -32;
}

/**
 * Documents before this place are for validation.
 *
 * Usually the place is the fraction itself. Where that leaves one side empty,
 * the document nearest to it moves over, so that a corpus of two different
 * documents has both sides.
 *
 * @param texts The documents; read only until both sides have one.
 * @param fraction How much to hold out, in [0, 1).
 * @returns The place; 0 when nothing is held out, as with a single document.
 *
 * @example
 * ```ts
 * import { boundaryOf, placeOf } from "./split.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const texts = ["um", "dois"];
 * const boundary = await boundaryOf(texts, 0.0001);
 * assertEquals(texts.filter((text) => placeOf(text) < boundary).length, 1);
 * ```
 */
export async function boundaryOf(
  texts: AsyncIterable<string> | Iterable<string>,
  fraction: number,
): Promise<number> {
  if (fraction === 0) return 0;
  let lowest = 1, highest = 0;
  for await (const text of texts) {
    const place = placeOf(text);
    lowest = Math.min(lowest, place);
    highest = Math.max(highest, place);
    if (lowest < fraction && highest >= fraction) return fraction;
  }
  // One document, or copies of one, would all go to one side: train on all.
  if (lowest >= highest) return 0;
  return lowest < fraction ? highest : lowest + 2 ** -32;
}
