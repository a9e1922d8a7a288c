/**
 * RWKV-7 "Goose" (Peng et al. 2025, arXiv 2503.14456), as in the official x070
 * code, RWKV-v7/train_temp/src/model.py: its equations, names and initial
 * values.
 *
 * @module
 */

import type { Fields } from "../fields.ts";
import { linear } from "../ops/linear.ts";
import { sigmoid } from "../ops/sigmoid.ts";
import { squaredRelu } from "../ops/squared_relu.ts";
import { tanh } from "../ops/tanh.ts";
import { tokenLerp } from "../ops/token_lerp.ts";
import { keepLastToken } from "../ops/token_shift.ts";
import { valueResidual } from "../ops/value_residual.ts";
import { wkv7 } from "../ops/wkv7.ts";
import { wkv7Input } from "../ops/wkv7_input.ts";
import { wkv7Output } from "../ops/wkv7_output.ts";
import type { Architecture, Depth, MixingDeclaration } from "./architecture.ts";
import type { RWKVConfig } from "./config.ts";
import {
  constant,
  type Initializer,
  orthogonal,
  positional,
  uniform,
} from "./initialize.ts";
import {
  checkHeads,
  declareLowRank,
  declareMix,
  declareOutputNorm,
  HEAD_SIZE,
  RANK,
} from "./low_rank.ts";
import { OFFICIAL_PARTS, sharesOf } from "./official_parts.ts";
import type { LayerParameters } from "./parameters.ts";
import { RWKV7_FILES } from "./rwkv7_files.ts";
import { declareValueEmbedding } from "./value_embedding.ts";

/** What `rwkv7` adds to a configuration. */
export interface Rwkv7Fields {
  /** `rwkv6` and `rwkv7`: channels of a head; divides `dModel`. */
  readonly headSize: number;
  /** As `headSize`: inner width of the decay's branch; absent: by `dModel`. */
  readonly decayRank?: number;
  /** `rwkv7` only: the same of the in-context learning rate. */
  readonly rateRank?: number;
  /** The same of the share of the first block's values. */
  readonly valueRank?: number;
  /** The same of the output gate. */
  readonly gateRank?: number;
}

const FIELDS: Fields<Rwkv7Fields> = {
  headSize: HEAD_SIZE,
  decayRank: RANK,
  rateRank: RANK,
  valueRank: RANK,
  gateRank: RANK,
};

/**
 * The inner widths of the low-rank branches: what a configuration gives, else
 * the official rule, by which they grow with √width.
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

/** The parameters of time mixing, in the order of their declaration. */
function declareAttention(
  parameters: LayerParameters,
  config: RWKVConfig,
  depth: Depth,
) {
  const { dModel: d, headSize } = config, ranks = lowRanks(config);
  const { rest, share } = sharesOf(depth);
  const linearly = (c: number) => c / Math.max(1, d - 1) - 0.5;
  const zigzag = (c: number) => {
    const middle = (headSize - 1) / 2;
    const s = (c % headSize - middle) / Math.max(0.5, middle);
    return s * Math.abs(s);
  };
  const decayAt = (c: number) => {
    const falling = (c / Math.max(1, d - 1)) ** (1 + share ** 0.3);
    return -6 + 6 * falling + 0.5 + 2.5 * zigzag(c);
  };
  const vector = (part: string, at: (channel: number) => number, rate = 1) =>
    parameters.declare(part, [d], positional(at), rate);
  const mix = (part: string, exponent: number) =>
    declareMix(parameters, `x_${part}`, d, exponent * rest);
  const lowRank = (part: string, rank: number) =>
    declareLowRank(parameters, part, { width: d, rank });
  const square = (role: string, initialize: Initializer) =>
    parameters.matrix(role, [d, d], initialize);
  return {
    mixes: [
      mix("r", 0.2),
      mix("w", 0.9),
      mix("k", 0.7),
      mix("v", 0.7),
      mix("a", 0.9),
      mix("g", 0.2),
    ] as const,
    decayBias: vector("w0", decayAt, 2),
    decay: lowRank("w", ranks.decay),
    rateBias: vector("a0", (c) => -0.19 + 0.3 * zigzag(c) + 0.4 * linearly(c)),
    rate: lowRank("a", ranks.rate),
    // Absent in the first block, whose values the others look back to.
    share: depth.layer === 0 ? undefined : {
      bias: vector("v0", (c) => 0.73 - 0.4 * linearly(c)),
      ...lowRank("v", ranks.value),
    },
    gate: lowRank("g", ranks.gate),
    keyScale: vector("k_k", (c) => 0.71 - 0.1 * linearly(c)),
    keyRate: vector("k_a", () => 1.02),
    bonus: parameters.declare("r_k", [d / headSize, headSize], constant(-0.04)),
    receptance: square("receptance", orthogonal(1)),
    key: square("key", orthogonal(0.1)),
    value: square("value", orthogonal(1)),
    output: square("output", constant(0)),
    norm: declareOutputNorm(parameters, d, depth),
  };
}

/** W_o of the attention over r, w, k, v, κ, a, normalised and gated. */
const timeMixing: MixingDeclaration = (parameters, config, depth) => {
  const { headSize } = config;
  const own = declareAttention(parameters, config, depth);
  const embedded = declareValueEmbedding(parameters, config, depth);
  const { decayBias, rateBias, keyScale, keyRate, bonus } = own;
  return (tape, x, state, shared) => {
    const [xr, xw, xk, xv, xa, xg] = tokenLerp(
      tape,
      x,
      own.mixes,
      state?.shift,
    );
    keepLastToken(tape, x, state?.nextShift);
    const { r, key, ...inner } = tape.together(() => ({
      r: linear(tape, xr, own.receptance),
      key: linear(tape, xk, own.key),
      v: linear(tape, xv, own.value),
      decay: own.decay.down(tape, xw),
      rate: own.rate.down(tape, xa),
      gate: own.gate.down(tape, xg),
      share: own.share?.down(tape, xv),
    }));
    const opening = tanh(tape, inner.decay);
    const closing = sigmoid(tape, inner.gate);
    const { decay, rate, gate, share } = tape.together(() => ({
      decay: own.decay.up(tape, opening),
      rate: own.rate.up(tape, inner.rate),
      gate: own.gate.up(tape, closing),
      share: inner.share && own.share?.up(tape, inner.share),
    }));
    const mixed = own.share && share
      ? valueResidual(tape, inner.v, {
        first: shared.firstValue!,
        share,
        bias: own.share.bias,
      })
      : shared.firstValue = inner.v;
    const v = embedded(tape, mixed, shared);
    const input = wkv7Input(
      tape,
      { key, decay, rate, decayBias, rateBias, keyScale, keyRate },
      headSize,
    );
    const attended = wkv7(tape, { r, input, v, state: state?.wkv });
    const operands = { x: attended, r, input, v, gate, ...own.norm, bonus };
    return linear(tape, wkv7Output(tape, operands), own.output);
  };
};

/** out = W_v max(W_k x, 0)², x of a token shift. */
const channelMixing: MixingDeclaration = (
  parameters,
  { dModel: d, dFfn: f },
  depth,
) => {
  const mix = declareMix(parameters, "x_k", d, sharesOf(depth).rest ** 4);
  const key = parameters.matrix("key", [f, d], orthogonal(1));
  const value = parameters.matrix("value", [d, f], constant(0));
  return (tape, x, state) => {
    const [xk] = tokenLerp(tape, x, [mix], state?.shift);
    keepLastToken(tape, x, state?.nextShift);
    const k = squaredRelu(tape, linear(tape, xk, key));
    return linear(tape, k, value);
  };
};

/** The official RWKV-7. */
export const rwkv7: Architecture = {
  ...OFFICIAL_PARTS,
  title: "RWKV-7",
  fields: FIELDS,
  check: checkHeads,
  embedding: uniform(1e-4),
  hasValueEmbeddings: true,
  timeMixing,
  channelMixing,
  emptyState: ({ dModel, headSize }) => new Float32Array(dModel * headSize),
  official: RWKV7_FILES,
};
