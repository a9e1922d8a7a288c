/**
 * The words of a text as filters and duplicates see them: runs of letters and
 * digits in lower case. Signs, blanks and line ends count for nothing, nor do
 * characters beyond U+FFFF, which no Portuguese word has.
 *
 * @module
 */

import { hash32 } from "../../random.ts";

const BLANK = 0x20;

/** Whether a UTF-16 unit belongs to a word. */
const IN_WORD = Uint8Array.from(
  { length: 0x10000 },
  (_, unit) => /[\p{L}\p{M}\p{N}]/u.test(String.fromCharCode(unit)) ? 1 : 0,
);

/**
 * Where words stand, and a hash of each. Two words in 2³² have the same hash,
 * which a share of a text does not show.
 */
export interface Words {
  /** UTF-16 units of the words, one blank between two. */
  readonly plain: Uint16Array<ArrayBuffer>;
  /** How many words there are. */
  readonly count: number;
  /** Where each begins in `plain`. */
  readonly starts: Uint32Array;
  /** Where each ends. */
  readonly ends: Uint32Array;
  /** A hash of each. */
  readonly hashes: Uint32Array;
}

/**
 * Finds the words of a text.
 *
 * @example
 * ```ts
 * import { wordsOf } from "./words.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { plain, count, hashes } = wordsOf("— Sim, mar.\nSim!");
 * assertEquals(String.fromCharCode(...plain), "sim mar sim");
 * assertEquals(count, 3);
 * assertEquals(hashes[0], hashes[2]);
 * ```
 */
export function wordsOf(text: string): Words {
  const lower = text.normalize("NFC").toLowerCase();
  const plain = new Uint16Array(lower.length + 1);
  const most = (lower.length >> 1) + 1;
  const starts = new Uint32Array(most);
  const ends = new Uint32Array(most);
  const hashes = new Uint32Array(most);
  let count = 0, filled = 0, start = 0, hash = 0;
  for (let i = 0; i <= lower.length; i++) {
    const unit = i === lower.length ? BLANK : lower.charCodeAt(i);
    if (IN_WORD[unit] === 1) {
      plain[filled++] = unit;
      hash = Math.imul(hash ^ unit, 0x01000193); // FNV-1a's prime
    } else if (filled > start) {
      starts[count] = start;
      ends[count] = filled;
      hashes[count++] = hash32(hash ^ (filled - start));
      plain[filled++] = BLANK;
      start = filled;
      hash = 0;
    }
  }
  return {
    plain: plain.subarray(0, Math.max(0, start - 1)),
    count,
    starts: starts.subarray(0, count),
    ends: ends.subarray(0, count),
    hashes: hashes.subarray(0, count),
  };
}

/** A hash of the `n` words from the `first` on, order mattering. */
export function hashNgram(
  { hashes }: Words,
  first: number,
  n: number,
): number {
  let key = 0;
  for (let i = first; i < first + n; i++) {
    key = Math.imul(key, 0x9e3779b1) + hashes[i] | 0;
  }
  return hash32(key);
}
