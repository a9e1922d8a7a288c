/**
 * The documents of a token file one after another, in an order of its own each
 * epoch, and windows cut from them.
 *
 * @module
 */

import { hash32, hashKey, permute } from "../random.ts";
import type { DocumentBorders } from "./document_borders.ts";
import {
  type Batch,
  type BatchShape,
  countWindows,
  type DataLoaderOptions,
  fillRow,
  ShuffledWindows,
  type TokenSequence,
  type WindowOrder,
} from "./windows.ts";

/** Keep the two shufflings apart from other uses of a run's seed. */
const DOCUMENT_STREAM = 0xd0c5, WINDOW_STREAM = 0xd0c6;

/** The order of an epoch. */
interface Epoch {
  readonly number: number;
  /** Which part comes at each place. */
  readonly parts: Uint32Array;
  /** Where each place ends, in tokens. */
  readonly ends: Float64Array;
  /** Which tokens are to be predicted, in this order; made where it is asked for. */
  mask?: Uint8Array;
}

/**
 * The tokens of a file with its documents in an order that each epoch shuffles
 * anew. Memory: 24 bytes a document, of a million at most.
 */
export class ShuffledDocuments {
  /** What messages call the tokens. */
  readonly path: string;
  /** Tokens of an epoch: all of the file. */
  readonly length: number;
  readonly #sequence: TokenSequence;
  readonly #borders: DocumentBorders;
  readonly #seed: number;
  /** The last two that were asked for: where one ends both are in turn. */
  #epochs: readonly Epoch[] = [];

  /**
   * Takes a file's documents.
   *
   * @param sequence The file.
   * @param borders Where its documents begin.
   * @param seed Chooses the orders.
   */
  constructor(sequence: TokenSequence, borders: DocumentBorders, seed: number) {
    this.path = sequence.path;
    this.length = sequence.length;
    this.#sequence = sequence;
    this.#borders = borders;
    this.#seed = seed;
  }

  /**
   * An epoch's tokens.
   *
   * @param epoch Its number.
   *
   * @example
   * ```ts
   * import { DocumentBorders } from "./document_borders.ts";
   * import { ShuffledDocuments } from "./shuffled_documents.ts";
   * import { assertEquals } from "@std/assert";
   *
   * const tokens = Uint16Array.of(3, 0, 4, 0, 5, 0);
   * const file = {
   *   path: "a",
   *   length: 6,
   *   read: (at: number, to: Uint16Array) =>
   *     to.set(tokens.subarray(at, at + to.length)),
   * };
   * const borders = await DocumentBorders.find(file, { end: 0 });
   * const epoch = new ShuffledDocuments(file, borders, 42).epoch(1);
   * const shuffled = new Uint16Array(6);
   * epoch.read(0, shuffled);
   * assertEquals(shuffled.toSorted(), tokens.toSorted());
   * assertEquals([shuffled[1], shuffled[3], shuffled[5]], [0, 0, 0]);
   * ```
   */
  epoch(epoch: number): TokenSequence {
    const { path, length } = this;
    const read = (start: number, into: Uint16Array) =>
      this.#read(epoch, start, into);
    return { path, length, read, mask: this.#maskOf(epoch) };
  }

  /** What is to be predicted moves with its documents. */
  #maskOf(epoch: number): Uint8Array | undefined {
    const { mask } = this.#sequence;
    if (mask === undefined) return undefined;
    const order = this.#orderOf(epoch), { starts } = this.#borders;
    if (order.mask === undefined) {
      order.mask = new Uint8Array(this.length);
      for (const [place, part] of order.parts.entries()) {
        const own = mask.subarray(starts[part], starts[part + 1]);
        order.mask.set(own, order.ends[place] - own.length);
      }
    }
    return order.mask;
  }

  #read(epoch: number, start: number, into: Uint16Array): void {
    const { parts, ends } = this.#orderOf(epoch);
    const { starts } = this.#borders;
    let place = firstAbove(ends, start);
    for (let done = 0; done < into.length; place++) {
      const part = parts[place], from = start + done;
      const left = ends[place] - from;
      const piece = into.subarray(done, done + left);
      this.#sequence.read(starts[part + 1] - left, piece);
      done += piece.length;
    }
  }

  #orderOf(number: number): Epoch {
    const known = this.#epochs.find((epoch) => epoch.number === number);
    if (known !== undefined) return known;
    const { count, starts } = this.#borders;
    const key = hashKey(this.#seed, DOCUMENT_STREAM, number);
    const parts = Uint32Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) { // Fisher-Yates
      const j = Math.floor(hash32(key ^ hash32(i)) / 2 ** 32 * (i + 1));
      [parts[i], parts[j]] = [parts[j], parts[i]];
    }
    const ends = new Float64Array(count);
    let end = 0;
    for (let place = 0; place < count; place++) {
      const part = parts[place];
      ends[place] = end += starts[part + 1] - starts[part];
    }
    const made = { number, parts, ends };
    this.#epochs = [made, ...this.#epochs.slice(0, 1)];
    return made;
  }
}

/** The first place whose value is above a number. */
function firstAbove(sorted: Float64Array, value: number): number {
  let low = 0, high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Windows cut from shuffled documents, themselves shuffled: a batch does not
 * have the pieces of one long document.
 */
export class DocumentWindows implements WindowOrder {
  readonly count: number;
  readonly #documents: ShuffledDocuments;
  readonly #contextLength: number;
  readonly #seed: number;

  /**
   * Numbers the windows.
   *
   * @param documents What they are cut from.
   * @param shape The batches' shape.
   * @param seed Chooses the orders.
   * @throws {RangeError} When there is not one window.
   */
  constructor(documents: ShuffledDocuments, shape: BatchShape, seed: number) {
    this.count = countWindows(documents, shape);
    this.#documents = documents;
    this.#contextLength = shape.contextLength;
    this.#seed = seed;
  }

  fill(number: number, batch: Batch, row: number): void {
    const epoch = Math.floor(number / this.count);
    const key = hashKey(this.#seed, WINDOW_STREAM, epoch);
    const place = permute(number % this.count, this.count, key);
    const window = new Uint16Array(this.#contextLength + 1);
    const start = place * this.#contextLength;
    fillRow(this.#documents.epoch(epoch), start, window, batch, row);
  }
}

/**
 * The windows of a file, shuffled: at fixed places or, where it is known where
 * documents begin, cut anew each epoch.
 *
 * @param sequence The file.
 * @param options The batches' shape, and what chooses the order.
 * @param borders Where its documents begin.
 * @throws {RangeError} When the file has not one window.
 */
export function shuffledWindows(
  sequence: TokenSequence,
  options: DataLoaderOptions,
  borders?: DocumentBorders,
): WindowOrder {
  const { seed } = options;
  if (borders === undefined) {
    return new ShuffledWindows(sequence, options, seed);
  }
  const documents = new ShuffledDocuments(sequence, borders, seed);
  return new DocumentWindows(documents, options, seed);
}
