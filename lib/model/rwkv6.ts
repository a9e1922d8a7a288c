/**
 * RWKV-6 "Finch" (Peng et al. 2024, arXiv 2404.05892), as in the official x060
 * code, RWKV-v5/src/model.py: its equations, names and initial values.
 *
 * @module
 */

import type { Fields } from "../fields.ts";
import { linear, project } from "../ops/linear.ts";
import { sigmoidGate } from "../ops/sigmoid_gate.ts";
import { sliceHead } from "../ops/slice_head.ts";
import { squaredRelu } from "../ops/squared_relu.ts";
import { tanh } from "../ops/tanh.ts";
import { tokenBlend } from "../ops/token_blend.ts";
import { tokenLerp } from "../ops/token_lerp.ts";
import { keepLastToken } from "../ops/token_shift.ts";
import { wkv6 } from "../ops/wkv6.ts";
import { wkv6Output } from "../ops/wkv6_output.ts";
import type { Tape } from "../tensor/tape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Architecture, Depth } from "./architecture.ts";
import type { RWKVConfig } from "./config.ts";
import {
  constant,
  type Initializer,
  orthogonal,
  positional,
  uniform,
} from "./initialize.ts";
import { checkHeads, declare, HEAD_SIZE, LowRank, RANK } from "./low_rank.ts";
import { OFFICIAL_PARTS } from "./official_parts.ts";
import { type Parameter, type ParameterSet, partsOf } from "./parameters.ts";
import { RWKV6_FILES } from "./rwkv6_files.ts";
import type { Rwkv7Fields } from "./rwkv7.ts";
import type { MixingState } from "./state.ts";

/** What `rwkv6` adds to a configuration, besides what it shares with `rwkv7`. */
export interface Rwkv6Fields {
  /** `rwkv6` only: inner width of the five mixes; absent: by `dModel`. */
  readonly mixRank?: number;
}

const FIELDS: Fields<
  Rwkv6Fields & Pick<Rwkv7Fields, "headSize" | "decayRank">
> = { headSize: HEAD_SIZE, mixRank: RANK, decayRank: RANK };

/** What the five mixes of a token and the one before it are for, in order. */
const MIXED = ["w", "k", "v", "r", "g"] as const;

/** From this width on the official ranks are twice as large. */
const WIDE = 4096;

/** Slices of a parameter start at multiples of so many values. */
const SLICE_STEP = 64;

/** Inner widths: what a configuration gives, else the official ones. */
function ranksOf(
  { dModel, mixRank, decayRank }: RWKVConfig,
): { mix: number; decay: number } {
  const factor = dModel >= WIDE ? 2 : 1;
  return { mix: mixRank ?? 32 * factor, decay: decayRank ?? 64 * factor };
}

/** W_o of the attention over r, w, k, v, normalised and gated. */
export class Rwkv6TimeMixing {
  readonly #headSize: number;
  readonly #mixRank: number;
  readonly #mix: Parameter;
  readonly #mixes: readonly Parameter[];
  readonly #down: Parameter;
  readonly #up: Parameter;
  readonly #decayBias: Parameter;
  readonly #decay: LowRank;
  readonly #bonus: Parameter;
  readonly #receptance: Parameter;
  readonly #key: Parameter;
  readonly #value: Parameter;
  readonly #output: Parameter;
  readonly #gate: Parameter;
  readonly #norm: { weight: Parameter; bias: Parameter };
  #ups?: readonly Tensor[];

  /** Declares the parameters of one layer under `name`. */
  constructor(
    parameters: ParameterSet,
    name: string,
    config: RWKVConfig,
    { layer, layers }: Depth,
  ) {
    const { dModel: d, headSize } = config, ranks = ranksOf(config);
    const rest = 1 - layer / layers, share = layer / Math.max(1, layers - 1);
    const along = (c: number) => c / Math.max(1, d - 1);
    const small = uniform(0.01);
    const at = (part: string, shape: number[], first: Initializer, rate = 1) =>
      declare(parameters, `${name}.${part}`, shape, first, rate);
    const mix = (part: string, exponent: number, less = 0) =>
      at(
        `time_maa_${part}`,
        [d],
        positional((c) => 1 - ((c / d) ** exponent + less)),
      );
    const square = (role: string, first: Initializer) =>
      parameters.declare(`${name}.${role}.weight`, [d, d], first);

    this.#headSize = headSize;
    this.#mixRank = ranks.mix;
    this.#mix = mix("x", rest);
    this.#mixes = [
      mix("w", rest),
      mix("k", rest),
      mix("v", rest, 0.3 * share),
      mix("r", 0.5 * rest),
      mix("g", 0.5 * rest),
    ];
    const [inner, count] = [ranks.mix, MIXED.length];
    this.#down = at("time_maa_w1", [d, count * inner], constant(0));
    this.#up = at("time_maa_w2", [count, inner, d], small);
    const decays = positional((c) => -6 + 5 * along(c) ** (0.7 + 1.3 * share));
    this.#decayBias = at("time_decay", [d], decays, 2);
    const branch = { width: d, rank: ranks.decay, up: small };
    this.#decay = new LowRank(parameters, `${name}.time_decay_w`, branch);
    this.#bonus = at(
      "time_faaaa",
      [d / headSize, headSize],
      positional((c) => share * (1 - along(c)) + 0.1 * ((c + 1) % 3 - 1)),
    );
    this.#receptance = square("receptance", orthogonal(1));
    this.#key = square("key", orthogonal(0.1));
    this.#value = square("value", orthogonal(1));
    this.#output = square("output", constant(0));
    this.#gate = square("gate", orthogonal(0.1));
    this.#norm = {
      weight: at("ln_x.weight", [d], constant(((1 + layer) / layers) ** 0.7)),
      bias: at("ln_x.bias", [d], constant(0)),
    };
  }

  /** (batch, time, d) to the same. */
  forward(tape: Tape, x: Tensor, state?: MixingState): Tensor {
    const [xw, xk, xv, xr, xg] = this.#mixed(tape, x, state);
    const { r, k, v, gate, inner } = tape.backend.together(() => ({
      r: linear(tape, xr, this.#receptance),
      k: linear(tape, xk, this.#key),
      v: linear(tape, xv, this.#value),
      gate: linear(tape, xg, this.#gate),
      inner: this.#decay.down(tape, xw),
    }));
    const y = wkv6(tape, {
      r,
      k,
      v,
      decay: this.#decay.up(tape, tanh(tape, inner)),
      decayBias: this.#decayBias,
      bonus: this.#bonus,
      state: state?.wkv,
    });
    const out = wkv6Output(tape, y, { gate, ...this.#norm }, this.#headSize);
    return linear(tape, out, this.#output);
  }

  /** x mixed with the token before in five ways, which follow from both. */
  #mixed(tape: Tape, x: Tensor, state?: MixingState): readonly Tensor[] {
    const [blend] = tokenLerp(tape, x, [this.#mix], state?.shift);
    const inner = tanh(tape, project(tape, blend, this.#down));
    const headSize = this.#mixRank;
    const parts = MIXED.map((_, head) =>
      sliceHead(tape, inner, { head, headSize })
    );
    const ups = this.#ups ??= partsOf(tape.backend, this.#up);
    const deltas = tape.backend.together(() =>
      parts.map((part, i) => project(tape, part, ups[i]))
    );
    const mixed = this.#mixes.map((mix, i) =>
      tokenBlend(tape, x, { mix, delta: deltas[i] }, state?.shift)
    );
    keepLastToken(tape, x, state?.shift);
    return mixed;
  }
}

/** out = σ(W_r x_r) · (W_v max(W_k x_k, 0)²), x_r and x_k of token shifts. */
export class Rwkv6ChannelMixing {
  readonly #mixes: readonly [Parameter, Parameter];
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
    const exponent = (1 - layer / layers) ** 3;
    const mix = (part: string) =>
      declare(
        parameters,
        `${name}.time_maa_${part}`,
        [d],
        positional((c) => 1 - (c / d) ** exponent),
      );
    const matrix = (role: string, shape: number[], first: Initializer) =>
      parameters.declare(`${name}.${role}.weight`, shape, first);
    this.#mixes = [mix("k"), mix("r")];
    this.#key = matrix("key", [f, d], orthogonal(1));
    this.#receptance = matrix("receptance", [d, d], constant(0));
    this.#value = matrix("value", [d, f], constant(0));
  }

  /** (batch, time, d) to the same. */
  forward(tape: Tape, x: Tensor, state?: MixingState): Tensor {
    const [xk, xr] = tokenLerp(tape, x, this.#mixes, state?.shift);
    keepLastToken(tape, x, state?.shift);
    const [k, r] = tape.backend.together(() => [
      linear(tape, xk, this.#key),
      linear(tape, xr, this.#receptance),
    ]);
    return sigmoidGate(
      tape,
      r,
      linear(tape, squaredRelu(tape, k), this.#value),
    );
  }
}

/** The official RWKV-6. */
export const rwkv6: Architecture = {
  ...OFFICIAL_PARTS,
  title: "RWKV-6",
  fields: FIELDS,
  check(config) {
    checkHeads(config);
    const { mix } = ranksOf(config), { dModel } = config;
    if (mix * dModel % SLICE_STEP === 0) return;
    throw new RangeError(
      `Cannot use mixRank ${mix}: times dModel ${dModel} it is no multiple of ` +
        `${SLICE_STEP}`,
    );
  },
  embedding: uniform(1e-4),
  TimeMixing: Rwkv6TimeMixing,
  ChannelMixing: Rwkv6ChannelMixing,
  emptyState: ({ dModel, headSize }) => new Float32Array(dModel * headSize),
  official: RWKV6_FILES,
};
