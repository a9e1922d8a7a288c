/**
 * The columns of one head of an activation: branches that share a product, such
 * as the five mixes of RWKV-6, part here.
 *
 * @module
 */

import type { Tape } from "../tensor/tape.ts";
import { rowShapeOf, type Tensor } from "../tensor/tensor.ts";
import { apply } from "./apply.ts";

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
  const { rows, width } = rowShapeOf(x);
  if (!(head >= 0 && (head + 1) * headSize <= width)) {
    throw new RangeError(
      `Cannot slice head ${head} of ${headSize}: there are ${width} channels`,
    );
  }
  const shape = [...x.shape.slice(0, -1), headSize];
  // The other columns of x have no share in y.
  const settings = { rows, width, headSize, head };
  return apply(tape, "sliceHead", { x }, { shape }, settings);
}
