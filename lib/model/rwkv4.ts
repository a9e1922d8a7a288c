/**
 * RWKV-4 (Peng et al. 2023, arXiv 2305.13048), as in the official
 * RWKV-v4neo/src/model.py: its equations, names and initial values.
 *
 * @module
 */

import { linear } from "../ops/linear.ts";
import { sigmoidGate } from "../ops/sigmoid_gate.ts";
import { squaredRelu } from "../ops/squared_relu.ts";
import { keepLastToken, tokenShift } from "../ops/token_shift.ts";
import { wkv } from "../ops/wkv.ts";
import type { Tape } from "../tensor/tape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Architecture, Depth } from "./architecture.ts";
import type { RWKVConfig } from "./config.ts";
import { constant, orthogonal, positional, uniform } from "./initialize.ts";
import { OFFICIAL_PARTS } from "./official_parts.ts";
import type { Parameter, ParameterSet } from "./parameters.ts";
import { emptySums, type MixingState } from "./state.ts";

/** 0 at the first block, 1 at the last. */
function depthShare({ layer, layers }: Depth): number {
  return layer / Math.max(1, layers - 1);
}

/** A learned token shift, from one that looks back to one that does not. */
function declareMix(
  parameters: ParameterSet,
  name: string,
  width: number,
  at: (position: number) => number,
): Parameter {
  return parameters.declare(
    name,
    [width],
    positional((c) => at(c / width)),
    { decays: false },
  );
}

/** out = W_o (σ(r) · wkv(k, v)), each of r, k, v of a token shift of its own. */
export class Rwkv4TimeMixing {
  readonly #mixK: Parameter;
  readonly #mixV: Parameter;
  readonly #mixR: Parameter;
  readonly #decay: Parameter;
  readonly #bonus: Parameter;
  readonly #key: Parameter;
  readonly #value: Parameter;
  readonly #receptance: Parameter;
  readonly #output: Parameter;

  /** Declares the parameters of one layer under `name`. */
  constructor(
    parameters: ParameterSet,
    name: string,
    { dModel: d }: RWKVConfig,
    depth: Depth,
  ) {
    const share = depthShare(depth);
    const rest = 1 - depth.layer / depth.layers;
    this.#decay = parameters.declare(
      `${name}.time_decay`,
      [d],
      positional((c) =>
        -5 + 8 * (c / Math.max(1, d - 1)) ** (0.7 + 1.3 * share)
      ),
      { decays: false, learningRateScale: 2 },
    );
    this.#bonus = parameters.declare(
      `${name}.time_first`,
      [d],
      positional((c) => Math.log(0.3) + 0.5 * ((c + 1) % 3 - 1)),
      { decays: false, learningRateScale: 3 },
    );
    const mix = (letter: string, at: (position: number) => number) =>
      declareMix(parameters, `${name}.time_mix_${letter}`, d, at);
    this.#mixK = mix("k", (position) => position ** rest);
    this.#mixV = mix("v", (position) => position ** rest + 0.3 * share);
    this.#mixR = mix("r", (position) => position ** (0.5 * rest));
    const square = (role: string, initialize: ReturnType<typeof constant>) =>
      parameters.declare(`${name}.${role}.weight`, [d, d], initialize);
    this.#key = square("key", constant(0));
    this.#value = square("value", orthogonal(1));
    this.#receptance = square("receptance", constant(0));
    this.#output = square("output", constant(0));
  }

  /** (batch, time, d) to the same. */
  forward(tape: Tape, x: Tensor, state?: MixingState): Tensor {
    const xk = tokenShift(tape, x, this.#mixK, state?.shift);
    const xv = tokenShift(tape, x, this.#mixV, state?.shift);
    const xr = tokenShift(tape, x, this.#mixR, state?.shift);
    keepLastToken(tape, x, state?.shift);
    const [k, v, r] = tape.backend.together(() => [
      linear(tape, xk, this.#key),
      linear(tape, xv, this.#value),
      linear(tape, xr, this.#receptance),
    ]);
    const y = wkv(tape, {
      k,
      v,
      decay: this.#decay,
      bonus: this.#bonus,
      state: state?.wkv,
    });
    return linear(tape, sigmoidGate(tape, r, y), this.#output);
  }
}

/** out = σ(r) · W_v max(W_k x, 0)², r and k of a token shift of their own. */
export class Rwkv4ChannelMixing {
  readonly #mixK: Parameter;
  readonly #mixR: Parameter;
  readonly #key: Parameter;
  readonly #receptance: Parameter;
  readonly #value: Parameter;

  /** Declares the parameters of one layer under `name`. */
  constructor(
    parameters: ParameterSet,
    name: string,
    { dModel: d, dFfn: f }: RWKVConfig,
    { layer, layers }: Depth,
  ) {
    const mix = (letter: string) =>
      declareMix(
        parameters,
        `${name}.time_mix_${letter}`,
        d,
        (position) => position ** (1 - layer / layers),
      );
    this.#mixK = mix("k");
    this.#mixR = mix("r");
    this.#key = parameters.declare(
      `${name}.key.weight`,
      [f, d],
      orthogonal(Math.sqrt(Math.max(1, f / d))),
    );
    this.#receptance = parameters.declare(
      `${name}.receptance.weight`,
      [d, d],
      constant(0),
    );
    this.#value = parameters.declare(
      `${name}.value.weight`,
      [d, f],
      constant(0),
    );
  }

  /** (batch, time, d) to the same. */
  forward(tape: Tape, x: Tensor, state?: MixingState): Tensor {
    const xk = tokenShift(tape, x, this.#mixK, state?.shift);
    const xr = tokenShift(tape, x, this.#mixR, state?.shift);
    keepLastToken(tape, x, state?.shift);
    const [k, r] = tape.backend.together(() => [
      linear(tape, xk, this.#key),
      linear(tape, xr, this.#receptance),
    ]);
    const v = linear(tape, squaredRelu(tape, k), this.#value);
    return sigmoidGate(tape, r, v);
  }
}

/** The official RWKV-4. */
export const rwkv4: Architecture = {
  ...OFFICIAL_PARTS,
  title: "RWKV-4",
  fields: {},
  embedding: uniform(6e-4), // official: the initial learning rate
  TimeMixing: Rwkv4TimeMixing,
  ChannelMixing: Rwkv4ChannelMixing,
  emptyState: ({ dModel }) => emptySums(dModel),
  official: {
    mark: "blocks.0.att.time_first",
    unused: [],
    broadcast: /\.time_mix_[kvr]$/,
    rwkvCpp: [["att.time_decay", "att.time_decay", "-exp"]],
  },
};
