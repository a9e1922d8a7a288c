/**
 * From a tokenized dataset to a model.
 *
 * @module
 */

import type { Communicator } from "../distributed/communicator.ts";
import { shareJson } from "../distributed/share.ts";
import { SingleProcess } from "../distributed/single_process.ts";
import { Checkpoint } from "../checkpoint/native/mpk_reader.ts";
import { readText } from "../files.ts";
import { assertFolderFree } from "../folder_lock.ts";
import { type ArchitectureName, ARCHITECTURES } from "../model/architecture.ts";
import { MODEL_SIZES, type ModelSize, RWKVConfig } from "../model/config.ts";
import type { Vocab } from "../tokenizer/tokenizer.ts";
import { TRAINING_RECIPES, type TrainingRecipeName } from "../train/recipe.ts";
import type { TrainingConfig, TrainingFields } from "../training_config.ts";
import {
  assertOptions,
  oneOf,
  type OptionKinds,
  SEED,
} from "../option_kinds.ts";
import { useBackend } from "./computing.ts";
import { matching } from "../read_model.ts";
import { assertModel, openVocab } from "./model_files.ts";
import { assertNoRun, newRun } from "./new_run.ts";
import { assertRunReplaceable } from "./written_files.ts";
import {
  RECIPE_KINDS,
  type RecipeOptions,
  recipeOptionsOf,
  refuseIdle,
} from "./recipe_options.ts";
import {
  planTraining,
  runTraining,
  sourcesOf,
  speedOf,
  type TrainingJob,
} from "./training.ts";
import { settleRecipe } from "./training_recipe.ts";
import {
  FIELD_NAMES,
  TRAINING_KINDS,
  type TrainingOptions,
  type TrainingPlan,
  type TrainingResult,
} from "./training_options.ts";

/** What `train()` is to do. */
export interface TrainOptions extends TrainingOptions, RecipeOptions {
  /** A preset; `micro` unless given. */
  readonly modelSize?: ModelSize;
  /** A model of one's own: a file such as `configs/model_micro.toml`. */
  readonly modelConfig?: string;
  /** The model family; `rwkv4` unless given. */
  readonly arch?: ArchitectureName;
  /**
   * A model whose weights the run begins with, as `--model` takes one. Its
   * family and size are the run's; step, schedule and optimizer begin anew.
   */
  readonly initFrom?: string;
  /**
   * Where settings come from that are not given: `tuned` (unless given) follows
   * size, family and length of the run; `original` is the Rust program's.
   */
  readonly recipe?: TrainingRecipeName;
  /**
   * How long the run may take on this machine, planned from a short measurement;
   * one of `hours`, `tokens` and `maxSteps`. Without any, the data are read four
   * times (50,000 steps by `original`).
   */
  readonly hours?: number;
  /** How many tokens to read. */
  readonly tokens?: number;
  /** Optimizer steps. */
  readonly maxSteps?: number;
  /** Windows of a micro-batch; the recipe's unless given, as all that follows. */
  readonly batchSize?: number;
  /** Micro-batches of a step. */
  readonly gradAccum?: number;
  /**
   * Parts that a step's gradients are made in and added up from; as many as there
   * are ranks unless given.
   */
  readonly gradParts?: number;
  /** Tokens of a window; the model's unless given. */
  readonly seqLen?: number;
  /** The peak of the learning rate. */
  readonly learningRate?: number;
  /** Steps up to the peak. */
  readonly warmupSteps?: number;
  /** Decoupled weight decay, of matrices; 0.01 unless given. */
  readonly weightDecay?: number;
  /** Bound of the gradients' norm; 1 unless given. */
  readonly maxGradNorm?: number;
  /** Share of each branch that is dropped. */
  readonly dropout?: number;
  /** Steps between checkpoints. */
  readonly saveEvery?: number;
  /** Steps between validations. */
  readonly evalEvery?: number;
  /** Random seed; 42 unless given. */
  readonly seed?: number;
  /**
   * Whether documents come in another order each epoch, with windows cut from
   * them; false unless given.
   */
  readonly shuffleDocuments?: boolean;
  /**
   * Whether rows read on from step to step, with the state that they left; false
   * unless given. Documents are then shuffled too.
   */
  readonly carryState?: boolean;
  /** What logits stay below; the model's unless given. */
  readonly logitSoftCap?: number;
  /**
   * In how many of the last blocks a token's value has an embedding of its own;
   * as the model has it unless given.
   */
  readonly valueEmbeddings?: number;
  /** Steps over which windows grow to their length; 0 unless given. */
  readonly sequenceWarmup?: number;
}

/** What its options are. */
const OPTIONS: OptionKinds<TrainOptions> = {
  ...TRAINING_KINDS,
  ...RECIPE_KINDS,
  modelSize: oneOf(MODEL_SIZES),
  modelConfig: "text?",
  arch: oneOf(ARCHITECTURES),
  initFrom: "text?",
  recipe: oneOf(TRAINING_RECIPES),
  hours: "number?",
  tokens: "number?",
  maxSteps: "number?",
  batchSize: "number?",
  gradAccum: "number?",
  gradParts: "number?",
  seqLen: "number?",
  learningRate: "number?",
  warmupSteps: "number?",
  weightDecay: "number?",
  maxGradNorm: "number?",
  dropout: "number?",
  saveEvery: "number?",
  evalEvery: "number?",
  seed: SEED,
  shuffleDocuments: "flag?",
  carryState: "flag?",
  sequenceWarmup: "number?",
  logitSoftCap: "number?",
  valueEmbeddings: "number?",
};

/**
 * Trains a new model into a folder: `checkpoint_N.mpk` every so often,
 * `model_final.mpk` at the end, `tokenizer.json` and `metrics.jsonl`. With
 * `emaDecay` the finished models hold the averaged weights. When it is
 * aborted a checkpoint is saved, from which `resume()` goes on.
 *
 * @param options The data, the folder, the model and the recipe.
 * @returns What was made, or how far it came.
 * @throws {Error} When a file cannot be read or written, the folder holds a run
 * already or another process writes into it, or going back to a checkpoint has
 * not helped against gradients that are not finite.
 *
 * @example
 * ```ts
 * import { TokenizedDatasetWriter } from "../dataset/dataset_writer.ts";
 * import { BPETokenizer } from "../tokenizer/bpe/bpe_tokenizer.ts";
 * import { BPETrainer } from "../tokenizer/bpe/bpe_trainer.ts";
 * import { writeVocab } from "../tokenizer/vocab/vocab_file.ts";
 * import { train } from "./train.ts";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * const bytes = new TextEncoder().encode("O Sol é uma estrela.\n".repeat(9));
 * const { vocab } = await new BPETrainer().train([{ name: "a", bytes }]);
 * await writeVocab(`${folder}/tokenizer.json`, vocab);
 * const tokenizer = new BPETokenizer(vocab);
 * {
 *   await using writer = await TokenizedDatasetWriter.create(folder, tokenizer);
 *   const text = "O Sol é uma estrela. ".repeat(9);
 *   await writer.write("train", tokenizer.encode(text), text.length);
 *   await writer.finish();
 * }
 * const modelConfig = `${folder}/tiny.toml`;
 * await Deno.writeTextFile(
 *   modelConfig,
 *   "d_model = 16\nn_layers = 1\nd_ffn = 16\nmax_seq_len = 8",
 * );
 * const losses: number[] = [];
 * const result = await train({
 *   data: folder,
 *   output: `${folder}/model`,
 *   modelConfig,
 *   gradAccum: 1,
 *   warmupSteps: 1,
 *   learningRate: 0.01,
 *   maxSteps: 20,
 *   backend: "reference",
 *   onStep: ({ loss }) => losses.push(loss),
 * });
 * assertEquals([result.complete, result.steps], [true, 20]);
 * assert(losses.at(-1)! < losses[0]);
 * ```
 */
export async function train(options: TrainOptions): Promise<TrainingResult> {
  return await withJob(options, runTraining);
}

/**
 * Finds out what `train()` would take with the same options, by a second or so
 * of training that is forgotten. Nothing is written.
 *
 * @param options As of `train()`.
 * @returns Memory, disk, steps, tokens and time.
 * @throws {Error} When `train()` could not begin.
 * @throws {RangeError} When it does not fit this machine, naming what would.
 *
 * @example
 * ```ts
 * import { planTrain } from "./train.ts";
 * import { assertRejects } from "@std/assert";
 *
 * await assertRejects(() => planTrain({ data: "nowhere" }), Error, "nowhere");
 * ```
 */
export async function planTrain(options: TrainOptions): Promise<TrainingPlan> {
  return await withJob(options, planTraining);
}

/** Makes a job of the options, for as long as the work on it takes. */
async function withJob<R>(
  options: TrainOptions,
  work: (...job: Parameters<typeof runTraining>) => Promise<R>,
): Promise<R> {
  assertOptions("train", options, OPTIONS);
  const data = await sourcesOf(options.data);
  const { output = "checkpoints", initFrom } = options;
  const given = await openVocab(options.tokenizer, data[0].path);
  using start = initFrom === undefined ? undefined : await openStart(initFrom);
  const vocab = start === undefined ? given : await matching(start, given);
  const base = start === undefined
    ? await modelOf(options, vocab)
    : await modelFrom(start, options);
  const checkFolder = async () => {
    await assertNoRun(output);
    await assertRunReplaceable(output, vocab.toString());
  };
  const { ranks = new SingleProcess() } = options;
  if (ranks.rank === 0) {
    await assertFolderFree(output);
    await checkFolder();
  }
  const { run } = await shareJson(ranks, { run: newRun() });
  const jobOf = (model: RWKVConfig, training: TrainingConfig): TrainingJob => ({
    model,
    training,
    vocab,
    lastStep: training.maxSteps,
    dataPosition: 0,
    run,
    checkFolder,
    initializedFrom: start?.path,
    prepare: start === undefined
      ? ({ model }) => model.initialize(training.seed)
      : ({ model }) => start.loadInto(model),
  });
  const all = { ...options, data, output };
  const { training, dropout } = await settleRecipe({
    recipe: options.recipe ?? "tuned",
    model: base,
    data,
    hasLearnt: start !== undefined,
    given: fieldsOf(options),
    budget: options,
    measure: async (training) => {
      // Of its own, as what is measured takes memory.
      using used = await useBackend(options.backend);
      return await speedOf(jobOf(base, training), all, used);
    },
  });
  refuseIdle(options, training);
  const isPreset = start === undefined && options.modelConfig === undefined;
  const model = new RWKVConfig({
    ...base.toJSON(),
    dropout: options.dropout ?? (isPreset ? dropout : undefined) ??
      base.dropout,
  });
  using used = await useBackend(options.backend);
  return await work(jobOf(model, training), all, used);
}

/** The fields of the recipe that are given. */
function fieldsOf(options: TrainOptions): Partial<TrainingFields> {
  return {
    ...recipeOptionsOf(options),
    learningRate: options.learningRate,
    batchSize: options.batchSize,
    gradientAccumulation: options.gradAccum,
    gradientParts: options.gradParts ?? partsFor(options.ranks),
    sequenceLength: options.seqLen,
    warmupSteps: options.warmupSteps,
    maxSteps: options.maxSteps,
    weightDecay: options.weightDecay,
    clipNorm: options.maxGradNorm,
    saveEvery: options.saveEvery,
    evalEvery: options.evalEvery,
    seed: options.seed,
    shuffleDocuments: options.shuffleDocuments,
    carryState: options.carryState,
    sequenceWarmup: options.sequenceWarmup,
  };
}

/** A part for each of several ranks. */
function partsFor(ranks: Communicator | undefined): number | undefined {
  return ranks === undefined || ranks.size === 1 ? undefined : ranks.size;
}

/** The model asked for, with as many tokens as the tokenizer has. */
async function modelOf(
  options: TrainOptions,
  { size }: Vocab,
): Promise<RWKVConfig> {
  const { modelSize, modelConfig, arch, dropout } = options;
  if (modelSize !== undefined && modelConfig !== undefined) {
    throw new TypeError(
      "Cannot train: modelSize and modelConfig are both given",
    );
  }
  const base = modelConfig === undefined
    ? RWKVConfig.ofSize(modelSize ?? "micro")
    : await readModelConfig(modelConfig);
  return new RWKVConfig({
    ...base.toJSON(),
    vocabSize: size,
    architecture: arch ?? base.architecture,
    dropout: dropout ?? base.dropout,
    logitSoftCap: options.logitSoftCap ?? base.logitSoftCap,
    valueEmbeddings: options.valueEmbeddings ?? base.valueEmbeddings,
  });
}

async function readModelConfig(path: string): Promise<RWKVConfig> {
  return RWKVConfig.fromToml(
    await readText(path),
    `model configuration "${path}"`,
  );
}

async function openStart(path: string): Promise<Checkpoint> {
  await assertModel(path);
  return await Checkpoint.open(path);
}

/** What makes a model the size it is. */
const SHAPE = ["dModel", "nLayers", "dFfn"] as const;

/**
 * The model whose weights are taken over, with the dropout asked for.
 *
 * @throws {Error} When another family or size is asked for.
 */
async function modelFrom(
  { config, path }: Checkpoint,
  options: TrainOptions,
): Promise<RWKVConfig> {
  const { modelSize, modelConfig, arch, dropout, logitSoftCap } = options;
  const refuse = (field: string, own: unknown, other: unknown) => {
    throw new RangeError(
      `Cannot start from "${path}": its ${field} is ${own}, not ${other}`,
    );
  };
  if (arch !== undefined && arch !== config.architecture) {
    refuse("architecture", config.architecture, arch);
  }
  const wanted = modelConfig !== undefined
    ? await readModelConfig(modelConfig)
    : modelSize !== undefined
    ? RWKVConfig.ofSize(modelSize)
    : config;
  const fields = modelConfig === undefined
    ? SHAPE
    : ["architecture", ...SHAPE] as const;
  for (const field of fields) {
    if (wanted[field] !== config[field]) {
      refuse(FIELD_NAMES[field], config[field], wanted[field]);
    }
  }
  const { valueEmbeddings: own } = config;
  const asked = options.valueEmbeddings ??
    (modelConfig === undefined ? own : wanted.valueEmbeddings);
  if (asked !== own) refuse("value_embeddings", own ?? 0, asked ?? 0);
  return new RWKVConfig({
    ...config.toJSON(),
    dropout: dropout ?? config.dropout,
    logitSoftCap: logitSoftCap ?? config.logitSoftCap,
  });
}
