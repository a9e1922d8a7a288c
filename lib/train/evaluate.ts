/**
 * How well a model predicts a text: loss, perplexity and bits per byte.
 *
 * @module
 */

import type { RWKV } from "../model/rwkv.ts";
import { Tape } from "../tensor/tape.ts";

/** A micro-batch: (batch, time) token ids, and the ids that follow each. */
export interface Batch {
  /** Independent windows. */
  readonly batch: number;
  /** Tokens in each. */
  readonly time: number;
  /** batch · time ids. */
  readonly inputs: Uint16Array;
  /** The id after each of `inputs`. */
  readonly targets: Uint16Array;
}

/** What {@linkcode evaluate} finds. */
export interface Evaluation {
  /** Mean cross-entropy, in nats a token. */
  readonly loss: number;
  /** e^loss. */
  readonly perplexity: number;
  /** Bits spent on each byte of text: comparable between tokenizers. */
  readonly bitsPerByte: number;
  /** Tokens predicted. */
  readonly tokens: number;
  /** Bytes of text they stand for. */
  readonly bytes: number;
}

/**
 * Predicts every token of the given windows.
 *
 * @param model Not changed.
 * @param batches The windows.
 * @param byteLengths Bytes of text each token id stands for; 0 for specials.
 * @throws {RangeError} When there is nothing to predict.
 */
export async function evaluate(
  model: RWKV,
  batches: Iterable<Batch>,
  byteLengths: ArrayLike<number>,
): Promise<Evaluation> {
  const { backend } = model;
  const tape = new Tape(backend, { recording: false });
  const total = backend.alloc(1);
  let tokens = 0, bytes = 0, nats = 0;
  let capacity = 0;
  let inputs = backend.allocIndices(0), targets = inputs;
  for (const { batch, time, inputs: ids, targets: next } of batches) {
    if (ids.length > capacity) {
      capacity = ids.length;
      inputs = backend.allocIndices(capacity);
      targets = backend.allocIndices(capacity);
    }
    backend.writeIndices(inputs, ids);
    backend.writeIndices(targets, next);
    backend.fill(total, 0);
    const hidden = model.forward(tape, inputs, { batch, time });
    model.loss(tape, hidden, targets, { scale: 1, loss: total });
    tape.reset();
    nats += (await backend.read(total))[0];
    tokens += next.length;
    for (const id of next) bytes += byteLengths[id];
  }
  if (tokens === 0) {
    throw new RangeError("Cannot evaluate: there are no tokens to predict");
  }
  const loss = nats / tokens;
  return {
    loss,
    perplexity: Math.exp(loss),
    bitsPerByte: nats / Math.LN2 / bytes,
    tokens,
    bytes,
  };
}
