/**
 * How fast the machine reads memory: the ceiling of all that streams.
 *
 * @module
 */

import { adviseHugePages } from "../../lib/backend/cpu/huge_pages.ts";
import type { ReadTask } from "./read_worker.ts";

/** Some bytes of memory, and threads that read them. */
export class MemoryReader {
  readonly #bytes: number;
  readonly #threads: number;
  readonly #passes: number;
  /** See {@linkcode ReadTask.words}. */
  readonly #words = new Int32Array(new SharedArrayBuffer(8));

  /** Writes the memory and starts the threads, each reading a part so often. */
  constructor(
    bytes: number,
    { threads, passes }: { threads: number; passes: number },
  ) {
    this.#threads = threads;
    this.#passes = passes;
    const part = Math.floor(bytes / threads);
    this.#bytes = part * threads;
    const pages = Math.ceil(this.#bytes / 65536);
    const limits = { initial: pages, maximum: pages, shared: true };
    const memory = new WebAssembly.Memory(limits);
    adviseHugePages(memory, this.#bytes); // as the backend does
    const { buffer } = memory as { buffer: SharedArrayBuffer };
    new Uint8Array(buffer).fill(0x55);
    const script = new URL("read_worker.ts", import.meta.url);
    for (let index = 0; index < threads; index++) {
      const worker = new Worker(script, { type: "module" });
      const own = new Uint8Array(buffer, index * part, part);
      const task: ReadTask = { part: own, passes, words: this.#words };
      worker.postMessage(task);
    }
  }

  /** Bytes a second, once. */
  async read(): Promise<number> {
    await this.#allDone(); // ready, the first time
    Atomics.store(this.#words, 1, 0);
    const start = performance.now();
    Atomics.add(this.#words, 0, 1);
    Atomics.notify(this.#words, 0);
    await this.#allDone();
    const seconds = (performance.now() - start) / 1000;
    return this.#passes * this.#bytes / seconds;
  }

  async #allDone(): Promise<void> {
    for (;;) {
      const done = Atomics.load(this.#words, 1);
      if (done === this.#threads) return;
      await Atomics.waitAsync(this.#words, 1, done).value;
    }
  }

  /** Ends the threads; one that waits for a word cannot be terminated. */
  end(): void {
    Atomics.store(this.#words, 0, -1);
    Atomics.notify(this.#words, 0);
  }
}
