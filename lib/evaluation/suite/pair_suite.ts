/**
 * Whether a model finds what is right likelier than what is wrong, as BLiMP
 * asks it (Warstadt et al. 2020): the sum of the log-probabilities of all
 * tokens of both sentences of a pair, each as the beginning of a document.
 *
 * @module
 */

import type { Tokenizer } from "../../tokenizer/tokenizer.ts";
import type { GrammarPair } from "../pairs/contrast.ts";
import { type Accuracy, accuracyOf } from "./accuracy.ts";
import type { Scorer, ScoringOptions } from "./scorers.ts";

/** What was found out of a phenomenon. */
export interface PhenomenonAccuracy extends Accuracy {
  /** Its name. */
  readonly name: string;
}

/** What was found out of all pairs. */
export interface PairAccuracy extends Accuracy {
  /** The same by phenomenon, in the order of their pairs. */
  readonly phenomena: readonly PhenomenonAccuracy[];
}

/**
 * The sentences of pairs as tokens: of each pair what is right, and what is
 * wrong.
 *
 * @param pairs The pairs.
 * @param tokenizer Of the model that is asked.
 */
export function tokensOfPairs(
  pairs: readonly GrammarPair[],
  tokenizer: Tokenizer,
): number[][] {
  const start = tokenizer.vocab.specialId("[BOS]");
  return pairs.flatMap(({ right, wrong }) =>
    [right, wrong].map((text) => [start, ...tokenizer.encode(text)])
  );
}

/**
 * Scores pairs. A pair that is a draw is not right.
 *
 * @param pairs What is asked.
 * @param tokens What {@linkcode tokensOfPairs} gives for them.
 * @param score Who is asked.
 * @param options A signal, and who is told how far it is.
 * @returns How often what is right was the likelier.
 * @throws {RangeError} When there are no pairs.
 *
 * @example
 * ```ts
 * import { scorePairs } from "./pair_suite.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const pair = (right: string, wrong: string) => ({
 *   phenomenon: "número",
 *   right,
 *   wrong,
 * });
 * const pairs = [pair("Os rios.", "Os rio."), pair("O rio.", "O rios.")];
 * const tokens = [[0, 1, 2], [0, 1, 3], [0, 4, 3], [0, 4, 2]];
 * // Who merely likes token 2 is right half the time.
 * const score = (texts: readonly ArrayLike<number>[]) =>
 *   Promise.resolve(texts.map((ids) => ids[2] === 2 ? -1 : -2));
 * const { accuracy } = await scorePairs(pairs, tokens, score);
 * assertEquals(accuracy, 0.5);
 * ```
 */
export async function scorePairs(
  pairs: readonly GrammarPair[],
  tokens: readonly ArrayLike<number>[],
  score: Scorer,
  options?: ScoringOptions,
): Promise<PairAccuracy> {
  const scores = await score(tokens, options);
  const names = [...new Set(pairs.map(({ phenomenon }) => phenomenon))];
  const isRight = pairs.map((_, i) => scores[2 * i] > scores[2 * i + 1]);
  const counted = (own: readonly boolean[]) =>
    accuracyOf(own.filter(Boolean).length, own.length);
  return {
    ...counted(isRight),
    phenomena: names.map((name) => ({
      name,
      ...counted(isRight.filter((_, i) => pairs[i].phenomenon === name)),
    })),
  };
}
