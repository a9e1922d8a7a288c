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
  /**
   * What the attention remembers; time mixing only. RWKV-7: (batch, heads,
   * headSize, headSize), value channel by key channel. The others: (batch, 3,
   * width), running sums.
   */
  readonly wkv?: Memory;
}

/** What one block remembers. */
export interface BlockState {
  /** Of time mixing. */
  readonly time: MixingState;
  /** Of channel mixing. */
  readonly channel: MixingState;
}

/** One block's part of a {@linkcode SavedState}; see {@linkcode BlockState}. */
export interface SavedBlockState {
  /** `time.shift`. */
  readonly timeShift: Float32Array;
  /** `time.wkv`. */
  readonly wkv: Float32Array;
  /** `channel.shift`. */
  readonly channelShift: Float32Array;
}

/** A state as plain numbers, for another backend or, in a session, for a file. */
export type SavedState = readonly SavedBlockState[];

/**
 * What a model remembers of each sequence of a batch.
 *
 * @example
 * ```ts
 * import { ReferenceBackend } from "../backend/reference/reference_backend.ts";
 * import { RWKVConfig } from "./config.ts";
 * import { RWKV } from "./rwkv.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const config = new RWKVConfig({ vocabSize: 9, dModel: 8, dFfn: 16 });
 * const model = new RWKV(config, new ReferenceBackend());
 * const saved = await model.newState(1).save();
 * const another = model.newState(1);
 * another.restore(saved);
 * assertEquals(await another.save(), saved);
 * ```
 */
export class RWKVState {
  /** Independent sequences. */
  readonly batch: number;
  /** A state a block. */
  readonly blocks: readonly BlockState[];
  readonly #backend: Backend;
  /** What time mixing of each block remembers before any token. */
  readonly #emptyWkv: readonly Float32Array[];

  /**
   * Made by `RWKV.newState`: the state before any token.
   *
   * @param backend Where it lives.
   * @param shape Independent sequences, channels of a token, and what time
   * mixing of each block remembers of one sequence before any token.
   */
  constructor(
    backend: Backend,
    { batch, width, empty }: {
      readonly batch: number;
      readonly width: number;
      readonly empty: readonly Float32Array[];
    },
  ) {
    this.batch = batch;
    this.#backend = backend;
    this.#emptyWkv = empty.map((own) => {
      const all = new Float32Array(batch * own.length);
      for (let b = 0; b < batch; b++) all.set(own, b * own.length);
      return all;
    });
    this.blocks = this.#emptyWkv.map(({ length }) => ({
      time: {
        shift: backend.alloc(batch * width),
        wkv: backend.alloc(length),
      },
      channel: { shift: backend.alloc(batch * width) },
    }));
    this.reset();
  }

  /** Forgets everything. */
  reset(): void {
    for (const [i, { time, channel }] of this.blocks.entries()) {
      this.#backend.run("fill", { out: time.shift }, { value: 0 });
      this.#backend.run("fill", { out: channel.shift }, { value: 0 });
      this.#backend.write(time.wkv!, this.#emptyWkv[i]);
    }
  }

  /** Copies all of it out. */
  save(): Promise<SavedState> {
    return this.#copy((memory) => this.#backend.read(memory));
  }

  /**
   * Copies out what is remembered of one sequence.
   *
   * @param row Its number.
   * @returns The state of a batch of that sequence alone.
   */
  saveRow(row: number): Promise<SavedState> {
    return this.#copy((memory) => {
      const length = memory.length / this.batch;
      return this.#backend.read(memory, { start: row * length, length });
    });
  }

  async #copy(
    read: (memory: Memory) => Promise<Float32Array>,
  ): Promise<SavedState> {
    const saved: SavedBlockState[] = [];
    for (const { time, channel } of this.blocks) {
      saved.push({
        timeShift: await read(time.shift),
        wkv: await read(time.wkv!),
        channelShift: await read(channel.shift),
      });
    }
    return saved;
  }

  /**
   * Goes back to a saved state.
   *
   * @param saved Of a model of the same shape, on any backend.
   * @throws {RangeError} When it is of another shape; nothing is changed.
   */
  restore(saved: SavedState): void {
    this.#put(saved, this.batch, 0);
  }

  /**
   * Lets one sequence go on from a saved state.
   *
   * @param row Its number; the others are not touched.
   * @param saved Of a batch of one.
   * @throws {RangeError} When it is of another shape; nothing is changed.
   */
  restoreRow(row: number, saved: SavedState): void {
    this.#put(saved, 1, row);
  }

  /** Writes the state of so many sequences, from number `row` on. */
  #put(saved: SavedState, count: number, row: number): void {
    const fits = ({ length }: Float32Array, memory: Memory) =>
      length === memory.length / this.batch * count;
    const isOfShape = saved.length === this.blocks.length &&
      this.blocks.every(({ time, channel }, i) =>
        fits(saved[i].timeShift, time.shift) &&
        fits(saved[i].wkv, time.wkv!) &&
        fits(saved[i].channelShift, channel.shift)
      );
    if (!isOfShape) {
      throw new RangeError("Cannot restore a state: it is of another shape");
    }
    const write = (memory: Memory, values: Float32Array) =>
      this.#backend.write(memory, values, row * values.length / count);
    for (const [i, { time, channel }] of this.blocks.entries()) {
      write(time.shift, saved[i].timeShift);
      write(time.wkv!, saved[i].wkv);
      write(channel.shift, saved[i].channelShift);
    }
  }
}

/**
 * The running sums (3, width) of RWKV-4's attention before any token; the third
 * is their exponent.
 */
export function emptySums(width: number): Float32Array {
  return new Float32Array(3 * width).fill(EMPTY_EXPONENT, 2 * width);
}
