/**
 * RWKV-7 "Goose" (Peng et al. 2025, arXiv 2503.14456), as in the official x070
 * code, RWKV-v7/train_temp/src/model.py: its equations, names and initial
 * values.
 *
 * @module
 */

import { type Fields, optionalWhole, whole } from "../fields.ts";
import { linear } from "../ops/linear.ts";
import { project } from "../ops/project.ts";
import { sigmoid } from "../ops/sigmoid.ts";
import { squaredRelu } from "../ops/squared_relu.ts";
import { tanh } from "../ops/tanh.ts";
import { tokenLerp } from "../ops/token_lerp.ts";
import { keepLastToken } from "../ops/token_shift.ts";
import { valueResidual } from "../ops/value_residual.ts";
import { wkv7 } from "../ops/wkv7.ts";
import { wkv7Input } from "../ops/wkv7_input.ts";
import { wkv7Output } from "../ops/wkv7_output.ts";
import type { Tape } from "../tensor/tape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Architecture, Depth, Shared } from "./architecture.ts";
import type { RWKVConfig } from "./config.ts";
import {
  constant,
  type Initializer,
  orthogonal,
  positional,
  uniform,
} from "./initialize.ts";
import { OFFICIAL_PARTS } from "./official_parts.ts";
import type { Parameter, ParameterSet } from "./parameters.ts";
import { RWKV7_FILES } from "./rwkv7_files.ts";
import type { MixingState } from "./state.ts";

/** What `rwkv7` adds to a configuration. */
export interface Rwkv7Fields {
  /** `rwkv7` only: channels of a head; divides `dModel`. */
  readonly headSize: number;
  /** `rwkv7` only: inner width of the decay's branch; absent: by `dModel`. */
  readonly decayRank?: number;
  /** The same of the in-context learning rate. */
  readonly rateRank?: number;
  /** The same of the share of the first block's values. */
  readonly valueRank?: number;
  /** The same of the output gate. */
  readonly gateRank?: number;
}

const RANK = optionalWhole(1, 16_384);
const FIELDS: Fields<Rwkv7Fields> = {
  headSize: whole(64, 1, 1024),
  decayRank: RANK,
  rateRank: RANK,
  valueRank: RANK,
  gateRank: RANK,
};

/**
 * The inner widths of the low-rank branches: what a configuration gives, else
 * the official rule, by which they grow with √width.
 *
 * @param config An RWKV-7's.
 */
export function lowRanks(
  { dModel, decayRank, rateRank, valueRank, gateRank }: RWKVConfig,
): Readonly<Record<"decay" | "rate" | "value" | "gate", number>> {
  return {
    decay: decayRank ?? rankOf(2.5, dModel),
    rate: rateRank ?? rankOf(2.5, dModel),
    value: valueRank ?? rankOf(1.7, dModel),
    gate: gateRank ?? rankOf(5, dModel),
  };
}

/** A multiple of 32 near factor · √width; halves go to the even multiple. */
function rankOf(factor: number, width: number): number {
  const size = factor * Math.sqrt(width) / 32;
  const down = Math.floor(size);
  const up = size - down === 0.5 ? down % 2 === 1 : size - down > 0.5;
  return 32 * Math.max(1, up ? down + 1 : down);
}

/** Declares what weight decay leaves alone: all but the projections. */
function declare(
  parameters: ParameterSet,
  name: string,
  shape: readonly number[],
  initialize: Initializer,
  learningRateScale = 1,
): Parameter {
  const group = { decays: false, learningRateScale };
  return parameters.declare(name, shape, initialize, group);
}

/** A token shift that looks back less in later blocks and later channels. */
function declareMix(
  parameters: ParameterSet,
  name: string,
  width: number,
  exponent: number,
): Parameter {
  const at = (c: number) => 1 - (c / width) ** exponent;
  return declare(parameters, name, [width], positional(at));
}

/** A (width, rank) and B (rank, width), for branches of the form f(x A) B. */
class LowRank {
  readonly #down: Parameter;
  readonly #up: Parameter;

  /** Declares `{name}1` and `{name}2`; it starts as 0. */
  constructor(
    parameters: ParameterSet,
    name: string,
    { width, rank }: { width: number; rank: number },
  ) {
    const [down, up] = [[width, rank], [rank, width]];
    this.#down = declare(parameters, `${name}1`, down, constant(0));
    this.#up = declare(parameters, `${name}2`, up, orthogonal(0.1));
  }

  /** x A. */
  down(tape: Tape, x: Tensor): Tensor {
    return project(tape, x, this.#down);
  }

  /** x B. */
  up(tape: Tape, x: Tensor): Tensor {
    return project(tape, x, this.#up);
  }
}

/** W_o of the attention over r, w, k, v, κ, a, normalised and gated. */
export class Rwkv7TimeMixing {
  readonly #headSize: number;
  readonly #mixes: readonly [
    Parameter,
    Parameter,
    Parameter,
    Parameter,
    Parameter,
    Parameter,
  ];
  readonly #receptance: Parameter;
  readonly #key: Parameter;
  readonly #value: Parameter;
  readonly #output: Parameter;
  readonly #decay: LowRank;
  readonly #decayBias: Parameter;
  readonly #rate: LowRank;
  readonly #rateBias: Parameter;
  /** Absent in the first block, whose values the others look back to. */
  readonly #share?: { branch: LowRank; bias: Parameter };
  readonly #gate: LowRank;
  readonly #keyScale: Parameter;
  readonly #keyRate: Parameter;
  readonly #bonus: Parameter;
  readonly #norm: { weight: Parameter; bias: Parameter };

  /** Declares the parameters of one layer under `name`. */
  constructor(
    parameters: ParameterSet,
    name: string,
    config: RWKVConfig,
    { layer, layers }: Depth,
  ) {
    const { dModel: d, headSize } = config, ranks = lowRanks(config);
    const rest = 1 - layer / layers, share = layer / Math.max(1, layers - 1);
    const linearly = (c: number) => c / Math.max(1, d - 1) - 0.5;
    const zigzag = (c: number) => {
      const middle = (headSize - 1) / 2;
      const s = (c % headSize - middle) / Math.max(0.5, middle);
      return s * Math.abs(s);
    };
    const vector = (
      part: string,
      at: (channel: number) => number,
      learningRateScale?: number,
    ) =>
      declare(
        parameters,
        `${name}.${part}`,
        [d],
        positional(at),
        learningRateScale,
      );
    const mix = (part: string, exponent: number) =>
      declareMix(parameters, `${name}.x_${part}`, d, exponent * rest);
    const lowRank = (part: string, rank: number) =>
      new LowRank(parameters, `${name}.${part}`, { width: d, rank });
    const square = (role: string, initialize: Initializer) =>
      parameters.declare(`${name}.${role}.weight`, [d, d], initialize);

    this.#headSize = headSize;
    this.#mixes = [
      mix("r", 0.2),
      mix("w", 0.9),
      mix("k", 0.7),
      mix("v", 0.7),
      mix("a", 0.9),
      mix("g", 0.2),
    ];
    this.#decayBias = vector("w0", (c) => {
      const falling = (c / Math.max(1, d - 1)) ** (1 + share ** 0.3);
      return -6 + 6 * falling + 0.5 + 2.5 * zigzag(c);
    }, 2);
    this.#decay = lowRank("w", ranks.decay);
    this.#rateBias = vector(
      "a0",
      (c) => -0.19 + 0.3 * zigzag(c) + 0.4 * linearly(c),
    );
    this.#rate = lowRank("a", ranks.rate);
    if (layer > 0) {
      const bias = vector("v0", (c) => 0.73 - 0.4 * linearly(c));
      this.#share = { branch: lowRank("v", ranks.value), bias };
    }
    this.#gate = lowRank("g", ranks.gate);
    this.#keyScale = vector("k_k", (c) => 0.71 - 0.1 * linearly(c));
    this.#keyRate = vector("k_a", () => 1.02);
    this.#bonus = declare(
      parameters,
      `${name}.r_k`,
      [d / headSize, headSize],
      constant(-0.04),
    );
    this.#receptance = square("receptance", orthogonal(1));
    this.#key = square("key", orthogonal(0.1));
    this.#value = square("value", orthogonal(1));
    this.#output = square("output", constant(0));
    this.#norm = {
      weight: vector("ln_x.weight", () => ((1 + layer) / layers) ** 0.7),
      bias: vector("ln_x.bias", () => 0),
    };
  }

  /** (batch, time, d) to the same. */
  forward(
    tape: Tape,
    x: Tensor,
    state: MixingState | undefined,
    shared: Shared,
  ): Tensor {
    const [xr, xw, xk, xv, xa, xg] = tokenLerp(
      tape,
      x,
      this.#mixes,
      state?.shift,
    );
    keepLastToken(tape, x, state?.shift);
    const branch = this.#share?.branch;
    const inner = tape.backend.together(() => ({
      r: linear(tape, xr, this.#receptance),
      key: linear(tape, xk, this.#key),
      v: linear(tape, xv, this.#value),
      decay: this.#decay.down(tape, xw),
      rate: this.#rate.down(tape, xa),
      gate: this.#gate.down(tape, xg),
      share: branch?.down(tape, xv),
    }));
    const { r, key } = inner;
    const opening = tanh(tape, inner.decay),
      closing = sigmoid(tape, inner.gate);
    const { decay, rate, gate, share } = tape.backend.together(() => ({
      decay: this.#decay.up(tape, opening),
      rate: this.#rate.up(tape, inner.rate),
      gate: this.#gate.up(tape, closing),
      share: inner.share && branch?.up(tape, inner.share),
    }));
    const v = this.#valueOf(tape, inner.v, share, shared);
    const input = wkv7Input(tape, {
      key,
      decay,
      rate,
      decayBias: this.#decayBias,
      rateBias: this.#rateBias,
      keyScale: this.#keyScale,
      keyRate: this.#keyRate,
    }, this.#headSize);
    const y = wkv7Output(tape, {
      x: wkv7(tape, { r, input, v, state: state?.wkv }),
      r,
      input,
      v,
      gate,
      ...this.#norm,
      bonus: this.#bonus,
    });
    return linear(tape, y, this.#output);
  }

  /** The own values, mixed with the first block's. */
  #valueOf(
    tape: Tape,
    v: Tensor,
    share: Tensor | undefined,
    shared: Shared,
  ): Tensor {
    if (share === undefined) return shared.firstValue = v;
    const first = shared.firstValue!, { bias } = this.#share!;
    return valueResidual(tape, v, { first, share, bias });
  }
}

/** out = W_v max(W_k x, 0)², x of a token shift. */
export class Rwkv7ChannelMixing {
  readonly #mix: Parameter;
  readonly #key: Parameter;
  readonly #value: Parameter;

  /** Declares the parameters of one layer under `name`. */
  constructor(
    parameters: ParameterSet,
    name: string,
    { dModel: d, dFfn: f }: RWKVConfig,
    { layer, layers }: Depth,
  ) {
    const rest = 1 - layer / layers;
    this.#mix = declareMix(parameters, `${name}.x_k`, d, rest ** 4);
    this.#key = parameters.declare(`${name}.key.weight`, [f, d], orthogonal(1));
    this.#value = parameters.declare(
      `${name}.value.weight`,
      [d, f],
      constant(0),
    );
  }

  /** (batch, time, d) to the same. */
  forward(tape: Tape, x: Tensor, state?: MixingState): Tensor {
    const [xk] = tokenLerp(tape, x, [this.#mix], state?.shift);
    keepLastToken(tape, x, state?.shift);
    const k = squaredRelu(tape, linear(tape, xk, this.#key));
    return linear(tape, k, this.#value);
  }
}

/** The official RWKV-7. */
export const rwkv7: Architecture = {
  ...OFFICIAL_PARTS,
  title: "RWKV-7",
  fields: FIELDS,
  check({ headSize, dModel }) {
    if (dModel % headSize === 0) return;
    throw new RangeError(
      `Cannot use headSize ${headSize}: it does not divide dModel ${dModel}`,
    );
  },
  embedding: uniform(1e-4),
  TimeMixing: Rwkv7TimeMixing,
  ChannelMixing: Rwkv7ChannelMixing,
  emptyState: ({ dModel, headSize }) => new Float32Array(dModel * headSize),
  official: RWKV7_FILES,
};
