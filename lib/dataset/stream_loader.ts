/**
 * Token files to batches whose rows go on from one batch to the next, for
 * training that carries the state on.
 *
 * @module
 */

import { assertOptions, wholeFrom } from "../option_kinds.ts";
import type { DocumentBorders } from "./document_borders.ts";
import { type MixedSource, quotasOf } from "./mixed_loader.ts";
import { ShuffledDocuments } from "./shuffled_documents.ts";
import {
  type Batch,
  countWindows,
  type DataLoaderOptions,
  fillRow,
  LOADER_KINDS,
  WindowLoader,
} from "./windows.ts";

/** How a {@linkcode StreamLoader} makes batches. */
export interface StreamLoaderOptions extends DataLoaderOptions {
  /** Streams: rows of a step, over all of its micro-batches. */
  readonly streams: number;
}

/** A file that is read as streams. */
export interface StreamSource extends MixedSource {
  /** Where its documents begin. */
  readonly borders: DocumentBorders;
}

/** A file, and which streams are its. */
interface Source {
  readonly documents: ShuffledDocuments;
  /** The first of its streams. */
  readonly first: number;
  /** How many it has. */
  readonly streams: number;
  /** Windows of each of them, an epoch. */
  readonly windows: number;
}

/**
 * Batches without end, each row of which goes on where that row ended in the
 * step before. The documents of a file are put one after another, in an order of
 * their own each epoch, and cut into as many stretches as the file has streams;
 * each stream reads one stretch, window after window. What is left, fewer windows
 * than streams, is not used in that epoch. Of several files each has as many
 * streams as its weight says, as near as whole ones can.
 *
 * @example
 * ```ts
 * import { DocumentBorders } from "./document_borders.ts";
 * import { StreamLoader } from "./stream_loader.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const tokens = Uint16Array.from({ length: 13 }, (_, i) => i + 1);
 * const dataset = {
 *   path: "a",
 *   length: tokens.length,
 *   read: (at: number, to: Uint16Array) =>
 *     to.set(tokens.subarray(at, at + to.length)),
 * };
 * const borders = await DocumentBorders.find(dataset, { end: 0 });
 * const loader = new StreamLoader([{ dataset, weight: 1, borders }], {
 *   batchSize: 2,
 *   contextLength: 2,
 *   seed: 42,
 *   streams: 2,
 * });
 * const [first, second] = [loader.next(), loader.next()];
 * assertEquals([...first.inputs], [1, 2, 7, 8]);
 * assertEquals([...second.inputs], [3, 4, 9, 10]);
 * assertEquals([first.anew, second.anew], [[true, true], [false, false]]);
 * ```
 */
export class StreamLoader extends WindowLoader {
  /** Whether some tokens are only read. */
  protected override readonly isMasked: boolean;
  readonly #sources: readonly Source[];
  readonly #streams: number;

  /**
   * Makes a loader that starts at the first epoch of every file.
   *
   * @param sources The files, their weights and their documents.
   * @param options How batches are made.
   * @throws {TypeError} For an option that is unknown or of another kind.
   * @throws {RangeError} When there is no file, or one has fewer windows than
   * streams, or a weight that is not positive or too little for one.
   */
  constructor(sources: readonly StreamSource[], options: StreamLoaderOptions) {
    assertOptions<StreamLoaderOptions>("make batches", options, {
      ...LOADER_KINDS,
      streams: { ...wholeFrom(1), isRequired: true },
    });
    super(options);
    const { contextLength, seed, streams } = options;
    const quotas = quotasOf(sources, streams);
    this.#streams = streams;
    this.isMasked = sources.some(({ dataset }) => dataset.mask !== undefined);
    let first = 0;
    this.#sources = sources.map(({ dataset, borders }, i) => {
      const own = quotas[i], all = countWindows(dataset, options);
      const windows = Math.floor(all / own);
      if (windows === 0) {
        throw new RangeError(
          `Cannot make batches: "${dataset.path}" has ${all} windows of ${contextLength} tokens, fewer than its ${own} rows of a step; use more text, a shorter context or fewer rows`,
        );
      }
      const documents = new ShuffledDocuments(dataset, borders, seed);
      const source = { documents, first, streams: own, windows };
      first += own;
      return source;
    });
  }

  /** How often each file has been seen, in parts of an epoch. */
  get epochs(): number[] {
    const steps = this.position / this.#streams;
    return this.#sources.map(({ windows }) => steps / windows);
  }

  /** The next batch, which says which rows begin anew. */
  override next(): Batch {
    const first = this.position, batch = super.next();
    const anew = Array.from(
      { length: batch.rows },
      (_, row) => this.#at(first + row).step === 0,
    );
    return { ...batch, anew };
  }

  /** Copies the window of a position into a row of a batch. */
  protected override fill(position: number, batch: Batch, row: number): void {
    const { source, stream, epoch, step } = this.#at(position);
    const start = (stream * source.windows + step) * this.contextLength;
    const window = new Uint16Array(this.contextLength + 1);
    fillRow(source.documents.epoch(epoch), start, window, batch, row);
  }

  /** Which window of which stream comes at a position. */
  #at(position: number) {
    const row = position % this.#streams;
    const source = this.#sources.findLast(({ first }) => first <= row)!;
    const steps = Math.floor(position / this.#streams);
    return {
      source,
      stream: row - source.first,
      epoch: Math.floor(steps / source.windows),
      step: steps % source.windows,
    };
  }
}
