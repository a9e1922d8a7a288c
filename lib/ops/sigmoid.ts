/**
 * The logistic function, inside RWKV-7's low-rank branches.
 *
 * @module
 */

import type { Tape } from "../tensor/tape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { apply } from "./apply.ts";

/**
 * y = σ(x).
 *
 * @param x Any shape.
 * @returns As x.
 */
export function sigmoid(tape: Tape, x: Tensor): Tensor {
  // dx = dy·y(1 - y)
  return apply(tape, "sigmoid", { x }, x);
}
