/**
 * Windows of a token file, numbered over all epochs, and the batches they are
 * gathered in: what every loader is made of.
 *
 * @module
 */

import { type OptionKinds, SEED } from "../option_kinds.ts";
import { hashKey, permute } from "../random.ts";
import { EventTurns } from "../turns.ts";

/** Keeps the shuffling apart from other uses of a run's seed. */
const SHUFFLE_STREAM = 0x5f1e;

/** Numbered tokens, as in a `MmapDataset`. */
export interface TokenSequence {
  /** What messages call the tokens: their file. */
  readonly path: string;
  /** How many tokens there are. */
  readonly length: number;
  /**
   * For each token 1 where it is to be predicted, and 0 where it is only read, as
   * a question is whose answer is to be learnt; absent where all are.
   */
  readonly mask?: Uint8Array;
  /** Copies tokens out, from `start` on, until `into` is full. */
  read(start: number, into: Uint16Array): void;
}

/** Some windows and, for each token, the next. */
export interface Batch {
  /** How many windows. */
  readonly rows: number;
  /** (rows, contextLength) */
  readonly inputs: Uint16Array;
  /** (rows, contextLength): `inputs` one token on. */
  readonly targets: Uint16Array;
  /** How much each target counts, 0 or 1; absent where all do. */
  readonly weights?: Float32Array;
  /**
   * Of a loader whose rows go on where those of the batch before ended: which
   * rows begin anew, so that nothing is remembered there.
   */
  readonly anew?: readonly boolean[];
}

/** The shape of a batch. */
export interface BatchShape {
  /** Windows a batch. */
  readonly batchSize: number;
  /** Tokens a window, besides the one that is only a target. */
  readonly contextLength: number;
}

/** How batches are made. */
export interface DataLoaderOptions extends BatchShape {
  /** Chooses the order. */
  readonly seed: number;
}

/** What its options are; sizes are looked at where windows are counted. */
export const LOADER_KINDS: OptionKinds<DataLoaderOptions> = {
  batchSize: "number",
  contextLength: "number",
  seed: { ...SEED, isRequired: true },
};

/** A window of a token file. */
export interface Window {
  /** Its tokens. */
  readonly inputs: Uint16Array;
  /** For each of them the next. */
  readonly targets: Uint16Array;
}

/**
 * The windows of a token file in their order, read where they are asked for.
 * They lie one after another, each beginning with the last target of the one
 * before; what is left at the end, fewer tokens than a window, is left out.
 *
 * @example
 * ```ts
 * import { TokenWindows } from "./windows.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const tokens = Uint16Array.of(1, 2, 3, 4, 5, 6);
 * const windows = new TokenWindows({
 *   path: "a",
 *   length: 6,
 *   read: (at, to) => to.set(tokens.subarray(at, at + to.length)),
 * }, 2);
 * assertEquals(windows.length, 2);
 * const { inputs, targets } = windows.get(1);
 * assertEquals([[...inputs], [...targets]], [[3, 4], [4, 5]]);
 * ```
 */
export class TokenWindows implements Iterable<Window> {
  /** How many there are. */
  readonly length: number;
  /** Tokens of each. */
  readonly contextLength: number;
  readonly #sequence: TokenSequence;

  /**
   * Numbers the windows of a file.
   *
   * @param sequence The file.
   * @param contextLength Tokens of a window, besides the one that is only a
   * target.
   * @throws {RangeError} When the file has not one window.
   */
  constructor(sequence: TokenSequence, contextLength: number) {
    this.length = countWindows(sequence, { batchSize: 1, contextLength });
    this.contextLength = contextLength;
    this.#sequence = sequence;
  }

  /**
   * Copies a window out.
   *
   * @param index Its number, from 0 on.
   * @throws {RangeError} When there is none of that number.
   */
  get(index: number): Window {
    if (!Number.isInteger(index) || index < 0 || index >= this.length) {
      throw new RangeError(
        `Cannot read window ${index}: "${this.#sequence.path}" has ${this.length}`,
      );
    }
    const tokens = new Uint16Array(this.contextLength + 1);
    this.#sequence.read(index * this.contextLength, tokens);
    return { inputs: tokens.subarray(0, -1), targets: tokens.subarray(1) };
  }

  /** All of them, one after another. */
  *[Symbol.iterator](): Generator<Window> {
    for (let i = 0; i < this.length; i++) yield this.get(i);
  }
}

/** Batches without end, whose order one number can save and restore. */
export abstract class WindowLoader implements AsyncIterable<Batch> {
  /** Windows a batch. */
  readonly batchSize: number;
  /** Tokens a window. */
  readonly contextLength: number;
  #position = 0;

  /** Makes a loader that starts at the first window. */
  constructor({ batchSize, contextLength }: BatchShape) {
    this.batchSize = batchSize;
    this.contextLength = contextLength;
  }

  /**
   * How many windows have been given out since the run began, over all epochs.
   * With the options and the files it is all there is to save; set it to
   * continue from there, also with another batch size.
   */
  get position(): number {
    return this.#position;
  }

  set position(position: number) {
    if (!Number.isSafeInteger(position) || position < 0) {
      throw new RangeError(
        `Cannot continue from position ${position}: it is no count of windows`,
      );
    }
    this.#position = position;
  }

  /** The next batch, its arrays the caller's own. */
  next(): Batch {
    const { batchSize, contextLength, isMasked } = this;
    const batch = emptyBatch(batchSize, contextLength, isMasked);
    for (let row = 0; row < this.batchSize; row++) {
      this.fill(this.#position, batch, row);
      this.#position++;
    }
    return batch;
  }

  /**
   * Gives one batch after another, and lets events in between.
   *
   * @param options A signal, with whose reason the loop ends.
   */
  async *batches(
    { signal }: { readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<Batch> {
    const turns = new EventTurns();
    while (this.#position < this.end) {
      signal?.throwIfAborted();
      yield this.next();
      await turns.next();
    }
  }

  /** `for await (const batch of loader)`: as {@linkcode WindowLoader.batches}. */
  [Symbol.asyncIterator](): AsyncGenerator<Batch> {
    return this.batches();
  }

  /** Whether some tokens are only read. */
  protected abstract readonly isMasked: boolean;

  /** The position at which a loop over the batches ends by itself. */
  protected get end(): number {
    return Infinity;
  }

  /** Copies the window of a position into a row of a batch. */
  protected abstract fill(position: number, batch: Batch, row: number): void;
}

/** The windows of a file in some order, numbered over all epochs. */
export interface WindowOrder {
  /** Windows of an epoch. */
  readonly count: number;
  /**
   * Copies a window into a batch.
   *
   * @param number The window's, over all epochs.
   * @param batch Where to.
   * @param row Which of its rows.
   */
  fill(number: number, batch: Batch, row: number): void;
}

/**
 * The windows of one file in an order of its own each epoch: every window once
 * in each.
 *
 * @example
 * ```ts
 * import { ShuffledWindows } from "./windows.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const tokens = Uint16Array.of(1, 2, 3, 4, 5);
 * const windows = new ShuffledWindows(
 *   { path: "a", length: 5, read: (at, to) => to.set(tokens.subarray(at, at + 3)) },
 *   { batchSize: 1, contextLength: 2 },
 *   42,
 * );
 * const starts = [0, 1].map((number) => windows.startOf(number));
 * assertEquals(starts.toSorted(), [0, 2]);
 * ```
 */
export class ShuffledWindows implements WindowOrder {
  /** Windows in the file, which is windows an epoch. */
  readonly count: number;
  readonly #sequence: TokenSequence;
  readonly #contextLength: number;
  readonly #seed: number;

  /**
   * Numbers a file's windows.
   *
   * @param sequence The file.
   * @param shape The batches' shape.
   * @param seed Chooses the orders.
   * @throws {RangeError} When the file has not one window.
   */
  constructor(sequence: TokenSequence, shape: BatchShape, seed: number) {
    this.count = countWindows(sequence, shape);
    this.#sequence = sequence;
    this.#contextLength = shape.contextLength;
    this.#seed = seed;
  }

  /** Which token the window of a number, over all epochs, starts with. */
  startOf(number: number): number {
    const epoch = Math.floor(number / this.count);
    const key = hashKey(this.#seed, SHUFFLE_STREAM, epoch);
    return permute(number % this.count, this.count, key) * this.#contextLength;
  }

  fill(number: number, batch: Batch, row: number): void {
    const window = new Uint16Array(this.#contextLength + 1);
    fillRow(this.#sequence, this.startOf(number), window, batch, row);
  }
}

/**
 * Counts the whole windows of a file.
 *
 * @throws {RangeError} When there is none, or the shape is no shape.
 */
export function countWindows(
  { path, length }: Pick<TokenSequence, "path" | "length">,
  { batchSize, contextLength }: BatchShape,
): number {
  for (const [name, size] of Object.entries({ batchSize, contextLength })) {
    if (!Number.isSafeInteger(size) || size < 1) {
      throw new RangeError(
        `Cannot make batches: ${name} must be at least 1, not ${size}`,
      );
    }
  }
  const windows = Math.floor((length - 1) / contextLength);
  if (windows < 1) {
    throw new RangeError(
      `Cannot make batches: "${path}" has ${length} tokens, a window takes ${
        contextLength + 1
      }; use more text or a shorter context`,
    );
  }
  return windows;
}

/** A batch of zeros; with weights where some tokens are only read. */
export function emptyBatch(
  rows: number,
  contextLength: number,
  isMasked = false,
): Batch {
  const tokens = rows * contextLength;
  return {
    rows,
    inputs: new Uint16Array(tokens),
    targets: new Uint16Array(tokens),
    ...isMasked && { weights: new Float32Array(tokens) },
  };
}

/**
 * Copies the tokens from `start` on into a row of inputs, and those one further
 * on into the row of targets.
 *
 * @param sequence Where from.
 * @param start The first token's number.
 * @param window Room for a row's tokens and one more.
 * @param batch Where to.
 * @param row Which of its rows.
 */
export function fillRow(
  sequence: TokenSequence,
  start: number,
  window: Uint16Array,
  { inputs, targets, weights }: Batch,
  row: number,
): void {
  const contextLength = window.length - 1;
  if (weights !== undefined) {
    const own = weights.subarray(row * contextLength).subarray(
      0,
      contextLength,
    );
    const { mask } = sequence;
    if (mask === undefined) own.fill(1);
    else own.set(mask.subarray(start + 1, start + 1 + contextLength));
  }
  sequence.read(start, window);
  inputs.set(window.subarray(0, contextLength), row * contextLength);
  targets.set(window.subarray(1), row * contextLength);
}
