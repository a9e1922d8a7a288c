/**
 * How often each kept document of a source is written, where so many copies in
 * all are asked for: all of them round after round, and in the last round those
 * that the seed chooses.
 *
 * @module
 */

import { permute } from "../../random.ts";

/**
 * The rounds of a source.
 *
 * @example
 * ```ts
 * import { Copies } from "./copies.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const copies = new Copies({ kept: 2, copies: 3, key: 7 });
 * assertEquals(copies.rounds, 2);
 * assertEquals([copies.timesOf(0), copies.timesOf(1)].toSorted(), [1, 2]);
 * ```
 */
export class Copies {
  /** How many rounds there are. */
  readonly rounds: number;
  readonly #kept: number;
  readonly #copies: number;
  readonly #key: number;

  /**
   * @param source How many documents of the source are kept, how many are
   * written with all repetitions, and what chooses in the last round.
   */
  constructor(
    { kept, copies, key }: Readonly<Record<"kept" | "copies" | "key", number>>,
  ) {
    this.rounds = kept === 0 ? 0 : Math.ceil(copies / kept);
    this.#kept = kept;
    this.#copies = copies;
    this.#key = key;
  }

  /**
   * Whether a document is written in a round.
   *
   * @param rank How many were kept before it.
   */
  has(rank: number, round: number): boolean {
    const left = this.#copies - round * this.#kept;
    return left >= this.#kept || permute(rank, this.#kept, this.#key) < left;
  }

  /** How often a document is written; see {@linkcode has}. */
  timesOf(rank: number): number {
    if (this.rounds === 0) return 0;
    const last = this.rounds - 1;
    return last + (this.has(rank, last) ? 1 : 0);
  }
}
