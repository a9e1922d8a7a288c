/**
 * What a run leaves beside its checkpoints and `metrics.jsonl`, so that it can be
 * seen, compared and repeated:
 *
 * - `config.toml` and `model.toml`: what it was started with;
 * - `run.json`: where, when, how long, by which version;
 * - `samples.jsonl`: what the model wrote on the way;
 * - `events.out.tfevents.*`: the same for TensorBoard.
 *
 * @module
 */

import { RunLog, type RunLogEntry, type RunLogOrigin } from "../run_log.ts";
import type { LoggedStep } from "../run.ts";
import { VERSION } from "../../version.ts";
import { EnergyMeter } from "./energy.ts";
import { EventFile } from "./event_file.ts";
import { type RunSettings, writeRunConfig } from "./run_config.ts";
import {
  readStarts,
  type RunRecord,
  type RunStart,
  writeRecord,
} from "./run_record.ts";

/** `run.json` is brought up to date so often, in ms. */
const RECORD_INTERVAL = 30_000;

/** A run that is about to start. */
export interface RunFolderOptions {
  /** What it is started with. */
  readonly settings: RunSettings;
  /** What tells it from others; none in what goes on from an old file. */
  readonly run?: string;
  /** Steps done before. */
  readonly step: number;
  /** Tokens learnt from before. */
  readonly tokens: number;
  /** The last step to do. */
  readonly lastStep: number;
  /** Tokens of a step. */
  readonly tokensPerStep: number;
  /** Trainable values. */
  readonly parameters: number;
  /** What computes, in words. */
  readonly backend: string;
  /** Steps between samples; none unless given. */
  readonly sampleEvery?: number;
  /** Writes the samples: prompts and what follows them. */
  readonly sample?: (
    status: LoggedStep["status"],
  ) => Promise<readonly TextSample[]>;
}

/** A text that a model wrote on the way. */
export interface TextSample {
  /** How it began. */
  readonly prompt: string;
  /** What the model wrote after it. */
  readonly text: string;
}

/** Keeps these files while a run lasts. */
export class RunFolder {
  readonly #options: RunFolderOptions;
  readonly #events: EventFile;
  readonly #samples: RunLog<SampleLine>;
  readonly #energy?: EnergyMeter;
  readonly #earlier: readonly RunStart[];
  readonly #start: RunStart;
  readonly #began = performance.now();
  #recorded = 0;

  private constructor(
    options: RunFolderOptions,
    files: {
      readonly events: EventFile;
      readonly samples: RunLog<SampleLine>;
      readonly energy?: EnergyMeter;
      readonly earlier: readonly RunStart[];
    },
  ) {
    this.#options = options;
    this.#events = files.events;
    this.#samples = files.samples;
    this.#energy = files.energy;
    this.#earlier = files.earlier;
    this.#start = startOf(options);
  }

  /**
   * Begins, or goes on where the run has been started before.
   *
   * @param options The run.
   * @throws {Error} When a file cannot be read or written.
   */
  static async open(options: RunFolderOptions): Promise<RunFolder> {
    const { settings, step } = options;
    const { output } = settings;
    const starts = await readStarts(`${output}/run.json`);
    const earlier = step === 0 ? [] : starts;
    // A run goes on with its recipe, whatever the start of today was asked for.
    if (earlier.length === 0) await writeRunConfig(settings, VERSION);
    const folder = new RunFolder(options, {
      earlier,
      events: await EventFile.create(output, step),
      samples: await RunLog.open(`${output}/samples.jsonl`, step),
      energy: await EnergyMeter.open(),
    });
    await folder.#writeRecord();
    return folder;
  }

  /**
   * Writes down what there is to say of a step.
   *
   * @param done The step.
   * @throws {Error} When a file cannot be written.
   */
  async record(
    { step, tokens, entry, isLast, status }: LoggedStep,
  ): Promise<void> {
    const start = this.#start;
    start.step = step;
    start.tokens = tokens;
    if (entry !== undefined) {
      await this.#events.append({ step, scalars: scalarsOf(entry) });
    }
    const { sampleEvery, sample } = this.#options;
    const isSampled = sampleEvery !== undefined && step > 0 &&
      (isLast || step % sampleEvery === 0);
    if (isSampled && sample !== undefined) {
      await this.#keep(step, await sample(status));
    }
    if (performance.now() - this.#recorded > RECORD_INTERVAL) {
      await this.#writeRecord();
    }
  }

  /**
   * Ends this start of the run.
   *
   * @param isComplete Whether all steps are done.
   * @throws {Error} When a file cannot be written.
   */
  async finish(isComplete: boolean): Promise<void> {
    this.#start.ended = isComplete ? "complete" : "interrupted";
    await this.#writeRecord();
  }

  async #keep(step: number, samples: readonly TextSample[]): Promise<void> {
    for (const sample of samples) {
      await this.#samples.append({ step, ...sample });
    }
    const texts = Object.fromEntries(samples.map(({ prompt, text }) => [
      `samples/${prompt}`,
      `${prompt}${text}`,
    ]));
    await this.#events.append({ step, texts });
  }

  async #writeRecord(): Promise<void> {
    const start = this.#start;
    start.seconds = Math.round((performance.now() - this.#began) / 100) / 10;
    const joules = await this.#energy?.read();
    if (joules !== undefined) start.joules = Math.round(joules);
    const { settings, parameters, tokensPerStep, lastStep } = this.#options;
    const record: RunRecord = {
      run: this.#options.run,
      architecture: settings.model.architecture,
      parameters,
      tokensPerStep,
      lastStep,
      starts: [...this.#earlier, start],
    };
    await writeRecord(`${settings.output}/run.json`, record);
    this.#recorded = performance.now();
  }
}

/** A line of `samples.jsonl`. */
interface SampleLine extends TextSample {
  readonly step: number;
}

function startOf({ step, tokens, backend }: RunFolderOptions): RunStart {
  return {
    started: new Date().toISOString(),
    version: VERSION,
    deno: Deno.version.deno,
    os: Deno.build.os,
    arch: Deno.build.arch,
    cores: navigator.hardwareConcurrency,
    backend,
    arguments: Deno.args,
    fromStep: step,
    step,
    tokens,
    seconds: 0,
  };
}

/** What TensorBoard shows as curves, by the names it groups them by. */
function scalarsOf(entry: RunLogEntry | RunLogOrigin): Record<string, number> {
  const {
    loss,
    gradientNorm,
    updateRatio,
    learningRate,
    tokensPerSecond,
    memory,
    valLoss,
    valBitsPerByte,
    lastValLoss,
    lastValBitsPerByte,
  }: Partial<RunLogEntry> = entry;
  const values = {
    "loss/training": loss,
    "loss/validation": valLoss,
    "bits_per_byte/validation": valBitsPerByte,
    "loss/validation_without_averages": lastValLoss,
    "bits_per_byte/validation_without_averages": lastValBitsPerByte,
    "optimizer/learning_rate": learningRate,
    "optimizer/gradient_norm": gradientNorm,
    "optimizer/update_ratio": updateRatio,
    "machine/tokens_per_second": tokensPerSecond,
    "machine/memory_bytes": memory,
  };
  return Object.fromEntries(
    Object.entries(values)
      .filter((named): named is [string, number] => named[1] !== undefined),
  );
}
