/**
 * RWKV-7's value residual: later blocks see the first block's values.
 *
 * @module
 */

import type { Tape } from "../tensor/tape.ts";
import { assertSameShape, rowShapeOf, type Tensor } from "../tensor/tensor.ts";
import { apply } from "./apply.ts";

/**
 * y = v + (first - v) · σ(share + bias).
 *
 * @param v (..., width).
 * @param options `first` and `share` as v, `bias` (width).
 * @returns As v.
 */
export function valueResidual(
  tape: Tape,
  v: Tensor,
  { first, share, bias }: { first: Tensor; share: Tensor; bias: Tensor },
): Tensor {
  assertSameShape("valueResidual", v, first, share);
  // With s = σ(share + bias):  dv = dy·(1 - s),  dfirst = dy·s,
  // dshare = dy·(first - v)·s(1 - s),  dbias = Σ dshare
  const shape = rowShapeOf(v);
  return apply(tape, "valueResidual", { v, first, share, bias }, v, shape);
}
