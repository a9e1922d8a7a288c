/**
 * RWKV-6's token shift: each token is mixed with the one before it, by a share
 * that the token itself sets.
 *
 * @module
 */

import type { Memory } from "../backend/backend.ts";
import type { Tape } from "../tensor/tape.ts";
import { assertSameShape, sequenceOf, type Tensor } from "../tensor/tensor.ts";
import { apply } from "./apply.ts";

/**
 * y_t = x_t + (x_{t-1} - x_t) · (mix + delta_t).
 *
 * @param x (batch, time, width).
 * @param share `mix` (width), and `delta` as x.
 * @param state (batch, width): x_{-1}, zero when absent. Only read here.
 * @returns As x.
 */
export function tokenBlend(
  tape: Tape,
  x: Tensor,
  { mix, delta }: { mix: Tensor; delta: Tensor },
  state?: Memory,
): Tensor {
  assertSameShape("tokenBlend", x, delta);
  // With m_t = mix + delta_t:  dx_t = (1 - m_t)·dy_t + m_{t+1}·dy_{t+1},
  // ddelta_t = dy_t·(x_{t-1} - x_t),  dmix = Σ ddelta
  return apply(tape, "tokenBlend", { x, mix, delta, state }, x, sequenceOf(x));
}
