/**
 * Layer normalisation (Ba, Kiros & Hinton 2016), ε = 1e-5.
 *
 * @module
 */

import type { Tape } from "../tensor/tape.ts";
import { rowsOf, type Tensor, widthOf } from "../tensor/tensor.ts";

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
  const { backend } = tape;
  const shape = { rows: rowsOf(x), width: widthOf(x) };
  const y = tape.tensor(...x.shape);
  const stats = tape.take(2 * shape.rows); // (rows, 2)
  backend.run("layerNormForward", {
    y: y.data,
    stats,
    x: x.data,
    weight: weight.data,
    bias: bias.data,
  }, shape);
  // With x̂ = (x - mean)/σ and g = dy·weight:
  // dx = (g - mean(g) - x̂·mean(g·x̂))/σ,  dweight = Σ dy·x̂,  dbias = Σ dy
  tape.record(
    y,
    () =>
      backend.run("layerNormBackward", {
        dx: x.grad,
        dWeight: weight.grad,
        dBias: bias.grad,
        dy: y.grad,
        x: x.data,
        stats,
        weight: weight.data,
      }, shape),
    [stats],
  );
  return y;
}
