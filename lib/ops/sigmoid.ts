/**
 * The logistic function, inside RWKV-7's low-rank branches.
 *
 * @module
 */

import type { Tape } from "../tensor/tape.ts";
import type { Tensor } from "../tensor/tensor.ts";

/**
 * y = σ(x).
 *
 * @param x Any shape.
 * @returns As x.
 */
export function sigmoid(tape: Tape, x: Tensor): Tensor {
  const { backend } = tape;
  const y = tape.tensor(...x.shape);
  backend.run("sigmoidForward", { y: y.data, x: x.data });
  // dx = dy·y(1 - y)
  tape.record(
    y,
    () => backend.run("sigmoidBackward", { dx: x.grad, dy: y.grad, y: y.data }),
  );
  return y;
}
