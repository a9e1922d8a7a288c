/**
 * The residual connection, with dropout on the branch (Srivastava et al. 2014).
 *
 * @module
 */

import type { Dropout } from "../backend/backend.ts";
import type { Tape } from "../tensor/tape.ts";
import { assertSameShape, type Tensor } from "../tensor/tensor.ts";
import { apply } from "./apply.ts";

/** Keeps everything: evaluation and generation. */
export const NO_DROPOUT: Dropout = { rate: 0, key: 0 };

/**
 * y = x + keep · branch / (1 - rate), where `keep` is 0 or 1 an element, a
 * function of the dropout's key and the element's position.
 *
 * @param x Any shape.
 * @param branch As x.
 * @returns As x.
 */
export function residual(
  tape: Tape,
  x: Tensor,
  branch: Tensor,
  dropout: Dropout = NO_DROPOUT,
): Tensor {
  assertSameShape("residual", x, branch);
  // dx = dy,  dbranch = keep·dy/(1 - rate)
  return apply(tape, "residual", { x, branch }, x, dropout);
}
