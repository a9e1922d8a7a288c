/**
 * The RWKV-7 attention (Peng et al. 2025, arXiv 2503.14456): a state that each
 * token first decays, then clears at a key, then writes to.
 *
 * @module
 */

import type { HeadShape, Memory } from "../backend/backend.ts";
import { lengthOf } from "../backend/plan.ts";
import type { Tape } from "../tensor/tape.ts";
import { assertSameShape, sequenceOf, type Tensor } from "../tensor/tensor.ts";
import { assertNoStateInTraining } from "./token_shift.ts";

/**
 * S_t = S_{t-1} diag(w_t) - (S_{t-1} κ_t)(κ_t · a_t)ᵀ + v_t k_tᵀ,
 * y_t = S_t r_t, head by head.
 *
 * @param r (batch, time, width).
 * @param input (batch, time, heads, 4, headSize): w, k, κ, a of `wkv7Input`.
 * @param v As r.
 * @param state (batch, heads, headSize, headSize), advanced in place. Inference
 * only.
 * @returns As r.
 */
export function wkv7(
  tape: Tape,
  { r, input, v, state }: {
    r: Tensor;
    input: Tensor;
    v: Tensor;
    state?: Memory;
  },
): Tensor {
  assertSameShape("wkv7", r, v);
  assertNoStateInTraining("wkv7", tape, state);
  const { backend } = tape;
  const shape: HeadShape = { ...sequenceOf(r), headSize: input.shape[4] };
  const y = tape.tensor(...r.shape);
  const states = tape.recording
    ? tape.take(lengthOf("wkv7Forward", "states", shape))
    : undefined;
  const operands = { r: r.data, input: input.data, v: v.data };
  backend.run("wkv7Forward", { y: y.data, ...operands, state, states }, shape);
  if (states === undefined) return y;
  // With D = dS_t, from the last token down: D += dy rᵀ,  dr = S_tᵀ dy,
  // dw = colsum(D ∘ S_{t-1}),  dk = Dᵀ v,  dv = D k,
  // h = S_{t-1} κ,  dh = -D (κ∘a),  dκ = S_{t-1}ᵀ dh - a ∘ Dᵀ h,
  // da = -κ ∘ Dᵀ h,  dS_{t-1} = D diag(w) + dh κᵀ
  tape.record(y, () => {
    const scratch = tape.take(lengthOf("wkv7Backward", "scratch", shape));
    backend.run("wkv7Backward", {
      dr: r.grad,
      dInput: input.grad,
      dv: v.grad,
      dy: y.grad,
      ...operands,
      states,
      scratch,
    }, shape);
    tape.give(scratch);
  }, [states]);
  return y;
}
