/**
 * Where a command's words go: results to stdout, progress to stderr.
 *
 * @module
 */

import { decimals, t } from "./language.ts";

/** How often progress is shown where nobody watches a terminal, in ms. */
const PLAIN_INTERVAL = 15_000;
/** How often it is redrawn on a terminal, in ms. */
const TERMINAL_INTERVAL = 100;

/** What a command may print. */
export interface Output {
  /** One line of results, to stdout. */
  print(line: string): void;
  /** A piece of text without a line end, to stdout, at once. */
  write(text: string): void;
  /** One line about what is going on, to stderr; silent under `--quiet`. */
  note(line: string): void;
  /** Starts a progress display; silent under `--quiet`. */
  progress(label: string): Progress;
}

/** A running display of how far the work is. */
export interface Progress extends Disposable {
  /**
   * @param done How much is done, in the caller's unit.
   * @param total How much there is, where it is known.
   * @param detail More to show, such as `loss 4.21`.
   */
  update(done: number, total?: number, detail?: string): void;
}

/**
 * The output of a real process.
 *
 * @param quiet True for no notes and no progress.
 */
export function processOutput(quiet: boolean): Output {
  const encoder = new TextEncoder();
  const write = (
    to: { writeSync(bytes: Uint8Array): number },
    text: string,
  ) => {
    const bytes = encoder.encode(text);
    for (let at = 0; at < bytes.length;) at += to.writeSync(bytes.subarray(at));
  };
  // A line begins where a bar stood, not behind it.
  let barStands = false;
  const clearBar = () => {
    if (barStands) write(Deno.stderr, "\r\x1b[K");
    barStands = false;
  };
  const draw = (line: string, isTerminal: boolean) => {
    clearBar();
    write(Deno.stderr, isTerminal ? line : `${line}\n`);
    barStands = isTerminal;
  };
  const say = (to: typeof Deno.stdout | typeof Deno.stderr, text: string) => {
    clearBar();
    write(to, text);
  };
  return {
    print: (line) => say(Deno.stdout, `${line}\n`),
    write: (text) => say(Deno.stdout, text),
    note: (line) => quiet || say(Deno.stderr, `${line}\n`),
    progress: (label) =>
      quiet
        ? SILENCE
        : lineProgress(label, Deno.stderr.isTerminal(), draw, clearBar),
  };
}

const SILENCE: Progress = { update() {}, [Symbol.dispose]() {} };

/** A bar on a terminal, a plain line now and then elsewhere. */
function lineProgress(
  label: string,
  isTerminal: boolean,
  draw: (line: string, isTerminal: boolean) => void,
  clear: () => void,
): Progress {
  const start = performance.now();
  const interval = isTerminal ? TERMINAL_INTERVAL : PLAIN_INTERVAL;
  let shown = isTerminal ? 0 : start;
  let first: number | undefined;
  return {
    update(done, total = 0, detail = "") {
      first ??= done;
      const now = performance.now();
      if (now - shown < interval) return;
      shown = now;
      const seconds = (now - start) / 1000;
      const parts = [label];
      if (total > 0) {
        const share = Math.min(1, done / total);
        const filled = Math.round(share * 20);
        if (isTerminal) {
          parts.push(`[${"#".repeat(filled)}${"-".repeat(20 - filled)}]`);
        }
        parts.push(`${(share * 100).toFixed(0)} %`);
        const rate = (done - first) / seconds;
        if (rate > 0) parts.push(t`${duration((total - done) / rate)} left`);
      } else {
        parts.push(duration(seconds));
      }
      if (detail !== "") parts.push(detail);
      draw(parts.join("  "), isTerminal);
    },
    [Symbol.dispose]: clear,
  };
}

/**
 * Seconds for people.
 *
 * @example
 * ```ts
 * import { duration } from "./output.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(duration(75), "1m15s");
 * ```
 */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  const pad = (n: number) => String(Math.floor(n)).padStart(2, "0");
  if (s < 60) return `${s}s`;
  if (s < 3600) return `${Math.floor(s / 60)}m${pad(s % 60)}s`;
  return `${Math.floor(s / 3600)}h${pad(s % 3600 / 60)}m`;
}

/** A number of bytes in megabytes, for people. */
export function megabytes(bytes: number): string {
  return decimals(bytes / 1e6, 1);
}

/** A count of files, for people. */
export function filesOf(count: number): string {
  return count === 1 ? t`1 file` : t`${count} files`;
}

/**
 * Figures in columns, for people: the first column at the left, figures at the right.
 *
 * @param rows Cells of text, the heads first, the same number in each.
 * @returns A line a row.
 *
 * @example
 * ```ts
 * import { table } from "./output.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(table([["", "ids"], ["train", "7"]]), [
 *   "       ids",
 *   "train    7",
 * ]);
 * ```
 */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) =>
    Math.max(...rows.map((row) => row[column].length))
  );
  return rows.map((row) =>
    row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])
    ).join("  ")
  );
}
