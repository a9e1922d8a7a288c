/**
 * What `train()` and `resume()` have in common: data in, a run, and words about
 * a device that fails.
 *
 * @module
 */

import type { Backend } from "../backend/backend.ts";
import { DataLoader, type DataLoaderOptions } from "../dataset/data_loader.ts";
import { MixedLoader } from "../dataset/mixed_loader.ts";
import type { MmapDataset } from "../dataset/mmap_dataset.ts";
import { openDataset } from "../dataset/open_dataset.ts";
import { refuseOtherKinds } from "../input_kinds.ts";
import type { RWKVConfig } from "../model/config.ts";
import { RWKV } from "../model/rwkv.ts";
import { identityOf, type Vocab } from "../tokenizer/tokenizer.ts";
import { tokenizerOf } from "../tokenizer/vocab/any_tokenizer.ts";
import { writeVocab } from "../tokenizer/vocab/vocab_file.ts";
import { trainingMemory, type TrainingShape } from "../train/memory.ts";
import {
  run,
  type TrainingProgress,
  type Validation,
  validationWindows,
  type WindowSource,
} from "../train/run.ts";
import { type StepResult, Trainer } from "../train/trainer.ts";
import type { TrainingConfig } from "../training_config.ts";
import type { ComputingOptions } from "./computing.ts";
import { explainFailure } from "./device_failure.ts";
import { openRunFolder } from "./run_samples.ts";

/** What the CPU engine can address (wasm32). */
const CPU_LIMIT = 2 ** 32;

/** One of several datasets that are trained on together. */
export interface DataSource {
  /** A folder of `train.bin`, or a token file. */
  readonly path: string;
  /** How many windows of it come to one of a source of weight 1. */
  readonly weight: number;
}

/** What is known when a training begins. */
export interface TrainingStart {
  /** The model's shape. */
  readonly model: RWKVConfig;
  /** The recipe. */
  readonly training: TrainingConfig;
  /** Trainable values. */
  readonly parameters: number;
  /** Tokens to train on. */
  readonly tokens: number;
  /** The last step to do. */
  readonly lastStep: number;
  /** Tokens of a step. */
  readonly tokensPerStep: number;
  /** Whether blocks are computed again on the way back. */
  readonly recompute: boolean;
  /** What computes, in words. */
  readonly backend: string;
  /** What each validation predicts; absent where nothing is held out. */
  readonly validation?: {
    /** Windows of the held-out text. */
    readonly windows: number;
    /** Whole windows that it has. */
    readonly available: number;
    /** Tokens in those that are predicted. */
    readonly tokens: number;
  };
}

/** What `train()` and `resume()` both take. */
export interface TrainingOptions extends ComputingOptions<TrainingProgress> {
  /** What to train on; a text is the path of one dataset. */
  readonly data: string | readonly DataSource[];
  /** The tokenizer of the data; the one beside the data unless given. */
  readonly tokenizer?: string;
  /** The folder that checkpoints go to; `checkpoints` unless given. */
  readonly output?: string;
  /** Whether to take less memory and more time even where all would fit. */
  readonly recompute?: boolean;
  /**
   * Windows of the held-out text that each validation predicts, or `"all"`; as
   * many as have 32,768 tokens unless given.
   */
  readonly evalWindows?: number | "all";
  /**
   * Steps between samples of text, which go to `samples.jsonl`; with each
   * validation unless given.
   */
  readonly sampleEvery?: number | "never";
  /** Told once, before the first step. */
  readonly onStart?: (start: TrainingStart) => void;
  /** Told of every step. */
  readonly onStep?: (step: StepResult & { tokensPerSecond: number }) => void;
  /** Told of every validation; the step is 0 for weights from elsewhere. */
  readonly onValidation?: (step: number, found: Validation) => void;
}

/** What `train()` and `resume()` made. */
export interface TrainingResult {
  /** Steps done in all, earlier runs included. */
  readonly steps: number;
  /** Tokens learnt from in all. */
  readonly tokens: number;
  /** Mean loss of the last steps. */
  readonly loss?: number;
  /** Loss of the last validation. */
  readonly valLoss?: number;
  /** Bits per byte of the last validation. */
  readonly valBitsPerByte?: number;
  /** Windows of the held-out text that it predicted. */
  readonly valWindows?: number;
  /** Over this run, validation and saving left out. */
  readonly tokensPerSecond: number;
  /** Trainable values. */
  readonly parameters: number;
  /** What has computed, in words. */
  readonly backend: string;
  /** The last checkpoint, or the model when the run is complete. */
  readonly checkpoint: string;
  /** False when it was aborted. */
  readonly complete: boolean;
}

/** A run about to start. */
interface TrainingJob {
  readonly model: RWKVConfig;
  readonly training: TrainingConfig;
  readonly vocab: Vocab;
  readonly lastStep: number;
  /** Where the loader goes on. */
  readonly dataPosition: number;
  /** The file that new weights come from. */
  readonly initializedFrom?: string;
  /** Fills the model: new weights, or a checkpoint's. */
  readonly prepare: (trainer: Trainer) => void;
}

/** Options of a training, its data as a list. */
type Options = TrainingOptions & {
  readonly data: readonly DataSource[];
  readonly output: string;
};

/**
 * The datasets of a training, each of which is one.
 *
 * @param data As the options name it.
 * @throws {Error} When something is no dataset.
 */
export async function sourcesOf(
  data: TrainingOptions["data"],
): Promise<readonly DataSource[]> {
  const sources = typeof data === "string" ? [{ path: data, weight: 1 }] : data;
  for (const { path } of sources) {
    await refuseOtherKinds(path, "a dataset", ["dataset", "tokens", "nothing"]);
  }
  return sources;
}

/**
 * Trains until the last step or an abort.
 *
 * @param job What to do.
 * @param options How it was asked for.
 * @param backend Where.
 */
export async function runTraining(
  job: TrainingJob,
  options: Options,
  backend: Backend,
): Promise<TrainingResult> {
  const { model, training } = job;
  const time = training.sequenceLength ?? model.maxSeqLen;
  const shape = { batch: training.batchSize, time };
  const recompute = options.recompute || mustRecompute(model, shape, backend);
  const { output } = options;
  try {
    return await runJob(job, { ...options, recompute }, time, backend);
  } catch (error) {
    const facts = { model, shape, recompute, output };
    throw await explainFailure(error, backend, facts);
  }
}

async function runJob(
  job: TrainingJob,
  options: Options & { readonly recompute: boolean },
  contextLength: number,
  backend: Backend,
): Promise<TrainingResult> {
  const { training, vocab, lastStep, initializedFrom } = job;
  const { recompute, output, evalWindows } = options;
  const { batchSize, gradientAccumulation, seed } = training;
  const shape = { batchSize, contextLength, seed };
  using data = await openData(options.data, vocab, shape);
  const { loader, validation } = data;
  loader.position = job.dataPosition;
  const model = new RWKV(job.model, backend, { training: true });
  const trainer = new Trainer(model, training, { recompute });
  job.prepare(trainer);
  // Beside the model, so that it can be used without naming its tokenizer.
  await writeVocab(`${output}/tokenizer.json`, vocab);
  options.onStart?.({
    model: job.model,
    training,
    parameters: model.numParameters(),
    tokens: data.tokens,
    lastStep,
    tokensPerStep: batchSize * contextLength * gradientAccumulation,
    recompute,
    backend: backend.description,
    validation: validation.length === 0
      ? undefined
      : validationWindows({ validation, loader, evalWindows }),
  });
  const { signal, onProgress, onStep, onValidation } = options;
  const record = await openRunFolder(trainer, tokenizerOf(vocab), {
    ...options,
    model: job.model,
    training,
    initFrom: initializedFrom,
    lastStep,
  });
  const result = await run({
    trainer,
    loader,
    validation,
    byteLengths: tokenizerOf(vocab).byteLengths(),
    tokenizerSha256: await identityOf(vocab),
    output,
    lastStep,
    evalWindows,
    initializedFrom,
    signal,
    onProgress,
    onStep,
    onValidation,
    onLogged: (done) => record.record(done),
  });
  await record.finish(result.complete);
  return {
    steps: result.steps,
    tokens: result.tokens,
    loss: result.loss,
    valLoss: result.validation?.loss,
    valBitsPerByte: result.validation?.bitsPerByte,
    valWindows: result.validation?.windows,
    tokensPerSecond: result.tokensPerSecond,
    parameters: model.numParameters(),
    backend: backend.description,
    checkpoint: result.checkpoint,
    complete: result.complete,
  };
}

async function openData(
  data: readonly DataSource[],
  vocab: Vocab,
  shape: DataLoaderOptions,
): Promise<
  Disposable & {
    loader: WindowSource;
    validation: readonly MmapDataset[];
    tokens: number;
  }
> {
  using opened = new DisposableStack();
  const sources = [];
  const validation: MmapDataset[] = [];
  for (const { path, weight } of data) {
    const { train, val } = opened.use(await openDataset(path, vocab));
    sources.push({ dataset: train, weight });
    if (val !== undefined) validation.push(val);
  }
  const loader = sources.length === 1
    ? new DataLoader(sources[0].dataset, shape)
    : new MixedLoader(sources, shape);
  const closing = opened.move();
  return {
    loader,
    validation,
    tokens: sources.reduce((sum, { dataset }) => sum + dataset.length, 0),
    [Symbol.dispose]: () => closing.dispose(),
  };
}

/**
 * Whether a run fits the engine only with blocks recomputed.
 *
 * @throws {RangeError} When it does not fit at all, naming what would.
 */
function mustRecompute(
  model: RWKVConfig,
  { batch, time }: TrainingShape,
  backend: Backend,
): boolean {
  const whole = trainingMemory(model, { batch, time });
  if (backend.name !== "cpu" || whole < CPU_LIMIT) return false;
  const bytes = (batch: number, time: number) =>
    trainingMemory(model, { batch, time, recompute: true });
  if (bytes(batch, time) < CPU_LIMIT) return true;
  let fits = time;
  while (fits > 1 && bytes(1, fits) >= CPU_LIMIT) fits = Math.floor(fits / 2);
  throw new RangeError(
    `Cannot train with ${batch} windows of ${time} tokens: they take ${
      (bytes(batch, time) / 1e9).toFixed(1)
    } GB and the cpu backend can use 4.3; try --batch-size 1 --seq-len ${fits}`,
  );
}
