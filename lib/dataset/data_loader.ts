/**
 * Token files to batches: windows of the context's length, in a shuffled order
 * that one number can save and restore.
 *
 * @module
 */

import {
  type Batch,
  type BatchShape,
  countWindows,
  type DataLoaderOptions,
  emptyBatch,
  fillRow,
  LOADER_KINDS,
  type TokenSequence,
  WindowLoader,
  type WindowOrder,
} from "./windows.ts";

export type {
  Batch,
  BatchShape,
  DataLoaderOptions,
  TokenSequence,
  Window,
  WindowLoader,
} from "./windows.ts";
import { assertOptions } from "../option_kinds.ts";
import type { DocumentBorders } from "./document_borders.ts";
import { shuffledWindows } from "./shuffled_documents.ts";
export { TokenWindows } from "./windows.ts";

/** How a {@linkcode DataLoader} makes batches. */
export interface EpochOptions extends DataLoaderOptions {
  /**
   * How often a loop over the batches sees every window before it ends; without
   * end unless given. `next()` goes on for ever.
   */
  readonly epochs?: number;
  /**
   * Where the file's documents begin: they come in another order each epoch, and
   * windows are cut from them. Without it windows stand at fixed places.
   */
  readonly borders?: DocumentBorders;
}

/**
 * Batches without end for training. The windows lie one after another, each
 * beginning with the last target of the one before; what is left at the end,
 * fewer tokens than a window, is not used. Every window comes once an
 * epoch, in an order of its own each epoch. No batch is partial: where the
 * windows do not divide by the batch, it goes on in the next epoch.
 *
 * @example
 * ```ts
 * import { DataLoader } from "./data_loader.ts";
 * import { MmapDataset } from "./mmap_dataset.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const path = await Deno.makeTempDir() + "/train.bin";
 * await Deno.writeFile(path, new Uint8Array(Uint16Array.of(1, 2, 3, 4, 5).buffer));
 * using dataset = MmapDataset.open(path);
 * const loader = new DataLoader(dataset, {
 *   batchSize: 2,
 *   contextLength: 2,
 *   seed: 42,
 * });
 * const { inputs, targets } = loader.next();
 * assertEquals([...inputs].toSorted(), [1, 2, 3, 4]);
 * assertEquals([...targets].toSorted(), [2, 3, 4, 5]);
 * assertEquals([loader.position, loader.epoch], [2, 1]);
 * for await (const batch of loader) {
 *   assertEquals(batch.rows, 2);
 *   break; // or give `epochs`
 * }
 * ```
 */
export class DataLoader extends WindowLoader {
  /** Windows in the file, which is windows an epoch. */
  readonly windows: number;
  /** Whether some tokens are only read. */
  protected override readonly isMasked: boolean;
  readonly #source: WindowOrder;
  readonly #epochs: number;

  /**
   * Makes a loader that starts at the first epoch.
   *
   * @throws {TypeError} For an option that is unknown or of another kind.
   * @throws {RangeError} When the file has not one window, or `epochs` is not
   * positive.
   */
  constructor(dataset: TokenSequence, options: EpochOptions) {
    assertOptions<EpochOptions>("make batches", options, {
      ...LOADER_KINDS,
      epochs: "number?",
      borders: "object?",
    });
    super(options);
    const { epochs = Infinity, borders } = options;
    if (!(epochs > 0)) {
      throw new RangeError(`Cannot make batches of ${epochs} epochs`);
    }
    this.#source = shuffledWindows(dataset, options, borders);
    this.windows = this.#source.count;
    this.isMasked = dataset.mask !== undefined;
    this.#epochs = epochs;
  }

  /** Where the epochs asked for end; a batch that reaches it is the last. */
  protected override get end(): number {
    return this.#epochs * this.windows;
  }

  /** Which epoch the next window belongs to, counted from 0. */
  get epoch(): number {
    return Math.floor(this.position / this.windows);
  }

  /** Copies the window of a position into a row of a batch. */
  protected override fill(position: number, batch: Batch, row: number): void {
    this.#source.fill(position, batch, row);
  }
}

/**
 * Every window once and in order, for evaluation. The last batch of whole
 * windows has fewer rows where they do not divide by the batch, and what is
 * left of the tokens comes as one shorter window: each token but the first is a
 * target once.
 *
 * @param dataset What to read.
 * @param options The batches' shape.
 * @throws {RangeError} When there are not two tokens.
 *
 * @example
 * ```ts
 * import { sequentialBatches } from "./data_loader.ts";
 * import { MmapDataset } from "./mmap_dataset.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const path = await Deno.makeTempDir() + "/val.bin";
 * await Deno.writeFile(path, new Uint8Array(Uint16Array.of(1, 2, 3, 4).buffer));
 * using dataset = MmapDataset.open(path);
 * const batches = [
 *   ...sequentialBatches(dataset, { batchSize: 2, contextLength: 1 }),
 * ];
 * assertEquals(batches.map(({ rows }) => rows), [2, 1]);
 * assertEquals([...batches[0].inputs], [1, 2]);
 * assertEquals([...batches[1].targets], [4]);
 * ```
 */
export function* sequentialBatches(
  dataset: TokenSequence,
  { batchSize, contextLength }: BatchShape,
): Generator<Batch> {
  const most = Math.min(contextLength, Math.max(1, dataset.length - 1));
  const windows = countWindows(dataset, { batchSize, contextLength: most });
  const window = new Uint16Array(most + 1);
  const isMasked = dataset.mask !== undefined;
  for (let first = 0; first < windows; first += batchSize) {
    const rows = Math.min(batchSize, windows - first);
    const batch = emptyBatch(rows, most, isMasked);
    for (let row = 0; row < rows; row++) {
      fillRow(dataset, (first + row) * most, window, batch, row);
    }
    yield batch;
  }
  const used = windows * most;
  const rest = dataset.length - 1 - used;
  if (rest === 0) return;
  const batch = emptyBatch(1, rest, isMasked);
  fillRow(dataset, used, window.subarray(0, rest + 1), batch, 0);
  yield batch;
}
