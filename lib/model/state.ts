/**
 * The recurrent state: all that a model remembers of the tokens before, the
 * same size however many they were.
 *
 * @module
 */

import type { Backend, Memory } from "../backend/backend.ts";
import { type CarriedState, copyRows } from "../ops/apply.ts";
import { EMPTY_EXPONENT } from "../ops/wkv.ts";
import type { Tape } from "../tensor/tape.ts";

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

/** What one mixing layer goes on from in a pass, and where it leaves the next. */
export interface MixingPass {
  /** (batch, width): the input before the first; only read. */
  readonly shift: Memory;
  /** As `shift`: where the last input goes; the same memory in inference. */
  readonly nextShift: Memory;
  /** What the attention goes on from; advanced in place in inference. */
  readonly wkv?: Memory | CarriedState;
}

/** {@linkcode MixingPass} of both halves of a block. */
export interface BlockPass {
  /** Of time mixing. */
  readonly time: MixingPass;
  /** Of channel mixing. */
  readonly channel: MixingPass;
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
  /**
   * Where a pass of training leaves dLoss/dState, block by block as `time.wkv`
   * of the state that it began with: added to, so it is for the caller to clear.
   * Absent unless asked for.
   */
  readonly gradients?: readonly Memory[];
  readonly #backend: Backend;
  /** Of a pass in inference, one object for all passes. */
  readonly #inPlace: readonly BlockPass[];
  /** What time mixing of each block remembers before any token. */
  readonly #empty: () => readonly Float32Array[];

  /**
   * Made by `RWKV.newState`: the state before any token.
   *
   * @param backend Where it lives.
   * @param shape Independent sequences, channels of a token, what time mixing of
   * each block remembers of one sequence before any token, asked for at each
   * reset, and whether there is to be a gradient.
   */
  constructor(
    backend: Backend,
    { batch, width, empty, gradients = false }: {
      readonly batch: number;
      readonly width: number;
      readonly empty: () => readonly Float32Array[];
      readonly gradients?: boolean;
    },
  ) {
    this.batch = batch;
    this.#backend = backend;
    this.#empty = empty;
    this.blocks = empty().map(({ length }) => ({
      time: {
        shift: backend.alloc(batch * width),
        wkv: backend.alloc(batch * length),
      },
      channel: { shift: backend.alloc(batch * width) },
    }));
    this.#inPlace = this.blocks.map(({ time, channel }) => ({
      time: { ...time, nextShift: time.shift },
      channel: { ...channel, nextShift: channel.shift },
    }));
    if (gradients) {
      this.gradients = this.blocks.map(({ time: { wkv } }) => {
        const gradient = backend.alloc(wkv!.length);
        backend.run("fill", { out: gradient }, { value: 0 });
        return gradient;
      });
    }
    this.reset();
  }

  /**
   * What each block goes on from in a pass, whose end it then is.
   *
   * @param tape Of the pass. Where it records, what the state was is copied for
   * the way back.
   */
  pass(tape: Tape): readonly BlockPass[] {
    if (!tape.recording) return this.#inPlace;
    const { batch } = this;
    const copied = (from: Memory) => {
      const to = tape.take(from.length);
      copyRows(this.#backend, { to, from, batch });
      return to;
    };
    return this.blocks.map(({ time, channel }, i) => ({
      time: {
        shift: copied(time.shift),
        nextShift: time.shift,
        wkv: {
          before: copied(time.wkv!),
          after: time.wkv!,
          batch,
          grad: this.gradients?.[i],
        },
      },
      channel: { shift: copied(channel.shift), nextShift: channel.shift },
    }));
  }

  /** Forgets everything. */
  reset(): void {
    const { batch } = this, empty = this.#empty();
    for (const [i, { time, channel }] of this.blocks.entries()) {
      this.#backend.run("fill", { out: time.shift }, { value: 0 });
      this.#backend.run("fill", { out: channel.shift }, { value: 0 });
      const all = new Float32Array(batch * empty[i].length);
      for (let b = 0; b < batch; b++) all.set(empty[i], b * empty[i].length);
      this.#backend.write(time.wkv!, all);
    }
  }

  /**
   * Forgets what is remembered of one sequence.
   *
   * @param row Its number; the others are not touched.
   */
  resetRow(row: number): void {
    const clear = (memory: Memory, values: Float32Array) =>
      this.#backend.write(memory, values, row * values.length);
    const empty = this.#empty();
    for (const [i, { time, channel }] of this.blocks.entries()) {
      const nothing = new Float32Array(time.shift.length / this.batch);
      clear(time.shift, nothing);
      clear(channel.shift, nothing);
      clear(time.wkv!, empty[i]);
    }
  }

  /**
   * Takes over what another state remembers.
   *
   * @param other Of the same model and as many sequences.
   */
  copyFrom(other: RWKVState): void {
    const { batch } = this;
    const copy = (to: Memory, from: Memory) =>
      copyRows(this.#backend, { to, from, batch });
    for (const [i, { time, channel }] of this.blocks.entries()) {
      copy(time.shift, other.blocks[i].time.shift);
      copy(channel.shift, other.blocks[i].channel.shift);
      copy(time.wkv!, other.blocks[i].time.wkv!);
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
