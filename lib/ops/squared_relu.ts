/**
 * The squared rectifier of channel mixing (So et al. 2021, arXiv 2109.08668).
 *
 * @module
 */

import type { Tape } from "../tensor/tape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { apply } from "./apply.ts";

/**
 * y = max(x, 0)².
 *
 * @param x Any shape.
 * @returns As x.
 */
export function squaredRelu(tape: Tape, x: Tensor): Tensor {
  // dx = 2·max(x, 0)·dy
  return apply(tape, "squaredRelu", { x }, x);
}
