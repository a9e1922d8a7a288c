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
import { squaredRelu } from "../ops/squared_relu.ts";
import { keepLastToken, tokenShift } from "../ops/token_shift.ts";
import { wkv } from "../ops/wkv.ts";
import type { Tape } from "../tensor/tape.ts";
import type { Operand, Tensor } from "../tensor/tensor.ts";
import type { Architecture } from "./architecture.ts";
import type { RWKVConfig } from "./config.ts";
import { normal, uniform } from "./initialize.ts";
import type { Parameter, ParameterSet } from "./parameters.ts";
import { emptySums, type MixingState } from "./state.ts";

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
  parameters: ParameterSet,
  name: string,
  [output, input]: [number, number],
): Parameter {
  return parameters.declare(
    `${name}.weight`,
    [output, input],
    uniform(1 / Math.sqrt(input)),
  );
}

/** out = W_o (σ(r) · attention(k, v)), with r, k, v of ½(x_t + x_{t-1}). */
export class ClassicTimeMixing {
  readonly #key: Parameter;
  readonly #value: Parameter;
  readonly #receptance: Parameter;
  readonly #output: Parameter;
  readonly #half: Operand;
  readonly #noDecay: Operand;
  readonly #noBonus: Operand;
  readonly #overChannels: boolean;

  /** Declares the parameters of one layer under `name`. */
  constructor(parameters: ParameterSet, name: string, config: RWKVConfig) {
    const { dModel: d } = config;
    this.#key = projection(parameters, `${name}.key`, [d, d]);
    this.#value = projection(parameters, `${name}.value`, [d, d]);
    this.#receptance = projection(parameters, `${name}.receptance`, [d, d]);
    this.#output = projection(parameters, `${name}.output`, [d, d]);
    this.#half = parameters.constant(0.5, d);
    this.#noDecay = parameters.constant(-Infinity, d);
    this.#noBonus = parameters.constant(0, d);
    this.#overChannels = config.timeMixing === "channels";
  }

  /** (batch, time, d) to the same. */
  forward(tape: Tape, x: Tensor, state?: MixingState): Tensor {
    const mixed = tokenShift(tape, x, this.#half, state?.shift);
    keepLastToken(tape, x, state?.shift);
    const [k, v, r] = tape.backend.together(() => [
      linear(tape, mixed, this.#key),
      linear(tape, mixed, this.#value),
      linear(tape, mixed, this.#receptance),
    ]);
    const y = this.#overChannels ? softmaxGate(tape, k, v) : wkv(tape, {
      k,
      v,
      decay: this.#noDecay,
      bonus: this.#noBonus,
      state: state?.wkv,
    });
    return linear(tape, sigmoidGate(tape, r, y), this.#output);
  }
}

/** out = σ(r) · W_v max(k, 0)², with r, k of ½(x_t + x_{t-1}). */
export class ClassicChannelMixing {
  readonly #key: Parameter;
  readonly #value: Parameter;
  readonly #receptance: Parameter;
  readonly #half: Operand;

  /** Declares the parameters of one layer under `name`. */
  constructor(parameters: ParameterSet, name: string, config: RWKVConfig) {
    const { dModel: d, dFfn: f } = config;
    this.#key = projection(parameters, `${name}.key`, [f, d]);
    this.#value = projection(parameters, `${name}.value`, [d, f]);
    this.#receptance = projection(parameters, `${name}.receptance`, [d, d]);
    this.#half = parameters.constant(0.5, d);
  }

  /** (batch, time, d) to the same. */
  forward(tape: Tape, x: Tensor, state?: MixingState): Tensor {
    const mixed = tokenShift(tape, x, this.#half, state?.shift);
    keepLastToken(tape, x, state?.shift);
    const [k, r] = tape.backend.together(() => [
      linear(tape, mixed, this.#key),
      linear(tape, mixed, this.#receptance),
    ]);
    const v = linear(tape, squaredRelu(tape, k), this.#value);
    return sigmoidGate(tape, r, v);
  }
}

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
  TimeMixing: ClassicTimeMixing,
  ChannelMixing: ClassicChannelMixing,
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
