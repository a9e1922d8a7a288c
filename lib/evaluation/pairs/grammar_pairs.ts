/**
 * Minimal pairs of Portuguese grammar: sentences that differ in one place, of
 * which one is right. Written for this project, from words that the literature
 * of the nineteenth century and the language of today have in common.
 *
 * What is right is the written norm of Brazil, as the grammars that each
 * phenomenon names have it. Of two forms that a contrast plays against each
 * other each is right equally often (see `contrast.ts`).
 *
 * @module
 */

import { type GrammarPair, pairsOf, type Phenomenon } from "./contrast.ts";
import { NOMINAL } from "./nominal.ts";
import { PREPOSITIONS } from "./prepositions.ts";
import { PRONOUNS } from "./pronouns.ts";
import { VERBAL } from "./verbal.ts";
import { VERB_FORMS } from "./verb_forms.ts";

/** What of the grammar is tried. */
export const PHENOMENA: readonly Phenomenon[] = [
  ...NOMINAL,
  ...VERBAL,
  ...VERB_FORMS,
  ...PRONOUNS,
  ...PREPOSITIONS,
];

/**
 * All pairs, in the order of {@linkcode PHENOMENA}; the same ones every time.
 *
 * @example
 * ```ts
 * import { grammarPairs } from "./grammar_pairs.ts";
 * import { assert } from "@std/assert";
 *
 * assert(grammarPairs().some(({ right }) => right === "Ela vai à igreja."));
 * ```
 */
export function grammarPairs(): GrammarPair[] {
  return PHENOMENA.flatMap(pairsOf);
}
