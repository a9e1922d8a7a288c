/**
 * The recurrent state: all that a model remembers of the tokens before, the
 * same size however many they were.
 *
 * @module
 */

import type { Backend, Memory } from "../backend/backend.ts";
import { EMPTY_EXPONENT } from "../ops/wkv.ts";

/** What one mixing layer remembers. */
export interface MixingState {
  /** (batch, width): its last input. */
  readonly shift: Memory;
  /** (batch, 3, width): the attention's running sums; time mixing only. */
  readonly wkv?: Memory;
}

/** What one block remembers. */
export interface BlockState {
  /** Of time mixing. */
  readonly time: MixingState;
  /** Of channel mixing. */
  readonly channel: MixingState;
}

/** What a model remembers of each sequence of a batch. */
export class RWKVState {
  /** Independent sequences. */
  readonly batch: number;
  /** A state a block. */
  readonly blocks: readonly BlockState[];
  readonly #backend: Backend;
  readonly #width: number;

  /** Made by `RWKV.newState`: the state before any token. */
  constructor(
    backend: Backend,
    { batch, width, layers }: { batch: number; width: number; layers: number },
  ) {
    this.batch = batch;
    this.#backend = backend;
    this.#width = width;
    this.blocks = Array.from({ length: layers }, () => ({
      time: {
        shift: backend.alloc(batch * width),
        wkv: backend.alloc(batch * 3 * width),
      },
      channel: { shift: backend.alloc(batch * width) },
    }));
    this.reset();
  }

  /** Forgets everything. */
  reset(): void {
    const empty = new Float32Array(3 * this.#width * this.batch);
    for (let b = 0; b < this.batch; b++) {
      const exponent = (3 * b + 2) * this.#width;
      empty.fill(EMPTY_EXPONENT, exponent, exponent + this.#width);
    }
    for (const { time, channel } of this.blocks) {
      this.#backend.fill(time.shift, 0);
      this.#backend.fill(channel.shift, 0);
      this.#backend.write(time.wkv!, empty);
    }
  }
}
