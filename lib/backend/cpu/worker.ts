/**
 * The workers of the pool: this module both starts them and is what they run.
 *
 * They are Node-style workers because those can be told not to keep the
 * process alive; between jobs they are blocked and could not end by themselves.
 *
 * @module
 */

import { parentPort, Worker, workerData } from "node:worker_threads";
import { Control, waitWhile, WORD } from "./control.ts";
import { Thread, type ThreadSettings } from "./thread.ts";

/** Tells a worker of this module from others that may import it. */
const ROLE = "ptbr-slm cpu thread";

/** The number of jobs that ends a worker. */
export const QUIT: number = -1;

/** What a worker says first: "ready", or why it cannot start. */
type Greeting = { readonly ready: true } | { readonly failure: string };

/**
 * Starts a worker and waits until it is ready for jobs.
 *
 * @throws {Error} When it cannot start.
 */
export function startWorker(settings: ThreadSettings): Promise<Worker> {
  const { promise, resolve, reject } = Promise.withResolvers<Worker>();
  const worker = new Worker(new URL(import.meta.url), {
    workerData: { role: ROLE, settings },
    // A copy of the environment, the default, would ask to read all of it.
    env: {},
  });
  const fail = (reason: string) => {
    worker.terminate();
    reject(
      new Error(`Cannot start CPU thread ${settings.index}: ${reason}`),
    );
  };
  worker.once("error", (error: Error) => fail(error.message));
  worker.once("message", (greeting: Greeting) => {
    if ("failure" in greeting) return fail(greeting.failure);
    worker.unref();
    resolve(worker);
  });
  return promise;
}

if (workerData?.role === ROLE) {
  const settings: ThreadSettings = workerData.settings;
  let thread: Thread | undefined;
  try {
    thread = new Thread(settings);
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    parentPort!.postMessage({ failure } satisfies Greeting);
  }
  if (thread !== undefined) {
    parentPort!.postMessage({ ready: true } satisfies Greeting);
    serve(thread, settings);
  }
}

/** Takes part in all jobs until told to quit. */
function serve(thread: Thread, settings: ThreadSettings): void {
  const control = new Control(settings.memory);
  const { words } = control;
  for (let epoch = 0;; epoch = (epoch + 1) | 0) {
    waitWhile(words, WORD.epoch, epoch, WORD.sleeping, settings.spins);
    if (words[WORD.jobs] === QUIT) return;
    try {
      thread.work();
    } catch (error) {
      control.fail(settings.index, thread.kernel, error);
    }
    Atomics.add(words, WORD.done, 1);
    if (Atomics.load(words, WORD.mainSleeps) > 0) {
      Atomics.notify(words, WORD.done);
    }
  }
}
