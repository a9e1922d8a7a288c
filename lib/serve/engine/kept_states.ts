/**
 * States at the ends of texts, kept by name for those who go on from there.
 *
 * @module
 */

import { UnknownStateError } from "../engine.ts";
import { bytesOf, type KnownState } from "./state_cache.ts";

/** Where a text ended. */
export interface KeptState extends KnownState {
  /** Whose state it is. */
  readonly model: string;
  /** All that was read and written, from the start of the text on. */
  readonly ids: readonly number[];
  /** How many of the ids the state has read; the rest is to be read first. */
  readonly read: number;
}

/** Those used last, up to a number of bytes. */
export class KeptStates {
  readonly #mostBytes: number;
  /** The one used longest ago first. */
  readonly #states = new Map<string, KeptState>();
  #bytes = 0;

  /**
   * Keeps none yet.
   *
   * @param mostBytes Of all states and their ids.
   */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Bytes of the states and their ids. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * A state that was kept.
   *
   * @param name The name it was kept by.
   * @param model Whose state it has to be.
   * @throws {UnknownStateError} When there is none, or no longer.
   */
  get(name: string, model: string): KeptState {
    const kept = this.#states.get(name);
    if (kept === undefined || kept.model !== model) {
      throw new UnknownStateError(
        `Cannot go on from "${name}": no such state of "${model}" is kept`,
      );
    }
    this.#states.delete(name);
    this.#states.set(name, kept);
    return kept;
  }

  /**
   * Keeps a state; those used longest ago make room for it.
   *
   * @param name What it can be asked for by; one of that name is replaced.
   * @param kept The state.
   */
  put(name: string, kept: KeptState): void {
    this.forget(name);
    this.#states.set(name, kept);
    this.#bytes += sizeOf(kept);
    for (const oldest of this.#states.keys()) {
      if (this.#bytes <= this.#mostBytes) break;
      this.forget(oldest);
    }
  }

  /** Lets go of a state, if there is one of that name. */
  forget(name: string): void {
    const kept = this.#states.get(name);
    if (kept === undefined) return;
    this.#states.delete(name);
    this.#bytes -= sizeOf(kept);
  }
}

/** Numbers of an array take 8 bytes at most. */
function sizeOf(kept: KeptState): number {
  return bytesOf(kept) + 8 * kept.ids.length;
}
