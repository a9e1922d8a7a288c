/**
 * The hyperbolic tangent, inside RWKV-7's low-rank branches.
 *
 * @module
 */

import type { Tape } from "../tensor/tape.ts";
import type { Tensor } from "../tensor/tensor.ts";

/**
 * y = tanh x.
 *
 * @param x Any shape.
 * @returns As x.
 */
export function tanh(tape: Tape, x: Tensor): Tensor {
  const { backend } = tape;
  const y = tape.tensor(...x.shape);
  backend.run("tanhForward", { y: y.data, x: x.data });
  // dx = dy·(1 - y²)
  tape.record(
    y,
    () => backend.run("tanhBackward", { dx: x.grad, dy: y.grad, y: y.data }),
  );
  return y;
}
