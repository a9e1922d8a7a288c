/**
 * The soft cap of logits (Gemma 2, arXiv 2408.00118).
 *
 * @module
 */

import type { Tape } from "../tensor/tape.ts";
import type { Tensor } from "../tensor/tensor.ts";

/**
 * x = cap · tanh(x / cap), in place.
 *
 * @param x What another op has made and does not look at on the way back.
 * @param cap What values stay below; nothing is done without one.
 */
export function softCap(tape: Tape, x: Tensor, cap: number | undefined): void {
  if (cap === undefined) return;
  const { backend } = tape;
  backend.run("softCap", { x: x.data }, { cap });
  // The gradient of what was put in is put in its place: d = d·(1 - (y / cap)²)
  tape.record([], () => {
    backend.run("softCapGradient", { d: x.grad, y: x.data }, { cap });
  });
}
