/**
 * The RWKV-6 attention (Peng et al. 2024, arXiv 2404.05892): a state that decays
 * by what each token says, and is written to by every token.
 *
 * @module
 */

import type { Memory } from "../backend/backend.ts";
import type { Tape } from "../tensor/tape.ts";
import { assertSameShape, sequenceOf, type Tensor } from "../tensor/tensor.ts";
import { apply, type CarriedState } from "./apply.ts";

/** What {@linkcode wkv6} reads. */
export interface Wkv6Operands {
  /** (batch, time, width). */
  readonly r: Tensor;
  /** As r. */
  readonly k: Tensor;
  /** As r. */
  readonly v: Tensor;
  /** As r: what a token adds to the logarithm of the rate of decay. */
  readonly decay: Tensor;
  /** (width): `time_decay`. */
  readonly decayBias: Tensor;
  /** (heads, headSize): `time_faaaa`. */
  readonly bonus: Tensor;
  /**
   * (batch, heads, headSize, headSize). A memory is advanced in place, in
   * inference only.
   */
  readonly state?: Memory | CarriedState;
}

/**
 * w_t = exp(-exp(decay_t + decayBias)), y_t = (S_{t-1} + diag(bonus) k_t v_tᵀ)ᵀ r_t,
 * S_t = diag(w_t) S_{t-1} + k_t v_tᵀ, head by head.
 *
 * @returns As r.
 */
export function wkv6(tape: Tape, operands: Wkv6Operands): Tensor {
  const { r, k, v, decay, bonus } = operands;
  assertSameShape("wkv6", r, k, v, decay);
  // With D = dS_t, from the last token down:  dr = S_{t-1} dy + u∘k (v·dy),
  // dk = D v + u∘r (v·dy),  dv = Dᵀ k + (Σ r u k) dy,  du = r∘k (v·dy),
  // dw = rowsum(D∘S_{t-1}),  ddecay = -dw·w·e^(decay + decayBias),
  // dS_{t-1} = diag(w) D + r dyᵀ
  const settings = { ...sequenceOf(r), headSize: bonus.shape[1] };
  return apply(tape, "wkv6", operands, r, settings);
}
