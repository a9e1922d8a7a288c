/**
 * The receptance gate.
 *
 * @module
 */

import type { Tape } from "../tensor/tape.ts";
import { assertSameShape, type Tensor } from "../tensor/tensor.ts";

/**
 * y = σ(r) · v.
 *
 * @param r Any shape, before the sigmoid.
 * @param v As r.
 * @returns As r.
 */
export function sigmoidGate(tape: Tape, r: Tensor, v: Tensor): Tensor {
  assertSameShape("sigmoidGate", r, v);
  const { backend } = tape;
  const y = tape.tensor(...r.shape);
  backend.sigmoidGateForward(y.data, r.data, v.data);
  // dr = dy·v·σ(r)(1 - σ(r)),  dv = dy·σ(r)
  tape.record(
    y,
    () => backend.sigmoidGateBackward(r.grad, v.grad, y.grad, r.data, v.data),
  );
  return y;
}
