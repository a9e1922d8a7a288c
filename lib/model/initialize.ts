/**
 * Initial weights. Each function fills one array from one random stream.
 *
 * @module
 */

import type { Random } from "../random.ts";

/** Fills the values of one parameter. */
export type Initializer = (
  values: Float32Array,
  shape: readonly number[],
  random: Random,
) => void;

/** All equal. */
export function constant(value: number): Initializer {
  return (values) => void values.fill(value);
}

/** A function of the position. */
export function positional(at: (index: number) => number): Initializer {
  return (values) => values.forEach((_, i) => values[i] = at(i));
}

/** Uniform in ±bound. */
export function uniform(bound: number): Initializer {
  return (values, _shape, random) => {
    for (let i = 0; i < values.length; i++) {
      values[i] = (2 * random.uniform() - 1) * bound;
    }
  };
}

/** Standard normal times `deviation`. */
export function normal(deviation: number): Initializer {
  return (values, _shape, random) => {
    for (let i = 0; i < values.length; i++) {
      values[i] = deviation * random.normal();
    }
  };
}

/**
 * Orthonormal columns (rows, where there are fewer of them), times `gain`.
 *
 * Unit vectors turned by random plane rotations: each round pairs all rows at
 * random and rotates every pair, which keeps the columns orthonormal; a few
 * times log₂(rows) rounds spread each over all rows. O(rows·columns·log rows),
 * where Gram-Schmidt on a 32,000-row head would cost a minute.
 */
export function orthogonal(gain: number): Initializer {
  return (values, [rows, columns], random) => {
    if (rows >= columns) {
      rotate(values, rows, columns, gain, random);
      return;
    }
    const transposed = new Float32Array(values.length);
    rotate(transposed, columns, rows, gain, random);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        values[i * columns + j] = transposed[j * rows + i];
      }
    }
  };
}

function rotate(
  values: Float32Array,
  rows: number,
  columns: number,
  gain: number,
  random: Random,
): void {
  const order = Uint32Array.from({ length: rows }, (_, i) => i);
  shuffle(order, random);
  values.fill(0);
  for (let j = 0; j < columns; j++) values[order[j] * columns + j] = gain;
  const rounds = 2 * Math.ceil(Math.log2(rows + 1)) + 2;
  for (let round = 0; round < rounds; round++) {
    shuffle(order, random);
    for (let pair = 0; pair + 1 < rows; pair += 2) {
      const angle = 2 * Math.PI * random.uniform();
      const cos = Math.cos(angle), sin = Math.sin(angle);
      const a = order[pair] * columns, b = order[pair + 1] * columns;
      for (let j = 0; j < columns; j++) {
        const x = values[a + j], y = values[b + j];
        values[a + j] = cos * x - sin * y;
        values[b + j] = sin * x + cos * y;
      }
    }
  }
}

/** Fisher-Yates. */
function shuffle(order: Uint32Array, random: Random): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random.uniform() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
}
