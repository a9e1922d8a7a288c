/**
 * RWKV-7's value residual: later blocks see the first block's values.
 *
 * @module
 */

import type { Tape } from "../tensor/tape.ts";
import {
  assertSameShape,
  rowsOf,
  type Tensor,
  widthOf,
} from "../tensor/tensor.ts";

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
  assertSameShape("valueResidual", v, first);
  assertSameShape("valueResidual", v, share);
  const { backend } = tape;
  const shape = { rows: rowsOf(v), width: widthOf(v) };
  const y = tape.tensor(...v.shape);
  const operands = {
    v: v.data,
    first: first.data,
    share: share.data,
    bias: bias.data,
  };
  backend.run("valueResidualForward", { y: y.data, ...operands }, shape);
  // With s = σ(share + bias):  dv = dy·(1 - s),  dfirst = dy·s,
  // dshare = dy·(first - v)·s(1 - s),  dbias = Σ dshare
  tape.record(
    y,
    () =>
      backend.run("valueResidualBackward", {
        dv: v.grad,
        dFirst: first.grad,
        dShare: share.grad,
        dBias: bias.grad,
        dy: y.grad,
        ...operands,
      }, shape),
  );
  return y;
}
