/**
 * One thread's part of the jobs: its slice of each one's items, computed with
 * its own instance of the kernels. The main thread has one, each worker another.
 *
 * @module
 */

import { baseAddress, openBlas } from "./blas.ts";
import { Control, type Job, WORD } from "./control.ts";
import {
  type Multiplier,
  multiplyTiles,
  multiplyVectors,
  takesVectors,
} from "./gemm.ts";
import {
  FILL,
  GEMV,
  instantiateKernels,
  type KernelInstance,
  MATMUL,
} from "./kernels.ts";

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
  /** The BLAS to open; absent for the SIMD kernel. */
  readonly blas?: string;
  /** How often to look for a change before sleeping. */
  readonly spins: number;
}

/** One thread's hands. */
export class Thread {
  readonly #control: Control;
  readonly #instance: KernelInstance;
  readonly #multiplier: Multiplier;
  readonly #settings: ThreadSettings;
  #pages = 0;
  #kernel = 0;

  /** Instantiates the kernels, and opens the BLAS if one is named. */
  constructor(settings: ThreadSettings) {
    const { memory, module, scratch, blas } = settings;
    this.#settings = settings;
    this.#control = new Control(memory);
    this.#instance = instantiateKernels(module, memory);
    this.#multiplier = {
      gemm: this.#instance.gemm,
      fill: this.#instance.kernels[FILL],
      scratch,
      blas: blas === undefined ? undefined : openBlas(blas),
      base: blas === undefined ? 0 : baseAddress(memory),
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
      const { head } = jobs[number], items = head[1], grain = head[2];
      const units = Math.ceil(items / grain);
      // What is left over goes to another thread in each job.
      const place = (index + number) % threads;
      const start = Math.floor(units * place / threads) * grain;
      const end = Math.floor(units * (place + 1) / threads) * grain;
      if (start < end) this.#run(jobs[number], start, Math.min(end, items));
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
  #run({ head, arguments: args }: Job, start: number, end: number): void {
    const { words } = this.#control;
    if (words[WORD.pages] !== this.#pages) {
      // This thread's instance must learn that the memory has grown.
      this.#settings.memory.grow(0);
      this.#pages = words[WORD.pages];
    }
    const kernel = this.#kernel = head[0];
    if (kernel === MATMUL) {
      return multiplyTiles(this.#multiplier, start, end, args);
    }
    if (kernel === GEMV && takesVectors(this.#multiplier, args[4])) {
      return multiplyVectors(this.#multiplier, start, end, args);
    }
    // A kernel ignores what is beyond its own parameters.
    this.#instance.kernels[kernel](
      start,
      end,
      args[0],
      args[1],
      args[2],
      args[3],
      args[4],
      args[5],
      args[6],
      args[7],
      args[8],
      args[9],
      args[10],
      args[11],
      args[12],
      args[13],
      args[14],
      args[15],
      args[16],
      args[17],
      args[18],
      args[19],
      args[20],
      args[21],
      args[22],
      args[23],
    );
  }
}
