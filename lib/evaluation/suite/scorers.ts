/**
 * What says how likely a text is: a model, or n-grams.
 *
 * @module
 */

import type { RWKV } from "../../model/rwkv.ts";
import { DocumentEvaluator } from "../document_evaluator.ts";
import type { TokenDocument } from "../documents.ts";
import type { NgramModel } from "./ngram_model.ts";

/** How texts are scored. */
export interface ScoringOptions {
  /** With whose reason it ends on the way. */
  readonly signal?: AbortSignal;
  /** Told how many tokens are done. */
  readonly onProgress?: (done: number) => void;
}

/**
 * Says of each text Σ ln p of all its tokens but the first.
 *
 * @param texts Ids, the token that begins a document before them.
 */
export type Scorer = (
  texts: readonly ArrayLike<number>[],
  options?: ScoringOptions,
) => Promise<number[]>;

/**
 * A model as a scorer; texts are read several at once.
 *
 * @param model Any model; it is not changed.
 *
 * @example
 * ```ts
 * import { ReferenceBackend } from "../../backend/reference/reference_backend.ts";
 * import { RWKVConfig } from "../../model/config.ts";
 * import { RWKV } from "../../model/rwkv.ts";
 * import { scorerOf } from "./scorers.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const config = new RWKVConfig({ vocabSize: 8, dModel: 8, dFfn: 16 });
 * // All weights are zero: every token is as likely as any other.
 * const score = scorerOf(new RWKV(config, new ReferenceBackend()));
 * const [one, none] = await score([[1, 5, 6], [1]]);
 * assertAlmostEquals(one, -2 * Math.log(8), 1e-6);
 * assertAlmostEquals(none, 0);
 * ```
 */
export function scorerOf(model: RWKV): Scorer {
  const evaluator = new DocumentEvaluator(model, { rows: 16 });
  const byteLengths = new Uint8Array(model.config.vocabSize);
  return async (texts, options) => {
    // A start alone predicts nothing.
    const longer = texts.keys().filter((i) => texts[i].length > 1).toArray();
    const documents = longer.map((i) => documentOf(texts[i]));
    const costs = await evaluator.evaluate(documents, byteLengths, options);
    const scores = new Array<number>(texts.length).fill(0);
    for (const [at, i] of longer.entries()) scores[i] = -costs[at].nats;
    return scores;
  };
}

/** n-grams as a scorer. */
export function ngramScorerOf(model: NgramModel): Scorer {
  return (texts, { signal } = {}) =>
    Promise.resolve(texts.map((ids) => {
      signal?.throwIfAborted();
      return model.logProbability(ids);
    }));
}

function documentOf(ids: ArrayLike<number>): TokenDocument {
  const tokens = Uint16Array.from(ids);
  return {
    name: "",
    source: 0,
    bytes: 0,
    length: tokens.length,
    read: (at, into) => into.set(tokens.subarray(at, at + into.length)),
  };
}
