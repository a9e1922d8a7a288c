/**
 * What a thread of the pool does from its start to its end, however it was
 * started.
 *
 * @module
 */

import { Control, waitWhile, WORD } from "./control.ts";
import type { CpuHost } from "./host.ts";
import { Thread, type ThreadSettings } from "./thread.ts";

/** Tells the pool's threads from others that run the same file. */
export const ROLE = "ptbr-slm cpu thread";

/** The number of jobs that ends a thread. */
export const QUIT: number = -1;

/** What a thread says first: "ready", or why it cannot start. */
export type Greeting = { readonly ready: true } | { readonly failure: string };

/**
 * Serves the pool until told to quit.
 *
 * @param settings What the pool says of this thread.
 * @param openBlas As of {@linkcode CpuHost}.
 * @param greet Tells the pool.
 */
export function serveJobs(
  settings: ThreadSettings,
  openBlas: CpuHost["openBlas"],
  greet: (greeting: Greeting) => void,
): void {
  let thread: Thread;
  try {
    thread = new Thread(settings, openBlas);
  } catch (error) {
    return greet({
      failure: error instanceof Error ? error.message : String(error),
    });
  }
  greet({ ready: true });
  work(thread, settings);
}

/** Takes part in all jobs until told to quit. */
function work(thread: Thread, settings: ThreadSettings): void {
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
