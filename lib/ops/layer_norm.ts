/**
 * Layer normalisation (Ba, Kiros & Hinton 2016), ε = 1e-5.
 *
 * @module
 */

import type { Tape } from "../tensor/tape.ts";
import { rowShapeOf, type Tensor } from "../tensor/tensor.ts";
import { apply } from "./apply.ts";

/** ε, by which the kernels of every backend keep the root from zero. */
export const LAYER_NORM_EPSILON = 1e-5;

/**
 * y = (x - mean) / √(variance + ε) · weight + bias, over the last extent.
 *
 * @param x (..., width).
 * @param weight (width).
 * @param bias (width).
 * @returns As x.
 */
export function layerNorm(
  tape: Tape,
  x: Tensor,
  { weight, bias }: { weight: Tensor; bias: Tensor },
): Tensor {
  // With x̂ = (x - mean)/σ and g = dy·weight:
  // dx = (g - mean(g) - x̂·mean(g·x̂))/σ,  dweight = Σ dy·x̂,  dbias = Σ dy
  return apply(tape, "layerNorm", { x, weight, bias }, x, rowShapeOf(x));
}
