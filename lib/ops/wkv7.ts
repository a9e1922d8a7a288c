/**
 * The RWKV-7 attention (Peng et al. 2025, arXiv 2503.14456): a state that each
 * token first decays, then clears at a key, then writes to.
 *
 * @module
 */

import type { Memory } from "../backend/backend.ts";
import type { Tape } from "../tensor/tape.ts";
import { assertSameShape, sequenceOf, type Tensor } from "../tensor/tensor.ts";
import { apply, type CarriedState } from "./apply.ts";

/**
 * S_t = S_{t-1} diag(w_t) - (S_{t-1} κ_t)(κ_t · a_t)ᵀ + v_t k_tᵀ,
 * y_t = S_t r_t, head by head.
 *
 * @param r (batch, time, width).
 * @param input (batch, time, heads, 4, headSize): w, k, κ, a of `wkv7Input`.
 * @param v As r.
 * @param state (batch, heads, headSize, headSize). A memory is advanced in place,
 * in inference only.
 * @returns As r.
 */
export function wkv7(
  tape: Tape,
  operands: {
    r: Tensor;
    input: Tensor;
    v: Tensor;
    state?: Memory | CarriedState;
  },
): Tensor {
  const { r, input, v } = operands;
  assertSameShape("wkv7", r, v);
  // With D = dS_t, from the last token down: D += dy rᵀ,  dr = S_tᵀ dy,
  // dw = colsum(D ∘ S_{t-1}),  dk = Dᵀ v,  dv = D k,
  // h = S_{t-1} κ,  dh = -D (κ∘a),  dκ = S_{t-1}ᵀ dh - a ∘ Dᵀ h,
  // da = -κ ∘ Dᵀ h,  dS_{t-1} = D diag(w) + dh κᵀ
  const settings = { ...sequenceOf(r), headSize: input.shape[4] };
  return apply(tape, "wkv7", operands, r, settings);
}
