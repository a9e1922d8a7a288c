/**
 * Several token files to batches, mixed by weight, in an order that one number
 * can save and restore.
 *
 * @module
 */

import { hashKey, permute } from "../random.ts";
import {
  type Batch,
  type DataLoaderOptions,
  LOADER_KINDS,
  type TokenSequence,
  WindowLoader,
  type WindowOrder,
} from "./windows.ts";
import { assertOptions } from "../option_kinds.ts";
import type { DocumentBorders } from "./document_borders.ts";
import { shuffledWindows } from "./shuffled_documents.ts";

/** Keeps the mixing apart from other uses of a run's seed. */
const MIX_STREAM = 0x313c;

/**
 * In every so many windows the weights are met exactly, as far as they are
 * multiples of one part in it; between them as near as chance has it.
 */
export const MIX_BLOCK = 4096;

/** One of the files that are mixed. */
export interface MixedSource {
  /** The tokens. */
  readonly dataset: TokenSequence;
  /** The file's share of the windows, in any unit. */
  readonly weight: number;
  /** As of `DataLoader`: documents come in another order each epoch. */
  readonly borders?: DocumentBorders;
}

/**
 * Batches without end, windows of each file coming as often as its weight
 * says. Of each file every window comes once in each of its own epochs, in an
 * order of its own, whatever the weights: a small file of great weight is
 * seen more often. Which window comes where is a function of the seed and the
 * position, without a table.
 *
 * @example
 * ```ts
 * import { MIX_BLOCK, MixedLoader } from "./mixed_loader.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const filled = (id: number) => ({
 *   path: `${id}`,
 *   length: 100,
 *   read: (_: number, into: Uint16Array) => void into.fill(id),
 * });
 * const loader = new MixedLoader([
 *   { dataset: filled(1), weight: 3 },
 *   { dataset: filled(2), weight: 1 },
 * ], { batchSize: MIX_BLOCK, contextLength: 4, seed: 42 });
 * const { inputs } = loader.next();
 * const share = inputs.filter((id) => id === 1).length / inputs.length;
 * assertEquals(share, 0.75);
 * assertEquals(loader.position, MIX_BLOCK);
 * ```
 */
export class MixedLoader extends WindowLoader {
  /** Whether some tokens are only read. */
  protected override readonly isMasked: boolean;
  readonly #sources: readonly WindowOrder[];
  /** How many of a block's windows each file has. */
  readonly #quotas: readonly number[];
  readonly #seed: number;

  /**
   * Makes a loader that starts at the first epoch of every file.
   *
   * @param sources The files and their weights.
   * @param options How batches are made.
   * @throws {TypeError} For an option that is unknown or of another kind.
   * @throws {RangeError} When there is no file, a file has not one window, or
   * a weight is not positive or less than half a {@linkcode MIX_BLOCK}th.
   */
  constructor(sources: readonly MixedSource[], options: DataLoaderOptions) {
    assertOptions("mix datasets", options, LOADER_KINDS);
    super(options);
    this.#quotas = quotasOf(sources, MIX_BLOCK);
    this.#sources = sources.map(({ dataset, borders }) =>
      shuffledWindows(dataset, options, borders)
    );
    this.#seed = options.seed;
    this.isMasked = sources.some(({ dataset }) => dataset.mask !== undefined);
  }

  /**
   * How often each file has been seen whole, in parts of an epoch, in the order
   * given.
   */
  get epochs(): number[] {
    const seen = this.#sources.map(() => 0);
    const blocks = Math.floor(this.position / MIX_BLOCK);
    for (let at = blocks * MIX_BLOCK; at < this.position; at++) {
      seen[this.#at(at).source]++;
    }
    return this.#sources.map(({ count }, i) =>
      (blocks * this.#quotas[i] + seen[i]) / count
    );
  }

  /** Copies the window of a position into a row of a batch. */
  protected override fill(position: number, batch: Batch, row: number): void {
    const { source, number } = this.#at(position);
    this.#sources[source].fill(number, batch, row);
  }

  /** Which file's window comes at a position, and which of the file's. */
  #at(position: number): { source: number; number: number } {
    const block = Math.floor(position / MIX_BLOCK);
    const key = hashKey(this.#seed, MIX_STREAM, block);
    // The block's places, shuffled: the first file's come before the second's.
    let place = permute(position % MIX_BLOCK, MIX_BLOCK, key);
    let source = 0;
    while (place >= this.#quotas[source]) place -= this.#quotas[source++];
    return { source, number: block * this.#quotas[source] + place };
  }
}

/**
 * Shares so many places by the weights, what is left to the largest remainders.
 *
 * @throws {RangeError} When there is no file, or a weight is not positive or not
 * enough for a place.
 */
export function quotasOf(
  sources: readonly MixedSource[],
  places: number,
): number[] {
  if (sources.length === 0) {
    throw new RangeError("Cannot mix datasets: there is none");
  }
  for (const { dataset, weight } of sources) {
    if (!Number.isFinite(weight) || weight <= 0) {
      throw new RangeError(
        `Cannot mix datasets: "${dataset.path}" has weight ${weight}, not a positive number`,
      );
    }
  }
  const total = sources.reduce((sum, { weight }) => sum + weight, 0);
  const shares = sources.map(({ weight }) => weight / total * places);
  const quotas = shares.map(Math.floor);
  const left = places - quotas.reduce((sum, quota) => sum + quota, 0);
  shares.map((share, i) => [share - quotas[i], i])
    .sort(([a, i], [b, j]) => b - a || i - j)
    .slice(0, left)
    .forEach(([, i]) => quotas[i]++);
  const none = quotas.indexOf(0);
  if (none >= 0) {
    throw new RangeError(
      `Cannot mix datasets: the weight of "${
        sources[none].dataset.path
      }" is less than 1 in ${places} of all`,
    );
  }
  return quotas;
}
