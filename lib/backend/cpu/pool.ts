/**
 * The fork-join pool: each call of {@linkcode Pool.run} is one job that all
 * threads share, the calling one included; it returns when all are done. Jobs
 * that wait, see {@linkcode Pool.add}, are done with it.
 *
 * @module
 */

import type { Blas } from "./blas_calls.ts";
import { Control, LINE, MOST_JOBS, waitWhile, WORD } from "./control.ts";
import { KERNELS } from "./jobs.ts";
import type { CpuHost, HostThread } from "./host.ts";
import { compileKernels, instantiateKernels } from "./kernels.ts";
import type { SharedMemory } from "./memory.ts";
import { Thread, type ThreadSettings } from "./thread.ts";
import { QUIT } from "./thread_loop.ts";

/**
 * How often a thread looks for work before it sleeps, some 50 µs: long beside
 * the gaps between the ops of a training step, short beside everything else.
 */
const SPINS = 1000;

/** The threads of a backend. */
export class Pool implements Disposable {
  /** How many share a job, the main thread included. */
  readonly threads: number;
  readonly #control: Control;
  readonly #main: Thread;
  readonly #workers: readonly HostThread[];
  readonly #spins: number;
  readonly #taken: Int32Array;
  /** How many jobs wait in the control block, and whether any has two slices. */
  #waiting = 0;
  #divisible = false;
  #disposed = false;

  private constructor(
    memory: WebAssembly.Memory,
    main: Thread,
    workers: readonly HostThread[],
    { spins, taken }: ThreadSettings,
  ) {
    this.threads = 1 + workers.length;
    this.#control = new Control(memory);
    this.#main = main;
    this.#workers = workers;
    this.#spins = spins;
    this.#taken = new Int32Array(memory.buffer, taken, this.threads * LINE);
  }

  /**
   * Starts the threads.
   *
   * @param shared What they compute on; their scratch is taken from it.
   * @param threads 1 to 64.
   * @param blas What each opens for matrix products; absent for the SIMD kernel.
   * @param host How they are started.
   */
  static async start(
    shared: SharedMemory,
    threads: number,
    blas: Blas | undefined,
    host: CpuHost,
  ): Promise<Pool> {
    const { memory } = shared;
    const module = compileKernels();
    const { gemmScratchBytes, packedScratchBytes } = instantiateKernels(
      module,
      memory,
    );
    // More threads than cores: a thread that spins keeps another from working.
    const spins = threads > navigator.hardwareConcurrency ? 1 : SPINS;
    const taken = shared.reserve(4 * LINE * threads);
    const settings: ThreadSettings[] = Array.from(
      { length: threads },
      (_, index) => {
        const scratch = blas === undefined
          ? shared.reserve(gemmScratchBytes)
          : 0;
        const path = blas === undefined ? {} : { blas: blas.path };
        // Takes address space alone until it is written to.
        const packed = shared.reserve(packedScratchBytes);
        const own = { index, scratch, packed, ...path };
        return { memory, module, threads, taken, spins, ...own };
      },
    );
    const main = new Thread(settings[0], host.openBlas);
    const starts = await Promise.allSettled(
      settings.slice(1).map((own) => host.startThread(own)),
    );
    const workers = starts.filter((start) => start.status === "fulfilled")
      .map((start) => start.value);
    const pool = new Pool(memory, main, workers, settings[0]);
    const failure = starts.find((start) => start.status === "rejected");
    if (failure === undefined) return pool;
    pool[Symbol.dispose]();
    throw failure.reason;
  }

  /**
   * Runs a kernel over items 0 … items-1, after what waits.
   *
   * @param kernel Its number, of `KERNEL`.
   * @param grain Items that stay together; slices start at multiples of it.
   * @param words What it reads; copied.
   * @throws {Error} When a thread failed; the pool can still be used.
   */
  run(kernel: number, items: number, grain: number, words: Uint32Array): void {
    this.add(kernel, items, grain, words);
    this.flush();
  }

  /**
   * As {@linkcode Pool.run}, but may leave the job waiting for the next one, so
   * that threads go from one to the other without waiting for each other. None
   * of those done together may use what another of them writes.
   */
  add(kernel: number, items: number, grain: number, words: Uint32Array): void {
    if (this.#disposed) {
      throw new Error(
        `Cannot run ${KERNELS[kernel]}: the backend is disposed`,
      );
    }
    if (this.#waiting === MOST_JOBS) this.flush();
    const job = this.#control.jobs[this.#waiting++];
    job.head[0] = kernel;
    job.head[1] = items;
    job.head[2] = grain;
    job.words.set(words);
    this.#divisible ||= items > grain;
  }

  /** Runs the jobs that wait, if any. */
  flush(): void {
    if (this.#waiting === 0) return;
    const { words } = this.#control;
    const alone = !this.#divisible || this.#workers.length === 0;
    words[WORD.jobs] = this.#waiting;
    this.#waiting = 0;
    this.#divisible = false;
    if (alone) return this.#main.workAlone();
    this.#taken.fill(0);
    Atomics.store(words, WORD.failed, 0);
    Atomics.store(words, WORD.done, 0);
    this.#begin();
    try {
      this.#main.work();
    } catch (error) {
      this.#control.fail(0, this.#main.kernel, error);
    }
    this.#join();
    const failed = Atomics.load(words, WORD.failed);
    if (failed > 0) {
      throw new Error(
        `Cannot run ${KERNELS[Atomics.load(words, WORD.failedKernel)]}: ` +
          `thread ${failed - 1}: ${this.#control.failure()}`,
      );
    }
  }

  /** Ends the workers. */
  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#control.words[WORD.jobs] = QUIT;
    this.#begin();
    for (const worker of this.#workers) worker.terminate();
  }

  #begin(): void {
    const { words } = this.#control;
    Atomics.add(words, WORD.epoch, 1);
    if (Atomics.load(words, WORD.sleeping) > 0) {
      Atomics.notify(words, WORD.epoch);
    }
  }

  #join(): void {
    const { words } = this.#control;
    const workers = this.#workers.length;
    let done = Atomics.load(words, WORD.done);
    while (done < workers) {
      waitWhile(words, WORD.done, done, WORD.mainSleeps, this.#spins);
      done = Atomics.load(words, WORD.done);
    }
  }
}
