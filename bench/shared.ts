/**
 * What the benchmarks share: options, processes, medians, rows of tables, and
 * the tokens that models are timed with.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { Random } from "../lib/random.ts";

/**
 * Reads the command line.
 *
 * @param initial Every option's value where it is not given; false for one that
 * takes none, "" for one that is then left out.
 */
export function readOptions<T extends Record<string, string | false>>(
  initial: T,
): { [Name in keyof T]: T[Name] extends false ? boolean : string } & {
  readonly words: readonly string[];
} {
  const names = Object.keys(initial);
  const isFlag = (name: string) => initial[name] === false;
  const { _: words, ...given } = parseArgs(Deno.args, {
    boolean: names.filter(isFlag),
    string: [...names.filter((name) => !isFlag(name)), "_"],
    default: initial,
    unknown: (word) => {
      if (!word.startsWith("-")) return true;
      throw new TypeError(`Cannot run the benchmark: unknown option ${word}`);
    },
  });
  return { ...given, words } as unknown as ReturnType<typeof readOptions<T>>;
}

/** The middle one. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

/** The most memory this process had, in bytes; what it has, where none says. */
export function peakMemory(): number {
  try {
    const status = Deno.readTextFileSync("/proc/self/status");
    return 1024 * Number(/VmHWM:\s+(\d+)/.exec(status)![1]);
  } catch {
    return Deno.memoryUsage().rss;
  }
}

/** Runs a program to its end and gives back what it wrote. */
export async function run(
  [program, ...args]: readonly string[],
  options: Pick<Deno.CommandOptions, "cwd" | "env" | "stdout"> = {},
): Promise<string> {
  const command = new Deno.Command(program, { ...options, args });
  const output = await command.output(), decoder = new TextDecoder();
  if (!output.success) {
    const said = decoder.decode(output.stderr);
    throw new Error(`Cannot run ${program}: ${said}`);
  }
  return options.stdout === "null" ? "" : decoder.decode(output.stdout);
}

/** Measures all sides once, and again, so that a busy machine hurts all alike. */
export async function inTurn<Side, Result>(
  sides: readonly Side[],
  rounds: number,
  measure: (side: Side) => Promise<Result>,
): Promise<Result[][]> {
  const results: Result[][] = sides.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, side] of sides.entries()) {
      results[i].push(await measure(side));
    }
  }
  return results;
}

/** The last line, which is JSON. */
export function lastLine(text: string) {
  return JSON.parse(text.trimEnd().split("\n").at(-1)!);
}

/** A row of a table: cells filled up to their widths, at the end below 0. */
export function rowOf(widths: readonly number[], cells: readonly string[]) {
  return cells.map((cell, i) =>
    widths[i] < 0 ? cell.padEnd(-widths[i]) : cell.padStart(widths[i])
  ).join(" ");
}

/** A micro-batch of random tokens, or with the same numbers going on the next. */
export function randomBatch(
  rows: number,
  time: number,
  vocabSize: number,
  random: Random = new Random(1),
) {
  const ids = Uint16Array.from(
    { length: rows * time + 1 },
    () => random.next() % vocabSize,
  );
  return { rows, inputs: ids.slice(0, -1), targets: ids.slice(1) };
}
