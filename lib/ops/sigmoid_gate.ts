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
  backend.run("sigmoidGateForward", { y: y.data, r: r.data, v: v.data });
  // dr = dy·v·σ(r)(1 - σ(r)),  dv = dy·σ(r)
  tape.record(
    y,
    () =>
      backend.run("sigmoidGateBackward", {
        dr: r.grad,
        dv: v.grad,
        dy: y.grad,
        r: r.data,
        v: v.data,
      }),
  );
  return y;
}
