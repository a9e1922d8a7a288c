/**
 * What `train()` and `resume()` have in common: data in, a run, and words about
 * a device that fails.
 *
 * @module
 */

import type { Backend } from "../backend/backend.ts";
import { Checkpoint } from "../checkpoint/native/mpk_reader.ts";
import type {
  BaseModel,
  DataIdentity,
  TokensIdentity,
  UnloggedSteps,
} from "../checkpoint/native/train_state.ts";
import { DataLoader, type DataLoaderOptions } from "../dataset/data_loader.ts";
import { DocumentBorders } from "../dataset/document_borders.ts";
import { MixedLoader, type MixedSource } from "../dataset/mixed_loader.ts";
import type { MmapDataset } from "../dataset/mmap_dataset.ts";
import { openDataset } from "../dataset/open_dataset.ts";
import { StreamLoader, type StreamSource } from "../dataset/stream_loader.ts";
import { shareJson } from "../distributed/share.ts";
import { lockFolder } from "../folder_lock.ts";
import { cannotRead } from "../files.ts";
import type { RWKVConfig } from "../model/config.ts";
import { RWKV } from "../model/rwkv.ts";
import { identityOf, type Vocab } from "../tokenizer/tokenizer.ts";
import { tokenizerOf } from "../tokenizer/vocab/any_tokenizer.ts";
import { writeVocab } from "../tokenizer/vocab/vocab_file.ts";
import { PROGRAM_MEMORY, type TrainingFit } from "../train/memory.ts";
import { measureSpeed, planRun, type TrainingSpeed } from "../train/plan.ts";
import { roomOf } from "../train/retention.ts";
import { run, type RunOptions, type WindowSource } from "../train/run.ts";
import { setLogAside } from "../train/run_log.ts";
import { assertCuttable } from "../train/sequence_warmup.ts";
import { Trainer } from "../train/trainer.ts";
import { validationWindows } from "../train/validation.ts";
import type { TrainingConfig } from "../training_config.ts";
import type { BackendInUse } from "./computing.ts";
import { explainFailure, lossOf } from "./device_failure.ts";
import { diskSpace, type SystemMemory, systemMemory } from "./machine.ts";
import { assertDataset } from "./model_files.ts";
import { fitOrRefuse } from "./training_fit.ts";
import { openRunFolder } from "./run_samples.ts";
import type {
  DataSource,
  TrainingOptions,
  TrainingPlan,
  TrainingResult,
  TrainingStart,
} from "./training_options.ts";

/** A run about to start. */
export interface TrainingJob {
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
  /** The model beside which an adapter is trained. */
  readonly base?: BaseModel & {
    /** Fills the model, but for the adapter. */
    readonly fill: (model: RWKV) => void;
  };
  /** Whether it is `finetune()` that does it. */
  readonly isFinetuning?: boolean;
  /** Does something between preparing and the first step. */
  readonly onReady?: (run: ReadyRun) => Promise<void>;
  /** Does something after the last step; not where the run ended early. */
  readonly onComplete?: (run: ReadyRun) => Promise<void>;
}

/** A run that stands between two steps, as `finetune()` looks at it. */
export interface ReadyRun {
  /** Where it stands. */
  readonly trainer: Trainer;
  /** The shape of its batches. */
  readonly loader: WindowSource;
  /** What is held out, a part for each of its datasets that has one. */
  readonly heldOut: readonly (MmapDataset | undefined)[];
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
  const { ranks } = options, isFirst = (ranks?.rank ?? 0) === 0;
  await using _lock = isFirst ? await lockFolder(options.output) : null;
  // Now that nobody else can begin one there.
  if (isFirst) await job.checkFolder();
  let saved: string | undefined;
  const attempt = (job: TrainingJob, begin: (run: PreparedRun) => unknown) =>
    withRun(job, options, used.backend, async (prepared) => {
      // Beside the model, so that it can be used without naming its tokenizer.
      if (isFirst) {
        await writeVocab(`${options.output}/tokenizer.json`, job.vocab);
      }
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
    // Other ranks wait for a step that will not be done.
    if (ranks !== undefined && ranks.size > 1) throw error;
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
    onReady: undefined, // it was done before
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
    return await planOf(prepared, options, await measured(prepared, options));
  });
}

/** How fast a run would be, and what its validations would predict. */
export interface RunSpeed extends TrainingSpeed {
  /** Tokens that each validation predicts; 0 where nothing is held out. */
  readonly validationTokens: number;
}

/**
 * Finds out how fast a run would be, and writes nothing.
 *
 * @param job What would be done.
 * @param options How it was asked for.
 * @param used Where; its memory is taken up.
 */
export async function speedOf(
  job: TrainingJob,
  options: Options,
  { backend }: BackendInUse,
): Promise<RunSpeed> {
  return await withRun(job, options, backend, async (prepared) => {
    const speed = await measured(prepared, options);
    const { validation } = prepared.start;
    return { ...speed, validationTokens: validation?.tokens ?? 0 };
  });
}

/** Measures a run's speed, and says that it does. */
async function measured(
  { trainer, loader }: PreparedRun,
  { signal, onProgress }: Options,
): Promise<TrainingSpeed> {
  const seconds = 0, step = trainer.step;
  onProgress?.({
    ...{ phase: "measuring", done: 0, total: 0 },
    ...{ step, tokens: 0, seconds },
  });
  const speed = await measureSpeed(trainer, loader, signal);
  signal?.throwIfAborted();
  // Each rank learns from others, and the first one decides.
  const tokensPerSecond = speed.tokensPerSecond * trainer.ranks.size;
  return await shareJson(trainer.ranks, { ...speed, tokensPerSecond });
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
  readonly heldOut: ReadyRun["heldOut"];
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
  const shape = { batch: training.batchSize, time, training };
  assertCuttable(time, training);
  const { recompute: asked, output } = options;
  const memory = systemMemory();
  const wanted = { ...shape, recompute: asked };
  const fit = fitOrRefuse(model, wanted, backend, memory);
  const { recompute } = fit;
  try {
    const { batchSize, seed } = training;
    const windows = { batchSize, contextLength: time, seed };
    using data = await openData(options, job, windows);
    return await work(prepare(job, options, { data, fit, memory, backend }));
  } catch (error) {
    const facts = { model, shape, recompute, output };
    throw await explainFailure(error, backend, facts);
  }
}

function prepare(
  { checkData, prepare, ...job }: TrainingJob,
  { evalWindows, ranks }: Options,
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
  const { trainedAdapter: adapter, frozenParts: frozen } = training;
  const model = new RWKV(config, backend, { training: true, adapter, frozen });
  const trainer = new Trainer(model, training, { recompute, ranks });
  job.base?.fill(model);
  prepare(trainer);
  const start = {
    model: config,
    training,
    parameters: trainedIn(model),
    tokens: data.tokens,
    lastStep,
    tokensPerStep: batchSize * contextLength * training.gradientAccumulation,
    recompute,
    backend: backend.description,
    validation: validation.length === 0
      ? undefined
      : validationWindows({ validation, loader, evalWindows }),
  };
  const { heldOut } = data;
  return {
    ...{ start, fit, memory, trainer, loader, validation },
    ...{ heldOut, identities },
  };
}

/** How many values are trained. */
function trainedIn(model: RWKV): number {
  return [...model.parameters]
    .reduce((sum, { isFrozen, length }) => sum + (isFrozen ? 0 : length), 0);
}

async function planOf(
  { start, fit, memory, trainer, loader }: PreparedRun,
  { output, keepLast, keepBest }: Options,
  speed?: TrainingSpeed,
): Promise<TrainingPlan> {
  const { model, training, lastStep, recompute, backend } = start;
  const plan = planRun({
    model,
    savedParameters: trainer.model.adapter && start.parameters,
    keptValues: trainer.optimizer.keptValues,
    training,
    firstStep: trainer.step,
    lastStep,
    contextLength: loader.contextLength,
    dataTokens: start.tokens,
    validationTokens: start.validation?.tokens ?? 0,
    keepLast: numberOf(keepLast),
    keepBest,
    speed,
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
  { start, trainer, loader, validation, heldOut, identities }: PreparedRun,
): Promise<TrainingResult> {
  const ready: ReadyRun = { trainer, loader, heldOut };
  await job.onReady?.(ready);
  const { output, evalWindows } = options;
  const { signal, onProgress, onStep, onValidation } = options;
  const tokenizer = tokenizerOf(vocab);
  const isFirst = trainer.ranks.rank === 0;
  if (isFirst && trainer.step === 0) {
    await setLogAside(`${output}/metrics.jsonl`, job.run);
  }
  const record = !isFirst
    ? undefined
    : await openRunFolder(trainer, tokenizer, {
      ...options,
      ...start,
      initFrom: initializedFrom,
      isFinetuning: job.isFinetuning,
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
    base: job.base && { path: job.base.path, crc32: job.base.crc32 },
    signal,
    onProgress,
    onStep,
    onValidation,
    onRewind: options.onRewind,
    onDamaged: options.onDamaged,
    onSetAside: options.onSetAside,
    onSpike: options.onSpike,
    onSaved: job.onSaved,
    onLogged: (done) => record!.record(done), // the first rank's alone
  });
  await record?.finish(result.complete);
  if (result.complete) await job.onComplete?.(ready);
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
  /** The same of each dataset. */
  readonly heldOut: ReadyRun["heldOut"];
  /** Tokens to train on. */
  readonly tokens: number;
  readonly identities: readonly DataIdentity[];
}

async function openData(
  { data, signal, onProgress }: Options,
  { vocab, training }: Pick<TrainingJob, "vocab" | "training">,
  shape: DataLoaderOptions,
): Promise<OpenData> {
  using opened = new DisposableStack();
  const sources: MixedSource[] = [];
  const identities: DataIdentity[] = [];
  const heldOut: (MmapDataset | undefined)[] = [];
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
    const borders = await bordersOf(train, { vocab, training, signal });
    sources.push({ dataset: train, weight, borders });
    identities.push({
      ...identityOfTokens(train),
      weight,
      ...val !== undefined && { heldOut: identityOfTokens(val) },
    });
    heldOut.push(val);
  }
  const closing = opened.move();
  return {
    loader: loaderOf(sources, training, shape),
    validation: heldOut.filter((one) => one !== undefined),
    heldOut,
    identities,
    tokens: sources.reduce((sum, { dataset }) => sum + dataset.length, 0),
    [Symbol.dispose]: () => closing.dispose(),
  };
}

/**
 * Where the documents of a dataset begin, for a recipe that shuffles them.
 *
 * @throws {RangeError} When it has no two documents, and they are to be shuffled.
 */
async function bordersOf(
  dataset: MmapDataset,
  { vocab, training, signal }: Pick<TrainingJob, "vocab" | "training"> & {
    readonly signal?: AbortSignal;
  },
): Promise<DocumentBorders | undefined> {
  const { shuffleDocuments, carryState } = training;
  if (!shuffleDocuments && !carryState) return undefined;
  const end = vocab.specialId("[EOS]");
  const borders = await DocumentBorders.find(dataset, { end, signal });
  if (shuffleDocuments && borders.count < 2) {
    throw new RangeError(
      `Cannot shuffle the documents of "${dataset.path}": no [EOS] is between any two`,
    );
  }
  return borders;
}

/** What gives the windows in the order that a recipe asks for. */
function loaderOf(
  sources: readonly MixedSource[],
  { carryState, batchSize, gradientAccumulation }: TrainingConfig,
  shape: DataLoaderOptions,
): WindowSource {
  if (carryState) {
    const streams = batchSize * gradientAccumulation;
    const known = sources as readonly StreamSource[]; // their borders are
    return new StreamLoader(known, { ...shape, streams });
  }
  const [{ dataset, borders }] = sources;
  return sources.length === 1
    ? new DataLoader(dataset, { ...shape, borders })
    : new MixedLoader(sources, shape);
}

function identityOfTokens({ length, crc32 }: MmapDataset): TokensIdentity {
  return { tokens: length, crc32: crc32! }; // known as it was checked
}
