/**
 * The receptance gate.
 *
 * @module
 */

import type { Tape } from "../tensor/tape.ts";
import { assertSameShape, type Tensor } from "../tensor/tensor.ts";
import { apply } from "./apply.ts";

/**
 * y = σ(r) · v.
 *
 * @param r Any shape, before the sigmoid.
 * @param v As r.
 * @returns As r.
 */
export function sigmoidGate(tape: Tape, r: Tensor, v: Tensor): Tensor {
  assertSameShape("sigmoidGate", r, v);
  // dr = dy·v·σ(r)(1 - σ(r)),  dv = dy·σ(r)
  return apply(tape, "sigmoidGate", { r, v }, r);
}
