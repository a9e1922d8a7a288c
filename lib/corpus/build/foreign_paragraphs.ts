/**
 * Documents in two languages: paragraphs that are not in the one wanted are
 * taken out, and the rest stays.
 *
 * @module
 */

import type { LanguageIdentifier } from "../measures/language.ts";
import { mayBeNear, nearLanguageOf } from "../measures/near_languages.ts";

/** Shorter paragraphs say too little: they go with the one before, in letters. */
const FEWEST_LETTERS = 60;
/** So much of a paragraph is looked at for signs of another language. */
const LOOK = 240;

/** A document without its foreign paragraphs. */
export interface InOneLanguage {
  /** What stays: its lines joined by `\n`, none where nothing does. */
  readonly text: string;
  /** How many lines were taken out. */
  readonly cut: number;
}

/**
 * Takes paragraphs in other languages out of a document. All of them are judged
 * where samples of the document were in several languages; else those that bear
 * marks of a neighbour of Portuguese, which Spanish and Catalan do too.
 *
 * @param text Lines, none blank.
 * @param language The one wanted, by its ISO 639 code.
 * @param identifier What knows languages.
 * @param share The share of its samples that are in that language.
 * @returns The same text where nothing is taken out, or nothing would stay.
 *
 * @example
 * ```ts
 * import { withoutForeign } from "./foreign_paragraphs.ts";
 * import { loadLanguageIdentifier } from "../measures/language.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const own = "O rio nasce na serra e corre para o mar, passando por cidades " +
 *   "que cresceram com ele e que ainda vivem das suas águas.";
 * const foreign = "O río nace na serra e corre cara ao mar, pasando por vilas " +
 *   "que medraron con el e que aínda viven das súas augas.";
 * const text = `${own}\n${foreign}\n${own}`;
 * assertEquals(withoutForeign(text, "pt", await loadLanguageIdentifier(), 1), {
 *   text: `${own}\n${own}`,
 *   cut: 1,
 * });
 * ```
 */
export function withoutForeign(
  text: string,
  language: string,
  identifier: LanguageIdentifier,
  share: number,
): InOneLanguage {
  const lines = text.split("\n");
  if (lines.length === 1) return { text, cut: 0 };
  let isForeign = false;
  const kept = lines.filter((line) => {
    if (hasLetters(line)) {
      const found = share < 1 || mayBeForeign(line, language)
        ? identifier.identify(line).language
        : language;
      isForeign = found !== undefined && found !== language;
    }
    return !isForeign;
  });
  if (kept.length === 0) return { text, cut: 0 };
  return { text: kept.join("\n"), cut: lines.length - kept.length };
}

function mayBeForeign(line: string, language: string): boolean {
  return language === "pt" && mayBeNear(line) &&
    nearLanguageOf(line.slice(0, LOOK)) !== undefined;
}

/** Whether a line has letters enough to be judged. */
function hasLetters(line: string): boolean {
  if (line.length < FEWEST_LETTERS) return false;
  const letters = line.slice(0, LOOK).match(/\p{L}+/gu) ?? [];
  return letters.reduce((sum, { length }) => sum + length, 0) >= FEWEST_LETTERS;
}
