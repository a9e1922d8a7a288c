/**
 * The runs below some folders, what is known of each, and what it wrote.
 *
 * @module
 */

import { cannotRead, linesOf, openPlain, readTextOf } from "../files.ts";
import { isFolderLocked } from "../folder_lock.ts";
import {
  AXES,
  type Axis,
  type Metric,
  METRICS,
  MetricsFile,
} from "./metrics_file.ts";
import { type Curve, thinned, type ThinningOptions } from "./thinning.ts";

/** Columns of a picture, unless it is said otherwise. */
export const COLUMNS = 600;
/** How deep runs are looked for. */
const MAX_DEPTH = 4;
/** Folders that are looked into. */
const MAX_FOLDERS = 2000;
/** Runs that are shown. */
const MAX_RUNS = 64;
/** How often new runs are looked for, in ms. */
const SEARCH_INTERVAL = 10_000;
/**
 * A run whose folder no process has is waited for so long beyond the time of a
 * line, in ms: it may be a copy of one elsewhere.
 */
const PATIENCE = 10_000;
/** Where nobody can say whether one has it, it is dead after so long, in ms; */
const SILENCE = 180_000;
/** or after so many times what a line takes. */
const SILENT_LINES = 4;
/** The last lines, of which the usual time of one is taken. */
const USUAL_LINES = 9;
/** Bytes of `run.json` that are read. */
const MAX_RECORD = 2 ** 20;
/** Bytes at the end of `samples.jsonl` that are read. */
const SAMPLES_TAIL = 2 ** 17;

/** What a list of runs says of one. */
export interface RunSummary {
  /** Its path, by which more is asked for. */
  readonly id: string;
  /** Its folder's name. */
  readonly name: string;
  /** Changes whenever its curves do. */
  readonly version: string;
  /** How it stands; silent without having ended is what was killed. */
  readonly state: "running" | "complete" | "interrupted" | "silent";
  /** The last sign of life of one that is silent, in ms since 1970. */
  readonly silentSince?: number;
  /** The last step logged. */
  readonly step?: number;
  /** The last step to do. */
  readonly lastStep?: number;
  /** Tokens learnt from. */
  readonly tokens?: number;
  /** The last training loss. */
  readonly loss?: number;
  /** The last validation. */
  readonly valBitsPerByte?: number;
  /** The last speed. */
  readonly tokensPerSecond?: number;
  /** Of a run that is running, at its last speed. */
  readonly secondsLeft?: number;
  /** The model family. */
  readonly architecture?: string;
  /** Trainable values. */
  readonly parameters?: number;
  /** What computes, in words. */
  readonly backend?: string;
  /** Of several processes that train together the one last waited for. */
  readonly slowestRank?: number;
  /** How long it has been trained, in seconds. */
  readonly seconds?: number;
  /** Energy of the processor, in joules. */
  readonly joules?: number;
}

/** A text that a run wrote on the way. */
export interface RunSample {
  readonly step: number;
  readonly prompt: string;
  readonly text: string;
}

/** The part of `run.json` that is shown. */
interface RunRecord {
  readonly architecture?: string;
  readonly parameters?: number;
  readonly tokensPerStep?: number;
  readonly lastStep?: number;
  readonly starts: readonly {
    readonly started?: string;
    readonly backend?: string;
    readonly seconds?: number;
    readonly joules?: number;
    readonly ended?: "complete" | "interrupted";
  }[];
}

/** The curves of a run. */
export interface RunCurves {
  /** Of the run, when they were made. */
  readonly version: string;
  /** A curve each, empty where nothing was logged. */
  readonly curves: { readonly [metric in Metric]: Curve };
  /** The last value of each, which a thinned curve may lack. */
  readonly last: { readonly [metric in Metric]?: number };
}

/** A run that was found. */
interface Run {
  readonly folder: string;
  readonly metrics: MetricsFile;
  /** What was asked for last, by what was asked. */
  made?: RunCurves & { readonly key: string };
}

/** Runs as their folders tell of them. */
export class RunBoard {
  readonly #folders: readonly string[];
  readonly #runs = new Map<string, Run>();
  #searched = -Infinity;
  /** What is under way, for all who ask meanwhile. */
  #refreshing?: Promise<void>;

  /** @param folders Runs, or folders that have some below them. */
  constructor(folders: readonly string[]) {
    this.#folders = folders;
  }

  /**
   * Reads what is new.
   *
   * @throws {Error} When files cannot be read, once all others are.
   */
  async refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh()
      .finally(() => this.#refreshing = undefined);
    await this.#refreshing;
  }

  async #refresh(): Promise<void> {
    if (performance.now() - this.#searched > SEARCH_INTERVAL) {
      this.#searched = performance.now();
      await this.#search();
    }
    const failed: string[] = [];
    for (const { folder, metrics } of this.#runs.values()) {
      const { version } = metrics;
      try {
        await metrics.refresh();
      } catch (error) {
        failed.push(cannotRead(`${folder}/metrics.jsonl`, error).message);
      }
      // Whoever comes first does not wait for what is most likely asked.
      if (version !== metrics.version) {
        this.curves(folder, "step", { columns: COLUMNS });
      }
    }
    if (failed.length > 0) throw new Error(failed.join("; "));
  }

  /** All runs, in the order of their paths. */
  async summaries(): Promise<RunSummary[]> {
    const runs = [...this.#runs.values()];
    runs.sort((a, b) => a.folder < b.folder ? -1 : 1);
    return await Promise.all(runs.map(summaryOf));
  }

  /**
   * The curves of a run.
   *
   * @param id Of the run.
   * @param axis What they are drawn over.
   * @param options How much of them is wanted.
   * @returns Undefined where there is no such run.
   */
  curves(
    id: string,
    axis: Axis,
    options: ThinningOptions,
  ): RunCurves | undefined {
    const run = this.#runs.get(id);
    if (run === undefined) return undefined;
    const { metrics, made } = run;
    const { version } = metrics;
    const key = JSON.stringify([axis, options]);
    if (made?.key === key && made.version === version) return made;
    const xs = metrics.column(axis);
    const curves = METRICS.map((name) =>
      [name, thinned(xs, metrics.column(name), options)] as const
    );
    run.made = {
      key,
      version,
      curves: Object.fromEntries(curves) as RunCurves["curves"],
      last: Object.fromEntries(
        METRICS.map((name) => [name, metrics.last(name)]),
      ),
    };
    return run.made;
  }

  /**
   * What a run wrote last.
   *
   * @param id Of the run.
   * @returns The samples, the last first; undefined where there is no such run.
   */
  async samples(id: string): Promise<RunSample[] | undefined> {
    const run = this.#runs.get(id);
    if (run === undefined) return undefined;
    const found: RunSample[] = [];
    for (const line of await tailOf(`${run.folder}/samples.jsonl`)) {
      const { step, prompt, text } = parsed(line) as Partial<RunSample>;
      if (
        typeof step === "number" && typeof prompt === "string" &&
        typeof text === "string"
      ) found.push({ step, prompt, text });
    }
    return found.sort((a, b) => b.step - a.step);
  }

  /** Finds runs that have come and forgets those that are gone. */
  async #search(): Promise<void> {
    const found = new Set<string>();
    let looked = 0;
    const look = async (folder: string, depth: number): Promise<void> => {
      if (depth > MAX_DEPTH || ++looked > MAX_FOLDERS) return;
      const below: string[] = [];
      try {
        for await (const { name, isDirectory } of Deno.readDir(folder)) {
          if (name === "metrics.jsonl") found.add(folder);
          if (isDirectory && !name.startsWith(".")) below.push(name);
        }
      } catch {
        return; // gone meanwhile, or not ours to read
      }
      for (const name of below.sort()) {
        await look(`${folder}/${name}`, depth + 1);
      }
    };
    for (const folder of this.#folders) await look(folder, 0);
    for (const folder of this.#runs.keys()) {
      if (!found.has(folder)) this.#runs.delete(folder);
    }
    for (const folder of found) {
      if (this.#runs.has(folder) || this.#runs.size >= MAX_RUNS) continue;
      const metrics = new MetricsFile(`${folder}/metrics.jsonl`);
      this.#runs.set(folder, { folder, metrics });
    }
  }
}

/** Whether a text names something that can be drawn over. */
export function isAxis(text: string): text is Axis {
  return AXES.includes(text as Axis);
}

async function summaryOf({ folder, metrics }: Run): Promise<RunSummary> {
  const { starts, ...record } = await recordOf(folder);
  const { lastStep, tokensPerStep, architecture, parameters } = record;
  const step = metrics.last("step");
  const tokensPerSecond = metrics.last("tokensPerSecond");
  const seen = lastSeen(metrics, starts.at(-1));
  const state = starts.at(-1)?.ended ??
    (await isSilent(folder, metrics, seen) ? "silent" : "running");
  const isKnown = lastStep !== undefined && step !== undefined &&
    tokensPerStep !== undefined && tokensPerSecond !== undefined;
  return {
    id: folder,
    name: folder.split(/[/\\]/).findLast((part) => part !== "") ?? folder,
    version: `${metrics.version}.${state}`,
    state,
    silentSince: state === "silent" ? seen : undefined,
    step,
    lastStep,
    tokens: metrics.last("tokens"),
    loss: metrics.last("loss"),
    valBitsPerByte: metrics.last("valBitsPerByte"),
    tokensPerSecond,
    secondsLeft: state === "running" && isKnown && tokensPerSecond > 0
      ? (lastStep - step) * tokensPerStep / tokensPerSecond
      : undefined,
    architecture,
    parameters,
    backend: starts.at(-1)?.backend,
    slowestRank: metrics.last("slowestRank"),
    seconds: sumOf(starts.map(({ seconds }) => seconds)),
    joules: sumOf(starts.map(({ joules }) => joules)),
  };
}

/** When a run was last heard of, in ms since 1970. */
function lastSeen(
  { lastTime }: MetricsFile,
  start: RunRecord["starts"][number] | undefined,
): number | undefined {
  const { started, seconds = 0 } = start ?? {};
  const recorded = Date.parse(`${started}`) + 1000 * seconds;
  const times = [lastTime ?? NaN, recorded].filter(Number.isFinite);
  return times.length === 0 ? undefined : Math.max(...times);
}

/** Whether a run that has not ended is no longer under way. */
async function isSilent(
  folder: string,
  metrics: MetricsFile,
  seen: number | undefined,
): Promise<boolean> {
  const isLocked = await isFolderLocked(folder);
  if (isLocked) return false;
  if (seen === undefined) return isLocked === false || metrics.rows > 0;
  const line = usualLine(metrics.column("hours"));
  const patience = isLocked === undefined
    ? Math.max(SILENCE, SILENT_LINES * line)
    : PATIENCE + line;
  return Date.now() - seen > patience;
}

/** What a line takes as a rule, in ms; a validation makes one long. */
function usualLine(hours: Float64Array): number {
  const last = hours.subarray(-USUAL_LINES);
  const times = last.subarray(1).map((hour, i) => hour - last[i])
    .filter((time) => time >= 0).sort();
  return (times[times.length >> 1] ?? 0) * 3_600_000;
}

function sumOf(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((a, b) => a + b);
}

/** What `run.json` says; nothing where it is missing or no record. */
async function recordOf(folder: string): Promise<RunRecord> {
  try {
    const record: { readonly starts?: unknown } = parsed(
      await readTextOf(`${folder}/run.json`, MAX_RECORD),
    );
    const starts = Array.isArray(record.starts) ? record.starts : [];
    return { ...record, starts: starts.filter((start) => start !== null) };
  } catch {
    return { starts: [] };
  }
}

/** The last whole lines of a file; none where it cannot be read. */
async function tailOf(path: string): Promise<string[]> {
  let file: Deno.FsFile;
  try {
    file = await openPlain(path);
  } catch {
    return [];
  }
  const { size } = await file.stat();
  const start = Math.max(0, size - SAMPLES_TAIL);
  await file.seek(start, Deno.SeekMode.Start);
  const lines = await Array.fromAsync(linesOf(file.readable));
  return start > 0 ? lines.slice(1) : lines;
}

/** A JSON object; an empty one of anything else. */
function parsed(text: string): object {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
