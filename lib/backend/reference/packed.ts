/**
 * The plain loops of linear maps by packed weights: what each word means.
 *
 * @module
 */

import type { ProductShape } from "../backend.ts";
import { GROUP } from "../ops.ts";
import type { Loops, Values } from "./loops.ts";

/** By op. */
export const PACKED_LOOPS: Loops<
  "linearQ8" | "linearQ5" | "linearQ4" | "linearF16" | "linearBF16"
> = {
  linearQ8({ y, x, quants, scales }, shape) {
    const bytes = new Int8Array(quants.buffer, quants.byteOffset);
    multiply(y, x, shape, (i) => scales[groupOf(i)] * bytes[i]);
  },

  linearQ5({ y, x, quants, fifths, scales, leasts }, shape) {
    multiply(y, x, shape, (i) => {
      const group = groupOf(i), fifth = fifths[group] >>> (i % GROUP) & 1;
      const q = nibbleOf(quants, i) + 16 * fifth;
      return scales[group] * q + leasts[group];
    });
  },

  linearQ4({ y, x, quants, scales }, shape) {
    multiply(
      y,
      x,
      shape,
      (i) => scales[groupOf(i)] * (nibbleOf(quants, i) - 8),
    );
  },

  linearF16({ y, x, halves }, shape) {
    const values = new Float16Array(halves.buffer, halves.byteOffset);
    multiply(y, x, shape, (i) => values[i]);
  },

  linearBF16({ y, x, halves }, shape) {
    const upper = new Uint16Array(halves.buffer, halves.byteOffset);
    const bits = new Uint32Array(1), value = new Float32Array(bits.buffer);
    multiply(y, x, shape, (i) => {
      bits[0] = upper[i] << 16;
      return value[0];
    });
  },
};

/** y (rows, outputs) = x (rows, width) · wᵀ; `weight` gives value i of w. */
function multiply(
  y: Values,
  x: Values,
  { rows, width, outputs }: ProductShape,
  weight: (i: number) => number,
): void {
  for (let o = 0; o < outputs; o++) {
    for (let row = 0; row < rows; row++) {
      let sum = 0;
      for (let c = 0; c < width; c++) {
        sum += x[row * width + c] * weight(o * width + c);
      }
      y[row * outputs + o] = sum;
    }
  }
}

function groupOf(i: number): number {
  return Math.floor(i / GROUP);
}

/** The low four bits of a value of 4 or 5. */
function nibbleOf(quants: Uint32Array, i: number): number {
  const bytes = new Uint8Array(quants.buffer, quants.byteOffset);
  const pair = bytes[groupOf(i) * (GROUP / 2) + i % (GROUP / 2)];
  return i % GROUP < GROUP / 2 ? pair & 15 : pair >>> 4;
}
