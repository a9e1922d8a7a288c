/**
 * Figures that tell running text from lists, menus and debris: those of Gopher
 * (Rae et al. 2021) and FineWeb (Penedo et al. 2024), fitted to Portuguese.
 *
 * @module
 */

import { type Words, wordsOf } from "./words.ts";

/** The 16 words that FineWeb-2 takes as Portuguese stop words, by hash. */
const STOP_WORDS: ReadonlySet<number> = new Set(
  wordsOf("de a e o em do da que um no uma com para na é foi").hashes,
);

/** A dash opens speech in Portuguese, so only these open a list's line. */
const BULLET = /^\s*[•‣▪◦●○■□▸►➢✓*]/u;
/**
 * What a sentence, verse or clause of a law may end with. FineWeb takes full
 * stops, question and exclamation marks, quotes; laws need `;` and `:`, and
 * closing brackets and quotes may follow.
 */
const ENDS_OF_TEXT: ReadonlySet<string> = new Set(".!?…;:'\"”’»)]");

/**
 * The share of letters among all characters that are not white space.
 *
 * @example
 * ```ts
 * import { letterShare } from "./quality.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(letterShare("às 10h"), 3 / 5);
 * ```
 */
export function letterShare(text: string): number {
  let letters = 0, visible = 0;
  for (let i = 0; i < text.length; i++) {
    const kind = KINDS[text.charCodeAt(i)];
    visible += kind & VISIBLE;
    letters += kind >> 1;
  }
  return letters / Math.max(1, visible);
}

const VISIBLE = 1;
const LETTER = 2;
/** What each UTF-16 unit is; halves of pairs count as visible. */
const KINDS = Uint8Array.from({ length: 0x10000 }, (_, unit) => {
  const character = String.fromCharCode(unit);
  if (/\s/.test(character)) return 0;
  return VISIBLE | (/[\p{L}\p{M}]/u.test(character) ? LETTER : 0);
});

/** The mean length of words, in UTF-16 units. */
export function meanWordLength({ plain, count }: Words): number {
  return count === 0 ? 0 : (plain.length - (count - 1)) / count;
}

/** The share of words that hold a letter. */
export function alphabeticShare({ plain, count, starts, ends }: Words): number {
  let alphabetic = 0;
  for (let word = 0; word < count; word++) {
    for (let i = starts[word]; i < ends[word]; i++) {
      if (KINDS[plain[i]] & LETTER) {
        alphabetic++;
        break;
      }
    }
  }
  return alphabetic / Math.max(1, count);
}

/** How many words are stop words, as far as the limit. */
export function countStopWords(
  { hashes, count }: Words,
  limit: number,
): number {
  let found = 0;
  for (let word = 0; word < count && found < limit; word++) {
    if (STOP_WORDS.has(hashes[word])) found++;
  }
  return found;
}

/**
 * Number signs, or ellipses, a word: the larger of both. A dotted line, by
 * which laws show what they leave out, is one ellipsis.
 */
export function symbolsPerWord(text: string, words: number): number {
  const hashes = countSign(text, "#");
  let ellipses = countSign(text, "…"), end = 0;
  for (
    let at = text.indexOf("...");
    at >= 0;
    at = text.indexOf("...", end)
  ) {
    ellipses++;
    for (end = at + 3; text[end] === "."; end++);
  }
  return Math.max(hashes, ellipses) / Math.max(1, words);
}

/** How often a sign stands in a text. */
export function countSign(text: string, sign: string): number {
  let found = 0;
  for (let at = text.indexOf(sign); at >= 0; at = text.indexOf(sign, at + 1)) {
    found++;
  }
  return found;
}

/** What share of the lines are like this. */
export interface LineShares {
  /** Opening with a list's mark. */
  readonly bullets: number;
  /** Ending in an ellipsis. */
  readonly ellipses: number;
  /** Ending as text does, in a sign. */
  readonly punctuated: number;
  /** Of at most {@linkcode SHORT_LINE} UTF-16 units. */
  readonly short: number;
}

/** A line is short up to here, as in FineWeb. */
export const SHORT_LINE = 30;

/**
 * Looks at how lines, of which none is blank, begin and end.
 *
 * @example
 * ```ts
 * import { lineShares } from "./quality.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(lineShares(["• um", "Dois."]), {
 *   bullets: 0.5,
 *   ellipses: 0,
 *   punctuated: 0.5,
 *   short: 1,
 * });
 * ```
 */
export function lineShares(lines: readonly string[]): LineShares {
  let bullets = 0, ellipses = 0, punctuated = 0, short = 0;
  for (const line of lines) {
    if (BULLET.test(line)) bullets++;
    if (line.endsWith("...") || line.endsWith("…")) ellipses++;
    if (ENDS_OF_TEXT.has(line[line.length - 1])) punctuated++;
    if (line.length <= SHORT_LINE) short++;
  }
  const all = Math.max(1, lines.length);
  return {
    bullets: bullets / all,
    ellipses: ellipses / all,
    punctuated: punctuated / all,
    short: short / all,
  };
}
