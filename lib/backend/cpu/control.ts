/**
 * The control block: the first bytes of the shared memory, through which the
 * main thread hands jobs to the others and hears that they are done.
 *
 * A job is a kernel number, how many items it works on, how many of them go
 * together, and the words that the kernel reads; see `jobs.ts`. Up to
 * {@linkcode MOST_JOBS} that need nothing of each other are handed over at once.
 *
 * @module
 */

import { JOB_WORDS } from "./jobs.ts";

/** Bytes at the start of the memory that nobody else may use. */
export const CONTROL_BYTES = 4096;

/** The last of them hold the kernels' constants; see tools/build_simd.ts. */
const CONSTANTS_AT = 3072;

/** Most jobs that are handed over at once. */
export const MOST_JOBS = 8;

/** Words of a line of cache: what threads write should stand that far apart. */
export const LINE = 16;

/** Words of the block; those that threads wait for stand on lines apart. */
export const WORD = {
  /** Counts what was handed over; its change starts the threads. */
  epoch: 0,
  /** How many workers wait for the epoch in their sleep. */
  sleeping: 16,
  /** Counts the workers that finished their part. */
  done: 32,
  /** 1 while the main thread waits for `done` in its sleep. */
  mainSleeps: 48,
  /** 1 + the number of the first thread that failed. */
  failed: 64,
  /** The kernel it failed in. */
  failedKernel: 65,
  /** Bytes of the failure's message. */
  messageLength: 66,
  /** How many jobs there are; below 0 the threads end. */
  jobs: 80,
  /** 64 KiB pages of the memory, so that threads notice that it grew. */
  pages: 81,
} as const;

const JOBS_AT = 512;
const HEAD_WORDS = 4;
const JOB_BYTES = 4 * (HEAD_WORDS + JOB_WORDS);
const MESSAGE_AT = JOBS_AT + MOST_JOBS * JOB_BYTES;
const MESSAGE_BYTES = CONSTANTS_AT - MESSAGE_AT;

/** One job in the control block. */
export interface Job {
  /** The kernel's number, how many items, and how many stay together. */
  readonly head: Uint32Array;
  /** What the kernel reads. */
  readonly words: Uint32Array;
  /** Where they stand. */
  readonly address: number;
}

/** One thread's view of the control block. */
export class Control {
  /** See {@linkcode WORD}. */
  readonly words: Int32Array;
  /** Places for jobs. */
  readonly jobs: readonly Job[];
  readonly #message: Uint8Array;

  /** Looks at the control block of a shared memory. */
  constructor(memory: WebAssembly.Memory) {
    const { buffer } = memory;
    this.words = new Int32Array(buffer, 0, JOBS_AT / 4);
    this.jobs = Array.from({ length: MOST_JOBS }, (_, job) => {
      const at = JOBS_AT + job * JOB_BYTES;
      const address = at + 4 * HEAD_WORDS;
      return {
        head: new Uint32Array(buffer, at, HEAD_WORDS),
        words: new Uint32Array(buffer, address, JOB_WORDS),
        address,
      };
    });
    this.#message = new Uint8Array(buffer, MESSAGE_AT, MESSAGE_BYTES);
  }

  /** Says that a thread failed in a kernel; the first to say so is heard. */
  fail(thread: number, kernel: number, error: unknown): void {
    const { words } = this;
    if (Atomics.compareExchange(words, WORD.failed, 0, 1 + thread) !== 0) {
      return;
    }
    const text = error instanceof Error ? error.message : String(error);
    const bytes = new TextEncoder().encode(text).subarray(0, MESSAGE_BYTES);
    this.#message.set(bytes);
    Atomics.store(words, WORD.failedKernel, kernel);
    Atomics.store(words, WORD.messageLength, bytes.length);
  }

  /** What the failed thread said. */
  failure(): string {
    const length = Atomics.load(this.words, WORD.messageLength);
    return new TextDecoder().decode(this.#message.slice(0, length));
  }
}

/**
 * Waits until a word is no longer what it was: a short while awake, as most
 * jobs follow each other closely, then asleep.
 *
 * @param sleepers The word that says somebody sleeps here, so that whoever
 * changes the other word calls `Atomics.notify` only when needed.
 * @param spins How often to look before sleeping.
 */
export function waitWhile(
  words: Int32Array,
  word: number,
  seen: number,
  sleepers: number,
  spins: number,
): void {
  for (let i = 0; i < spins; i++) {
    if (Atomics.load(words, word) !== seen) return;
    pause();
  }
  Atomics.add(words, sleepers, 1);
  while (Atomics.load(words, word) === seen) Atomics.wait(words, word, seen);
  Atomics.sub(words, sleepers, 1);
}

/** Tells the processor that this is a spin loop, where the runtime can. */
const pause: () => void = (Atomics as { pause?: () => void }).pause ??
  (() => {});
