/**
 * `metrics.jsonl` of a run that may be growing: read once, and then only what
 * has been appended.
 *
 * @module
 */

import { openPlain } from "../files.ts";

/** What is drawn or told, as the lines name it. */
export const METRICS = [
  "loss",
  "valLoss",
  "valBitsPerByte",
  "learningRate",
  "gradientNorm",
  "updateRatio",
  "tokensPerSecond",
  "memory",
  "slowestRank",
] as const;

/** One of what is drawn. */
export type Metric = typeof METRICS[number];

/** What it can be drawn over. */
export const AXES = ["step", "tokens", "hours"] as const;

/** One of what it can be drawn over. */
export type Axis = typeof AXES[number];

/** Bytes that are read at once. */
const CHUNK = 2 ** 20;
/** From so many rows on every two become one: no screen has as many columns. */
const MAX_ROWS = 2 ** 18;

/** The numbers of a log, a column each; NaN where a line has none. */
export class MetricsFile {
  readonly #path: string;
  #columns = new Map<Metric | Axis, Float64Array>();
  #rows = 0;
  /** Bytes read, up to the end of a line. */
  #offset = 0;
  #inode?: number | null;
  #firstTime?: number;
  #lastTime?: number;
  #rewritten = 0;

  /** @param path The file; it may come later. */
  constructor(path: string) {
    this.#path = path;
  }

  /** Changes whenever there is something new. */
  get version(): string {
    return `${this.#rewritten}.${this.#rows}`;
  }

  /** Lines read; fewer where some of a long log have become one. */
  get rows(): number {
    return this.#rows;
  }

  /** When the last line was written, in ms since 1970, where it says so. */
  get lastTime(): number | undefined {
    return this.#lastTime;
  }

  /** All values of a column, in the order of the lines. */
  column(name: Metric | Axis): Float64Array {
    return (this.#columns.get(name) ?? new Float64Array())
      .subarray(0, this.#rows);
  }

  /** The last value of a column that there is. */
  last(name: Metric | Axis): number | undefined {
    return this.column(name).findLast((value) => !Number.isNaN(value));
  }

  /**
   * Reads what is new; to be called again only when that is done.
   *
   * @throws {Error} When the file is there and cannot be read.
   */
  async refresh(): Promise<void> {
    let file: Deno.FsFile;
    try {
      file = await openPlain(this.#path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return;
      throw error;
    }
    using _ = file;
    const { size, ino } = await file.stat();
    // A run that goes on from a checkpoint drops lines and writes them again.
    if (size < this.#offset || ino !== this.#inode) this.#forget();
    this.#inode = ino;
    await file.seek(this.#offset, Deno.SeekMode.Start);
    const buffer = new Uint8Array(CHUNK);
    const decoder = new TextDecoder();
    let filled = 0;
    for (;;) {
      const count = await file.read(buffer.subarray(filled));
      if (count === null) break;
      filled += count;
      const end = buffer.lastIndexOf(0x0a, filled - 1) + 1;
      if (end > 0) {
        this.#add(decoder.decode(buffer.subarray(0, end - 1)));
        if (this.#rows >= MAX_ROWS) this.#halve();
        buffer.copyWithin(0, end, filled);
      } else if (filled === CHUNK) break; // no log of ours has such a line
      filled -= end;
      this.#offset += end;
    }
  }

  #forget(): void {
    if (this.#rows > 0) this.#rewritten++;
    this.#columns = new Map();
    this.#rows = this.#offset = 0;
    this.#firstTime = this.#lastTime = undefined;
  }

  /** Makes one row of every two: the later one, with what it has none of. */
  #halve(): void {
    const rows = this.#rows >> 1;
    for (const column of this.#columns.values()) {
      for (let row = 0; row < rows; row++) {
        const later = column[2 * row + 1];
        column[row] = Number.isNaN(later) ? column[2 * row] : later;
      }
      if (this.#rows % 2 === 1) column[rows] = column[2 * rows];
      column.fill(NaN, rows + this.#rows % 2);
    }
    this.#rows = rows + this.#rows % 2;
    this.#rewritten++;
  }

  /** Adds lines; one that is broken is left out. */
  #add(lines: string): void {
    try {
      // All at once takes half the time.
      const all = JSON.parse(`[${lines.replaceAll("\n", ",")}]`);
      for (const line of all) this.#addLine(line);
    } catch {
      for (const line of lines.split("\n")) {
        try {
          this.#addLine(JSON.parse(line));
        } catch {
          continue;
        }
      }
    }
  }

  #addLine(line: Record<string, unknown> | null): void {
    if (typeof line?.step !== "number") return;
    const row = this.#rows++;
    this.#set("step", row, line.step);
    this.#set("tokens", row, line.tokens);
    for (const metric of METRICS) this.#set(metric, row, line[metric]);
    const time = typeof line.time === "string" ? Date.parse(line.time) : NaN;
    if (Number.isNaN(time)) return this.#set("hours", row, NaN);
    this.#firstTime ??= time;
    this.#lastTime = time;
    this.#set("hours", row, (time - this.#firstTime) / 3_600_000);
  }

  #set(name: Metric | Axis, row: number, value: unknown): void {
    let column = this.#columns.get(name);
    if (column === undefined || row >= column.length) {
      const larger = new Float64Array(Math.max(1024, 2 * row));
      larger.fill(NaN, row);
      if (column !== undefined) larger.set(column);
      this.#columns.set(name, column = larger);
    }
    column[row] = typeof value === "number" ? value : NaN;
  }
}
