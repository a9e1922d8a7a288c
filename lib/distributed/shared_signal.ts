/**
 * A wish to end that ranks come to know at the same place of their work: if one
 * went while others wait for it, they would wait for good.
 *
 * @module
 */

import type { Communicator } from "./communicator.ts";

/** A signal for all ranks. */
export class SharedSignal {
  /** What has come to this rank alone. */
  readonly own?: AbortSignal;
  /** What all ranks are told at the same place; the own one where it is alone. */
  readonly signal?: AbortSignal;
  readonly #agreed?: AbortController;

  /**
   * Makes one that nobody has been told.
   *
   * @param ranks Who has to agree.
   * @param own What may come to this rank.
   */
  constructor({ size }: Pick<Communicator, "size">, own?: AbortSignal) {
    this.own = own;
    if (size > 1) this.#agreed = new AbortController();
    this.signal = this.#agreed?.signal ?? own;
  }

  /** All ranks have found out together that one of them is to end. */
  settle(): void {
    this.#agreed?.abort(this.own?.reason);
  }
}
