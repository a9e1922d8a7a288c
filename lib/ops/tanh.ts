/**
 * The hyperbolic tangent, inside RWKV-7's low-rank branches.
 *
 * @module
 */

import type { Tape } from "../tensor/tape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { apply } from "./apply.ts";

/**
 * y = tanh x.
 *
 * @param x Any shape.
 * @returns As x.
 */
export function tanh(tape: Tape, x: Tensor): Tensor {
  // dx = dy·(1 - y²)
  return apply(tape, "tanh", { x }, x);
}
