/**
 * Reads pieces of a dump on several threads, or in this one where there shall
 * be only one.
 *
 * This module is its own worker. A worker decodes the bzip2 blocks of a piece,
 * finds its pages, cleans them, and sends back bytes as they stand in a file.
 *
 * @module
 */

import { ArticleBatcher, type ArticleOptions } from "./article_batch.ts";
import { DumpKernels, type PackedBlock } from "../dump/dump_kernels.ts";
import { type Fragment, readFragment } from "./fragment.ts";

const WORKER_NAME = "ptbr-slm dump";

/** A piece of a dump: blocks of bzip2, or XML. */
export interface Piece {
  /** Blocks that follow one another. */
  readonly blocks?: readonly PackedBlock[];
  /** XML, where there are no blocks. */
  readonly xml?: Uint8Array<ArrayBuffer>;
  /** How many bytes of XML at its start are not wanted. */
  readonly skip: number;
}

/** Threads that read pieces; they end when it is disposed of. */
export class FragmentPool implements Disposable {
  /** For what is done in this thread. */
  readonly kernels: DumpKernels = new DumpKernels();
  /** For what is done in this thread. */
  readonly batcher: ArticleBatcher;
  readonly #workers: Worker[] = [];
  readonly #idle: Worker[] = [];
  readonly #jobs = new Map<Worker, Job>();
  readonly #waiting: Job[] = [];
  #failure?: Error;

  /**
   * Starts the threads.
   *
   * @param options How articles become documents.
   * @param threads How many; with one there are no Workers.
   */
  constructor(options: ArticleOptions, threads: number) {
    this.batcher = new ArticleBatcher(options);
    for (let i = 0; threads > 1 && i < threads; i++) {
      this.#workers.push(this.#start(options));
    }
    this.#idle.push(...this.#workers);
  }

  /** How many pieces to hand in before the first is asked for. */
  get ahead(): number {
    return 2 * this.#workers.length;
  }

  /**
   * Reads a piece.
   *
   * @param piece It; its bytes are taken away.
   * @returns What became of it; undefined where that cannot be told.
   */
  read(piece: Piece): Promise<Fragment | undefined> {
    if (this.#workers.length === 0) {
      return Promise.resolve(readPiece(this.kernels, this.batcher, piece));
    }
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const { promise, resolve, reject } = Promise.withResolvers<
      Fragment | undefined
    >();
    // Whoever gave up before it was asked for does not hear of it.
    promise.catch(() => {});
    this.#waiting.push({ piece, resolve, reject });
    this.#assign();
    return promise;
  }

  /** Ends the threads; what they have not done yet fails. */
  [Symbol.dispose](): void {
    this.#fail(new Error("Cannot read the dump: it was closed"));
  }

  #start(options: ArticleOptions): Worker {
    const worker = new Worker(import.meta.url, {
      type: "module",
      name: WORKER_NAME,
    });
    worker.onmessage = ({ data }: MessageEvent<Fragment | null>) => {
      const job = this.#jobs.get(worker)!;
      this.#jobs.delete(worker);
      this.#idle.push(worker);
      this.#assign();
      job.resolve(data ?? undefined);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#fail(new Error(`Cannot read the dump: ${event.message}`));
    };
    worker.postMessage({ options } satisfies Request);
    return worker;
  }

  #assign(): void {
    while (this.#idle.length > 0 && this.#waiting.length > 0) {
      const worker = this.#idle.pop()!, job = this.#waiting.shift()!;
      this.#jobs.set(worker, job);
      const { blocks = [], xml } = job.piece;
      const buffers = blocks.map(({ bytes }) => bytes.buffer as ArrayBuffer);
      if (xml !== undefined) buffers.push(xml.buffer);
      worker.postMessage({ piece: job.piece } satisfies Request, buffers);
    }
  }

  #fail(failure: Error): void {
    this.#failure ??= failure;
    for (const worker of this.#workers) worker.terminate();
    const jobs = [...this.#jobs.values(), ...this.#waiting.splice(0)];
    this.#jobs.clear();
    for (const { reject } of jobs) reject(failure);
  }
}

/** What a worker is sent: first what to do, then pieces. */
type Request = { readonly options: ArticleOptions } | { readonly piece: Piece };

interface Job {
  readonly piece: Piece;
  readonly resolve: (fragment: Fragment | undefined) => void;
  readonly reject: (error: Error) => void;
}

function readPiece(
  kernels: DumpKernels,
  batcher: ArticleBatcher,
  { blocks, xml, skip }: Piece,
): Fragment | undefined {
  if (xml !== undefined) kernels.open([xml]);
  else if (!kernels.openBlocks(blocks ?? [])) return undefined;
  return readFragment(kernels, batcher, skip);
}

/** The worker's side. */
function serve(port: DedicatedWorkerGlobalScope): void {
  const kernels = new DumpKernels();
  let batcher: ArticleBatcher | undefined;
  port.onmessage = ({ data }: MessageEvent<Request>) => {
    if ("options" in data) {
      batcher = new ArticleBatcher(data.options);
      return;
    }
    if (batcher === undefined) throw new Error("options come first");
    const fragment = readPiece(kernels, batcher, data.piece);
    const buffers = fragment === undefined
      ? []
      : [fragment.head.buffer, fragment.tail.buffer];
    const batch = fragment?.batch;
    if (batch !== undefined) {
      buffers.push(
        batch.bytes.buffer,
        batch.ends.buffer,
        batch.lengths.buffer,
      );
    }
    port.postMessage(fragment ?? null, buffers);
  };
}

if (
  typeof WorkerGlobalScope !== "undefined" &&
  self instanceof WorkerGlobalScope && self.name === WORKER_NAME
) {
  serve(self as unknown as DedicatedWorkerGlobalScope);
}
