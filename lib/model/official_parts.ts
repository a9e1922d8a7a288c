/**
 * What the official architectures have in common around their blocks.
 *
 * @module
 */

import type { Architecture, Depth } from "./architecture.ts";
import type { ForeignWeight } from "./foreign.ts";
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

/** Projections by their roles, as llama.cpp calls them. */
export function ggufMatrices(
  half: "att" | "ffn",
  ...roles: readonly string[]
): readonly ForeignWeight[] {
  const mixing = half === "att" ? "time_mix" : "channel_mix";
  return roles.map((
    role,
  ) => [`${half}.${role}.weight`, `${mixing}_${role}.weight`]);
}

/**
 * Where a layer stands, as first values depend on it: `share` is 0 at the first
 * block and 1 at the last, `rest` 1 at the first and never 0.
 */
export function sharesOf(
  { layer, layers }: Depth,
): { share: number; rest: number } {
  return {
    share: layer / Math.max(1, layers - 1),
    rest: 1 - layer / layers,
  };
}
