/**
 * The block of the Rust program that this one succeeds, with the attention its
 * documentation describes: a causal running softmax over time. The variant its
 * code really computed is kept for old files (`timeMixing: "channels"`).
 *
 * @module
 */

import { type Fields, oneOf, yesNo } from "../fields.ts";
import { linear } from "../ops/linear.ts";
import { sigmoidGate } from "../ops/sigmoid_gate.ts";
import { softmaxGate } from "../ops/softmax_gate.ts";
import { keepLastToken, tokenShift } from "../ops/token_shift.ts";
import { wkv } from "../ops/wkv.ts";
import type { Architecture, MixingDeclaration } from "./architecture.ts";
import { gatedFeedForward } from "./feed_forward.ts";
import { normal, uniform } from "./initialize.ts";
import type { LayerParameters, Parameter } from "./parameters.ts";
import { emptySums } from "./state.ts";

/** What `classic` attends over; "channels" only to reproduce old files. */
export const TIME_MIXINGS = ["attention", "channels"] as const;
/** See {@linkcode TIME_MIXINGS}. */
export type TimeMixingKind = typeof TIME_MIXINGS[number];

/** What `classic` adds to a configuration. */
export interface ClassicFields {
  /** `classic` only. */
  readonly timeMixing: TimeMixingKind;
  /** `classic` only: the LayerNorm after the embedding (`ln_pre`). */
  readonly embeddingNorm: boolean;
}

const FIELDS: Fields<ClassicFields> = {
  timeMixing: oneOf("attention", TIME_MIXINGS),
  embeddingNorm: yesNo(true),
};

/** Kaiming-uniform as Burn does it: ±1/√in. */
function projection(
  parameters: LayerParameters,
  role: string,
  shape: readonly [out: number, input: number],
): Parameter {
  return parameters.matrix(role, shape, uniform(1 / Math.sqrt(shape[1])));
}

/** out = W_o (σ(r) · attention(k, v)), with r, k, v of ½(x_t + x_{t-1}). */
const timeMixing: MixingDeclaration = (
  parameters,
  { dModel: d, timeMixing },
) => {
  const key = projection(parameters, "key", [d, d]);
  const value = projection(parameters, "value", [d, d]);
  const receptance = projection(parameters, "receptance", [d, d]);
  const output = projection(parameters, "output", [d, d]);
  const half = parameters.constant(0.5, d);
  const decay = parameters.constant(-Infinity, d),
    bonus = parameters.constant(0, d);
  return (tape, x, state) => {
    const mixed = tokenShift(tape, x, half, state?.shift);
    keepLastToken(tape, x, state?.nextShift);
    const [k, v, r] = tape.together(() => [
      linear(tape, mixed, key),
      linear(tape, mixed, value),
      linear(tape, mixed, receptance),
    ]);
    const y = timeMixing === "channels"
      ? softmaxGate(tape, k, v)
      : wkv(tape, { k, v, decay, bonus, state: state?.wkv });
    return linear(tape, sigmoidGate(tape, r, y), output);
  };
};

/** Gated feed-forward, with r, k of ½(x_t + x_{t-1}). */
const channelMixing: MixingDeclaration = (
  parameters,
  { dModel: d, dFfn: f },
) => {
  const key = projection(parameters, "key", [f, d]);
  const value = projection(parameters, "value", [d, f]);
  const receptance = projection(parameters, "receptance", [d, d]);
  const half = parameters.constant(0.5, d);
  return (tape, x, state) => {
    const mixed = tokenShift(tape, x, half, state?.shift);
    keepLastToken(tape, x, state?.nextShift);
    const inputs = { key: mixed, receptance: mixed };
    return gatedFeedForward(tape, inputs, { key, receptance, value });
  };
};

/** The Rust program's block. */
export const classic: Architecture = {
  title: "the block of the Rust program PTBR-SLM 0.1",
  fields: FIELDS,
  names: {
    embedding: "embedding",
    embeddingNorm: "ln_pre",
    timeMixing: "time_mixing",
    channelMixing: "channel_mixing",
    normScale: "gamma",
    normShift: "beta",
  },
  normsDecay: true, // the program decays everything
  hasEmbeddingNorm: ({ embeddingNorm }) => embeddingNorm,
  embedding: normal(1),
  head: ({ dModel }) => uniform(1 / Math.sqrt(dModel)),
  timeMixing,
  channelMixing,
  emptyState: ({ dModel }) => emptySums(dModel),
  rust: {
    turned: /^(?!embedding\.).*\.weight$/,
    constants: [
      [/(?:^|\.)(?:key|value|receptance|output|head)$/, ["bias"]],
      [/(?:^|\.)ln\w+$/, ["epsilon"]],
      [/_mixing$/, ["d_model"]],
      [/^blocks\.\d+$/, ["dropout"]],
      [/^$/, ["vocab_size", "d_model", "n_layers"]],
    ],
  },
};
