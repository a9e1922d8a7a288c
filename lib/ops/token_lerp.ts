/**
 * RWKV-7's token shift: several mixes of each token with the one before it.
 *
 * @module
 */

import type { Memory } from "../backend/backend.ts";
import type { Tape } from "../tensor/tape.ts";
import { sequenceOf, type Tensor } from "../tensor/tensor.ts";

/**
 * y_n,t = x_t + (x_{t-1} - x_t) · mix_n.
 *
 * @param x (batch, time, width).
 * @param mixes 1 to 6 of (width).
 * @param state (batch, width): x_{-1}, zero when absent. Only read here: call
 * `keepLastToken` afterwards.
 * @returns One as x for each of `mixes`.
 */
export function tokenLerp<M extends readonly Tensor[]>(
  tape: Tape,
  x: Tensor,
  mixes: readonly [...M],
  state?: Memory,
): { [I in keyof M]: Tensor } {
  const { backend } = tape;
  const shape = sequenceOf(x);
  const ys = mixes.map(() => tape.tensor(...x.shape));
  const values = mixes.map(({ data }) => data);
  backend.run("tokenLerpForward", {
    ys: ys.map(({ data }) => data),
    mixes: values,
    x: x.data,
    state,
  }, shape);
  // dx_t = Σ_n (1 - mix_n)·dy_n,t + mix_n·dy_n,t+1,
  // dmix_n = Σ_t dy_n,t·(x_{t-1} - x_t)
  tape.record(
    ys,
    () =>
      backend.run("tokenLerpBackward", {
        dx: x.grad,
        dMixes: mixes.map(({ grad }) => grad),
        dys: ys.map(({ grad }) => grad),
        mixes: values,
        x: x.data,
        state,
      }, shape),
  );
  return ys as { [I in keyof M]: Tensor };
}
