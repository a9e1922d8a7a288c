/**
 * `metrics.jsonl`: a line a logged step. Also what else is kept by steps.
 *
 * @module
 */

import {
  cannotRead,
  cannotWrite,
  linesOf,
  openPlain,
  renameDurably,
  writeFileAtomic,
} from "../files.ts";
import type { Rewind } from "./rewind.ts";
import type { Spike } from "./spikes.ts";

/** The first line of a run that began with the weights of another model. */
export interface RunLogOrigin
  extends Pick<RunLogEntry, "tokens" | "valLoss" | "valBitsPerByte"> {
  /** Before the first step. */
  readonly step: 0;
  /** The file that the weights come from. */
  readonly initializedFrom: string;
}

/** The line of a run that went back to a checkpoint. */
export interface RunLogRewind
  extends Pick<RunLogEntry, "step" | "tokens" | "run"> {
  /** From where to where, without which data, and with what rate. */
  readonly rewind: Rewind;
}

/** The line of a run that ends by steps whose gradients were not finite. */
export type RunLogSkips = Pick<
  RunLogEntry,
  "step" | "tokens" | "run" | "skipped" | "skippedAt"
>;

/** The line of a step whose loss jumped up. */
export interface RunLogSpike
  extends Pick<RunLogEntry, "step" | "tokens" | "run"> {
  /** By how much, and of which data. */
  readonly spike: Spike;
}

/** A line of the log of a run. */
export type RunLogLine =
  | RunLogEntry
  | RunLogSpike
  | RunLogOrigin
  | RunLogRewind
  | RunLogSkips;

/** One line. */
export interface RunLogEntry {
  /** The step's number. */
  readonly step: number;
  /** Tokens learnt from so far. */
  readonly tokens: number;
  /** Mean training loss since the line before, in nats a token. */
  readonly loss: number;
  /** The gradients' norm before clipping. */
  readonly gradientNorm: number;
  /**
   * Norm of what the step changed the weights by over the norm of the weights
   * before it; absent where it was left out.
   */
  readonly updateRatio?: number;
  /** The learning rate. */
  readonly learningRate: number;
  /** Speed since the line before. */
  readonly tokensPerSecond: number;
  /** Of several ranks the one that took longest to compute the step. */
  readonly slowestRank?: number;
  /** Seconds that it took, */
  readonly slowestSeconds?: number;
  /** and the mean of the others'. */
  readonly othersSeconds?: number;
  /** Steps left out since the line before as their gradients were not finite. */
  readonly skipped?: number;
  /** The training windows that those steps began with. */
  readonly skippedAt?: readonly number[];
  /**
   * Validation loss, where this step was validated: of the averaged weights where
   * the run keeps them.
   */
  readonly valLoss?: number;
  /** The same as bits per byte. */
  readonly valBitsPerByte?: number;
  /** Validation loss of the weights themselves, where `valLoss` is averages'. */
  readonly lastValLoss?: number;
  /** The same as bits per byte. */
  readonly lastValBitsPerByte?: number;
  /** What tells the run from others, as its checkpoints have it. */
  readonly run?: string;
  /** When the line was written, as ISO 8601 has it. */
  readonly time: string;
  /** Memory of the process then, in bytes. */
  readonly memory: number;
}

/** What a line says of the moment. */
export function moment(): Pick<RunLogEntry, "time" | "memory"> {
  return {
    time: new Date().toISOString(),
    memory: Deno.memoryUsage().rss,
  };
}

/** A line of any log. */
export interface LogLine {
  /** The step it belongs to. */
  readonly step: number;
}

/**
 * Appends lines to a run's log.
 *
 * @example
 * ```ts
 * import { moment, RunLog } from "./run_log.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const path = await Deno.makeTempDir() + "/metrics.jsonl";
 * const log = await RunLog.open(path, 0);
 * const entry = {
 *   step: 1,
 *   tokens: 8,
 *   loss: 3,
 *   gradientNorm: 1,
 *   learningRate: 0.1,
 *   tokensPerSecond: 100,
 *   ...moment(),
 * };
 * await log.append(entry);
 * assertEquals(JSON.parse(await Deno.readTextFile(path)), entry);
 * ```
 */
export class RunLog<L extends LogLine = RunLogLine> {
  readonly #path: string;
  /** The least validation loss after a step, where there was a validation. */
  readonly bestValLoss?: number;

  private constructor(path: string, bestValLoss: number | undefined) {
    this.#path = path;
    this.bestValLoss = bestValLoss;
  }

  /**
   * Opens a log, dropping lines of steps that a continued run makes again.
   *
   * @param path The file; made where it is missing.
   * @param step The last step to keep.
   */
  static async open<L extends LogLine = RunLogLine>(
    path: string,
    step: number,
  ): Promise<RunLog<L>> {
    const kept: string[] = [];
    let best: number | undefined;
    try {
      const file = await openPlain(path);
      for await (const line of linesOf(file.readable)) {
        const found = entryIn(line);
        if (found === undefined || found.step > step) continue;
        kept.push(line);
        const { valLoss = Infinity } = found;
        // Weights from elsewhere are not of the run.
        if (found.step > 0 && valLoss < (best ?? Infinity)) best = valLoss;
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) {
        throw cannotRead(path, error);
      }
    }
    await writeFileAtomic(path, kept.map((line) => `${line}\n`).join(""));
    return new RunLog<L>(path, best);
  }

  /** Adds a line. */
  async append(entry: L): Promise<void> {
    try {
      await Deno.writeTextFile(this.#path, `${JSON.stringify(entry)}\n`, {
        append: true,
      });
    } catch (error) {
      throw cannotWrite(this.#path, error);
    }
  }
}

/**
 * Which run wrote the last line of a log.
 *
 * @param path The file.
 * @returns Undefined where there is no line, or it does not say.
 * @throws {Error} When it cannot be read.
 */
export async function runOfLog(path: string): Promise<string | undefined> {
  let run: string | undefined;
  try {
    const file = await openPlain(path);
    for await (const line of linesOf(file.readable)) {
      const found = entryIn(line);
      if (found !== undefined) run = found.run;
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw cannotRead(path, error);
  }
  return run;
}

/**
 * Keeps the log of a run that left nothing else, where another begins: under a
 * name that says which run it is of.
 *
 * @param path The file; there need be none.
 * @param run Which run begins.
 * @throws {Error} When it cannot be read or moved.
 */
export async function setLogAside(
  path: string,
  run: string | undefined,
): Promise<void> {
  const other = await runOfLog(path);
  if (other === undefined || other === run) return;
  if (!/^[0-9a-f]{16}$/.test(other)) return; // none of ours
  const kept = path.replace(/\.jsonl$/, `.${other}.jsonl`);
  try {
    await renameDurably(path, kept);
  } catch (error) {
    throw cannotWrite(kept, error);
  }
}

/** What a line says; nothing where it is not one, as after a crash. */
function entryIn(
  line: string,
): { step: number; valLoss?: number; run?: string } | undefined {
  try {
    const { step, valLoss, run } = JSON.parse(line);
    if (typeof step !== "number") return undefined;
    return {
      step,
      ...(typeof valLoss === "number" && { valLoss }),
      ...(typeof run === "string" && { run }),
    };
  } catch {
    return undefined;
  }
}
