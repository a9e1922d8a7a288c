/**
 * What RWKV-6 and RWKV-7 have in common: heads, low-rank branches, and
 * parameters that weight decay leaves alone.
 *
 * @module
 */

import { type Field, optionalWhole, whole } from "../fields.ts";
import { project } from "../ops/linear.ts";
import type { Tape } from "../tensor/tape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  constant,
  type Initializer,
  orthogonal,
  positional,
} from "./initialize.ts";
import type { Parameter, ParameterSet } from "./parameters.ts";

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

/** Declares what weight decay leaves alone: all but the projections. */
export function declare(
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
export function declareMix(
  parameters: ParameterSet,
  name: string,
  width: number,
  exponent: number,
): Parameter {
  const at = (c: number) => 1 - (c / width) ** exponent;
  return declare(parameters, name, [width], positional(at));
}

/** A (width, rank) and B (rank, width), for branches of the form f(x A) B. */
export class LowRank {
  readonly #down: Parameter;
  readonly #up: Parameter;

  /**
   * Declares `{name}1` and `{name}2`; it starts as 0.
   *
   * @param options `up`: first values of B, orthogonal ones unless given.
   */
  constructor(
    parameters: ParameterSet,
    name: string,
    { width, rank, up: first = orthogonal(0.1) }: {
      width: number;
      rank: number;
      up?: Initializer;
    },
  ) {
    const [down, up] = [[width, rank], [rank, width]];
    this.#down = declare(parameters, `${name}1`, down, constant(0));
    this.#up = declare(parameters, `${name}2`, up, first);
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
