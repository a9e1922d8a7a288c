/**
 * A training run: steps, and between them the log, validation and checkpoints.
 *
 * @module
 */

import { saveModel } from "../checkpoint/native/mpk.ts";
import { checkpointName, FINAL_MODEL } from "../checkpoint/native/paths.ts";
import { type Batch, sequentialBatches } from "../dataset/data_loader.ts";
import type { MmapDataset } from "../dataset/mmap_dataset.ts";
import { type Evaluation, Evaluator } from "./evaluate.ts";
import { RunLog } from "./run_log.ts";
import type { StepResult, Trainer } from "./trainer.ts";

/** This many steps in a row without finite gradients end a run. */
const MAX_SKIPPED = 10;
/** Tokens a validation on the way looks at; the last one takes all. */
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
  /** Ends the run at the micro-batch under way, with a checkpoint. */
  readonly signal?: AbortSignal;
  /** Told of every step. */
  readonly onStep?: (step: StepResult & { tokensPerSecond: number }) => void;
  /** Told of every validation. */
  readonly onValidation?: (step: number, found: Evaluation) => void;
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
  readonly validation?: Evaluation;
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
  const { trainer, loader, output, lastStep, signal } = options;
  const { config } = trainer;
  const log = await RunLog.open(`${output}/metrics.jsonl`, trainer.step);
  const meter = new Meter();
  const evaluator = new Evaluator(trainer.model, trainer.tape);
  let skippedInARow = 0;
  let validation: Evaluation | undefined;
  let checkpoint: string | undefined;
  while (trainer.step < lastStep && !signal?.aborted) {
    meter.start();
    const { position } = loader;
    const result = await trainer.trainStep(() => loader.next(), signal);
    if (result === undefined) {
      loader.position = position;
      break;
    }
    meter.add(result);
    options.onStep?.({ ...result, tokensPerSecond: meter.tokensPerSecond });
    skippedInARow = result.skipped ? skippedInARow + 1 : 0;
    if (skippedInARow === MAX_SKIPPED) throw diverged(result.step, checkpoint);

    const { step } = result;
    const last = step === lastStep;
    const validates = last || step % config.evalEvery === 0;
    const found = validates && await validate(evaluator, options, last);
    if (found) {
      validation = found;
      options.onValidation?.(step, found);
    }
    if (last || found || step % config.logEvery === 0) {
      await log.append({
        ...meter.entry(result),
        tokens: trainer.tokens,
        ...(found && {
          valLoss: found.loss,
          valBitsPerByte: found.bitsPerByte,
        }),
      });
    }
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

/** Predicts the held-out text: a part of it on the way, all at the end. */
async function validate(
  evaluator: Evaluator,
  { loader, validation, byteLengths, signal }: RunOptions,
  all: boolean,
): Promise<Evaluation | undefined> {
  if (validation.length === 0) return;
  const tokens = all ? Infinity : VALIDATION_TOKENS;
  const batches = windowsOf(validation, loader, tokens);
  try {
    return await evaluator.evaluate(batches, byteLengths, { signal });
  } catch (error) {
    if (signal?.aborted && error === signal.reason) return; // the run ends
    throw error;
  }
}

/** Windows of the datasets, one after the other, until they are `tokens`. */
function* windowsOf(
  datasets: readonly MmapDataset[],
  loader: WindowSource,
  tokens: number,
): Generator<Batch> {
  for (const dataset of datasets) {
    for (const batch of sequentialBatches(dataset, loader)) {
      if (tokens <= 0) return;
      yield batch;
      tokens -= batch.inputs.length;
    }
  }
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

  start(): void {
    this.#started = performance.now();
  }

  add({ loss, tokens, skipped }: StepResult): void {
    this.#milliseconds += performance.now() - this.#started;
    this.#tokens += tokens;
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
