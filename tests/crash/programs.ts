/**
 * Programs that something befalls.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { startUntil } from "../commands/run_cli.ts";

/** Kills a program after some time, unless it has ended by then. */
export function killAfter(
  child: Deno.ChildProcess,
  milliseconds: number,
): void {
  const timer = setTimeout(() => {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
  }, milliseconds);
  child.status.finally(() => clearTimeout(timer));
}

/** Runs a command to its end, and counts the operations that change files. */
export async function operationsOf(...args: string[][]): Promise<number> {
  const { code, stderr } = await startUntil("count", ...args).output();
  const said = new TextDecoder().decode(stderr);
  assertEquals(code, 0, said);
  assertMatch(said, /operations: \d+\n$/);
  return Number(/operations: (\d+)\n$/.exec(said)![1]);
}

/**
 * Starts a command that stops before one of the operations that change files.
 *
 * @param operation Which one.
 * @returns The process, which is stopped, or has ended where it has not come so
 * far; and what it has said on its standard error.
 */
export async function startStopped(
  operation: number,
  ...args: string[][]
): Promise<{ child: Deno.ChildProcess; isStopped: boolean; said: string }> {
  const child = startUntil(`stop:${operation}`, ...args);
  const reader = child.stderr.getReader();
  let said = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (value !== undefined) said += new TextDecoder().decode(value);
    const isStopped = /(?:^|\n)stopped\n$/.test(said);
    if (!done && !isStopped) continue;
    reader.releaseLock();
    return { child, isStopped, said };
  }
}

/** Shows how often what was found. */
export function showCounts(
  title: string,
  counts: Readonly<Record<string, number>>,
): void {
  const parts = Object.entries(counts).sort().map(([what, count]) =>
    `${what}: ${count}`
  );
  console.log(`${title}: ${parts.join("; ")}`);
}
