/**
 * The time mixing that the Rust program really computed: a softmax over the
 * channels of one token, without a look back. For its old files only.
 *
 * @module
 */

import type { Tape } from "../tensor/tape.ts";
import { assertSameShape, rowShapeOf, type Tensor } from "../tensor/tensor.ts";
import { apply } from "./apply.ts";

/**
 * y = softmax(k) · v, the softmax over the last extent.
 *
 * @param k (..., width).
 * @param v As k.
 * @returns As k.
 */
export function softmaxGate(tape: Tape, k: Tensor, v: Tensor): Tensor {
  assertSameShape("softmaxGate", k, v);
  // With s = softmax(k) and g = dy·v:  dk = s·(g - Σ s·g),  dv = dy·s
  return apply(tape, "softmaxGate", { k, v }, k, rowShapeOf(k));
}
