/**
 * The loss by itself, in plain numbers; models compute it with their head in
 * one (`ops/cross_entropy_head.ts`).
 *
 * @module
 */

/**
 * The mean cross-entropy of predictions, in nats a token.
 *
 * @param logits (rows, vocabulary), unnormalised.
 * @param targets The token that came in each row.
 * @throws {TypeError} When the logits are not so many rows.
 * @throws {RangeError} When a target is not of the vocabulary, or there is none.
 *
 * @example
 * ```ts
 * import { crossEntropyLoss } from "./cross_entropy.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const logits = new Float32Array([0, 0, 9, 9]); // two rows, two tokens
 * assertAlmostEquals(crossEntropyLoss(logits, [0, 1]), Math.log(2));
 * ```
 */
export function crossEntropyLoss(
  logits: Float32Array,
  targets: ArrayLike<number>,
): number {
  const rows = targets.length, width = logits.length / rows;
  if (rows === 0) {
    throw new RangeError("Cannot compute a loss: there are no targets");
  }
  if (!Number.isInteger(width)) {
    throw new TypeError(
      `Cannot compute a loss: ${logits.length} logits are not ${rows} rows`,
    );
  }
  let nats = 0;
  for (let row = 0; row < rows; row++) {
    const target = targets[row];
    if (!Number.isInteger(target) || target < 0 || target >= width) {
      throw new RangeError(
        `Cannot compute a loss: of ${width} tokens none is ${target}`,
      );
    }
    const own = logits.subarray(row * width, (row + 1) * width);
    // log Σ eᶻ - z of the target, the largest taken out of the powers
    const max = own.reduce((a, b) => Math.max(a, b), -Infinity);
    let sum = 0;
    for (const z of own) sum += Math.exp(z - max);
    nats += Math.log(sum) + max - own[target];
  }
  return nats / rows;
}
