/**
 * What each token does to the state of the RWKV-7 attention.
 *
 * @module
 */

import type { Tape } from "../tensor/tape.ts";
import { assertSameShape, sequenceOf, type Tensor } from "../tensor/tensor.ts";
import { apply } from "./apply.ts";

/** What {@linkcode wkv7Input} reads; widths are (width). */
export interface Wkv7InputOperands {
  /** (batch, time, width). */
  readonly key: Tensor;
  /** As key, before its sigmoid. */
  readonly decay: Tensor;
  /** As key, before its sigmoid. */
  readonly rate: Tensor;
  /** `w0`. */
  readonly decayBias: Tensor;
  /** `a0`. */
  readonly rateBias: Tensor;
  /** `k_k`. */
  readonly keyScale: Tensor;
  /** `k_a`. */
  readonly keyRate: Tensor;
}

/**
 * w = exp(-e^-½ · σ(decay + decayBias)), k = key · (1 + (a - 1) · keyRate),
 * κ = key · keyScale, normalised by head, a = σ(rate + rateBias).
 *
 * @param headSize Channels of a head.
 * @returns (batch, time, heads, 4, headSize): w, k, κ, a.
 */
export function wkv7Input(
  tape: Tape,
  operands: Wkv7InputOperands,
  headSize: number,
): Tensor {
  const { key, decay, rate } = operands;
  assertSameShape("wkv7Input", key, decay, rate);
  const { batch, time, width } = sequenceOf(key);
  const shape = [batch, time, width / headSize, 4, headSize];
  // With s = σ(decay + decayBias) and z = key·keyScale:
  // ddecay = -dw·w·e^-½·s(1 - s),  drate = (da + dk·key·keyRate)·a(1 - a),
  // dz = (dκ - κ(κ·dκ))/‖z‖,  dkey = dz·keyScale + dk·(1 + (a - 1)·keyRate)
  const settings = { rows: batch * time, width, headSize };
  return apply(tape, "wkv7Input", operands, { shape }, settings);
}
