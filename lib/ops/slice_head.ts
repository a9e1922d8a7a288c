/**
 * The columns of one head of an activation: branches that share a product, such
 * as the five mixes of RWKV-6, part here.
 *
 * @module
 */

import type { Tape } from "../tensor/tape.ts";
import { rowsOf, type Tensor, widthOf } from "../tensor/tensor.ts";

/**
 * y = x[..., head · headSize … (head + 1) · headSize].
 *
 * @param x (..., heads · headSize).
 * @param part Which head, counted from 0, and how wide each is.
 * @returns (..., headSize).
 */
export function sliceHead(
  tape: Tape,
  x: Tensor,
  { head, headSize }: { head: number; headSize: number },
): Tensor {
  const width = widthOf(x);
  if (!(head >= 0 && (head + 1) * headSize <= width)) {
    throw new RangeError(
      `Cannot slice head ${head} of ${headSize}: there are ${width} channels`,
    );
  }
  const { backend } = tape;
  const shape = { rows: rowsOf(x), width, headSize, head };
  const y = tape.tensor(...x.shape.slice(0, -1), headSize);
  backend.run("sliceHeadForward", { y: y.data, x: x.data }, shape);
  // The other columns of x have no share in y.
  tape.record(
    y,
    () => backend.run("sliceHeadBackward", { dx: x.grad, dy: y.grad }, shape),
  );
  return y;
}
