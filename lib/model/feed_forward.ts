/**
 * The channel mixing that all but RWKV-7 have.
 *
 * @module
 */

import { linear } from "../ops/linear.ts";
import { sigmoidGate } from "../ops/sigmoid_gate.ts";
import { squaredRelu } from "../ops/squared_relu.ts";
import type { Tape } from "../tensor/tape.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** σ(W_r x_r) · W_v max(W_k x_k, 0)². */
export function gatedFeedForward(
  tape: Tape,
  x: Readonly<Record<"key" | "receptance", Tensor>>,
  w: Readonly<Record<"key" | "receptance" | "value", Tensor>>,
): Tensor {
  const [k, r] = tape.together(() => [
    linear(tape, x.key, w.key),
    linear(tape, x.receptance, w.receptance),
  ]);
  const v = linear(tape, squaredRelu(tape, k), w.value);
  return sigmoidGate(tape, r, v);
}
