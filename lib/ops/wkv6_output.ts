/**
 * What becomes of the RWKV-6 attention's output: GroupNorm by head, the gate.
 *
 * @module
 */

import type { Tape } from "../tensor/tape.ts";
import { assertSameShape, rowShapeOf, type Tensor } from "../tensor/tensor.ts";
import { apply } from "./apply.ts";

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
  // With s = σ(gate), u = dy·gate·s and g = u·weight:
  // dx = (g - mean(g) - x̂·mean(g·x̂))/σ,  dweight = Σ u·x̂,  dbias = Σ u,
  // dgate = dy·(x̂·weight + bias)·s(1 + gate(1 - s))
  const settings = { ...rowShapeOf(x), headSize };
  return apply(tape, "wkv6Output", { x, gate, weight, bias }, x, settings);
}
