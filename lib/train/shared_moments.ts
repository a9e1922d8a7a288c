/**
 * Brings what ranks keep of the parameters to the one that writes a checkpoint,
 * a memory at a time: rank 0 says which it wants, all send what they have of it.
 *
 * @module
 */

import type { Backend } from "../backend/backend.ts";
import type { MomentReaders } from "../checkpoint/native/train_state.ts";
import type { Communicator } from "../distributed/communicator.ts";
import type { Parameter } from "../model/parameters.ts";
import type { Kept, Optimizer } from "./optimizer.ts";

/** What is kept in shards, by number. */
const KINDS = ["first", "second"] as const satisfies (keyof Kept)[];

/** In the place of a parameter: nothing more is wanted. */
const END = 2 ** 32 - 1;

/** The moments of an optimizer whose ranks have a shard each. */
export class SharedMoments {
  readonly #backend: Backend;
  readonly #optimizer: Optimizer;
  readonly #parameters: readonly Parameter[];
  readonly #ranks: Communicator;

  /**
   * Looks at an optimizer.
   *
   * @param backend Where it is.
   * @param optimizer Of this rank.
   * @param parameters The same on all ranks.
   * @param ranks All of them.
   */
  constructor(
    backend: Backend,
    optimizer: Optimizer,
    parameters: Iterable<Parameter>,
    ranks: Communicator,
  ) {
    this.#backend = backend;
    this.#optimizer = optimizer;
    this.#parameters = [...parameters].filter(({ isFrozen }) => !isFrozen);
    this.#ranks = ranks;
  }

  /** Rank 0: what fetches each moment of a parameter. */
  readersOf(parameter: Parameter): MomentReaders {
    const { average } = this.#optimizer.keptOf(parameter);
    const number = this.#parameters.indexOf(parameter);
    const reader = (kind: number) => () => this.#fetch(number, kind);
    return {
      first: reader(0),
      ...this.#optimizer.hasSecond(parameter) && { second: reader(1) },
      ...average && { average: () => this.#backend.read(average) },
    };
  }

  /** Rank 0: nothing more is wanted. */
  async end(): Promise<void> {
    await this.#ask(END, 0);
  }

  /** Other ranks: sends what is wanted until nothing more is. */
  async serve(): Promise<void> {
    for (;;) {
      const [number, kind] = await this.#ask(END, 0);
      if (number === END) return;
      await this.#send(number, kind);
    }
  }

  /** What rank 0 wants, which alone is heard. */
  async #ask(number: number, kind: number): Promise<Uint32Array> {
    const wanted = Uint32Array.of(number, kind);
    await this.#ranks.broadcast(new Uint8Array(wanted.buffer));
    return wanted;
  }

  async #fetch(number: number, kind: number): Promise<Float32Array> {
    await this.#ask(number, kind);
    const parts = await this.#send(number, kind);
    const whole = new Float32Array(this.#parameters[number].length);
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  /** This rank's part to rank 0; what came from all there. */
  async #send(number: number, kind: number): Promise<Float32Array[]> {
    const { size } = this.#ranks;
    const memory =
      this.#optimizer.keptOf(this.#parameters[number])[KINDS[kind]];
    const part = memory === undefined
      ? new Float32Array()
      : await this.#backend.read(memory);
    const parts = Array.from(
      { length: size },
      (_, to) => to === 0 ? part : new Float32Array(),
    );
    return await this.#ranks.allToAll(parts);
  }
}
