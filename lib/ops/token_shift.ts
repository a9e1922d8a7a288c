/**
 * RWKV's token shift: each token is mixed with the one before it.
 *
 * @module
 */

import type { Memory } from "../backend/backend.ts";
import type { Tape } from "../tensor/tape.ts";
import { type Operand, sequenceOf, type Tensor } from "../tensor/tensor.ts";
import { apply } from "./apply.ts";

/**
 * y_t = mix · x_t + (1 - mix) · x_{t-1}.
 *
 * @param x (batch, time, width).
 * @param mix (width); a constant ½ in `classic`.
 * @param state (batch, width): x_{-1}, zero when absent, a constant. Only read
 * here: call {@linkcode keepLastToken} afterwards.
 * @returns As x.
 */
export function tokenShift(
  tape: Tape,
  x: Tensor,
  mix: Operand,
  state?: Memory,
): Tensor {
  // dx_t = mix·dy_t + (1 - mix)·dy_{t+1},  dmix = Σ dy_t·(x_t - x_{t-1})
  return apply(tape, "tokenShift", { x, mix, state }, x, sequenceOf(x));
}

/**
 * Keeps the last token of each sequence of x for the shifts of the next tokens,
 * once every shift of the same x is done.
 *
 * @param state (batch, width); nothing is done without one.
 */
export function keepLastToken(
  tape: Tape,
  x: Tensor,
  state: Memory | undefined,
): void {
  if (state === undefined) return;
  tape.backend.run("lastToken", { state, x: x.data }, sequenceOf(x));
}
