/**
 * Life on a bar while its thread computes and cannot draw: a thread of its own
 * draws it again, with how long the work has been at it.
 *
 * Both threads write to the terminal, one at a time: who holds the lock.
 *
 * @module
 */

import { Worker } from "node:worker_threads";
import type { BarParts } from "./output.ts";

/** What the numbers at the start of the shared memory are. */
export const WORD = {
  /** 1 while somebody writes to the terminal. */
  lock: 0,
  /** Counts what the main thread has drawn or taken away. */
  beat: 1,
  /** Bytes of the bar that is to be kept alive; 0 for none. */
  length: 2,
  /** 1 while a bar stands on the terminal. */
  stands: 3,
} as const;

/** Where the bar begins, in bytes, and how long it may be. */
const START = 16, MOST = 4096;

/** A bar, and what the other thread needs to draw it. */
export interface LivingBar {
  readonly parts: BarParts;
  /** When the work said last how far it is, in ms since 1970. */
  readonly since: number;
  /** When the bar began, likewise. */
  readonly begun: number;
  /** How a time is told for which work has been at something; `{1}` is the time. */
  readonly wording: string;
}

/** What two threads know of a bar. */
export class SharedBar {
  /** The memory, for the other thread. */
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;

  /** @param memory Of another thread's; new unless given. */
  constructor(memory = new SharedArrayBuffer(START + MOST)) {
    this.memory = memory;
    this.#words = new Int32Array(memory, 0, START / 4);
    this.#bytes = new Uint8Array(memory, START);
  }

  /** Whether a bar stands on the terminal. */
  get stands(): boolean {
    return this.#words[WORD.stands] === 1;
  }

  set stands(stands: boolean) {
    this.#words[WORD.stands] = stands ? 1 : 0;
  }

  /** Counts up whenever the bar was set. */
  get beat(): number {
    return Atomics.load(this.#words, WORD.beat);
  }

  /** The bar that is to be kept alive; undefined for none. */
  get bar(): LivingBar | undefined {
    const bytes = this.#bytes.slice(0, this.#words[WORD.length]);
    return bytes.length === 0
      ? undefined
      : JSON.parse(new TextDecoder().decode(bytes));
  }

  set bar(bar: LivingBar | undefined) {
    const bytes = new TextEncoder().encode(bar ? JSON.stringify(bar) : "");
    // One that is too long is not kept alive; none is.
    this.#words[WORD.length] = bytes.length > MOST ? 0 : bytes.length;
    this.#bytes.set(bytes.subarray(0, MOST));
    Atomics.add(this.#words, WORD.beat, 1);
  }

  /** Does something while the other thread writes nothing. */
  alone(work: () => void): void {
    const words = this.#words;
    while (Atomics.compareExchange(words, WORD.lock, 0, 1) !== 0) {
      Atomics.wait(words, WORD.lock, 1, 10);
    }
    try {
      work();
    } finally {
      Atomics.store(words, WORD.lock, 0);
      Atomics.notify(words, WORD.lock);
    }
  }

  /** Waits so many ms, or until the bar is another than at a beat. */
  wait(beat: number, milliseconds: number): void {
    Atomics.wait(this.#words, WORD.beat, beat, milliseconds);
  }
}

/** Starts the thread that keeps a bar alive, for as long as the program runs. */
export function startHeartbeat({ memory }: SharedBar): void {
  // In a bundle, which is one file, the thread's module is not there.
  if (!import.meta.url.endsWith("/heartbeat.ts")) return;
  const worker = new Worker(new URL("./heartbeat_worker.ts", import.meta.url), {
    workerData: memory,
    // A copy of the environment, the default, would ask to read all of it.
    env: {},
  });
  // Without it bars stand still in long steps, which is no reason to fail.
  worker.on("error", () => {});
  worker.unref();
}
