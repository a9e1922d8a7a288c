/**
 * The pool's threads as Node-style workers: this module both starts them and is
 * what they run.
 *
 * Node-style, because those can be told not to keep the process alive; between
 * jobs they are blocked and could not end by themselves.
 *
 * @module
 */

import { parentPort, Worker, workerData } from "node:worker_threads";
import { baseAddress, openBlas } from "./blas.ts";
import { cannotStart, type HostThread, type OpenedBlas } from "./host.ts";
import type { ThreadSettings } from "./thread.ts";
import { type Greeting, ROLE, serveJobs } from "./thread_loop.ts";

/** As `CpuHost.startThread`. */
export function startWorker(settings: ThreadSettings): Promise<HostThread> {
  const { promise, resolve, reject } = Promise.withResolvers<Worker>();
  const worker = new Worker(new URL(import.meta.url), {
    workerData: { role: ROLE, settings },
    // A copy of the environment, the default, would ask to read all of it.
    env: {},
  });
  const fail = (reason: string) => {
    worker.terminate();
    reject(cannotStart(settings, reason));
  };
  worker.once("error", (error: Error) => fail(error.message));
  worker.once("message", (greeting: Greeting) => {
    if ("failure" in greeting) return fail(greeting.failure);
    worker.unref();
    resolve(worker);
  });
  return promise;
}

/** As `CpuHost.openBlas`. */
export function openBlasFor(
  path: string,
  memory: WebAssembly.Memory,
): OpenedBlas {
  return { blas: openBlas(path), base: baseAddress(memory) };
}

if (workerData?.role === ROLE) {
  serveJobs(
    workerData.settings,
    openBlasFor,
    (greeting) => parentPort!.postMessage(greeting),
  );
}
