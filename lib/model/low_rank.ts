/**
 * What RWKV-6 and RWKV-7 have in common: heads, token shifts and low-rank
 * branches.
 *
 * @module
 */

import { type Field, optionalWhole, whole } from "../fields.ts";
import { project } from "../ops/linear.ts";
import type { Tape } from "../tensor/tape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Depth } from "./architecture.ts";
import {
  constant,
  type Initializer,
  orthogonal,
  positional,
} from "./initialize.ts";
import type { LayerParameters, Norm, Parameter } from "./parameters.ts";

/** Channels of a head. */
export const HEAD_SIZE: Field<number> = whole(64, 1, 1024);

/** The inner width of a branch. */
export const RANK: Field<number | undefined> = optionalWhole(1, 16_384);

/**
 * Checks that heads fill the channels of a token.
 *
 * @throws {RangeError} When they do not.
 */
export function checkHeads(
  { headSize, dModel }: { readonly headSize: number; readonly dModel: number },
): void {
  if (dModel % headSize === 0) return;
  throw new RangeError(
    `Cannot use headSize ${headSize}: it does not divide dModel ${dModel}`,
  );
}

/** The norm of each head's output, which grows with depth. */
export function declareOutputNorm(
  parameters: LayerParameters,
  width: number,
  { layer, layers }: Depth,
): Norm {
  const scale = constant(((1 + layer) / layers) ** 0.7);
  return {
    weight: parameters.declare("ln_x.weight", [width], scale),
    bias: parameters.declare("ln_x.bias", [width], constant(0)),
  };
}

/**
 * A token shift that looks back less in later channels, and by its exponent in
 * later blocks; `less` is taken off everywhere.
 */
export function declareMix(
  parameters: LayerParameters,
  name: string,
  width: number,
  exponent: number,
  less = 0,
): Parameter {
  const at = (c: number) => 1 - ((c / width) ** exponent + less);
  return parameters.declare(name, [width], positional(at));
}

/** A (width, rank) and B (rank, width) of a branch of the form f(x A) B. */
export interface LowRank {
  /** x A. */
  readonly down: (tape: Tape, x: Tensor) => Tensor;
  /** x B. */
  readonly up: (tape: Tape, x: Tensor) => Tensor;
}

/**
 * Declares `{name}1` and `{name}2`; the branch starts as 0.
 *
 * @param options `up`: first values of B, orthogonal ones unless given.
 */
export function declareLowRank(
  parameters: LayerParameters,
  name: string,
  { width, rank, up = orthogonal(0.1) }: {
    width: number;
    rank: number;
    up?: Initializer;
  },
): LowRank {
  const a = parameters.lowRank(`${name}1`, [width, rank], constant(0));
  const b = parameters.lowRank(`${name}2`, [rank, width], up);
  return {
    down: (tape, x) => project(tape, x, a),
    up: (tape, x) => project(tape, x, b),
  };
}
