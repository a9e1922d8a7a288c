/**
 * Value embeddings: in the last blocks each token has, besides what a block makes
 * its value of, one of its own, looked up as the first embedding is.
 *
 * @module
 */

import { embedding } from "../ops/embedding.ts";
import { NO_DROPOUT, residual } from "../ops/residual.ts";
import type { Tape } from "../tensor/tape.ts";
import { sequenceOf, type Tensor } from "../tensor/tensor.ts";
import type { Depth, Shared } from "./architecture.ts";
import type { RWKVConfig } from "./config.ts";
import { constant } from "./initialize.ts";
import type { LayerParameters } from "./parameters.ts";

/** v with what the tokens of the pass add to it. */
export type ValueEmbedding = (tape: Tape, v: Tensor, shared: Shared) => Tensor;

/**
 * Declares the embedding of a block's values, zero at first; of a block that has
 * none, nothing.
 *
 * @param parameters Of the block's time mixing.
 * @param config Says in how many blocks.
 * @param depth Which block it is.
 */
export function declareValueEmbedding(
  parameters: LayerParameters,
  { valueEmbeddings = 0, vocabSize, dModel }: RWKVConfig,
  { layer, layers }: Depth,
): ValueEmbedding {
  if (layer < layers - valueEmbeddings) return (_tape, v) => v;
  const table = parameters.declare(
    "value_embedding.weight",
    [vocabSize, dModel],
    constant(0),
  );
  return (tape, v, { ids }) => {
    const own = embedding(tape, table, ids, sequenceOf(v));
    return residual(tape, v, own, NO_DROPOUT);
  };
}
