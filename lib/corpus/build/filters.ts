/**
 * The filters of `build-corpus`: rules, each a measure and a threshold, in the
 * order in which they are asked. The first that a document breaks is why it is
 * dropped, and carries the name the recipe has for its threshold.
 *
 * Sources: the original program's rules for blocks (`min_chars`, `min_words`,
 * `min_letters`); Gopher (Rae et al. 2021); FineWeb (Penedo et al. 2024); the
 * thresholds for Portuguese are FineWeb-2's (Penedo et al. 2025, `por_Latn`,
 * Apache-2.0) but where {@linkcode PRESETS} says why not.
 *
 * @module
 */

import type { LanguageIdentifier } from "../measures/language.ts";
import {
  type Spelling,
  type Variant,
  writtenIn,
} from "../measures/variants.ts";
import {
  alphabeticShare,
  countStopWords,
  letterShare,
  type LineShares,
  lineShares,
  meanWordLength,
  symbolsPerWord,
} from "../measures/quality.ts";
import {
  type RepeatedLines,
  repeatedLines,
  repeatedNgrams,
  topNgram,
} from "../measures/repetition.ts";
import { type Words, wordsOf } from "../measures/words.ts";
import { assertKind } from "../../option_kinds.ts";

/** A document and what has been found out about it, each thing once. */
class Measured {
  readonly text: string;
  readonly words: Words;
  readonly lines: readonly string[];
  #shares?: LineShares;
  #repeated?: RepeatedLines;
  /** Shares of the n-grams measured so far, by n. */
  readonly #repeatedNgrams = new Map<number, number>();

  constructor(text: string) {
    this.text = text;
    this.words = wordsOf(text);
    this.lines = text.split("\n");
  }

  get shares(): LineShares {
    return this.#shares ??= lineShares(this.lines);
  }

  get repeated(): RepeatedLines {
    return this.#repeated ??= repeatedLines(this.lines);
  }

  /** Exact where it is above the limit, else any figure up to the limit. */
  repeatedNgrams(n: number, limit: number): number {
    for (const [shorter, share] of this.#repeatedNgrams) {
      // A longer n-gram never covers more of the text than a shorter one.
      if (shorter <= n && share <= limit) return share;
    }
    const share = repeatedNgrams(this.words, n);
    this.#repeatedNgrams.set(n, share);
    return share;
  }
}

/** One rule: a figure that must not be below, or above, its threshold. */
interface Rule {
  readonly name: string;
  /** Where a threshold may lie. */
  readonly highest: number;
  readonly measure: (document: Measured, threshold: number) => number;
}

const rule = (
  name: string,
  highest: number,
  measure: Rule["measure"],
): Rule => ({ name, highest, measure });

/** Rules but that of language, in order, the cheap ones first. */
const RULES = [
  rule("min_chars", 1e9, ({ text }) => text.length),
  rule("min_words", 1e9, ({ words }) => words.count),
  rule("max_words", 1e9, ({ words }) => words.count),
  rule("min_letters", 1, ({ text }) => letterShare(text)),
  rule("max_repeated_lines", 1, ({ repeated }) => repeated.lines),
  rule("max_repeated_line_chars", 1, ({ repeated }) => repeated.characters),
  ...[2, 3, 4].map((n) =>
    rule(`max_top_${n}_gram`, 1, ({ words }) => topNgram(words, n))
  ),
  ...[5, 6, 7, 8, 9, 10].map((n) =>
    rule(
      `max_repeated_${n}_grams`,
      1,
      (document, limit) => document.repeatedNgrams(n, limit),
    )
  ),
  rule("min_mean_word_length", 1e3, ({ words }) => meanWordLength(words)),
  rule("max_mean_word_length", 1e3, ({ words }) => meanWordLength(words)),
  rule(
    "max_symbols_per_word",
    1e3,
    ({ text, words }) => symbolsPerWord(text, words.count),
  ),
  rule("max_bullet_lines", 1, ({ shares }) => shares.bullets),
  rule("max_ellipsis_lines", 1, ({ shares }) => shares.ellipses),
  rule("min_alphabetic_words", 1, ({ words }) => alphabeticShare(words)),
  rule(
    "min_stop_words",
    1e9,
    ({ words }, threshold) => countStopWords(words, threshold),
  ),
  rule("min_punctuated_lines", 1, ({ shares }) => shares.punctuated),
  rule("max_short_lines", 1, ({ shares }) => shares.short),
  rule(
    "max_lines_per_word",
    1e3,
    ({ lines, words }) => (lines.length - 1) / Math.max(1, words.count),
  ),
] as const;

/** The rule about a document's language, which needs an identifier. */
const LANGUAGE_RULE = "min_language_share";
/** The rule after which a document's language is asked for. */
const BEFORE_LANGUAGE = "min_letters";

/** The rules' names in the order in which they are asked. */
export const RULE_NAMES: readonly string[] = RULES.flatMap(({ name }) =>
  name === BEFORE_LANGUAGE ? [name, LANGUAGE_RULE] : [name]
);

const MEASURES: ReadonlyMap<string, Rule["measure"]> = new Map(
  RULES.map(({ name, measure }) => [name, measure]),
);

/** What is asked of a source's documents. */
export interface Filters {
  /** The language wanted, as ISO 639 has it. */
  readonly language: string;
  /** Thresholds by the rule's name; a rule without one is not asked. */
  readonly thresholds: Readonly<Record<string, number>>;
  /** The variety of Portuguese wanted; what is clearly another is dropped. */
  readonly variant?: Variant;
  /** The spelling wanted; what is clearly in another is dropped. */
  readonly spelling?: Spelling;
}

/** What {@linkcode judge} asks of varieties of Portuguese, after the rules. */
export const VARIETY_RULES = ["variant", "spelling"] as const;

/** The highest threshold that makes sense for a rule. */
export function highestThreshold(name: string): number {
  return RULES.find((rule) => rule.name === name)?.highest ?? 1;
}

/** Why a document is dropped. */
export interface Verdict {
  /** The rule that it breaks. */
  readonly reason: string;
  /** What was measured. */
  readonly value: number;
  /** The language, variety or spelling found, where that is why. */
  readonly language?: string;
}

/** A document that was measured: its verdict if it has one, and its words. */
export interface Judged {
  /** Absent when the document stays. */
  readonly verdict?: Verdict;
  /** The words of the document. */
  readonly words: Words;
  /** The share of its samples in the language, where that was asked for. */
  readonly share?: number;
}

/**
 * Asks a document's text all rules, until it breaks one.
 *
 * @param text Lines, none blank.
 * @param identifier What knows languages; needed where a share of the language
 * is asked for.
 *
 * @example
 * ```ts
 * import { judge } from "./filters.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const filters = { language: "pt", thresholds: { min_words: 3 } };
 * assertEquals(judge("Era uma vez.", filters).verdict, undefined);
 * assertEquals(judge("Fim.", filters).verdict, {
 *   reason: "min_words",
 *   value: 1,
 * });
 * ```
 */
export function judge(
  text: string,
  filters: Filters,
  identifier?: LanguageIdentifier,
): Judged {
  assertKind("judge", "the text", text, "text");
  assertKind("judge", "the filters", filters, "object");
  const { language, thresholds } = filters;
  const document = new Measured(text);
  const { words } = document;
  let inLanguage: number | undefined;
  for (const { name, measure } of RULES) {
    const threshold = thresholds[name];
    if (threshold !== undefined) {
      const value = measure(document, threshold);
      if (isBroken(name, value, threshold)) {
        return { words, verdict: { reason: name, value } };
      }
    }
    const share = thresholds[LANGUAGE_RULE];
    if (name === BEFORE_LANGUAGE && share !== undefined) {
      const value = inLanguage = identifier!.shareOf(text, language);
      if (value < share) {
        const found = identifier!.identify(text).language;
        const verdict = { reason: LANGUAGE_RULE, value, language: found };
        return { words, verdict };
      }
    }
  }
  if (filters.variant !== undefined || filters.spelling !== undefined) {
    const written = writtenIn(text);
    for (const reason of VARIETY_RULES) {
      const found = written[reason], wanted = filters[reason];
      if (wanted !== undefined && found !== undefined && found !== wanted) {
        return { words, verdict: { reason, value: 0, language: found } };
      }
    }
  }
  return { words, ...inLanguage !== undefined && { share: inLanguage } };
}

/** What a rule measures of a document. */
export interface Measurement {
  /** The rule's name. */
  readonly rule: string;
  /** What was measured. */
  readonly value: number;
  /** Whether the document breaks it; never where it has no threshold. */
  readonly isBroken: boolean;
}

/**
 * Measures a document by every rule, whether it is asked or not, so that one
 * sees what other thresholds would do. {@linkcode judge} stops at the first
 * that is broken, which is also the first here.
 *
 * @param text Lines, none blank.
 * @param identifier What knows languages.
 * @returns A measurement for each rule, in the order of {@linkcode RULE_NAMES}.
 *
 * @example
 * ```ts
 * import { measureAll } from "./filters.ts";
 * import { loadLanguageIdentifier } from "../measures/language.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const filters = { language: "pt", thresholds: { min_words: 5 } };
 * const all = measureAll("Era uma vez.", filters, await loadLanguageIdentifier());
 * assertEquals(all.find(({ rule }) => rule === "min_words"), {
 *   rule: "min_words",
 *   value: 3,
 *   isBroken: true,
 * });
 * ```
 */
export function measureAll(
  text: string,
  { language, thresholds }: Filters,
  identifier: LanguageIdentifier,
): Measurement[] {
  const document = new Measured(text);
  return RULE_NAMES.map((rule) => {
    const value = rule === LANGUAGE_RULE
      ? identifier.shareOf(text, language)
      // A limit that leaves no measure unfinished.
      : MEASURES.get(rule)!(document, rule.startsWith("min_") ? Infinity : 0);
    const threshold = thresholds[rule];
    const broken = threshold !== undefined && isBroken(rule, value, threshold);
    return { rule, value, isBroken: broken };
  });
}

function isBroken(name: string, value: number, threshold: number): boolean {
  return name.startsWith("min_") ? value < threshold : value > threshold;
}

/**
 * Thresholds for text nobody has edited: FineWeb-2's for Portuguese. Their
 * measures are taken as `repetition.ts` and `quality.ts` say, on words without
 * signs; a paragraph being a line here, repeated paragraphs are repeated lines.
 * FineWeb-2 asks for short lines no more, and its score of language (0.799) is
 * the confidence of another program, so ours is a share of samples.
 */
const WEB: Readonly<Record<string, number>> = {
  min_chars: 300,
  min_words: 50,
  max_words: 100_000,
  min_letters: 0.7,
  min_language_share: 0.5,
  max_repeated_lines: 0.325,
  max_repeated_line_chars: 0.1,
  max_top_2_gram: 0.093,
  max_top_3_gram: 0.117,
  max_top_4_gram: 0.139,
  max_repeated_5_grams: 0.19,
  max_repeated_6_grams: 0.172,
  max_repeated_7_grams: 0.154,
  max_repeated_8_grams: 0.142,
  max_repeated_9_grams: 0.131,
  max_repeated_10_grams: 0.12,
  min_mean_word_length: 3,
  max_mean_word_length: 13,
  max_symbols_per_word: 0.1,
  max_bullet_lines: 0.9,
  max_ellipsis_lines: 0.3,
  min_alphabetic_words: 0.814,
  min_stop_words: 2,
  min_punctuated_lines: 0.154,
  max_lines_per_word: 0.23,
};

/**
 * Thresholds for what was printed before it was a file: books, plays, verse,
 * laws, encyclopaedias. What gives a web page away is in order there: speakers'
 * names and refrains as lines of their own, verses without a sign at their end,
 * formulas of law, a novel as one document. The figures leave room above what
 * running text reaches, in pieces of a page, in the works of Machado de Assis
 * and 15 codes of law; those reached are said.
 */
const EDITED: Readonly<Record<string, number>> = {
  min_chars: WEB.min_chars,
  min_words: WEB.min_words,
  min_letters: 0.6, // lists of articles: 0.65; dotted lines: 0.58
  min_language_share: WEB.min_language_share,
  max_repeated_lines: 0.7, // laws: 0.64, plays: 0.50; an index: 0.72
  max_repeated_line_chars: 0.4, // laws: 0.36, verse: 0.21
  max_top_2_gram: 0.2, // laws: 0.19, verse: 0.12
  max_top_3_gram: 0.25, // laws: 0.23, verse: 0.14
  max_top_4_gram: 0.35, // laws: 0.32, verse: 0.18
  max_repeated_10_grams: 0.5, // laws: 99 % of pages up to 0.31
  min_mean_word_length: WEB.min_mean_word_length,
  max_mean_word_length: WEB.max_mean_word_length,
  max_symbols_per_word: 0.2, // plays: 0.11
  max_bullet_lines: WEB.max_bullet_lines,
  min_alphabetic_words: 0.65, // notes to verse: 0.67
  min_stop_words: WEB.min_stop_words,
  min_punctuated_lines: 0.05, // verse: 0.07
  max_lines_per_word: 0.4, // plays: 0.33
};

/** Sets of thresholds by name. */
export const PRESETS: Readonly<
  Record<string, Readonly<Record<string, number>>>
> = { web: WEB, edited: EDITED, none: {} };
