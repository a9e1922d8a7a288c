/**
 * A part of held-out text that stands for all of it: windows from its whole
 * length, always the same, so that one measurement compares with the next.
 *
 * @module
 */

import { sequentialBatches } from "./data_loader.ts";
import {
  type Batch,
  type BatchShape,
  emptyBatch,
  fillRow,
  type TokenSequence,
} from "./windows.ts";

/** Windows of held-out text. */
export interface EvenWindows {
  /** How many windows {@linkcode batches} has. */
  readonly windows: number;
  /** How many there are. */
  readonly available: number;
  /** How many tokens are predicted in them. */
  readonly tokens: number;
  /** The windows, the same whenever they are asked for. */
  batches(): Iterable<Batch>;
}

/**
 * Chooses windows at even distances over one or more sequences of tokens.
 *
 * @param sequences What is held out.
 * @param shape The batches' shape.
 * @param most How many windows at most; all unless given, with what is left
 * over at the ends, so that each token but a sequence's first is predicted.
 *
 * @example
 * ```ts
 * import { evenWindows } from "./even_windows.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const tokens = Uint16Array.from({ length: 42 }, (_, i) => i);
 * const sequence = {
 *   path: "a",
 *   length: tokens.length,
 *   read: (at: number, to: Uint16Array) =>
 *     to.set(tokens.subarray(at, at + to.length)),
 * };
 * const shape = { batchSize: 2, contextLength: 5 };
 * const { windows, available, batches } = evenWindows([sequence], shape, 3);
 * assertEquals([windows, available], [3, 8]);
 * const firsts = [...batches()].flatMap(({ rows, inputs }) =>
 *   Array.from({ length: rows }, (_, row) => inputs[row * 5])
 * );
 * assertEquals(firsts, [5, 20, 30]);
 * ```
 */
export function evenWindows(
  sequences: readonly TokenSequence[],
  shape: BatchShape,
  most: number = Infinity,
): EvenWindows {
  const { batchSize, contextLength } = shape;
  const whole = sequences.map(({ length }) =>
    Math.floor(Math.max(0, length - 1) / contextLength)
  );
  const available = whole.reduce((sum, count) => sum + count, 0);
  if (most >= available) {
    const predicted = sequences.map(({ length }) => Math.max(0, length - 1));
    return {
      windows: predicted.reduce(
        (sum, tokens) => sum + Math.ceil(tokens / contextLength),
        0,
      ),
      available,
      tokens: predicted.reduce((sum, tokens) => sum + tokens, 0),
      batches: function* () {
        for (const sequence of sequences) {
          if (sequence.length > 1) yield* sequentialBatches(sequence, shape);
        }
      },
    };
  }
  const starts = Array.from(
    { length: most },
    (_, i) => placeOf(Math.floor((i + 0.5) * available / most), whole),
  );
  const isMasked = sequences.some(({ mask }) => mask !== undefined);
  return {
    windows: most,
    available,
    tokens: most * contextLength,
    batches: function* () {
      const window = new Uint16Array(contextLength + 1);
      for (let first = 0; first < most; first += batchSize) {
        const chosen = starts.slice(first, first + batchSize);
        const batch = emptyBatch(chosen.length, contextLength, isMasked);
        for (const [row, { sequence, number }] of chosen.entries()) {
          const start = number * contextLength;
          fillRow(sequences[sequence], start, window, batch, row);
        }
        yield batch;
      }
    },
  };
}

/** Which window of which sequence has a number over all of them. */
function placeOf(
  number: number,
  counts: readonly number[],
): { sequence: number; number: number } {
  let sequence = 0;
  while (number >= counts[sequence]) number -= counts[sequence++];
  return { sequence, number };
}
