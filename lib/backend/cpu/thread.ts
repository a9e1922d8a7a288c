/**
 * One thread's part of the jobs: its slice of each one's items, computed with
 * its own instance of the kernels. The main thread has one, each worker another.
 *
 * Matrix products are most of the work. Their tiles are taken one by one, first
 * the thread's own and then what others have not begun, so that a core that is
 * slower, or busy with something else, does not keep all waiting.
 *
 * @module
 */

import { Control, type Job, LINE, WORD } from "./control.ts";
import {
  type Multiplier,
  multiplyTiles,
  multiplyVectors,
  takesVectors,
  TILE_WORDS,
  UNPACK_WORDS,
} from "./gemm.ts";
import type { CpuHost } from "./host.ts";
import { KERNEL } from "./jobs.ts";
import { instantiateKernels, type KernelInstance } from "./kernels.ts";

/** What a thread needs to know; it can be sent to a worker. */
export interface ThreadSettings {
  /** What all threads share. */
  readonly memory: WebAssembly.Memory;
  /** The compiled kernels. */
  readonly module: WebAssembly.Module;
  /** 0 for the main thread. */
  readonly index: number;
  /** How many share the jobs. */
  readonly threads: number;
  /** Address of this thread's scratch for matrix products. */
  readonly scratch: number;
  /** Address of this thread's scratch for packed weights. */
  readonly packed: number;
  /** Address of {@linkcode LINE} words a thread: the tiles taken of its slices. */
  readonly taken: number;
  /** The BLAS to open; absent for the SIMD kernel. */
  readonly blas?: string;
  /** How often to look for a change before sleeping. */
  readonly spins: number;
}

/** What one thread computes jobs with. */
export class Thread {
  readonly #control: Control;
  readonly #instance: KernelInstance;
  readonly #multiplier: Multiplier;
  readonly #settings: ThreadSettings;
  readonly #taken: Int32Array;
  #pages = 0;
  #kernel = 0;

  /** Instantiates the kernels, and opens the BLAS if one is named. */
  constructor(settings: ThreadSettings, openBlas: CpuHost["openBlas"]) {
    const { memory, module, scratch, blas, taken, threads } = settings;
    this.#settings = settings;
    this.#taken = new Int32Array(memory.buffer, taken, threads * LINE);
    this.#control = new Control(memory);
    this.#instance = instantiateKernels(module, memory);
    this.#instance.useScratch(settings.packed);
    const opened = blas === undefined ? undefined : openBlas(blas, memory);
    this.#multiplier = {
      gemm: this.#instance.gemm,
      kernels: this.#instance.kernels,
      clear: this.#instance.clear,
      scratch,
      tile: new Uint32Array(memory.buffer, scratch, TILE_WORDS),
      packed: settings.packed,
      unpacking: new Uint32Array(memory.buffer, settings.packed, UNPACK_WORDS),
      blas: opened?.blas,
      base: opened?.base ?? 0,
    };
  }

  /** The kernel it works with, or worked with last. */
  get kernel(): number {
    return this.#kernel;
  }

  /** Computes this thread's slices of the jobs in the control block. */
  work(): void {
    const { index, threads } = this.#settings;
    const { words, jobs } = this.#control;
    const count = words[WORD.jobs];
    for (let number = 0; number < count; number++) {
      if (jobs[number].head[0] === KERNEL.matmul) this.#multiply(number, index);
      else this.#workOn(jobs[number], this.#placeOf(number, index));
    }
    for (let number = 0; number < count; number++) {
      if (jobs[number].head[0] !== KERNEL.matmul) continue;
      for (let step = 1; step < threads; step++) {
        this.#multiply(number, (index + step) % threads);
      }
    }
  }

  /** Which slice of a job a thread takes; larger ones go round with the jobs. */
  #placeOf(number: number, thread: number): number {
    return (thread + number) % this.#settings.threads;
  }

  /** Computes a slice of a job. */
  #workOn(job: Job, place: number): void {
    const items = job.head[1], grain = job.head[2];
    const { threads } = this.#settings;
    const units = Math.ceil(items / grain);
    const start = Math.floor(units * place / threads) * grain;
    const end = Math.floor(units * (place + 1) / threads) * grain;
    if (start < end) this.#run(job, start, Math.min(end, items));
  }

  /** Computes the tiles of a thread's slice of a product that nobody took. */
  #multiply(number: number, owner: number): void {
    const job = this.#control.jobs[number], tiles = job.head[1];
    const { threads } = this.#settings, place = this.#placeOf(number, owner);
    const start = Math.floor(tiles * place / threads);
    const end = Math.floor(tiles * (place + 1) / threads);
    const taken = owner * LINE + number;
    while (start + Atomics.load(this.#taken, taken) < end) {
      const tile = start + Atomics.add(this.#taken, taken, 1);
      if (tile < end) this.#run(job, tile, tile + 1);
    }
  }

  /** Computes all of the jobs in the control block. */
  workAlone(): void {
    const { words, jobs } = this.#control;
    const count = words[WORD.jobs];
    for (let number = 0; number < count; number++) {
      this.#run(jobs[number], 0, jobs[number].head[1]);
    }
  }

  /** Computes the items [start, end) of a job. */
  #run({ head, words, address }: Job, start: number, end: number): void {
    const pages = this.#control.words[WORD.pages];
    if (pages !== this.#pages) {
      // This thread's instance must learn that the memory has grown.
      this.#settings.memory.grow(0);
      this.#pages = pages;
    }
    const kernel = this.#kernel = head[0];
    if (kernel === KERNEL.matmul) {
      return multiplyTiles(this.#multiplier, start, end, words);
    }
    if (kernel === KERNEL.gemv && takesVectors(this.#multiplier, words)) {
      return multiplyVectors(this.#multiplier, start, end, words);
    }
    this.#instance.kernels[kernel](start, end, address);
  }
}
