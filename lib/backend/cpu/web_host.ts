/**
 * What a browser gives the CPU backend: threads, where the page may share memory
 * with them, and nothing else. This module is also what the threads run, alone
 * or as a part of a bundle.
 *
 * The pool waits for its threads by `Atomics.wait`, which a page's own thread
 * may not: with more than one, the backend belongs in a dedicated worker.
 *
 * @module
 */

import type { BlasChoice, BlasSearch } from "./blas_calls.ts";
import { cannotStart, type CpuHost, type HostThread } from "./host.ts";
import type { ThreadSettings } from "./thread.ts";
import { type Greeting, ROLE, serveJobs } from "./thread_loop.ts";

/** As far as it is used, what a page or a worker has around it. */
interface Scope {
  readonly name?: unknown;
  readonly crossOriginIsolated?: boolean;
  postMessage(message: unknown): void;
  addEventListener(
    type: "message",
    listener: (event: MessageEvent<ThreadSettings>) => void,
  ): void;
}
const scope = globalThis as unknown as Scope;

/** Tells what a thread says from what other code of its file may. */
interface Sender {
  readonly sender: typeof ROLE;
}

/** How long a thread may take to load its script and say so, in milliseconds. */
const PATIENCE = 60_000;

/**
 * The machine as a browser shows it. A page that is not isolated from other
 * origins (headers COOP and COEP) has one thread, as has a runtime without
 * Workers.
 *
 * @param script What threads run, where it is not the file of this module: a
 * script that imports it, or a bundle.
 * @param patience How long is waited for a thread to say that it is there, in
 * milliseconds; a script without this module never does.
 */
export function webHost(
  script: string | URL = import.meta.url,
  patience: number = PATIENCE,
): CpuHost {
  const hasThreads = "Worker" in globalThis &&
    scope.crossOriginIsolated !== false;
  return {
    // Elsewhere than in browsers threads are only started when asked for.
    cores: scope.crossOriginIsolated === true
      ? navigator.hardwareConcurrency
      : 1,
    hasThreads,
    findBlas,
    openBlas: refuse,
    adviseHugePages() {},
    startThread: (settings) => startThread(script, settings, patience),
  };
}

function findBlas(choice: BlasChoice): BlasSearch {
  if (choice === "auto" || choice === "none") return { failures: [] };
  return refuse(choice);
}

function refuse(path: string): never {
  throw new Error(
    `Cannot use the BLAS "${path}": this host has no foreign code`,
  );
}

function startThread(
  script: string | URL,
  settings: ThreadSettings,
  patience: number,
): Promise<HostThread> {
  const { promise, resolve, reject } = Promise.withResolvers<HostThread>();
  const worker = new Worker(script, { type: "module", name: ROLE });
  const timer = setTimeout(
    () => fail("its script says nothing: it has to import this library"),
    patience,
  );
  const fail = (reason: string) => {
    clearTimeout(timer);
    worker.terminate();
    reject(cannotStart(settings, reason));
  };
  worker.onerror = (event) => {
    event.preventDefault();
    fail(event.message || "its script cannot be loaded");
  };
  worker.onmessage = ({ data }: MessageEvent<Greeting & Sender>) => {
    if (data?.sender !== ROLE) return; // what else a bundle says as it starts
    if ("failure" in data) fail(data.failure);
    else {
      clearTimeout(timer);
      resolve(worker);
    }
  };
  worker.postMessage(settings);
  return promise;
}

if ("WorkerGlobalScope" in globalThis && scope.name === ROLE) {
  scope.addEventListener("message", (event) => {
    event.stopImmediatePropagation(); // to the rest of a bundle it says nothing
    const sender = { sender: ROLE } satisfies Sender;
    serveJobs(
      event.data,
      refuse,
      (greeting) => scope.postMessage({ ...greeting, ...sender }),
    );
  });
}
