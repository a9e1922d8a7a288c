/**
 * A training run: steps, and between them the log, validation and checkpoints.
 *
 * @module
 */

import { saveAdapter } from "../checkpoint/formats/adapter_file.ts";
import { saveModel } from "../checkpoint/native/mpk_writer.ts";
import {
  BEST_ADAPTER,
  BEST_MODEL,
  checkpointName,
  FINAL_ADAPTER,
  FINAL_MODEL,
} from "../checkpoint/native/paths.ts";
import type { TrainState } from "../checkpoint/native/train_state.ts";
import type { Batch } from "../dataset/data_loader.ts";
import type { MmapDataset } from "../dataset/mmap_dataset.ts";
import { SharedSignal } from "../distributed/shared_signal.ts";
import { Evaluator } from "./evaluate.ts";
import { isThere } from "../files.ts";
import { Meter, type StepLine } from "./meter.ts";
import {
  assertRoom,
  bytesOnDisk,
  keepLast,
  setAsideDamaged,
} from "./retention.ts";
import { type BeforeStep, type Rewind, Rewinder } from "./rewind.ts";
import {
  moment,
  RunLog,
  type RunLogEntry,
  type RunLogOrigin,
} from "./run_log.ts";
import { type Spike, SpikeDetector } from "./spikes.ts";
import type { StepResult, Trainer } from "./trainer.ts";
import { UpdateRatio } from "./update_ratio.ts";
import { named, validate, type Validation } from "./validation.ts";

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
export interface RunOptions
  extends Pick<TrainState, "run" | "data" | "unlogged" | "base"> {
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
  /** The checkpoint that the run goes on from. */
  readonly resumedFrom?: string;
  /** How many checkpoints to keep, the newest; all of them unless given. */
  readonly keepLast?: number;
  /** Finds out how many bytes are free where a folder is, if anybody knows. */
  readonly diskSpace?: (folder: string) => Promise<number | undefined>;
  /** Whether the model of the best validation is kept, as `best.mpk`. */
  readonly keepBest?: boolean;
  /** Ends the run at the micro-batch under way, with a checkpoint. */
  readonly signal?: AbortSignal;
  /** Told of every micro-batch, and of every batch of a validation. */
  readonly onProgress?: (progress: TrainingProgress) => void;
  /** Told of every step. */
  readonly onStep?: (step: StepResult & { tokensPerSecond: number }) => void;
  /** Told when the run goes back to a checkpoint, as gradients were not finite. */
  readonly onRewind?: (rewind: Rewind) => void;
  /** Told of a checkpoint that cannot be read when the run would go back to it. */
  readonly onDamaged?: (error: Error) => void;
  /** Told of a damaged checkpoint of a later step, which is renamed. */
  readonly onSetAside?: (error: Error) => void;
  /** Told of a step whose loss jumped up. */
  readonly onSpike?: (step: number, spike: Spike) => void;
  /** Told of every validation. */
  readonly onValidation?: (step: number, found: Validation) => void;
  /** Told of every checkpoint when it stands. */
  readonly onSaved?: (path: string) => void;
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
  readonly phase:
    | "checking"
    | "measuring"
    | "training"
    | "validation"
    | "sampling";
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
 * `saveEvery` steps and at the end; `model_final.mpk` only at the last step. Where
 * the recipe keeps averages of the weights, that and `best.mpk` hold these.
 *
 * Where ten steps in a row have gradients that are not finite, the run goes back
 * to its last checkpoint, leaves out those data and halves its rate. Where there
 * is none yet, one is written of the state before those steps.
 *
 * Where the trainer has several ranks all run it with the same options; the first
 * writes all files, and what one is told to end with ends all.
 *
 * @throws {Error} When that has not helped three times, or a file cannot be
 * written.
 */
export async function run(given: RunOptions): Promise<RunResult> {
  const stop = new SharedSignal(given.trainer.ranks, given.signal);
  const options: Running = { ...given, signal: stop.signal, stop };
  const { trainer, loader, output, lastStep, signal, initializedFrom } =
    options;
  const { config, ranks } = trainer, isFirst = ranks.rank === 0;
  // The model comes at the end.
  if (isFirst) await checkRoom(options, "checkpoint", "model");
  const logPath = `${output}/metrics.jsonl`;
  const openLog = () =>
    isFirst ? RunLog.open(logPath, trainer.step) : undefined;
  let log = await openLog();
  // A validation whose model is not there is no best one to keep to.
  const names = namesOf(options);
  const hasBest = await isThere(`${output}/${names.best}`);
  let best = hasBest ? log?.bestValLoss ?? Infinity : Infinity;
  const meter = new Meter(options.unlogged);
  const evaluator = new Evaluator(trainer.model, trainer.tape);
  const ratio = new UpdateRatio(
    trainer.model.backend,
    trainer.model.parameters,
  );
  const rewinder = new Rewinder(), spikes = new SpikeDetector();
  let validation: Validation | undefined;
  let checkpoint = options.resumedFrom;
  const measure = async (): Promise<Validation | undefined> => {
    const found = await validate(evaluator, options, meter);
    if (found === undefined) return undefined;
    validation = found;
    options.onValidation?.(trainer.step, found);
    return found;
  };
  let hasSaved = false;
  const keep = async (): Promise<string> => {
    checkpoint = await save(options, meter);
    const damaged = hasSaved || !isFirst
      ? []
      : await setAsideDamaged(output, trainer.step);
    hasSaved = true; // all that comes is whole
    for (const error of damaged) options.onSetAside?.(error);
    return checkpoint;
  };
  const write = async (entry?: LoggedStep["entry"]): Promise<void> => {
    if (!isFirst) return;
    if (entry !== undefined) await log?.append(entry);
    const { step, tokens } = trainer, isLast = step === lastStep;
    const status = { step, ...meter.status };
    await options.onLogged?.({ step, tokens, entry, isLast, status });
  };
  /** All that follows a step; false where its validation was ended early. */
  const conclude = async (line: StepLine): Promise<boolean> => {
    const { step } = line, last = step === lastStep;
    const isDue = last || step % config.evalEvery === 0;
    const found = isDue ? await measure() : undefined;
    if (isDue && found === undefined && options.validation.length > 0) {
      meter.keep(line);
      return false;
    }
    if (options.keepBest && found && found.loss < best) {
      best = found.loss;
      if (isFirst) await saveBest(options);
    }
    const isLogged = last || found || step % config.logEvery === 0;
    await write(
      isLogged
        ? {
          ...meter.entry(line),
          tokens: trainer.tokens,
          ...named(found),
          ...moment(),
          run: options.run,
        }
        : undefined,
    );
    if (last || step % config.saveEvery === 0) await keep();
    return true;
  };
  if (initializedFrom !== undefined) {
    const found = await measure();
    await write({ step: 0, tokens: 0, initializedFrom, ...named(found) });
  }
  if (meter.awaiting !== undefined) {
    await conclude({ step: trainer.step, ...meter.awaiting });
  }
  while (trainer.step < lastStep && !signal?.aborted) {
    const before = standOf(options, meter);
    const isMeasured = mayBeLogged(options, trainer.step + 1);
    if (isMeasured) await ratio.begin();
    const result = await stepOf(options, meter);
    if (result === undefined) break;
    options.onStep?.({ ...result, tokensPerSecond: meter.tokensPerSecond });
    if (rewinder.add(result, before)) {
      if (log !== undefined) await logSkips(log, options, meter);
      const { position } = loader, { run, onDamaged } = options;
      const where = { checkpoint, position, run, onDamaged };
      const found = await rewinder.rewind(trainer, where);
      const { rewind } = found, { step, tokens } = trainer;
      options.onRewind?.(rewind);
      meter.goBack(found.unlogged);
      log = await openLog();
      await log?.append({ step, tokens, rewind, run });
      checkpoint = found.checkpoint;
      if (checkpoint === undefined && step > 0) await keep();
      continue;
    }
    const spike = result.skipped
      ? undefined
      : spikes.add(result.loss, [before.position, loader.position]);
    if (spike !== undefined) {
      const { step, tokens } = trainer;
      await log?.append({ step, tokens, spike, run: options.run });
      options.onSpike?.(step, spike);
    }
    const updateRatio = isMeasured && !result.skipped
      ? await ratio.end()
      : undefined;
    if (!await conclude({ ...result, updateRatio })) break;
  }
  const complete = trainer.step >= lastStep && meter.awaiting === undefined;
  const finalModel = `${output}/${names.final}`;
  if (complete && isFirst) {
    // Where a run was killed between its last checkpoint and this.
    await removeOlder(options);
    await saveFinished(finalModel, options);
  }
  return {
    steps: trainer.step,
    tokens: trainer.tokens,
    loss: meter.loss,
    validation,
    tokensPerSecond: meter.tokensPerSecond,
    checkpoint: complete ? finalModel : await keep(),
    complete,
  };
}

/** A run under way. */
interface Running extends RunOptions {
  /** The wish to end, which ranks share. */
  readonly stop: SharedSignal;
}

/** Where a run stands between two steps. */
function standOf(
  { trainer: { step, tokens }, loader: { position } }: RunOptions,
  { unlogged }: Meter,
): BeforeStep {
  return { step, tokens, position, unlogged };
}

/** Logs which steps were skipped, where the run may end before it is its turn. */
async function logSkips(
  log: RunLog,
  { trainer: { step, tokens }, run }: RunOptions,
  { unlogged }: Meter,
): Promise<void> {
  const { skippedAt = [] } = unlogged ?? {}, skipped = skippedAt.length;
  if (skipped > 0) await log.append({ step, tokens, skipped, skippedAt, run });
}

/** Whether a step has a line of the log, unless its validation is ended early. */
function mayBeLogged(
  { trainer: { config }, validation, lastStep }: RunOptions,
  step: number,
): boolean {
  return step === lastStep || step % config.logEvery === 0 ||
    validation.length > 0 && step % config.evalEvery === 0;
}

/** One step; undefined when it was aborted, and is to be done again. */
async function stepOf(
  { trainer, loader, lastStep, stop, onProgress }: Running,
  meter: Meter,
): Promise<StepResult | undefined> {
  const { step, config: { gradientAccumulation } } = trainer;
  const { position, batchSize } = loader;
  let microBatches = 0;
  meter.start();
  const result = await trainer.trainStep((micro) => {
    loader.position = position + micro * batchSize;
    onProgress?.({
      phase: "training",
      done: step + microBatches * trainer.ranks.size / gradientAccumulation,
      total: lastStep,
      step,
      ...meter.status,
    });
    const batch = loader.next();
    meter.begin(batch, trainer.ranks.size);
    microBatches++;
    return batch;
  }, stop.own);
  if (result === undefined) {
    stop.settle();
    loader.position = position;
    return undefined;
  }
  loader.position = position + gradientAccumulation * batchSize;
  meter.add(result, position);
  return result;
}

async function save(
  options: RunOptions,
  { unlogged }: Meter,
): Promise<string> {
  const { trainer, loader, output, run, data, base } = options;
  const path = `${output}/${checkpointName(trainer.step)}`;
  const isFirst = trainer.ranks.rank === 0;
  if (isFirst) await checkRoom(options, "checkpoint");
  await trainer.saveCheckpoint(path, {
    dataPosition: loader.position,
    run,
    data,
    unlogged,
    base,
    tokenizerSha256: options.tokenizerSha256,
  });
  options.onSaved?.(path);
  if (isFirst) await removeOlder(options);
  await trainer.ranks.barrier(); // what stands is there for all
  return path;
}

/** Keeps as many checkpoints as were asked for, where that was said. */
async function removeOlder(
  { keepLast: keep, trainer: { step }, output, run }: RunOptions,
): Promise<void> {
  if (keep !== undefined) await keepLast(output, { keep, step, run });
}

async function saveBest(options: RunOptions): Promise<void> {
  await checkRoom(options, "model");
  await saveFinished(`${options.output}/${namesOf(options).best}`, options);
}

/** What the files of what is made are called. */
function namesOf(
  { trainer: { model } }: RunOptions,
): { readonly best: string; readonly final: string } {
  return model.adapter === undefined
    ? { best: BEST_MODEL, final: FINAL_MODEL }
    : { best: BEST_ADAPTER, final: FINAL_ADAPTER };
}

/** Writes the model, or the adapter that was trained beside it. */
async function saveFinished(
  path: string,
  { trainer, tokenizerSha256 }: RunOptions,
): Promise<void> {
  const { model } = trainer;
  await trainer.withAverages(() =>
    model.adapter === undefined
      ? saveModel(path, model, { tokenizerSha256 })
      : saveAdapter(path, model)
  );
}

/** Refuses to write files that the disk has no room for. */
async function checkRoom(
  { trainer, output, diskSpace }: Pick<
    RunOptions,
    "trainer" | "output" | "diskSpace"
  >,
  ...files: readonly ("model" | "checkpoint")[]
): Promise<void> {
  const { model, optimizer } = trainer, adapter = model.adapterParameters;
  const sizes = bytesOnDisk(
    model.adapter === undefined
      ? model.numParameters()
      : adapter.reduce((sum, { length }) => sum + length, 0),
    optimizer.keptValues,
  );
  const bytes = files.reduce((sum, file) => sum + sizes[file], 0);
  assertRoom(output, bytes, await diskSpace?.(output));
}
