/**
 * How much texts repeat themselves and one another, and how many different
 * words they have. The figures depend on the length of the texts: compare what
 * is equally long.
 *
 * @module
 */

import { deflateRawSync } from "node:zlib";

/** A text ends in a loop when its end is several times the same stretch: */
const LONGEST_LOOP = 60;
const LOOP_TIMES = 3;
/** so many words or tokens at least, for "ha ha ha" is none. */
const SHORTEST_LOOPING = 24;

/** What some texts are like. */
export interface Diversity {
  /** How many. */
  readonly texts: number;
  /** Words of all of them. */
  readonly words: number;
  /** Different words, pairs and threes of words as shares of all of them. */
  readonly distinct: readonly [one: number, two: number, three: number];
  /** Mean share of a text's fours of words that were there before in it. */
  readonly repeatedFours: number;
  /** Mean share of a text's fours of words that another text has too. */
  readonly sharedFours: number;
  /** Share of texts that end in a loop. */
  readonly loops: number;
  /** Bytes of UTF-8 a byte of the compressed texts (deflate). */
  readonly compression: number;
}

/**
 * Measures texts.
 *
 * @param texts One or more.
 * @throws {RangeError} When they have no words.
 *
 * @example
 * ```ts
 * import { diversityOf } from "./diversity.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const found = diversityOf(["o rio e o mar e o rio e o", "a casa"]);
 * assertEquals(found.words, 12);
 * assertEquals(found.distinct[0], 6 / 12);
 * assertEquals(found.repeatedFours, (1 / 7 + 0) / 2);
 * ```
 */
export function diversityOf(texts: readonly string[]): Diversity {
  const words = texts.map(wordsOf);
  const total = words.reduce((sum, own) => sum + own.length, 0);
  if (total === 0) {
    throw new RangeError("Cannot measure texts: they have no words");
  }
  const fours = words.map((own) => stretchesOf(own, 4));
  const known = new Map<string, number>();
  for (const own of fours) {
    for (const four of new Set(own)) {
      known.set(four, (known.get(four) ?? 0) + 1);
    }
  }
  const bytes = new TextEncoder().encode(texts.join("\n"));
  return {
    texts: texts.length,
    words: total,
    distinct: [1, 2, 3].map((n) => distinctOf(words, n)) as [
      number,
      number,
      number,
    ],
    repeatedFours: meanOf(words.map((own) => repeatedShare(own))),
    sharedFours: meanOf(
      fours.map((own) =>
        shareOf(own.filter((four) => known.get(four)! > 1).length, own.length)
      ),
    ),
    loops: shareOf(words.filter(endsInLoop).length, texts.length),
    compression: bytes.length / deflateRawSync(bytes, { level: 9 }).length,
  };
}

/** The words of a text, small letters all. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
}

/**
 * The share of stretches of four that were there before.
 *
 * @param items Words, or token ids.
 */
export function repeatedShare(items: readonly (string | number)[]): number {
  const fours = stretchesOf(items, 4);
  return shareOf(fours.length - new Set(fours).size, fours.length);
}

/**
 * Whether a text ends in a loop: three times or more the same stretch, of at
 * most 60 words or tokens, over at least 24.
 *
 * @param items Words, or token ids.
 */
export function endsInLoop(items: readonly (string | number)[]): boolean {
  for (let period = 1; period <= LONGEST_LOOP; period++) {
    const length = Math.max(LOOP_TIMES * period, SHORTEST_LOOPING);
    const last = items.slice(-length);
    if (last.length < length) return false;
    if (last.every((item, i) => i < period || item === last[i - period])) {
      return true;
    }
  }
  return false;
}

/** Different stretches of n words as a share of all. */
function distinctOf(texts: readonly string[][], n: number): number {
  const all = texts.flatMap((words) => stretchesOf(words, n));
  return shareOf(new Set(all).size, all.length);
}

function stretchesOf(
  items: readonly (string | number)[],
  n: number,
): string[] {
  return items.slice(n - 1).map((_, i) => items.slice(i, i + n).join(" "));
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** None of none is 0. */
function shareOf(part: number, all: number): number {
  return all === 0 ? 0 : part / all;
}
