/**
 * Work for several threads: an ordered map over Web Workers. It is the one
 * protocol for all work that comes in batches; only the CPU backend, whose
 * threads share memory, has another.
 *
 * A module that has such work to do is its own worker. It says with
 * {@linkcode workerTask} what a thread does, and {@linkcode mapInWorkers}
 * starts that module again in as many Workers as are asked for. A Worker is
 * named after its task, by which the task knows that it shall serve: those of
 * other modules have other names and stay silent, though they may all be in
 * one file when the program is bundled.
 *
 * @module
 */

import { EventTurns } from "./turns.ts";

/** What a thread does once it is set up. */
export interface Work<Batch, Result> {
  /** Makes the result of a batch. */
  run(batch: Batch): Result;
  /** What is left after the last batch, for work that gathers results. */
  finish?(): Result;
}

/** How work is set up in a thread, and what passes between threads. */
export interface WorkerTask<Setup, Batch, Result> {
  /** The URL of the module, `import.meta.url`. */
  readonly url: string;
  /** What no other task of the program is called. */
  readonly name: string;
  /** Sets a thread up; called once in each. */
  start(setup: Setup): Work<Batch, Result> | Promise<Work<Batch, Result>>;
  /** The buffers of a batch that are given away with it instead of copied. */
  batchBuffers?(batch: Batch): Transferable[];
  /** The buffers of a result that are given away with it instead of copied. */
  resultBuffers?(result: Result): Transferable[];
}

/** How much work is shared, and what may end it. */
export interface WorkersOptions {
  /** How many Workers there may be; with 1 the work is done in this thread. */
  readonly threads: number;
  /** Looked at between batches. */
  readonly signal?: AbortSignal;
}

/**
 * How many batches are under way a thread: one at work, and one that waits so
 * that the thread need not.
 */
export const BATCHES_A_THREAD = 2;

/** What a Worker is sent: first the setup, then batches, then the end. */
type Request<Setup, Batch> =
  | { readonly setup: Setup }
  | { readonly batch: Batch }
  | { readonly finish: true };

/** What it answers to a batch and to the end. */
type Reply<Result> =
  | { readonly result?: Result }
  | { readonly error: Error };

/**
 * Declares the work of a module, and serves it where the module was started as
 * a Worker. To be called once in a module, at its top level.
 *
 * @returns The same, to be given to {@linkcode mapInWorkers}.
 *
 * @example
 * ```ts
 * import { mapInWorkers, workerTask } from "./workers.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const multiplication = workerTask({
 *   url: import.meta.url,
 *   name: "multiplication",
 *   start: (factor: number) => ({ run: (value: number) => factor * value }),
 * });
 * const results = mapInWorkers(multiplication, 3, [1, 2, 3], { threads: 1 });
 * assertEquals(await Array.fromAsync(results), [3, 6, 9]);
 * ```
 */
export function workerTask<Setup, Batch, Result>(
  task: WorkerTask<Setup, Batch, Result>,
): WorkerTask<Setup, Batch, Result> {
  const isWorker = "WorkerGlobalScope" in globalThis;
  if (isWorker && self.name === task.name) serve(task, self as unknown as Port);
  return task;
}

/**
 * Maps batches to results, which come in the batches' order whatever the
 * number of threads. Batches are read as they are needed: no more than
 * {@linkcode BATCHES_A_THREAD} a thread are under way. The Workers end with
 * the iteration, at its end, at an error, or when it is left early.
 *
 * @param setup What each thread is told first.
 * @param batches The batches; with several threads their buffers are lost.
 * @param options How many Workers there may be, started as there is work for
 * them, and what may end the work.
 * @returns The results in order, then what each thread has left at the end.
 * @throws What reading the batches throws, and what the work throws, in a
 * Worker too; the signal's reason when it is aborted.
 */
export async function* mapInWorkers<Setup, Batch, Result>(
  task: WorkerTask<Setup, Batch, Result>,
  setup: Setup,
  batches: AsyncIterable<Batch> | Iterable<Batch>,
  { threads, signal }: WorkersOptions,
): AsyncGenerator<Result> {
  signal?.throwIfAborted();
  if (threads <= 1) {
    const work = await task.start(setup), turns = new EventTurns();
    for await (const batch of batches) {
      yield work.run(batch);
      await turns.next();
      signal?.throwIfAborted();
    }
    if (work.finish !== undefined) yield work.finish();
    return;
  }
  const workers: TaskWorker<Setup, Batch, Result>[] = [];
  const pending: Promise<Reply<Result>>[] = [];
  try {
    for await (const batch of batches) {
      if (pending.length === threads * BATCHES_A_THREAD) {
        yield* resultOf(await pending.shift()!);
      }
      signal?.throwIfAborted();
      let worker = workers.toSorted((a, b) => a.asked - b.asked).at(0);
      if (
        worker === undefined || worker.asked > 0 && workers.length < threads
      ) {
        worker = new TaskWorker(task, setup);
        workers.push(worker);
      }
      pending.push(worker.ask({ batch }, task.batchBuffers?.(batch)));
    }
    pending.push(...workers.map((worker) => worker.ask({ finish: true })));
    for (const reply of pending) {
      yield* resultOf(await reply);
      signal?.throwIfAborted();
    }
  } finally {
    for (const worker of workers) worker.terminate();
  }
}

/** The result of a reply, where it has one. */
function* resultOf<Result>(reply: Reply<Result>): Generator<Result> {
  if ("error" in reply) throw reply.error;
  if ("result" in reply) yield reply.result!;
}

/** A Worker, and the replies that it owes. */
class TaskWorker<Setup, Batch, Result> {
  readonly #worker: Worker;
  readonly #owed: PromiseWithResolvers<Reply<Result>>[] = [];
  #failure?: Reply<Result>;

  constructor({ url, name }: WorkerTask<Setup, Batch, Result>, setup: Setup) {
    this.#worker = new Worker(url, { type: "module", name });
    this.#worker.onmessage = ({ data }: MessageEvent<Reply<Result>>) => {
      this.#owed.shift()!.resolve(data);
    };
    // The module cannot be loaded, or the thread has no memory left.
    this.#worker.onerror = (event) => {
      event.preventDefault();
      const error = new Error(`Cannot work in a thread: ${event.message}`);
      this.#failure = { error };
      for (const { resolve } of this.#owed.splice(0)) resolve({ error });
    };
    this.#worker.postMessage({ setup } satisfies Request<Setup, Batch>);
  }

  /** How many replies it owes. */
  get asked(): number {
    return this.#owed.length;
  }

  async ask(
    request: Request<Setup, Batch>,
    buffers: Transferable[] = [],
  ): Promise<Reply<Result>> {
    if (this.#failure !== undefined) return this.#failure;
    try {
      this.#worker.postMessage(request, buffers);
    } catch (error) { // What cannot be sent. It is thrown when its turn comes.
      return { error: error as Error };
    }
    const reply = Promise.withResolvers<Reply<Result>>();
    this.#owed.push(reply);
    return await reply.promise;
  }

  terminate(): void {
    this.#worker.terminate();
  }
}

/** What a Worker sees of its maker; its own types are not everybody's. */
interface Port {
  onmessage?: (event: MessageEvent) => void;
  postMessage(reply: unknown, buffers: Transferable[]): void;
}

/** The Worker's side. */
function serve<Setup, Batch, Result>(
  { start, resultBuffers }: WorkerTask<Setup, Batch, Result>,
  port: Port,
): void {
  let setUp: Promise<Work<Batch, Result>>;
  const answer = async (
    request: Request<never, Batch>,
  ): Promise<Reply<Result>> => {
    try {
      // As all wait for the same promise, replies keep the order of requests.
      const work = await setUp;
      if ("batch" in request) return { result: work.run(request.batch) };
      return work.finish === undefined ? {} : { result: work.finish() };
    } catch (error) {
      return { error: error instanceof Error ? error : Error(String(error)) };
    }
  };
  port.onmessage = async ({ data }: MessageEvent<Request<Setup, Batch>>) => {
    if ("setup" in data) {
      setUp = Promise.try(() => start(data.setup));
      setUp.catch(() => {}); // told with the first batch
      return;
    }
    const reply = await answer(data);
    const { result } = reply as { result?: Result };
    const buffers = result === undefined ? [] : resultBuffers?.(result);
    port.postMessage(reply, buffers ?? []);
  };
}

/** A further thread, which takes a moment to start, pays from so many bytes. */
const BYTES_A_THREAD = 8e6;

/**
 * The threads for a text where none are asked for.
 *
 * @param bytes The text's length.
 * @returns From one to the machine's cores.
 *
 * @example
 * ```ts
 * import { usefulThreads } from "./workers.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(usefulThreads(1000), 1);
 * assertEquals(usefulThreads(1e12), navigator.hardwareConcurrency);
 * ```
 */
export function usefulThreads(bytes: number): number {
  return Math.min(
    navigator.hardwareConcurrency,
    1 + Math.floor(bytes / BYTES_A_THREAD),
  );
}
