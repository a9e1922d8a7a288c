/**
 * How well a model predicts a text: loss, perplexity and bits per byte.
 *
 * @module
 */

import type { Indices, Memory } from "../backend/backend.ts";
import type { Batch } from "../dataset/data_loader.ts";
import type { Communicator } from "../distributed/communicator.ts";
import { SingleProcess } from "../distributed/single_process.ts";
import type { RWKV } from "../model/rwkv.ts";
import type { RWKVState } from "../model/state.ts";
import { Tape } from "../tensor/tape.ts";
import { EventTurns } from "../turns.ts";

/** What {@linkcode Evaluator.evaluate} finds. */
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
 * Measures a model on held-out text. Keeps its memory from one use to the next.
 *
 * @example
 * ```ts
 * import { ReferenceBackend } from "../backend/reference/reference_backend.ts";
 * import { RWKVConfig } from "../model/config.ts";
 * import { RWKV } from "../model/rwkv.ts";
 * import { Evaluator } from "./evaluate.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const config = new RWKVConfig({ vocabSize: 8, dModel: 8, dFfn: 16 });
 * // All weights are zero: every token is as likely as any other.
 * const model = new RWKV(config, new ReferenceBackend());
 * const batch = {
 *   rows: 1,
 *   inputs: Uint16Array.of(1, 2),
 *   targets: Uint16Array.of(2, 3),
 * };
 * const found = await new Evaluator(model).evaluate([batch], [1, 1, 1, 1]);
 * assertAlmostEquals(found.bitsPerByte, 3, 1e-6);
 * ```
 */
export class Evaluator {
  readonly #model: RWKV;
  readonly #tape: Tape;
  readonly #total: Memory;
  readonly #turns = new EventTurns();
  readonly #starts = new Map<number, RWKVState>();
  #inputs?: Indices;
  #targets?: Indices;

  /**
   * Prepares to measure a model.
   *
   * @param model What to measure; it is not changed.
   * @param tape Lends its memory, between its steps.
   */
  constructor(model: RWKV, tape: Tape = new Tape(model.backend)) {
    this.#model = model;
    this.#tape = tape;
    this.#total = model.backend.alloc(1);
  }

  /**
   * Predicts every token of the given windows.
   *
   * @param batches The windows.
   * @param byteLengths Bytes of text each token id stands for; 0 for specials.
   * @param options A signal, with whose reason it ends between batches; ranks,
   * each of which predicts some of the batches, and which all end if one does.
   * @throws {RangeError} When there is nothing to predict.
   */
  async evaluate(
    batches: Iterable<Batch>,
    byteLengths: ArrayLike<number>,
    { signal, ranks = new SingleProcess() }: {
      readonly signal?: AbortSignal;
      readonly ranks?: Communicator;
    } = {},
  ): Promise<Evaluation> {
    let tokens = 0, bytes = 0, number = 0;
    const own: number[] = [];
    for (const batch of batches) {
      if (number++ % ranks.size === ranks.rank) {
        await this.#turns.next();
        if (signal?.aborted) break;
        own.push(await this.#lossOf(batch));
      }
      const { targets, weights } = batch;
      for (let i = 0; i < targets.length; i++) {
        if (weights?.[i] === 0) continue;
        tokens++;
        bytes += byteLengths[targets[i]];
      }
    }
    if (tokens === 0 && !signal?.aborted) {
      throw new RangeError("Cannot evaluate: there are no tokens to predict");
    }
    const nats = await sumOfAll(own, { ranks, signal });
    const loss = nats / tokens;
    return {
      loss,
      perplexity: Math.exp(loss),
      bitsPerByte: nats / Math.LN2 / bytes,
      tokens,
      bytes,
    };
  }

  /** What a model whose texts do not begin with nothing starts from. */
  #startOf(rows: number): RWKVState | undefined {
    if (!this.#model.hasStart) return undefined;
    let state = this.#starts.get(rows);
    if (state === undefined) {
      this.#starts.set(rows, state = this.#model.newState(rows));
    } else state.reset();
    return state;
  }

  /** Σ cross-entropy over a batch, in nats. */
  async #lossOf({ rows, inputs, targets, weights }: Batch): Promise<number> {
    const { backend } = this.#model;
    const { length } = inputs;
    if (length > (this.#inputs?.length ?? 0)) {
      this.#inputs = backend.allocIndices(length);
      this.#targets = backend.allocIndices(length);
    }
    backend.writeIndices(this.#inputs!, inputs);
    backend.writeIndices(this.#targets!, targets);
    backend.run("fill", { out: this.#total }, { value: 0 });
    const { recording } = this.#tape;
    this.#tape.recording = false;
    const hidden = this.#model.forward(this.#tape, this.#inputs!, {
      batch: rows,
      time: length / rows,
      state: this.#startOf(rows),
    });
    this.#model.loss(this.#tape, hidden, this.#targets!, {
      scale: 1,
      loss: this.#total,
      weights: weights && writtenTo(this.#tape, weights),
    });
    this.#tape.reset();
    this.#tape.recording = recording;
    return (await backend.read(this.#total))[0];
  }
}

/**
 * Adds up what batches have cost, in the order of the batches.
 *
 * @param own What those of this rank have.
 * @throws {DOMException} When a rank was told to end.
 */
async function sumOfAll(
  own: readonly number[],
  { ranks, signal }: {
    readonly ranks: Communicator;
    readonly signal?: AbortSignal;
  },
): Promise<number> {
  // Last, whether this rank was told to end.
  const told = Float64Array.of(...own, signal?.aborted ? 1 : 0);
  const all = (await ranks.allGather(new Uint8Array(told.buffer)))
    .map((bytes) => [...new Float64Array(bytes.slice().buffer)]);
  signal?.throwIfAborted();
  if (all.some((costs) => costs.pop() === 1)) {
    throw new DOMException("Another rank was told to end", "AbortError");
  }
  let nats = 0;
  for (let batch = 0;; batch++) {
    const cost = all[batch % ranks.size][Math.floor(batch / ranks.size)];
    if (cost === undefined) return nats;
    nats += cost;
  }
}

/**
 * Numbers in memory of a tape, until its reset.
 *
 * @param values The numbers.
 */
export function writtenTo(tape: Tape, values: Float32Array): Memory {
  const memory = tape.take(values.length);
  tape.backend.write(memory, values);
  return memory;
}
