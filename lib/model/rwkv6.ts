/**
 * RWKV-6 "Finch" (Peng et al. 2024, arXiv 2404.05892), as in the official x060
 * code, RWKV-v5/src/model.py: its equations, names and initial values.
 *
 * @module
 */

import type { Fields } from "../fields.ts";
import { linear, project } from "../ops/linear.ts";
import { sliceHead } from "../ops/slice_head.ts";
import { tanh } from "../ops/tanh.ts";
import { tokenBlend } from "../ops/token_blend.ts";
import { tokenLerp } from "../ops/token_lerp.ts";
import { keepLastToken } from "../ops/token_shift.ts";
import { wkv6 } from "../ops/wkv6.ts";
import { wkv6Output } from "../ops/wkv6_output.ts";
import type { Tape } from "../tensor/tape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Architecture, Depth, MixingDeclaration } from "./architecture.ts";
import type { RWKVConfig } from "./config.ts";
import { gatedFeedForward } from "./feed_forward.ts";
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
import { type LayerParameters, partsOf } from "./parameters.ts";
import { RWKV6_FILES } from "./rwkv6_files.ts";
import type { Rwkv7Fields } from "./rwkv7.ts";
import type { MixingPass } from "./state.ts";

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

/** First values of matrices that come second in a branch. */
const SMALL = uniform(0.01);

/** Inner widths: what a configuration gives, else the official ones. */
function ranksOf(
  { dModel, mixRank, decayRank }: RWKVConfig,
): { mix: number; decay: number } {
  const factor = dModel >= WIDE ? 2 : 1;
  return { mix: mixRank ?? 32 * factor, decay: decayRank ?? 64 * factor };
}

/**
 * x mixed with the token before in five ways, which follow from both: declared
 * first of time mixing.
 */
function declareMixes(
  parameters: LayerParameters,
  config: RWKVConfig,
  depth: Depth,
): (tape: Tape, x: Tensor, state?: MixingPass) => readonly Tensor[] {
  const { dModel: d } = config, { rest, share } = sharesOf(depth);
  const headSize = ranksOf(config).mix, count = MIXED.length;
  const declareOne = (part: string, exponent: number, less?: number) =>
    declareMix(parameters, `time_maa_${part}`, d, exponent, less);
  const first = declareOne("x", rest);
  const mixes = [
    declareOne("w", rest),
    declareOne("k", rest),
    declareOne("v", rest, 0.3 * share),
    declareOne("r", 0.5 * rest),
    declareOne("g", 0.5 * rest),
  ];
  const down = parameters.lowRank(
    "time_maa_w1",
    [d, count * headSize],
    constant(0),
  );
  const up = parameters.lowRank("time_maa_w2", [count, headSize, d], SMALL);
  let ups: readonly Tensor[] | undefined;
  return (tape, x, state) => {
    const [blend] = tokenLerp(tape, x, [first], state?.shift);
    const inner = tanh(tape, project(tape, blend, down));
    const parts = MIXED.map((_, head) =>
      sliceHead(tape, inner, { head, headSize })
    );
    const slices = ups ??= partsOf(tape.backend, up);
    const deltas = tape.together(() =>
      parts.map((part, i) => project(tape, part, slices[i]))
    );
    const mixed = mixes.map((mix, i) =>
      tokenBlend(tape, x, { mix, delta: deltas[i] }, state?.shift)
    );
    keepLastToken(tape, x, state?.nextShift);
    return mixed;
  };
}

/** W_o of the attention over r, w, k, v, normalised and gated. */
const timeMixing: MixingDeclaration = (parameters, config, depth) => {
  const { dModel: d, headSize } = config, { share } = sharesOf(depth);
  const along = (c: number) => c / Math.max(1, d - 1);
  const square = (role: string, first: Initializer) =>
    parameters.matrix(role, [d, d], first);

  const mixesOf = declareMixes(parameters, config, depth);
  const decays = positional((c) => -6 + 5 * along(c) ** (0.7 + 1.3 * share));
  const decayBias = parameters.declare("time_decay", [d], decays, 2);
  const branch = { width: d, rank: ranksOf(config).decay, up: SMALL };
  const decay = declareLowRank(parameters, "time_decay_w", branch);
  const bonus = parameters.declare(
    "time_faaaa",
    [d / headSize, headSize],
    positional((c) => share * (1 - along(c)) + 0.1 * ((c + 1) % 3 - 1)),
  );
  const receptance = square("receptance", orthogonal(1));
  const key = square("key", orthogonal(0.1));
  const value = square("value", orthogonal(1));
  const output = square("output", constant(0));
  const gateWeight = square("gate", orthogonal(0.1));
  const norm = declareOutputNorm(parameters, d, depth);
  return (tape, x, state) => {
    const [xw, xk, xv, xr, xg] = mixesOf(tape, x, state);
    const { r, k, v, gate, inner } = tape.together(() => ({
      r: linear(tape, xr, receptance),
      k: linear(tape, xk, key),
      v: linear(tape, xv, value),
      gate: linear(tape, xg, gateWeight),
      inner: decay.down(tape, xw),
    }));
    const y = wkv6(tape, {
      r,
      k,
      v,
      decay: decay.up(tape, tanh(tape, inner)),
      decayBias,
      bonus,
      state: state?.wkv,
    });
    const out = wkv6Output(tape, y, { gate, ...norm }, headSize);
    return linear(tape, out, output);
  };
};

/** Gated feed-forward, r and k of a token shift of their own. */
const channelMixing: MixingDeclaration = (
  parameters,
  { dModel: d, dFfn: f },
  depth,
) => {
  const exponent = sharesOf(depth).rest ** 3;
  const mixes = [
    declareMix(parameters, "time_maa_k", d, exponent),
    declareMix(parameters, "time_maa_r", d, exponent),
  ] as const;
  const key = parameters.matrix("key", [f, d], orthogonal(1));
  const receptance = parameters.matrix("receptance", [d, d], constant(0));
  const value = parameters.matrix("value", [d, f], constant(0));
  return (tape, x, state) => {
    const [xk, xr] = tokenLerp(tape, x, mixes, state?.shift);
    keepLastToken(tape, x, state?.nextShift);
    const inputs = { key: xk, receptance: xr };
    return gatedFeedForward(tape, inputs, { key, receptance, value });
  };
};

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
  timeMixing,
  channelMixing,
  emptyState: ({ dModel, headSize }) => new Float32Array(dModel * headSize),
  official: RWKV6_FILES,
};
