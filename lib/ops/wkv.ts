/**
 * The RWKV-4 attention (Peng et al. 2023, arXiv 2305.13048), of which the causal
 * running softmax of `classic` (AFT-simple, arXiv 2105.14103) is a special case.
 *
 * @module
 */

import type { Memory } from "../backend/backend.ts";
import type { Tape } from "../tensor/tape.ts";
import {
  assertSameShape,
  type Operand,
  sequenceOf,
  type Tensor,
} from "../tensor/tensor.ts";
import { apply, type CarriedState } from "./apply.ts";

/** The exponent of an empty {@linkcode wkv} state: e^-1e38 = 0. */
export const EMPTY_EXPONENT = -1e38;

/**
 * y_t = (Σ_{i<t} e^{(t-1-i)w + k_i} v_i + e^{u + k_t} v_t) / (same without v),
 * channel by channel, with w = -exp(decay) and u = bonus.
 *
 * @param k (batch, time, width).
 * @param v As k.
 * @param decay (width), raw; -∞ for no decay.
 * @param bonus (width).
 * @param state (batch, 3, width): numerator, denominator, common exponent. A
 * memory is advanced in place, in inference only.
 * @returns As k.
 */
export function wkv(
  tape: Tape,
  operands: {
    k: Tensor;
    v: Tensor;
    decay: Operand;
    bonus: Operand;
    state?: Memory | CarriedState;
  },
): Tensor {
  const { k, v } = operands;
  assertSameShape("wkv", k, v);
  // With a_{ti} the weight of token i in y_t, Σ_i a_{ti} = 1:
  // dv_i = Σ_t a_{ti}·dy_t,  dk_i = Σ_t a_{ti}·dy_t·(v_i - y_t), and likewise
  // dw, du: each exponent's share of dy_t·(v_i - y_t).
  return apply(tape, "wkv", operands, k, sequenceOf(k));
}
