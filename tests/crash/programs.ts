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
