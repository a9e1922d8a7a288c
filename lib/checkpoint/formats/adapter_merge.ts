/**
 * A model with a LoRA put into its weights: W + alpha/rank · B·A.
 *
 * @module
 */

import { baseOf, LORA_A, LORA_B } from "../../model/adapter.ts";
import type { WeightSource } from "../../model/foreign.ts";
import type { Adapter } from "./adapter_file.ts";

/**
 * Adds what a LoRA says to a weight.
 *
 * @param adapter A LoRA; a state changes no weight.
 * @param name The weight's name.
 * @param values Its values, which are changed; those that are not adapted stay.
 * @returns Whether they were.
 * @throws {RangeError} When a sum is not finite.
 */
export function addLora(
  { shape, values: learnt }: Adapter,
  name: string,
  values: Float32Array,
): boolean {
  if (shape.kind !== "lora") return false;
  const a = learnt.get(baseOf(name) + LORA_A);
  const b = learnt.get(baseOf(name) + LORA_B);
  if (a === undefined || b === undefined) return false;
  const { rank, alpha } = shape;
  const out = b.length / rank, width = a.length / rank, scale = alpha / rank;
  // In double precision, so that the sum is rounded once.
  const sums = new Float64Array(width);
  for (let i = 0; i < out; i++) {
    sums.fill(0);
    for (let r = 0; r < rank; r++) {
      const factor = scale * b[i * rank + r];
      if (factor === 0) continue;
      const row = r * width;
      for (let j = 0; j < width; j++) sums[j] += factor * a[row + j];
    }
    const at = i * width;
    for (let j = 0; j < width; j++) {
      values[at + j] += sums[j];
      if (Number.isFinite(values[at + j])) continue;
      throw new RangeError(
        `Cannot add the adapter to ${name}: its weights would not be finite`,
      );
    }
  }
  return true;
}

/**
 * A model whose weights are read with a LoRA in them.
 *
 * @param model The model.
 * @param adapter The LoRA.
 */
export function withLora(model: WeightSource, adapter: Adapter): WeightSource {
  return {
    config: model.config,
    shapes: model.shapes,
    readWeight(name) {
      const values = model.readWeight(name);
      addLora(adapter, name, values);
      return values;
    },
  };
}
