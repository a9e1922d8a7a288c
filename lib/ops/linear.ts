/**
 * A linear layer without bias.
 *
 * @module
 */

import type { Tape } from "../tensor/tape.ts";
import { rowsOf, type Tensor, widthOf } from "../tensor/tensor.ts";

/**
 * y = x · wᵀ.
 *
 * @param x (..., in).
 * @param w (out, in).
 * @returns (..., out).
 */
export function linear(tape: Tape, x: Tensor, w: Tensor): Tensor {
  const [out, width] = w.shape;
  if (widthOf(x) !== width) {
    throw new RangeError(
      `Cannot apply linear: x has rows of ${widthOf(x)}, w takes ${width}`,
    );
  }
  const { backend } = tape;
  const rows = rowsOf(x);
  const y = tape.tensor(...x.shape.slice(0, -1), out);
  const shape = { m: rows, k: width, n: out };
  backend.matmul(y.data, x.data, w.data, shape, { transposeB: true });
  // y = x·wᵀ  ⇒  dx = dy·w,  dw = dyᵀ·x
  tape.record(y, () => {
    const { grad, accumulate } = tape.claimGrad(x);
    const dy = y.grad;
    backend.together(() => {
      backend.matmul(grad, dy, w.data, { m: rows, k: out, n: width }, {
        accumulate,
      });
      backend.matmul(w.grad, dy, x.data, { m: out, k: rows, n: width }, {
        transposeA: true,
        accumulate: true,
      });
    });
  });
  return y;
}
