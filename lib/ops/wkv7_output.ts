/**
 * What becomes of the RWKV-7 attention's output: GroupNorm by head, the own
 * token's bonus, the gate.
 *
 * @module
 */

import type { Tape } from "../tensor/tape.ts";
import { assertSameShape, rowShapeOf, type Tensor } from "../tensor/tensor.ts";
import { apply } from "./apply.ts";

/** What {@linkcode wkv7Output} reads. */
export interface Wkv7OutputOperands {
  /** (batch, time, width): the attention's output. */
  readonly x: Tensor;
  /** As x. */
  readonly r: Tensor;
  /** (batch, time, heads, 4, headSize): w, k, κ, a. */
  readonly input: Tensor;
  /** As x. */
  readonly v: Tensor;
  /** As x. */
  readonly gate: Tensor;
  /** (width): `ln_x.weight`. */
  readonly weight: Tensor;
  /** (width): `ln_x.bias`. */
  readonly bias: Tensor;
  /** (heads, headSize): `r_k`. */
  readonly bonus: Tensor;
}

/**
 * y = (GroupNorm(x) · weight + bias + (Σ_j r_j k_j bonus_j) · v) · gate, sum and
 * GroupNorm (ε = 64e-5) over the channels of a head.
 *
 * @returns As x.
 */
export function wkv7Output(tape: Tape, operands: Wkv7OutputOperands): Tensor {
  const { x, r, input, v, gate } = operands;
  assertSameShape("wkv7Output", x, r, v, gate);
  // With u = dy·gate, g = u·weight, own = Σ_j r_j k_j bonus_j, down = Σ_j u_j v_j:
  // dx = (g - mean(g) - x̂·mean(g·x̂))/σ,  dv = u·own,  dgate = dy·(y before it),
  // dr = down·k·bonus,  dk = down·r·bonus,  dbonus = Σ down·r·k
  const settings = { ...rowShapeOf(x), headSize: input.shape[4] };
  return apply(tape, "wkv7Output", operands, x, settings);
}
