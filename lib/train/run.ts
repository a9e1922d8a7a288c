/**
 * A training run: steps, and between them the log, validation and checkpoints.
 *
 * @module
 */

import { saveModel } from "../checkpoint/native/mpk.ts";
import { checkpointName, FINAL_MODEL } from "../checkpoint/native/paths.ts";
import type { Batch } from "../dataset/data_loader.ts";
import { type EvenWindows, evenWindows } from "../dataset/even_windows.ts";
import type { MmapDataset } from "../dataset/mmap_dataset.ts";
import { type Evaluation, Evaluator } from "./evaluate.ts";
import {
  moment,
  RunLog,
  type RunLogEntry,
  type RunLogOrigin,
} from "./run_log.ts";
import type { StepResult, Trainer } from "./trainer.ts";

/** This many steps in a row without finite gradients end a run. */
const MAX_SKIPPED = 10;
/** Tokens a validation predicts, where it is not said how many windows. */
const VALIDATION_TOKENS = 32_768;

/** Training windows without end: a `DataLoader` or a `MixedLoader`. */
export interface WindowSource {
  /** Windows a batch. */
  readonly batchSize: number;
  /** Tokens a window. */
  readonly contextLength: number;
  /** Windows given out so far; set to continue from there. */
  position: number;
  /** The next batch. */
  next(): Batch;
}

/** What a run is made of. */
export interface RunOptions {
  /** New, or with a checkpoint loaded. */
  readonly trainer: Trainer;
  /** Training windows; stands where the run goes on. */
  readonly loader: WindowSource;
  /** What is held out, if anything. */
  readonly validation: readonly MmapDataset[];
  /** Bytes of text each token id stands for. */
  readonly byteLengths: ArrayLike<number>;
  /** Identity of the tokenizer. */
  readonly tokenizerSha256: string;
  /** Folder of checkpoints and `metrics.jsonl`. */
  readonly output: string;
  /** The last step to do. */
  readonly lastStep: number;
  /**
   * Windows that a validation predicts, always the same ones; all of them with
   * `"all"`, as many as have 32,768 tokens unless given.
   */
  readonly evalWindows?: number | "all";
  /** The model that a new run's weights come from: measured before it begins. */
  readonly initializedFrom?: string;
  /** Ends the run at the micro-batch under way, with a checkpoint. */
  readonly signal?: AbortSignal;
  /** Told of every micro-batch, and of every batch of a validation. */
  readonly onProgress?: (progress: TrainingProgress) => void;
  /** Told of every step. */
  readonly onStep?: (step: StepResult & { tokensPerSecond: number }) => void;
  /** Told of every validation. */
  readonly onValidation?: (step: number, found: Validation) => void;
  /** Told of every step when it is logged, before it is saved; waited for. */
  readonly onLogged?: (done: LoggedStep) => Promise<void>;
}

/** A step that is done and logged. */
export interface LoggedStep {
  /** Its number; 0 where weights from elsewhere were validated. */
  readonly step: number;
  /** Tokens learnt from so far. */
  readonly tokens: number;
  /** Its line of the log, if it has one. */
  readonly entry?: RunLogEntry | RunLogOrigin;
  /** Whether it is the last of the run. */
  readonly isLast: boolean;
  /** How far this run is, for whoever has more to do now. */
  readonly status: Pick<
    TrainingProgress,
    "step" | "loss" | "tokens" | "seconds"
  >;
}

/** How far a run is. */
export interface TrainingProgress {
  /** What is under way; all but training is counted by itself. */
  readonly phase: "training" | "validation" | "sampling";
  /** Steps, parts of one among them; or tokens of what is not training. */
  readonly done: number;
  /** The last step; or the tokens of what is not training. */
  readonly total: number;
  /** Steps that are whole. */
  readonly step: number;
  /** Loss of the last of them. */
  readonly loss?: number;
  /** Tokens that this run has learnt from. */
  readonly tokens: number;
  /** Seconds that took, validation and saving left out. */
  readonly seconds: number;
}

/** What a validation found. */
export interface Validation extends Evaluation {
  /** How many windows of the held-out text were predicted. */
  readonly windows: number;
  /** How many whole windows it has. */
  readonly available: number;
}

/** How a run ended. */
export interface RunResult {
  /** Steps done in all, earlier runs included. */
  readonly steps: number;
  /** Tokens learnt from in all. */
  readonly tokens: number;
  /** Mean loss of the steps since the log line before the last. */
  readonly loss?: number;
  /** The last validation, if there was one. */
  readonly validation?: Validation;
  /** Over this run, validation and saving left out. */
  readonly tokensPerSecond: number;
  /** The last checkpoint, or the model when the run is complete. */
  readonly checkpoint: string;
  /** False when it was ended early by the signal. */
  readonly complete: boolean;
}

/**
 * Runs until the last step or the signal. Checkpoints are written every
 * `saveEvery` steps and at the end; `model_final.mpk` only at the last step.
 *
 * @throws {Error} When ten steps in a row had gradients that were not finite,
 * or a file cannot be written.
 */
export async function run(options: RunOptions): Promise<RunResult> {
  const { trainer, output, lastStep, signal, initializedFrom } = options;
  const { config } = trainer;
  const log = await RunLog.open(`${output}/metrics.jsonl`, trainer.step);
  const meter = new Meter();
  const evaluator = new Evaluator(trainer.model, trainer.tape);
  let skippedInARow = 0;
  let validation: Validation | undefined;
  let checkpoint: string | undefined;
  const measure = async (): Promise<Validation | undefined> => {
    const found = await validate(evaluator, options, meter);
    if (found === undefined) return undefined;
    validation = found;
    options.onValidation?.(trainer.step, found);
    return found;
  };
  if (initializedFrom !== undefined) {
    const found = await measure();
    const start = { step: 0, tokens: 0 } as const;
    const entry = { ...start, initializedFrom, ...named(found) };
    await log.append(entry);
    const status = { step: 0, ...meter.status };
    await options.onLogged?.({ ...start, entry, isLast: false, status });
  }
  while (trainer.step < lastStep && !signal?.aborted) {
    const result = await stepOf(options, meter);
    if (result === undefined) break;
    options.onStep?.({ ...result, tokensPerSecond: meter.tokensPerSecond });
    skippedInARow = result.skipped ? skippedInARow + 1 : 0;
    if (skippedInARow === MAX_SKIPPED) throw diverged(result.step, checkpoint);

    const { step } = result;
    const last = step === lastStep;
    const found = last || step % config.evalEvery === 0
      ? await measure()
      : undefined;
    const { tokens } = trainer;
    const entry = last || found || step % config.logEvery === 0
      ? { ...meter.entry(result), tokens, ...named(found), ...moment() }
      : undefined;
    if (entry !== undefined) await log.append(entry);
    const status = { step, ...meter.status };
    await options.onLogged?.({ step, tokens, entry, isLast: last, status });
    if (last || step % config.saveEvery === 0) {
      checkpoint = await save(options);
    }
  }
  const complete = trainer.step >= lastStep;
  const finalModel = `${output}/${FINAL_MODEL}`;
  if (complete) {
    const { tokenizerSha256 } = options;
    await saveModel(finalModel, trainer.model, { tokenizerSha256 });
  }
  return {
    steps: trainer.step,
    tokens: trainer.tokens,
    loss: meter.loss,
    validation,
    tokensPerSecond: meter.tokensPerSecond,
    checkpoint: complete ? finalModel : await save(options),
    complete,
  };
}

/** One step; undefined when it was aborted, and is to be done again. */
async function stepOf(
  { trainer, loader, lastStep, signal, onProgress }: RunOptions,
  meter: Meter,
): Promise<StepResult | undefined> {
  const { step, config: { gradientAccumulation } } = trainer;
  const { position } = loader;
  let microBatches = 0;
  meter.start();
  const result = await trainer.trainStep(() => {
    onProgress?.({
      phase: "training",
      done: step + microBatches / gradientAccumulation,
      total: lastStep,
      step,
      ...meter.status,
    });
    const batch = loader.next();
    meter.begin(batch);
    microBatches++;
    return batch;
  }, signal);
  if (result === undefined) loader.position = position;
  else meter.add(result);
  return result;
}

/** A validation as the log names it. */
function named(found: Validation | undefined) {
  return found && {
    valLoss: found.loss,
    valBitsPerByte: found.bitsPerByte,
  };
}

async function save(
  { trainer, loader, output, tokenizerSha256 }: RunOptions,
): Promise<string> {
  const path = `${output}/${checkpointName(trainer.step)}`;
  await trainer.saveCheckpoint(path, {
    dataPosition: loader.position,
    tokenizerSha256,
  });
  return path;
}

/** Predicts the held-out text or, where it is long, windows all over it. */
async function validate(
  evaluator: Evaluator,
  options: RunOptions,
  meter: Meter,
): Promise<Validation | undefined> {
  const { trainer, validation, byteLengths, signal, onProgress } = options;
  if (validation.length === 0) return;
  const { windows, available, tokens, batches } = validationWindows(options);
  const told = function* (): Generator<Batch> {
    let done = 0;
    for (const batch of batches()) {
      onProgress?.({
        phase: "validation",
        done,
        total: tokens,
        step: trainer.step,
        ...meter.status,
      });
      yield batch;
      done += batch.inputs.length;
    }
  };
  try {
    const found = await evaluator.evaluate(told(), byteLengths, { signal });
    return { ...found, windows, available };
  } catch (error) {
    if (signal?.aborted && error === signal.reason) return; // the run ends
    throw error;
  }
}

/**
 * The windows that the validations of a run predict.
 *
 * @param options What is held out, the shape of batches, and how many windows.
 */
export function validationWindows(
  { validation, loader, evalWindows }: Pick<
    RunOptions,
    "validation" | "loader" | "evalWindows"
  >,
): EvenWindows {
  const most = evalWindows === "all" ? Infinity : evalWindows ??
    Math.max(1, Math.floor(VALIDATION_TOKENS / loader.contextLength));
  return evenWindows(validation, loader, most);
}

function diverged(step: number, checkpoint: string | undefined): Error {
  return new Error(
    `Cannot go on training: the gradients of ${MAX_SKIPPED} steps in a row, up to step ${step}, were not finite; ` +
      (checkpoint === undefined
        ? "use a lower learning rate"
        : `continue from ${checkpoint} with a lower learning rate`),
  );
}

/** Means between two lines of the log, and the speed of the steps alone. */
class Meter {
  /** Mean loss of the line before, or so far where there was none. */
  loss?: number;
  #started = 0;
  /** Tokens of the step under way. */
  #begun = 0;
  #lastLoss?: number;
  #milliseconds = 0;
  #tokens = 0;
  #sum = 0;
  #steps = 0;
  #skipped = 0;
  #since = { milliseconds: 0, tokens: 0 };

  /** Steps of this run, without what happens between them. */
  get tokensPerSecond(): number {
    return 1000 * this.#tokens / Math.max(1e-3, this.#milliseconds);
  }

  /** How far this run is, the micro-batches of the step under way included. */
  get status() {
    const isRunning = this.#begun > 0;
    const milliseconds = this.#milliseconds +
      (isRunning ? performance.now() - this.#started : 0);
    return {
      loss: this.#lastLoss,
      tokens: this.#tokens + this.#begun,
      seconds: milliseconds / 1000,
    };
  }

  start(): void {
    this.#started = performance.now();
    this.#begun = 0;
  }

  /** A micro-batch of the step begins. */
  begin({ inputs }: Batch): void {
    this.#begun += inputs.length;
  }

  add({ loss, tokens, skipped }: StepResult): void {
    this.#milliseconds += performance.now() - this.#started;
    this.#begun = 0;
    this.#tokens += tokens;
    this.#lastLoss = loss;
    if (skipped) {
      this.#skipped++;
    } else {
      this.#sum += loss;
      this.#steps++;
    }
  }

  /** The line of the log since the one before. */
  entry({ step, gradientNorm, learningRate }: StepResult) {
    const milliseconds = this.#milliseconds - this.#since.milliseconds;
    const tokens = this.#tokens - this.#since.tokens;
    this.#since = { milliseconds: this.#milliseconds, tokens: this.#tokens };
    this.loss = this.#sum / Math.max(1, this.#steps);
    const skipped = this.#skipped;
    this.#sum = this.#steps = this.#skipped = 0;
    return {
      step,
      loss: this.loss,
      gradientNorm,
      learningRate,
      tokensPerSecond: Math.round(1000 * tokens / Math.max(1, milliseconds)),
      ...(skipped > 0 && { skipped }),
    };
  }
}
