/**
 * How minimal pairs are made: two forms, and sentences in which one of them is
 * right and the other wrong.
 *
 * Every form is right as often as the other, so that whoever merely prefers the
 * commoner one of the two is right in half of the pairs.
 *
 * @module
 */

/** Two sentences that differ in one place, of which one is right. */
export interface GrammarPair {
  /** What is tried, by the name of its phenomenon. */
  readonly phenomenon: string;
  /** The sentence as grammars have it. */
  readonly right: string;
  /** The same with the other form. */
  readonly wrong: string;
}

/** Two forms, and sentences with `_` where one of them stands. */
export interface Contrast {
  /** The two. */
  readonly forms: readonly [first: string, second: string];
  /** Sentences in which the first is right, and the second wrong. */
  readonly first: readonly string[];
  /** As many, in which it is the other way round. */
  readonly second: readonly string[];
}

/** A part of the grammar. */
export interface Phenomenon {
  /** What grammars call it, in Portuguese. */
  readonly name: string;
  /** The grammar that has the rule, and under what. */
  readonly source: string;
  /** Its contrasts. */
  readonly contrasts: readonly Contrast[];
}

/** The grammars that are named, by the names of their authors. */
export const CUNHA_CINTRA =
  "Cunha & Cintra, Nova Gramática do Português Contemporâneo";
export const BECHARA = "Bechara, Moderna Gramática Portuguesa";

/**
 * The pairs of a phenomenon.
 *
 * @param phenomenon What is tried.
 * @throws {RangeError} When a form of a contrast is right more often than the
 * other, or a sentence has not exactly one place for it.
 *
 * @example
 * ```ts
 * import { pairsOf } from "./contrast.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const pairs = pairsOf({
 *   name: "ser e estar",
 *   source: "",
 *   contrasts: [{
 *     forms: ["é", "está"],
 *     first: ["_ preciso sair."],
 *     second: ["Ele _ com fome."],
 *   }],
 * });
 * assertEquals(pairs.map(({ right, wrong }) => [right, wrong]), [
 *   ["É preciso sair.", "Está preciso sair."],
 *   ["Ele está com fome.", "Ele é com fome."],
 * ]);
 * ```
 */
export function pairsOf({ name, contrasts }: Phenomenon): GrammarPair[] {
  return contrasts.flatMap(({ forms: [one, other], first, second }) => {
    if (first.length !== second.length) {
      throw new RangeError(
        `Cannot make pairs of "${name}": "${one}" is right ${first.length} times, "${other}" ${second.length}`,
      );
    }
    const pair = (sentence: string, right: string, wrong: string) => ({
      phenomenon: name,
      right: filled(sentence, right),
      wrong: filled(sentence, wrong),
    });
    return [
      ...first.map((sentence) => pair(sentence, one, other)),
      ...second.map((sentence) => pair(sentence, other, one)),
    ];
  });
}

/** A sentence with a form in its place; capital where it begins. */
function filled(sentence: string, form: string): string {
  const parts = sentence.split("_");
  if (parts.length !== 2) {
    throw new RangeError(
      `Cannot make a pair of "${sentence}": it has ${
        parts.length - 1
      } places for a form`,
    );
  }
  const [before, after] = parts;
  const begins = before === "" || before === "— ";
  return before + (begins ? form[0].toUpperCase() + form.slice(1) : form) +
    after;
}

/** Every sentence with every one of some words where `%` stands. */
export function eachOf(
  sentences: readonly string[],
  words: readonly string[],
): string[] {
  return sentences.flatMap((sentence) =>
    words.map((word) => sentence.replace("%", word))
  );
}
