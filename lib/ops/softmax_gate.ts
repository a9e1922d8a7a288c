/**
 * The time mixing that the Rust program really computed: a softmax over the
 * channels of one token, without a look back. For its old files only.
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
 * y = softmax(k) · v, the softmax over the last extent.
 *
 * @param k (..., width).
 * @param v As k.
 * @returns As k.
 */
export function softmaxGate(tape: Tape, k: Tensor, v: Tensor): Tensor {
  assertSameShape("softmaxGate", k, v);
  const { backend } = tape;
  const shape = { rows: rowsOf(k), width: widthOf(k) };
  const y = tape.tensor(...k.shape);
  backend.run("softmaxGateForward", { y: y.data, k: k.data, v: v.data }, shape);
  // With s = softmax(k) and g = dy·v:  dk = s·(g - Σ s·g),  dv = dy·s
  tape.record(
    y,
    () =>
      backend.run("softmaxGateBackward", {
        dk: k.grad,
        dv: v.grad,
        dy: y.grad,
        k: k.data,
        v: v.data,
      }, shape),
  );
  return y;
}
