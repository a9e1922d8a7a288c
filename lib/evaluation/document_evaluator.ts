/**
 * Predicts documents from beginning to end, each by itself, with the state
 * carried on: what a model knows of a document is all of it that came before.
 *
 * Several documents are read at once, a row of the batch each, and a row that
 * has ended begins the next document. Long documents come first, so that few
 * rows are empty at the end; then the batch is halved.
 *
 * @module
 */

import type { Indices, Memory } from "../backend/backend.ts";
import type { RWKV } from "../model/rwkv.ts";
import type { RWKVState, SavedState } from "../model/state.ts";
import { Tape } from "../tensor/tape.ts";
import { EventTurns } from "../turns.ts";
import type { TokenDocument } from "./documents.ts";
import { type DocumentCost, DocumentCounter } from "./cost.ts";

/** Most tokens that a row reads in one pass. */
const MOST_TIME = 256;
/** Fewest: few shapes, so little memory is kept for them. */
const LEAST_TIME = 16;

/** How documents are read. */
export interface DocumentEvaluatorOptions {
  /** Documents at a time; 8 unless given. */
  readonly rows?: number;
  /** Tokens after which all is forgotten; never unless given. */
  readonly resetEvery?: number;
}

/** What `DocumentEvaluator.evaluate()` is told. */
export interface ReadingOptions {
  /** With whose reason it ends between passes. */
  readonly signal?: AbortSignal;
  /** Told how many tokens are predicted. */
  readonly onProgress?: (done: number) => void;
}

/** A document that is being read. */
interface Row {
  /** Its number among all. */
  readonly index: number;
  readonly document: TokenDocument;
  readonly counter: DocumentCounter;
  /** How many tokens were read. */
  at: number;
}

/**
 * Measures a model on documents.
 *
 * @example
 * ```ts
 * import { ReferenceBackend } from "../backend/reference/reference_backend.ts";
 * import { RWKVConfig } from "../model/config.ts";
 * import { RWKV } from "../model/rwkv.ts";
 * import { DocumentEvaluator } from "./document_evaluator.ts";
 * import { framedDocument } from "./documents.ts";
 * import { bitsPerByteOf } from "./cost.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const config = new RWKVConfig({ vocabSize: 8, dModel: 8, dFfn: 16 });
 * // All weights are zero: every token is as likely as any other.
 * const model = new RWKV(config, new ReferenceBackend());
 * const about = { name: "a.txt", source: 0, bytes: 3 };
 * const document = framedDocument(about, [4, 5], { start: 0, end: 1 });
 * const evaluator = new DocumentEvaluator(model);
 * const byteLengths = [0, 0, 1, 1, 1, 2, 1, 1];
 * const [found] = await evaluator.evaluate([document], byteLengths);
 * assertAlmostEquals(bitsPerByteOf(found), 3, 1e-6); // three tokens, three bytes
 * ```
 */
export class DocumentEvaluator {
  readonly #model: RWKV;
  readonly #most: number;
  readonly #resetEvery: number;
  readonly #tape: Tape;
  readonly #total: Memory;
  readonly #each: Memory;
  readonly #inputs: Indices;
  readonly #targets: Indices;
  readonly #turns = new EventTurns();
  /** By rows. */
  readonly #states = new Map<number, RWKVState>();

  /**
   * Reserves the memory of a pass.
   *
   * @param model What to measure; it is not changed.
   * @param options How many documents at a time, and when all is forgotten.
   */
  constructor(
    model: RWKV,
    { rows = 8, resetEvery = Infinity }: DocumentEvaluatorOptions = {},
  ) {
    const { backend } = model;
    this.#model = model;
    this.#most = rows;
    this.#resetEvery = resetEvery;
    this.#tape = new Tape(backend, { recording: false });
    this.#total = backend.alloc(1);
    const length = powerFrom(rows) * MOST_TIME;
    this.#each = backend.alloc(length);
    this.#inputs = backend.allocIndices(length);
    this.#targets = backend.allocIndices(length);
  }

  /**
   * Predicts every token of every document but its first.
   *
   * @param documents The documents; each has two tokens or more.
   * @param byteLengths Bytes of text each token id stands for; 0 for specials.
   * @param options A signal, and who is told how far it is.
   * @returns What each cost, in their order.
   */
  async evaluate(
    documents: readonly TokenDocument[],
    byteLengths: ArrayLike<number>,
    { signal, onProgress }: ReadingOptions = {},
  ): Promise<DocumentCost[]> {
    const found = new Array<DocumentCost>(documents.length);
    const waiting = documents.keys().toArray()
      .sort((a, b) => documents[a].length - documents[b].length);
    const empty = await this.#emptyState();
    const next = (): Row => {
      const index = waiting.pop()!, document = documents[index];
      return { index, document, counter: new DocumentCounter(), at: 0 };
    };
    const rows: Row[] = [];
    while (rows.length < this.#most && waiting.length > 0) rows.push(next());
    let done = 0, size = powerFrom(rows.length);
    while (rows.length > 0) {
      await this.#turns.next();
      signal?.throwIfAborted();
      size = await this.#shrink(size, rows.length);
      const state = this.#stateOf(size);
      for (const [number, { at }] of rows.entries()) {
        if (at % this.#resetEvery === 0) state.restoreRow(number, empty);
      }
      done += await this.#pass(rows, size, byteLengths);
      for (let number = rows.length - 1; number >= 0; number--) {
        const { index, document, counter, at } = rows[number];
        if (at < document.length - 1) continue;
        found[index] = counter.end(document.bytes);
        if (waiting.length > 0) rows[number] = next();
        else await this.#remove(rows, number, state);
      }
      onProgress?.(done);
    }
    return found;
  }

  /** Takes a row out; the last one moves there. */
  async #remove(rows: Row[], number: number, state: RWKVState): Promise<void> {
    const last = rows.pop()!;
    if (number === rows.length) return;
    state.restoreRow(number, await state.saveRow(rows.length));
    rows[number] = last;
  }

  /** Predicts some tokens of every row; says how many. */
  async #pass(
    rows: readonly Row[],
    size: number,
    byteLengths: ArrayLike<number>,
  ): Promise<number> {
    const lengths = rows.map((row) => this.#lengthFor(row));
    const time = Math.max(LEAST_TIME, powerFrom(Math.max(...lengths)));
    const inputs = new Uint16Array(size * time), targets = inputs.slice();
    for (const [number, { document, at }] of rows.entries()) {
      const tokens = new Uint16Array(lengths[number] + 1);
      document.read(at, tokens);
      inputs.set(tokens.subarray(0, -1), number * time);
      targets.set(tokens.subarray(1), number * time);
    }
    const losses = await this.#lossesOf(inputs, targets, { size, time });
    let predicted = 0;
    for (const [number, row] of rows.entries()) {
      for (let i = 0; i < lengths[number]; i++) {
        const place = number * time + i;
        row.counter.add(losses[place], byteLengths[targets[place]]);
      }
      row.at += lengths[number];
      predicted += lengths[number];
    }
    return predicted;
  }

  /** How many tokens of a row to read: not beyond where all is forgotten. */
  #lengthFor({ document, at }: Row): number {
    const border = this.#resetEvery - at % this.#resetEvery;
    return Math.min(MOST_TIME, document.length - 1 - at, border);
  }

  /** (rows, time): -ln p of each target. */
  async #lossesOf(
    inputs: Uint16Array,
    targets: Uint16Array,
    { size, time }: { readonly size: number; readonly time: number },
  ): Promise<Float32Array> {
    const { backend } = this.#model;
    backend.writeIndices(this.#inputs, inputs);
    backend.writeIndices(this.#targets, targets);
    backend.run("fill", { out: this.#total }, { value: 0 });
    this.#tape.reset();
    const hidden = this.#model.forward(this.#tape, this.#inputs, {
      batch: size,
      time,
      state: this.#stateOf(size),
    });
    this.#model.loss(this.#tape, hidden, this.#targets, {
      scale: 1,
      loss: this.#total,
      each: this.#each,
    });
    this.#tape.reset();
    return await backend.read(this.#each, { start: 0, length: size * time });
  }

  /** Halves the batch as long as the rows fit; says how many it has then. */
  async #shrink(size: number, rows: number): Promise<number> {
    const smaller = powerFrom(rows);
    if (smaller >= size) return size;
    const from = this.#stateOf(size), to = this.#stateOf(smaller);
    for (let row = 0; row < rows; row++) {
      to.restoreRow(row, await from.saveRow(row));
    }
    return smaller;
  }

  #stateOf(size: number): RWKVState {
    let state = this.#states.get(size);
    if (state === undefined) {
      state = this.#model.newState(size);
      this.#states.set(size, state);
    }
    return state;
  }

  /** The state before any token. */
  async #emptyState(): Promise<SavedState> {
    const state = this.#stateOf(1);
    state.reset();
    return await state.save();
  }
}

/** The smallest power of two that is not less. */
function powerFrom(count: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, count)));
}
