/**
 * What becomes of the RWKV-6 attention's output: GroupNorm by head, the gate.
 *
 * @module
 */

import type { Tape } from "../tensor/tape.ts";
import { assertSameShape, sequenceOf, type Tensor } from "../tensor/tensor.ts";

/**
 * y = (GroupNorm(x) · weight + bias) · gate · σ(gate), GroupNorm (ε = 64e-5) over
 * the channels of a head.
 *
 * @param x (batch, time, width).
 * @param operands `gate` as x; `weight` and `bias` (width): `ln_x`.
 * @param headSize Channels of a head.
 * @returns As x.
 */
export function wkv6Output(
  tape: Tape,
  x: Tensor,
  { gate, weight, bias }: { gate: Tensor; weight: Tensor; bias: Tensor },
  headSize: number,
): Tensor {
  assertSameShape("wkv6Output", x, gate);
  const { backend } = tape;
  const { batch, time, width } = sequenceOf(x);
  const shape = { rows: batch * time, width, headSize };
  const y = tape.tensor(...x.shape);
  const operands = {
    x: x.data,
    gate: gate.data,
    weight: weight.data,
    bias: bias.data,
  };
  backend.run("wkv6OutputForward", { y: y.data, ...operands }, shape);
  // With s = σ(gate), u = dy·gate·s and g = u·weight:
  // dx = (g - mean(g) - x̂·mean(g·x̂))/σ,  dweight = Σ u·x̂,  dbias = Σ u,
  // dgate = dy·(x̂·weight + bias)·s(1 + gate(1 - s))
  tape.record(y, () =>
    backend.run("wkv6OutputBackward", {
      dx: x.grad,
      dGate: gate.grad,
      dWeight: weight.grad,
      dBias: bias.grad,
      dy: y.grad,
      ...operands,
    }, shape));
  return y;
}
