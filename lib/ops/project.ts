/**
 * A linear map stored (in, out), as the low-rank branches of RWKV-7 are.
 *
 * @module
 */

import type { Tape } from "../tensor/tape.ts";
import { rowsOf, type Tensor, widthOf } from "../tensor/tensor.ts";

/**
 * y = x · w.
 *
 * @param x (..., in).
 * @param w (in, out).
 * @returns (..., out).
 */
export function project(tape: Tape, x: Tensor, w: Tensor): Tensor {
  const [width, out] = w.shape;
  if (widthOf(x) !== width) {
    throw new RangeError(
      `Cannot apply project: x has rows of ${widthOf(x)}, w takes ${width}`,
    );
  }
  const { backend } = tape;
  const rows = rowsOf(x);
  const y = tape.tensor(...x.shape.slice(0, -1), out);
  backend.matmul(y.data, x.data, w.data, { m: rows, k: width, n: out });
  // y = x·w  ⇒  dx = dy·wᵀ,  dw = xᵀ·dy
  tape.record(y, () => {
    const { grad, accumulate } = tape.claimGrad(x);
    const dy = y.grad;
    backend.together(() => {
      backend.matmul(grad, dy, w.data, { m: rows, k: out, n: width }, {
        transposeB: true,
        accumulate,
      });
      backend.matmul(w.grad, x.data, dy, { m: width, k: rows, n: out }, {
        transposeA: true,
        accumulate: true,
      });
    });
  });
  return y;
}
