/**
 * Where a command's words go: results to stdout, progress to stderr.
 *
 * @module
 */

import { SharedBar, startHeartbeat } from "./heartbeat.ts";
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
  /** One line about what is not as it should be, to stderr; always said. */
  warn(line: string): void;
  /** Starts a progress display; silent under `--quiet`. */
  progress(label: string): Progress;
}

/** A running display of how far the work is. */
export interface Progress extends Disposable {
  /**
   * @param done How much is done, in the caller's unit.
   * @param total How much there is, where it is known.
   * @param detail More to show, such as `loss 4.21`.
   * @param curve A curve to show behind it, on a terminal that has room for all
   * of it.
   */
  update(done: number, total?: number, detail?: string, curve?: string): void;
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
    try {
      for (let at = 0; at < bytes.length;) {
        at += to.writeSync(bytes.subarray(at));
      }
    } catch (error) {
      // A terminal that was closed: work that saves itself is not to end by it.
      if (!/os error 5\b/.test(`${error}`)) throw error;
    }
  };
  const shared = new SharedBar();
  // A line begins where a bar stood, not behind it.
  const clearBar = () => {
    if (shared.stands) write(Deno.stderr, CLEAR_LINE);
    shared.stands = false;
  };
  const isTerminal = Deno.stderr.isTerminal();
  // Nor does one begin behind a text that is still being written.
  const isShared = isTerminal && Deno.stdout.isTerminal();
  let textStands = false;
  const endText = () => {
    if (textStands) write(Deno.stdout, "\n");
    textStands = false;
  };
  let isBeating = false;
  const draw = (parts: BarParts, begun: number) => {
    if (!isTerminal) return write(Deno.stderr, plainLine(parts));
    shared.alone(() => {
      clearBar();
      endText();
      write(Deno.stderr, barLine(parts, terminalColumns()));
      shared.stands = true;
      const since = Date.now(), wording = t`at this for ${"{1}"}`;
      shared.bar = { parts, since, begun, wording };
    });
    if (!isBeating) startHeartbeat(shared);
    isBeating = true;
  };
  const say = (to: typeof Deno.stdout | typeof Deno.stderr, text: string) =>
    shared.alone(() => {
      clearBar();
      if (to === Deno.stderr) endText();
      else if (text !== "") textStands = isShared && !text.endsWith("\n");
      write(to, text);
      if (textStands) shared.bar = undefined;
    });
  const bars: Bar[] = [];
  return {
    print: (line) => say(Deno.stdout, `${line}\n`),
    write: (text) => say(Deno.stdout, text),
    note: (line) => quiet || say(Deno.stderr, `${line}\n`),
    warn: (line) => say(Deno.stderr, `${line}\n`),
    progress: (label) => {
      if (quiet) return SILENCE;
      const bar = new Bar(label, isTerminal, draw, () => {
        shared.alone(() => {
          clearBar();
          shared.bar = undefined;
        });
        const at = bars.indexOf(bar);
        if (at >= 0) bars.splice(at, 1);
        // What was under way before has waited meanwhile.
        for (const before of bars.slice(0, at)) before.paused(bar.elapsed);
      });
      bars.push(bar);
      return bar;
    },
  };
}

/** Where nothing is said, but for warnings, which tell of one process. */
export function silentOutput(): Output {
  const { warn } = processOutput(true), nothing = () => {};
  return {
    warn,
    print: nothing,
    write: nothing,
    note: nothing,
    progress: () => SILENCE,
  };
}

const SILENCE: Progress = { update() {}, [Symbol.dispose]() {} };

/** To the line's begin, and all of it cleared. */
export const CLEAR_LINE = "\r\x1b[K";

/**
 * Where nothing is heard for so many times the longest time before, and so many
 * ms, the machine slept, or the program was stopped.
 */
const SILENCE_OF_SLEEP = { times: 10, atLeast: 10_000 };
/** Before so many times between calls nobody knows what is usual. */
const USUAL_CALLS = 3;

/** What a bar shows. */
export interface BarParts {
  readonly label: string;
  /** From 0 to 1, where it is known how much there is. */
  readonly share?: number;
  /** Of what is left, or of what has passed. */
  readonly time: string;
  readonly detail: string;
  /** As a terminal can show it. */
  readonly curve?: string;
}

/** A bar on a terminal, a plain line now and then elsewhere. */
class Bar implements Progress {
  readonly #label: string;
  readonly #draw: (parts: BarParts, begun: number) => void;
  readonly #end: () => void;
  readonly #isTerminal: boolean;
  readonly #interval: number;
  readonly #estimate = new Estimate();
  readonly #start = performance.now();
  #shown: number;
  /** Shows what came too soon after something else. */
  #later?: ReturnType<typeof setTimeout>;
  /** How long other work has been done in between, in ms. */
  #paused = 0;

  constructor(
    label: string,
    isTerminal: boolean,
    draw: (parts: BarParts, begun: number) => void,
    end: () => void,
  ) {
    this.#label = label;
    this.#draw = draw;
    this.#end = end;
    this.#isTerminal = isTerminal;
    this.#interval = isTerminal ? TERMINAL_INTERVAL : PLAIN_INTERVAL;
    this.#shown = isTerminal ? -Infinity : this.#start;
  }

  /** Since it began, in ms. */
  get elapsed(): number {
    return performance.now() - this.#start;
  }

  /** Leaves a time out of the estimates. */
  paused(milliseconds: number): void {
    this.#paused += milliseconds;
  }

  update(done: number, total = 0, detail = "", curve?: string): void {
    const now = performance.now();
    const left = total === 0 ? undefined : this.#estimate.left(
      now - this.#paused,
      // What is packed becomes longer than it is.
      Math.min(done, total),
      total,
    );
    clearTimeout(this.#later);
    const wait = this.#shown + this.#interval - now;
    if (wait > 0) {
      // The last of a burst is shown too, on a terminal, where it stays.
      if (this.#isTerminal) {
        const show = () => this.#show(done, total, left, detail, curve);
        this.#later = setTimeout(show, wait);
        Deno.unrefTimer(this.#later);
      }
      return;
    }
    this.#show(done, total, left, detail, curve);
  }

  #show(
    done: number,
    total: number,
    left: number | undefined,
    detail: string,
    curve?: string,
  ): void {
    const now = performance.now();
    this.#shown = now;
    const time = total === 0
      ? duration((now - this.#start) / 1000)
      : left === undefined
      ? ""
      : t`${duration(left)} left`;
    const share = total > 0 ? Math.min(1, done / total) : undefined;
    const begun = Date.now() - (now - this.#start);
    this.#draw({ label: this.#label, share, time, detail, curve }, begun);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#later);
    this.#end();
  }
}

/** What stands between the fields of a bar, those of its detail too. */
export const GAP = "  ";
/** Columns that a bar leaves free, for the ^C that a terminal writes there. */
const MARGIN = 3;
/** How wide terminals are. */
export const USUAL_COLUMNS = 80;
/** Before this, in ms, nobody knows how fast the work is. */
const FIRST_ESTIMATE = 1000;
/** The same of work that seems to take longer than an hour. */
const FIRST_LONG_ESTIMATE = 10_000;
/** The estimate follows what was done in the last so many ms, */
const SHORTEST_WINDOW = 20_000;
/** or in this share of the whole time, where that is more. */
const WINDOW_SHARE = 0.25;

/**
 * How long work will take, from how fast it was lately. What was done before,
 * by an earlier run, says nothing about that.
 *
 * @example
 * ```ts
 * import { Estimate } from "./output.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const estimate = new Estimate();
 * assertEquals(estimate.left(0, 500, 1000), undefined);
 * assertEquals(estimate.left(2000, 510, 1000), 98);
 * ```
 */
export class Estimate {
  /** Times and what was done then, the oldest first. */
  #marks: { now: number; done: number }[] = [];
  #start?: number;
  #last?: number;
  #calls = 0;
  #longest = 0;
  /** Time that is left out. */
  #slept = 0;

  /**
   * Takes notice of how far the work is.
   *
   * @param now Time in ms.
   * @param done How much is done.
   * @param total How much there is.
   * @returns Seconds that are left; undefined where that is not known.
   */
  left(now: number, done: number, total: number): number | undefined {
    now = this.#awake(now);
    this.#start ??= now;
    const marks = this.#marks;
    const window = Math.max(
      SHORTEST_WINDOW,
      (now - this.#start) * WINDOW_SHARE,
    );
    // A hundredth of the window is as exact as is of use.
    if (now - (marks.at(-1)?.now ?? -Infinity) >= window / 100) {
      marks.push({ now, done });
    }
    while (marks.length > 2 && marks[1].now < now - window) marks.shift();
    const [oldest] = marks;
    const rate = (done - oldest.done) / (now - oldest.now) * 1000;
    if (!(rate > 0)) return undefined;
    const left = Math.max(0, total - done) / rate;
    const first = left > 3600 ? FIRST_LONG_ESTIMATE : FIRST_ESTIMATE;
    return now - this.#start < first ? undefined : left;
  }

  /** A time without those in which nothing was done. */
  #awake(now: number): number {
    const passed = now - (this.#last ?? now);
    this.#last = now;
    const { times, atLeast } = SILENCE_OF_SLEEP;
    const isAsleep = this.#calls++ > USUAL_CALLS &&
      passed > Math.max(atLeast, times * this.#longest);
    if (isAsleep) this.#slept += passed - this.#longest;
    else this.#longest = Math.max(this.#longest, passed);
    return now - this.#slept;
  }
}

/** The width of the terminal, or a usual one where it does not say. */
export function terminalColumns(): number {
  try {
    return Deno.consoleSize().columns || USUAL_COLUMNS;
  } catch {
    return USUAL_COLUMNS;
  }
}

/** Widths from which a bar has so many marks. */
const BAR_WIDTHS = [[100, 20], [40, 10], [0, 0]] as const;

/**
 * A bar for a terminal, which it never fills: a line that wraps cannot be taken
 * back. What does not fit is left out whole, from the end; the marks before the
 * time.
 *
 * @param parts What to show.
 * @param width Of the terminal.
 *
 * @example
 * ```ts
 * import { barLine } from "./output.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const parts = { label: "train", share: 0.5, time: "9s left", detail: "loss 4" };
 * assertEquals(barLine(parts, 50), "train  [#####-----]  50 %  9s left  loss 4");
 * assertEquals(barLine(parts, 40), "train  [#####-----]  50 %  9s left");
 * const long = { ...parts, time: "154d17h left" };
 * assertEquals(barLine(long, 40), "train  50 %  154d17h left  loss 4");
 * ```
 */
export function barLine(
  { label, share, time, detail, curve = "" }: BarParts,
  width: number,
): string {
  const [, marks] = BAR_WIDTHS.find(([from]) => width >= from)!;
  const filled = Math.round((share ?? 0) * marks);
  const bar = share === undefined || marks === 0
    ? ""
    : `[${"#".repeat(filled)}${"-".repeat(marks - filled)}]`;
  const words = detail.split(GAP);
  const room = Math.max(0, width - MARGIN);
  const joined = (
    ...parts: string[]
  ) => [...parts.filter((part) => part !== "").join(GAP)];
  const isRoomy = joined(label, bar, percent(share), time).length <= room;
  const fields = [label, isRoomy ? bar : "", percent(share), time]
    .concat(words, curve).filter((field) => field !== "");
  while (fields.length > 1 && joined(...fields).length > room) fields.pop();
  return joined(...fields).slice(0, room).join("");
}

function plainLine({ label, share, time, detail }: BarParts): string {
  const parts = [label, percent(share), time, detail];
  return `${parts.filter((part) => part !== "").join("  ")}\n`;
}

function percent(share: number | undefined): string {
  return share === undefined ? "" : `${Math.floor(share * 100)} %`;
}

/** A day, and from when on days are counted, in seconds. */
const DAY = 86_400, LONG = 2 * DAY;

/**
 * Seconds for people.
 *
 * @example
 * ```ts
 * import { duration } from "./output.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(duration(75), "1m15s");
 * assertEquals(duration(13_366_800), "154d17h");
 * ```
 */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  const pad = (n: number) => String(Math.floor(n)).padStart(2, "0");
  if (s < 60) return `${s}s`;
  if (s < 3600) return `${Math.floor(s / 60)}m${pad(s % 60)}s`;
  if (s >= LONG) return `${Math.floor(s / DAY)}d${pad(s % DAY / 3600)}h`;
  return `${Math.floor(s / 3600)}h${pad(s % 3600 / 60)}m`;
}

/** A number of bytes in megabytes, for people. */
export function megabytes(bytes: number): string {
  return decimals(bytes / 1e6, 1);
}

/** A count of files, for people. */
export function filesOf(count: number): string {
  return t`${count} [file|files]`;
}

/**
 * The first of many names.
 *
 * @param names Some of them, or all.
 * @param total How many there are.
 *
 * @example
 * ```ts
 * import { firstOf } from "./output.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(firstOf(["a", "b", "c", "d"]), "a, b, c, ...");
 * ```
 */
export function firstOf(
  names: readonly string[],
  total: number = names.length,
): string {
  return [...names.slice(0, 3), ...total > 3 ? ["..."] : []].join(", ");
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
