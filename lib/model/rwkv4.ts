/**
 * RWKV-4 (Peng et al. 2023, arXiv 2305.13048), as in the official
 * RWKV-v4neo/src/model.py: its equations, names and initial values.
 *
 * @module
 */

import { linear } from "../ops/linear.ts";
import { sigmoidGate } from "../ops/sigmoid_gate.ts";
import { keepLastToken, tokenShift } from "../ops/token_shift.ts";
import { wkv } from "../ops/wkv.ts";
import type { Architecture, MixingDeclaration } from "./architecture.ts";
import { gatedFeedForward } from "./feed_forward.ts";
import type { HuggingFaceNames } from "./foreign.ts";
import { constant, orthogonal, positional, uniform } from "./initialize.ts";
import { OFFICIAL_PARTS, sharesOf } from "./official_parts.ts";
import type { LayerParameters, Parameter } from "./parameters.ts";
import { emptySums } from "./state.ts";
import { declareValueEmbedding } from "./value_embedding.ts";

/** A learned token shift, from one that looks back to one that does not. */
function declareMix(
  parameters: LayerParameters,
  letter: string,
  width: number,
  at: (position: number) => number,
): Parameter {
  const first = positional((c) => at(c / width));
  return parameters.declare(`time_mix_${letter}`, [width], first);
}

/** out = W_o (σ(r) · wkv(k, v)), each of r, k, v of a token shift of its own. */
const timeMixing: MixingDeclaration = (parameters, config, depth) => {
  const { dModel: d } = config;
  const { rest, share } = sharesOf(depth);
  const decays = positional((c) =>
    -5 + 8 * (c / Math.max(1, d - 1)) ** (0.7 + 1.3 * share)
  );
  const decay = parameters.declare("time_decay", [d], decays, 2);
  const zigzag = positional((c) => Math.log(0.3) + 0.5 * ((c + 1) % 3 - 1));
  const bonus = parameters.declare("time_first", [d], zigzag, 3);
  const mix = (letter: string, at: (position: number) => number) =>
    declareMix(parameters, letter, d, at);
  const mixK = mix("k", (position) => position ** rest);
  const mixV = mix("v", (position) => position ** rest + 0.3 * share);
  const mixR = mix("r", (position) => position ** (0.5 * rest));
  const key = parameters.matrix("key", [d, d], constant(0));
  const value = parameters.matrix("value", [d, d], orthogonal(1));
  const receptance = parameters.matrix("receptance", [d, d], constant(0));
  const output = parameters.matrix("output", [d, d], constant(0));
  const embedded = declareValueEmbedding(parameters, config, depth);
  return (tape, x, state, shared) => {
    const xk = tokenShift(tape, x, mixK, state?.shift);
    const xv = tokenShift(tape, x, mixV, state?.shift);
    const xr = tokenShift(tape, x, mixR, state?.shift);
    keepLastToken(tape, x, state?.nextShift);
    const [k, own, r] = tape.together(() => [
      linear(tape, xk, key),
      linear(tape, xv, value),
      linear(tape, xr, receptance),
    ]);
    const v = embedded(tape, own, shared);
    const y = wkv(tape, { k, v, decay, bonus, state: state?.wkv });
    return linear(tape, sigmoidGate(tape, r, y), output);
  };
};

/** Gated feed-forward, r and k of a token shift of their own. */
const channelMixing: MixingDeclaration = (
  parameters,
  { dModel: d, dFfn: f },
  depth,
) => {
  const { rest } = sharesOf(depth);
  const mix = (letter: string) =>
    declareMix(parameters, letter, d, (position) => position ** rest);
  const mixK = mix("k"), mixR = mix("r");
  const gain = Math.sqrt(Math.max(1, f / d));
  const key = parameters.matrix("key", [f, d], orthogonal(gain));
  const receptance = parameters.matrix("receptance", [d, d], constant(0));
  const value = parameters.matrix("value", [d, f], constant(0));
  return (tape, x, state) => {
    const inputs = {
      key: tokenShift(tape, x, mixK, state?.shift),
      receptance: tokenShift(tape, x, mixR, state?.shift),
    };
    keepLastToken(tape, x, state?.nextShift);
    return gatedFeedForward(tape, inputs, { key, receptance, value });
  };
};

/** The names of transformers' `RwkvForCausalLM`. */
const HUGGING_FACE: HuggingFaceNames = {
  mark: "rwkv.blocks.0.attention.time_first",
  block: "rwkv\\.blocks",
  weights: [
    ...["weight", "bias"].flatMap((part) => [
      [`ln0.${part}`, `pre_ln.${part}`] as const,
      [`ln1.${part}`, `ln1.${part}`] as const,
      [`ln2.${part}`, `ln2.${part}`] as const,
    ]),
    ["att.time_decay", "attention.time_decay"],
    ["att.time_first", "attention.time_first"],
    ...["key", "value", "receptance"].map((role) =>
      [`att.time_mix_${role[0]}`, `attention.time_mix_${role}`] as const
    ),
    ...["key", "value", "receptance", "output"].map((role) =>
      [`att.${role}.weight`, `attention.${role}.weight`] as const
    ),
    ...["key", "receptance"].map((role) =>
      [`ffn.time_mix_${role[0]}`, `feed_forward.time_mix_${role}`] as const
    ),
    ...["key", "receptance", "value"].map((role) =>
      [`ffn.${role}.weight`, `feed_forward.${role}.weight`] as const
    ),
  ],
  outer: {
    "rwkv.embeddings.weight": "emb.weight",
    "rwkv.ln_out.weight": "ln_out.weight",
    "rwkv.ln_out.bias": "ln_out.bias",
    "head.weight": "head.weight",
  },
};

/** The official RWKV-4. */
export const rwkv4: Architecture = {
  ...OFFICIAL_PARTS,
  title: "RWKV-4",
  fields: {},
  embedding: uniform(6e-4), // official: the initial learning rate
  hasValueEmbeddings: true,
  timeMixing,
  channelMixing,
  emptyState: ({ dModel }) => emptySums(dModel),
  official: {
    mark: "blocks.0.att.time_first",
    unused: [],
    broadcast: /\.time_mix_[kvr]$/,
    rwkvCpp: [["att.time_decay", "att.time_decay", "-exp"]],
    huggingFace: HUGGING_FACE,
  },
};
