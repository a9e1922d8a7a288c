/**
 * What `train()` and `resume()` have in common: data in, a run, and words about
 * a device that fails.
 *
 * @module
 */

import type { Backend } from "../backend/backend.ts";
import { Checkpoint } from "../checkpoint/native/mpk_reader.ts";
import type {
  DataIdentity,
  TokensIdentity,
  UnloggedSteps,
} from "../checkpoint/native/train_state.ts";
import { DataLoader, type DataLoaderOptions } from "../dataset/data_loader.ts";
import { MixedLoader } from "../dataset/mixed_loader.ts";
import type { MmapDataset } from "../dataset/mmap_dataset.ts";
import { openDataset } from "../dataset/open_dataset.ts";
import { lockFolder } from "../folder_lock.ts";
import { cannotRead } from "../files.ts";
import type { RWKVConfig } from "../model/config.ts";
import { RWKV } from "../model/rwkv.ts";
import { identityOf, type Vocab } from "../tokenizer/tokenizer.ts";
import { tokenizerOf } from "../tokenizer/vocab/any_tokenizer.ts";
import { writeVocab } from "../tokenizer/vocab/vocab_file.ts";
import { PROGRAM_MEMORY, type TrainingFit } from "../train/memory.ts";
import { measureSpeed, planRun, type RunPlan } from "../train/plan.ts";
import { roomOf } from "../train/retention.ts";
import {
  run,
  type RunOptions,
  type TrainingProgress,
  type WindowSource,
} from "../train/run.ts";
import type { Rewind } from "../train/rewind.ts";
import { setLogAside } from "../train/run_log.ts";
import type { Spike } from "../train/spikes.ts";
import { type StepResult, Trainer } from "../train/trainer.ts";
import { type Validation, validationWindows } from "../train/validation.ts";
import type { TrainingConfig } from "../training_config.ts";
import { type OptionKinds, wholeFromOr } from "../option_kinds.ts";
import type { BackendInUse, ComputingOptions } from "./computing.ts";
import { explainFailure, lossOf } from "./device_failure.ts";
import { diskSpace, type SystemMemory, systemMemory } from "./machine.ts";
import { assertDataset } from "./model_files.ts";
import { fitOrRefuse } from "./training_fit.ts";
import { openRunFolder } from "./run_samples.ts";
import { STAGE_KINDS } from "./stage.ts";

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

/** What a training takes, reckoned before its first step. */
export interface TrainingPlan extends RunPlan {
  /** Bytes of memory of the whole program, about. */
  readonly memory: number;
  /** Bytes that are free, where that may be asked. */
  readonly memoryAvailable?: number;
  /**
   * Bytes that the run may still write, a little being left to the system, where
   * that may be asked.
   */
  readonly diskAvailable?: number;
  /** Whether blocks are computed again on the way back. */
  readonly recompute: boolean;
  /** Bytes of memory without that, where it is done because they are too many. */
  readonly memoryWithoutRecompute?: number;
  /** What computes, in words. */
  readonly backend: string;
}

/** Fields of a model as files of `--model-config` call them. */
export const FIELD_NAMES = {
  architecture: "architecture",
  dModel: "d_model",
  nLayers: "n_layers",
  dFfn: "d_ffn",
} as const;

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
   * How many checkpoints of the run to keep, the newest, or `"all"`; all unless
   * given.
   */
  readonly keepLast?: number | "all";
  /**
   * Whether the model of the best validation is kept, as `best.mpk`; false unless
   * given.
   */
  readonly keepBest?: boolean;
  /**
   * Steps between samples of text, which go to `samples.jsonl`; with each
   * validation unless given.
   */
  readonly sampleEvery?: number | "never";
  /** Told once, before the first step. */
  readonly onStart?: (start: TrainingStart) => void;
  /** Told once, before the first step, what the run takes but for the time. */
  readonly onPlan?: (plan: TrainingPlan) => void;
  /** Told of every step. */
  readonly onStep?: (step: StepResult & { tokensPerSecond: number }) => void;
  /** Told when the run goes back to a checkpoint, as gradients were not finite. */
  readonly onRewind?: (rewind: Rewind) => void;
  /** Told of a checkpoint that is damaged, so that the one before it is taken. */
  readonly onDamaged?: (error: Error) => void;
  /**
   * Told of a damaged checkpoint of a later step: its name gets `.damaged`, so
   * that it is not taken for the newest.
   */
  readonly onSetAside?: (error: Error) => void;
  /**
   * Told when the device was lost and the run goes on from its last checkpoint on
   * a new one: once, and only where the stage opens the backend itself.
   */
  readonly onDeviceLost?: (loss: DeviceLoss) => void;
  /** Told of a step whose loss jumped up. */
  readonly onSpike?: (step: number, spike: Spike) => void;
  /** Told of every validation; the step is 0 for weights from elsewhere. */
  readonly onValidation?: (step: number, found: Validation) => void;
}

/** What its options are. */
export const TRAINING_KINDS: OptionKinds<TrainingOptions> = {
  ...STAGE_KINDS,
  backend: "backend?",
  data: "textOrList",
  tokenizer: "text?",
  output: "text?",
  recompute: "flag?",
  evalWindows: wholeFromOr("all", 1),
  keepLast: wholeFromOr("all", 1),
  keepBest: "flag?",
  sampleEvery: wholeFromOr("never", 1),
  onStart: "function?",
  onPlan: "function?",
  onStep: "function?",
  onDamaged: "function?",
  onSetAside: "function?",
  onRewind: "function?",
  onSpike: "function?",
  onDeviceLost: "function?",
  onValidation: "function?",
};

/** That the device of a run was lost. */
export interface DeviceLoss {
  /** What its driver says. */
  readonly reason: string;
  /** The step that the run goes on from. */
  readonly step: number;
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
  /** What the next line of its log begins with. */
  readonly unlogged?: UnloggedSteps;
  /** The checkpoint that it goes on from. */
  readonly resumedFrom?: string;
  /** What tells the run from others; none in what goes on from an old file. */
  readonly run?: string;
  /** Refuses to write over what is another run's. */
  readonly checkFolder: () => Promise<void>;
  /** Looks at the data before anything is written. */
  readonly checkData?: (data: readonly DataIdentity[]) => void;
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
    await Deno.stat(path).catch((error) => {
      throw cannotRead(path, error);
    });
    await assertDataset(path);
  }
  return sources;
}

/**
 * Trains until the last step or an abort. Where the device is lost, the run goes
 * on from its last checkpoint on a new one, once.
 *
 * @param job What to do.
 * @param options How it was asked for.
 * @param used Where.
 */
export async function runTraining(
  job: TrainingJob,
  options: Options,
  used: BackendInUse,
): Promise<TrainingResult> {
  await using _lock = await lockFolder(options.output);
  // Now that nobody else can begin one there.
  await job.checkFolder();
  let saved: string | undefined;
  const attempt = (job: TrainingJob, begin: (run: PreparedRun) => unknown) =>
    withRun(job, options, used.backend, async (prepared) => {
      // Beside the model, so that it can be used without naming its tokenizer.
      await writeVocab(`${options.output}/tokenizer.json`, job.vocab);
      await begin(prepared);
      const onSaved = (path: string) => saved = path;
      return await runPrepared({ ...job, onSaved }, options, prepared);
    });
  try {
    return await attempt(job, async (prepared) => {
      options.onStart?.(prepared.start);
      options.onPlan?.(await planOf(prepared, options));
    });
  } catch (error) {
    const reason = await lossOf(used.backend);
    if (reason === undefined || !await used.renew()) throw error;
    using checkpoint = saved === undefined
      ? undefined
      : await Checkpoint.open(saved);
    return await attempt(
      checkpoint === undefined ? job : continued(job, checkpoint),
      ({ trainer: { step } }) => options.onDeviceLost?.({ reason, step }),
    );
  }
}

/** A job from where a checkpoint of it stands. */
function continued(job: TrainingJob, checkpoint: Checkpoint): TrainingJob {
  const { path, train } = checkpoint;
  return {
    ...job,
    dataPosition: train!.dataPosition,
    unlogged: train!.unlogged,
    resumedFrom: path,
    initializedFrom: undefined,
    prepare: (trainer) => trainer.loadCheckpoint(checkpoint),
  };
}

/**
 * Finds out what a run would take, and writes nothing.
 *
 * @param job What would be done.
 * @param options How it was asked for.
 * @param used Where.
 */
export async function planTraining(
  job: TrainingJob,
  options: Options,
  { backend }: BackendInUse,
): Promise<TrainingPlan> {
  return await withRun(job, options, backend, async (prepared) => {
    options.onStart?.(prepared.start);
    const { trainer, loader } = prepared, { signal } = options;
    const speed = await measureSpeed(trainer, loader, signal);
    signal?.throwIfAborted();
    return await planOf(prepared, options, speed);
  });
}

/** A run whose next micro-batch could begin. */
interface PreparedRun {
  readonly start: TrainingStart;
  readonly fit: TrainingFit;
  /** What the machine had before the run took its share. */
  readonly memory: SystemMemory | undefined;
  readonly trainer: Trainer;
  readonly loader: WindowSource;
  readonly validation: readonly MmapDataset[];
  readonly identities: readonly DataIdentity[];
}

/** Prepares a run, and explains what its device has failed with. */
async function withRun<R>(
  job: TrainingJob,
  options: Options,
  backend: Backend,
  work: (prepared: PreparedRun) => Promise<R>,
): Promise<R> {
  const { model, training } = job;
  const time = training.sequenceLength ?? model.maxSeqLen;
  const shape = { batch: training.batchSize, time };
  const { recompute: asked, output } = options;
  const memory = systemMemory();
  const wanted = { ...shape, recompute: asked };
  const fit = fitOrRefuse(model, wanted, backend, memory);
  const { recompute } = fit;
  try {
    const { batchSize, seed } = training;
    const windows = { batchSize, contextLength: time, seed };
    using data = await openData(options, job.vocab, windows);
    return await work(prepare(job, options, { data, fit, memory, backend }));
  } catch (error) {
    const facts = { model, shape, recompute, output };
    throw await explainFailure(error, backend, facts);
  }
}

function prepare(
  { checkData, prepare, ...job }: TrainingJob,
  { evalWindows }: Options,
  { data, fit, memory, backend }: Pick<PreparedRun, "fit" | "memory"> & {
    readonly data: OpenData;
    readonly backend: Backend;
  },
): PreparedRun {
  const { model: config, training, lastStep, dataPosition } = job;
  const { loader, validation, identities } = data, { recompute } = fit;
  const { batchSize, contextLength } = loader;
  checkData?.(data.identities);
  loader.position = dataPosition;
  const model = new RWKV(config, backend, { training: true });
  const trainer = new Trainer(model, training, { recompute });
  prepare(trainer);
  const start = {
    model: config,
    training,
    parameters: model.numParameters(),
    tokens: data.tokens,
    lastStep,
    tokensPerStep: batchSize * contextLength * training.gradientAccumulation,
    recompute,
    backend: backend.description,
    validation: validation.length === 0
      ? undefined
      : validationWindows({ validation, loader, evalWindows }),
  };
  return { start, fit, memory, trainer, loader, validation, identities };
}

async function planOf(
  { start, fit, memory, trainer, loader }: PreparedRun,
  { output, keepLast, keepBest }: Options,
  tokensPerSecond?: number,
): Promise<TrainingPlan> {
  const { model, training, lastStep, recompute, backend } = start;
  const plan = planRun({
    model,
    training,
    firstStep: trainer.step,
    lastStep,
    contextLength: loader.contextLength,
    dataTokens: start.tokens,
    validationTokens: start.validation?.tokens ?? 0,
    keepLast: numberOf(keepLast),
    keepBest,
    tokensPerSecond,
  });
  return {
    ...plan,
    memory: fit.bytes + PROGRAM_MEMORY,
    memoryAvailable: memory?.available,
    diskAvailable: roomOf(await diskSpace(output)),
    recompute,
    memoryWithoutRecompute: fit.whole && fit.whole + PROGRAM_MEMORY,
    backend,
  };
}

/** How many, where it is not all. */
function numberOf(keepLast: TrainingOptions["keepLast"]): number | undefined {
  return keepLast === "all" ? undefined : keepLast;
}

async function runPrepared(
  { vocab, lastStep, initializedFrom, ...job }:
    & TrainingJob
    & Pick<RunOptions, "onSaved">,
  options: Options,
  { start, trainer, loader, validation, identities }: PreparedRun,
): Promise<TrainingResult> {
  const { output, evalWindows } = options;
  const { signal, onProgress, onStep, onValidation } = options;
  const tokenizer = tokenizerOf(vocab);
  if (trainer.step === 0) {
    await setLogAside(`${output}/metrics.jsonl`, job.run);
  }
  const record = await openRunFolder(trainer, tokenizer, {
    ...options,
    ...start,
    initFrom: initializedFrom,
    run: job.run,
  });
  const result = await run({
    trainer,
    loader,
    validation,
    byteLengths: tokenizer.byteLengths(),
    tokenizerSha256: await identityOf(vocab),
    output,
    lastStep,
    evalWindows,
    initializedFrom,
    resumedFrom: job.resumedFrom,
    unlogged: job.unlogged,
    run: job.run,
    keepLast: numberOf(options.keepLast),
    keepBest: options.keepBest,
    diskSpace,
    data: identities,
    signal,
    onProgress,
    onStep,
    onValidation,
    onRewind: options.onRewind,
    onDamaged: options.onDamaged,
    onSetAside: options.onSetAside,
    onSpike: options.onSpike,
    onSaved: job.onSaved,
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
    parameters: start.parameters,
    backend: start.backend,
    checkpoint: result.checkpoint,
    complete: result.complete,
  };
}

/** The datasets of a run. */
interface OpenData extends Disposable {
  readonly loader: WindowSource;
  readonly validation: readonly MmapDataset[];
  /** Tokens to train on. */
  readonly tokens: number;
  readonly identities: readonly DataIdentity[];
}

async function openData(
  { data, signal, onProgress }: Options,
  vocab: Vocab,
  shape: DataLoaderOptions,
): Promise<OpenData> {
  using opened = new DisposableStack();
  const sources = [];
  const identities: DataIdentity[] = [];
  const validation: MmapDataset[] = [];
  for (const { path, weight } of data) {
    const { train, val } = opened.use(
      await openDataset(path, vocab, {
        signal,
        onProgress: (progress) =>
          onProgress?.({
            ...progress,
            phase: "checking",
            step: 0,
            tokens: 0,
            seconds: 0,
          }),
      }),
    );
    sources.push({ dataset: train, weight });
    identities.push({
      ...identityOfTokens(train),
      weight,
      ...val !== undefined && { heldOut: identityOfTokens(val) },
    });
    if (val !== undefined) validation.push(val);
  }
  const loader = sources.length === 1
    ? new DataLoader(sources[0].dataset, shape)
    : new MixedLoader(sources, shape);
  const closing = opened.move();
  return {
    loader,
    validation,
    identities,
    tokens: sources.reduce((sum, { dataset }) => sum + dataset.length, 0),
    [Symbol.dispose]: () => closing.dispose(),
  };
}

function identityOfTokens({ length, crc32 }: MmapDataset): TokensIdentity {
  return { tokens: length, crc32: crc32! }; // known as it was checked
}
