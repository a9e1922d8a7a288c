/**
 * The output head, softmax, cross-entropy and their gradients as one op over
 * chunks of tokens, so that the logits of a batch never exist all at once.
 *
 * @module
 */

import type { Indices, Memory } from "../backend/backend.ts";
import type { Tape } from "../tensor/tape.ts";
import { rowShapeOf, type Tensor } from "../tensor/tensor.ts";
import { copyRows } from "./apply.ts";
import { multiplyInto } from "./linear.ts";

/**
 * Rows of logits held at a time: 32 MB at 32,000 tokens. Fewer would stay in
 * cache, but each chunk reads and writes the whole gradient of the weight, which
 * costs more: 16 % more time with 64 rows, 5 % with 128 (micro, 32 MiB of cache).
 */
const CHUNK = 256;

/**
 * loss = scale · Σ_rows w · (ln Σ_j e^{z_j} - z_target), with z = x · weightᵀ
 * and w the weight of the row's target, 1 where none are given.
 *
 * A loss starts the way back, so its upstream gradient is 1 by definition: the
 * gradients of x and weight are made on the spot, chunk by chunk, while the
 * logits are at hand.
 *
 * @param x (..., width): the final hidden states.
 * @param weight (vocabulary, width).
 * @param targets One id a row of x.
 * @param options `scale`: 1/rows for a mean, less where several batches add up
 * to one step. `loss`: one value that the loss is added to. `each`: where the
 * loss of every row is left, unscaled, for who asks for more than the sum.
 * `weights`: one a target, 0 where it is not to be learnt. `cap`: logits become
 * cap · tanh(z / cap).
 */
export function crossEntropyHead(
  tape: Tape,
  x: Tensor,
  weight: Tensor,
  targets: Indices,
  { scale, loss, each, weights, cap }: {
    scale: number;
    loss: Memory;
    each?: Memory;
    weights?: Memory;
    cap?: number;
  },
): void {
  const { backend, recording } = tape;
  const { rows, width } = rowShapeOf(x);
  const vocabulary = weight.shape[0];
  const losses = each === undefined
    ? tape.take(rows)
    : backend.slice(each, 0, rows);
  const logits = tape.take(Math.min(CHUNK, rows) * vocabulary); // (chunk, V)
  const capped = recording && cap !== undefined
    ? tape.take(logits.length)
    : undefined; // what the logits were before gradients took their place
  const dx = recording ? tape.claimGrad(x) : undefined;
  for (let start = 0; start < rows; start += CHUNK) {
    const count = Math.min(CHUNK, rows - start);
    const part = (memory: Memory) =>
      backend.slice(memory, start * width, count * width);
    const z = backend.slice(logits, 0, count * vocabulary);
    multiplyInto(backend, z, part(x.data), weight, count);
    const y = capped && backend.slice(capped, 0, count * vocabulary);
    if (cap !== undefined) backend.run("softCap", { x: z }, { cap });
    if (y !== undefined) copyRows(backend, { to: y, from: z, batch: count });
    backend.run("crossEntropy", {
      losses: backend.slice(losses, start, count),
      logits: z,
      targets,
      weights: weights && backend.slice(weights, start, count),
    }, {
      rows: count,
      width: vocabulary,
      firstTarget: start,
      gradientScale: recording ? scale : undefined,
    });
    if (dx === undefined) continue;
    if (y !== undefined) {
      backend.run("softCapGradient", { d: z, y }, { cap: cap! });
    }
    // dz = scale·(softmax(z) - onehot);  dx = dz·weight,  dweight = dzᵀ·x
    backend.matmul(part(dx.grad), z, weight.data, {
      m: count,
      k: vocabulary,
      n: width,
    }, { accumulate: dx.accumulate });
    if (weight.isFrozen) continue;
    backend.matmul(weight.grad, z, part(x.data), {
      m: vocabulary,
      k: count,
      n: width,
    }, { transposeA: true, accumulate: true });
  }
  backend.run("sum", { out: loss, x: losses }, { scale });
  tape.give(logits);
  if (capped !== undefined) tape.give(capped);
  if (each === undefined) tape.give(losses);
}
