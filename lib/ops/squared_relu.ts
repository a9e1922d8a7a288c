/**
 * The squared rectifier of channel mixing (So et al. 2021, arXiv 2109.08668).
 *
 * @module
 */

import type { Tape } from "../tensor/tape.ts";
import type { Tensor } from "../tensor/tensor.ts";

/**
 * y = max(x, 0)².
 *
 * @param x Any shape.
 * @returns As x.
 */
export function squaredRelu(tape: Tape, x: Tensor): Tensor {
  const { backend } = tape;
  const y = tape.tensor(...x.shape);
  backend.run("squaredReluForward", { y: y.data, x: x.data });
  // dx = 2·max(x, 0)·dy
  tape.record(
    y,
    () =>
      backend.run("squaredReluBackward", { dx: x.grad, dy: y.grad, x: x.data }),
  );
  return y;
}
