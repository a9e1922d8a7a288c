/**
 * Ctrl-C as a wish that long work ends in good order.
 *
 * @module
 */

import { t } from "./language.ts";
import { duration, type Output } from "./output.ts";

/** As shells have it for a program ended by Ctrl-C. */
export const INTERRUPTED = 130;

/**
 * One press of Ctrl-C may come twice, in ms: from the terminal, which tells all
 * of its programs, and from `deno task`, which passes it on to what it runs.
 */
const SAME_PRESS = 500;

/**
 * Listens until it is disposed of: the first Ctrl-C (or SIGTERM, or SIGHUP
 * as the terminal closes) aborts the signal, a second ends the program at once.
 *
 * @param output Where it is said.
 * @param reaction What the work does when it is interrupted, in a few words.
 */
export function onInterrupt(
  output: Output,
  reaction: string,
): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const start = performance.now();
  let pressed = 0;
  const handler = () => {
    if (controller.signal.aborted) {
      if (performance.now() - pressed < SAME_PRESS) return;
      // Its line ends what the terminal shows of the keys, and a bar.
      output.note(t`stopped at once`);
      Deno.exit(INTERRUPTED);
    }
    pressed = performance.now();
    controller.abort();
    const elapsed = duration((pressed - start) / 1000);
    output.note(
      t`Interrupted after ${elapsed}: ${reaction} (once more to stop at once)`,
    );
  };
  // Windows knows no others.
  const signals: Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT"]
    : ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) Deno.addSignalListener(signal, handler);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const signal of signals) Deno.removeSignalListener(signal, handler);
    },
  };
}

/**
 * Waits for work that leaves nothing behind when it is interrupted.
 *
 * @param interrupt Its signal is the work's.
 * @param work Rejects with the signal's reason when that is aborted.
 * @returns The work's result; undefined when it was interrupted.
 */
export async function unlessInterrupted<T>(
  { signal }: { readonly signal: AbortSignal },
  work: Promise<T>,
): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (signal.aborted && error === signal.reason) return undefined;
    throw error;
  }
}
