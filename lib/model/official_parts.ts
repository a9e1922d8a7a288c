/**
 * What the official architectures have in common around their blocks.
 *
 * @module
 */

import type { Architecture } from "./architecture.ts";
import { orthogonal } from "./initialize.ts";

/** Names, LayerNorms and the head, as in every official model.py. */
export const OFFICIAL_PARTS: Pick<
  Architecture,
  "names" | "normsDecay" | "hasEmbeddingNorm" | "head"
> = {
  names: {
    embedding: "emb",
    embeddingNorm: "blocks.0.ln0",
    timeMixing: "att",
    channelMixing: "ffn",
    normScale: "weight",
    normShift: "bias",
  },
  normsDecay: false, // only matrices do
  hasEmbeddingNorm: () => true,
  head: ({ vocabSize, dModel }) =>
    orthogonal(0.5 * Math.sqrt(Math.max(1, vocabSize / dModel))),
};
