/**
 * How much a text repeats itself, by the measures of Gopher (Rae et al. 2021,
 * table A1): lines that stood before, the n-gram that takes the most room, and
 * what n-grams cover that stood before.
 *
 * All are shares of characters, or of lines where it says so. In n-grams words
 * are those of `words.ts`, so case and signs do not count.
 *
 * @module
 */

import { hashNgram, type Words } from "./words.ts";

/** Lines that stood before. */
export interface RepeatedLines {
  /** The share of repeated lines among all lines. */
  readonly lines: number;
  /** The share of their characters among all, line ends left out. */
  readonly characters: number;
}

/**
 * Measures repeated lines; the first of equal ones is not repeated, and none
 * may be blank.
 *
 * @example
 * ```ts
 * import { repeatedLines } from "./repetition.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(repeatedLines(["ai", "ai", "sim", "ai"]), {
 *   lines: 2 / 4,
 *   characters: 4 / 9,
 * });
 * ```
 */
export function repeatedLines(lines: readonly string[]): RepeatedLines {
  const seen = new Set<string>();
  let all = 0, repeated = 0, characters = 0;
  for (const line of lines) {
    all += line.length;
    if (seen.has(line)) {
      repeated++;
      characters += line.length;
    } else seen.add(line);
  }
  return {
    lines: repeated / Math.max(1, lines.length),
    characters: characters / Math.max(1, all),
  };
}

/**
 * The share of the n-gram that takes the most room: its length times how often
 * it stands in the text. What stands only once does not count.
 *
 * @param n How many words, 1 or more.
 */
export function topNgram(words: Words, n: number): number {
  const { count, starts, ends, plain } = words;
  const seen = new NgramCounter(count);
  let most = 0;
  for (let i = 0; i + n <= count; i++) {
    const times = seen.add(hashNgram(words, i, n));
    if (times < 2) continue;
    most = Math.max(most, times * (ends[i + n - 1] - starts[i]));
  }
  // Overlapping ones, as in "ha ha ha", would count some words twice.
  return Math.min(1, most / Math.max(1, plain.length));
}

/**
 * The share that n-grams cover which stood before. From `n` = 2 on it falls with
 * `n`: where ten words stood before, so did five of them.
 *
 * @param n How many words, 1 or more.
 *
 * @example
 * ```ts
 * import { repeatedNgrams } from "./repetition.ts";
 * import { wordsOf } from "./words.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const words = wordsOf("um dois três um dois seis");
 * assertEquals(repeatedNgrams(words, 2), "um dois".length / 25);
 * ```
 */
export function repeatedNgrams(words: Words, n: number): number {
  const { count, starts, ends, plain } = words;
  const seen = new NgramCounter(count);
  let covered = 0, coveredTo = 0;
  for (let i = 0; i + n <= count; i++) {
    if (seen.add(hashNgram(words, i, n)) === 1) continue;
    const end = ends[i + n - 1];
    covered += end - Math.max(starts[i], coveredTo);
    coveredTo = end;
  }
  return covered / Math.max(1, plain.length);
}

/** Tables of some length are kept for the next text: most are short. */
let keys = new Uint32Array(1 << 12);
let counts = new Uint32Array(1 << 12);
/** Longer tables than this are given back. */
const LARGEST_KEPT = 1 << 18;

/** Counts 32-bit keys. Only one is in use at a time. */
class NgramCounter {
  readonly #keys: Uint32Array;
  readonly #counts: Uint32Array;
  readonly #mask: number;

  /** @param most How many different keys there may be. */
  constructor(most: number) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(16, 2 * most)));
    if (size <= LARGEST_KEPT) {
      if (keys.length < size) {
        keys = new Uint32Array(size);
        counts = new Uint32Array(size);
      } else counts.fill(0, 0, size);
      this.#keys = keys;
      this.#counts = counts;
    } else {
      this.#keys = new Uint32Array(size);
      this.#counts = new Uint32Array(size);
    }
    this.#mask = size - 1;
  }

  /** Counts a key, and says how often it has been counted. */
  add(key: number): number {
    let slot = key & this.#mask;
    while (this.#counts[slot] !== 0 && this.#keys[slot] !== key) {
      slot = (slot + 1) & this.#mask;
    }
    this.#keys[slot] = key;
    return ++this.#counts[slot];
  }
}
