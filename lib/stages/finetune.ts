/**
 * A model to one that knows something more: all of it, a LoRA beside it, or the
 * state it begins with is trained on new text.
 *
 * @module
 */

import { Checkpoint } from "../checkpoint/native/mpk_reader.ts";
import type { Batch } from "../dataset/data_loader.ts";
import { openDataset } from "../dataset/open_dataset.ts";
import { assertFolderFree } from "../folder_lock.ts";
import { kindOf } from "../input_kinds.ts";
import { architectureOf } from "../model/architecture.ts";
import { RWKVConfig } from "../model/config.ts";
import { declaredShapes } from "../model/rwkv.ts";
import { adapterTensors, weightsOfParts } from "../model/adapter.ts";
import { matching } from "../read_model.ts";
import { assertOptions } from "../option_kinds.ts";
import {
  type AnyVocab,
  tokenizerOf,
} from "../tokenizer/vocab/any_tokenizer.ts";
import { Evaluator } from "../train/evaluate.ts";
import { validationWindows } from "../train/validation.ts";
import { LORA, TrainingConfig } from "../training_config.ts";
import { hasAnswers, writeAnswers } from "./answers.ts";
import { useBackend } from "./computing.ts";
import {
  FINETUNE_KINDS,
  type FinetuneMeasure,
  type FinetuneMethod,
  type FinetuneOptions,
  type FinetuneResult,
  FINETUNING,
} from "./finetune_options.ts";
import { assertModel, openVocab } from "./model_files.ts";
import { assertNoRun, newRun } from "./new_run.ts";
import { recipeOptionsOf, refuseIdle } from "./recipe_options.ts";
import { tokenize } from "./tokenize.ts";
import { type ReadyRun, runTraining, sourcesOf } from "./training.ts";
import {
  type DataSource,
  TRAINING_KINDS,
  type TrainingOptions,
} from "./training_options.ts";
import {
  assertDatasetReplaceable,
  assertRunReplaceable,
} from "./written_files.ts";

/** Of all steps, those over which the rate climbs. */
const WARMUP_SHARE = 0.05;
/** How many validations and checkpoints there are, about. */
const STOPS = 5;

/**
 * Trains a model further, into a folder: checkpoints from which `resume()` goes
 * on, and at the end `model_final.mpk`, or `adapter.safetensors` of a LoRA or a
 * state, which `generate()` and others take with the model as it was. Text is
 * made a dataset there first, in `data`.
 *
 * @param options The model, the data, and what is trained.
 * @returns What was made, and what it predicts better and worse.
 * @throws {Error} When a file cannot be read or written, the folder holds a run
 * already, or another process writes into it.
 * @throws {RangeError} When the model has no such parts.
 *
 * @example
 * ```ts
 * import { finetune } from "./finetune.ts";
 * import { assertRejects } from "@std/assert";
 *
 * await assertRejects(
 *   () => finetune({ model: "nowhere", data: "leis.txt" }),
 *   Error,
 *   "no such file or folder",
 * );
 * ```
 */
export async function finetune(
  options: FinetuneOptions,
): Promise<FinetuneResult> {
  assertOptions("fine-tune", options, FINETUNE_KINDS);
  const { output = "checkpoints", method = FINETUNING.method, signal } =
    options;
  await assertModel(options.model);
  using start = await Checkpoint.open(options.model);
  start.assertModel();
  const given = await openVocab(options.tokenizer, start.path);
  const vocab = await matching(start, given);
  checkParts(start.config, { ...options, method });
  const checkFolder = async () => {
    await assertNoRun(output);
    await assertRunReplaceable(output, vocab.toString());
  };
  await assertFolderFree(output);
  await checkFolder();
  const data = await sourcesFor({ ...options, output }, vocab);
  options.onData?.(data);
  const training = await recipeOf({ ...options, method }, data, {
    vocab,
    model: start.config,
  });
  refuseIdle(options, training);
  const isAdapter = method !== "full";
  const model = new RWKVConfig({
    ...start.config.toJSON(),
    dropout: options.dropout ?? start.config.dropout,
  });
  const byteLengths = tokenizerOf(vocab).byteLengths();
  const { evalWindows, onProgress } = options;
  let before: FinetuneMeasure = {}, after: FinetuneMeasure | undefined;
  using used = await useBackend(options.backend);
  const result = await runTraining(
    {
      model,
      training,
      vocab,
      lastStep: training.maxSteps,
      dataPosition: 0,
      run: newRun(),
      checkFolder,
      initializedFrom: start.path,
      isFinetuning: true,
      base: isAdapter
        ? {
          path: start.path,
          crc32: start.weightsCrc32(),
          fill: (model) => start.loadInto(model),
        }
        : undefined,
      prepare: ({ model }) =>
        isAdapter ? model.initialize(training.seed) : start.loadInto(model),
      onReady: async (run) => {
        before = await measure(run, byteLengths, {
          ...{ evalWindows, signal, onProgress },
        });
        options.onMeasured?.(before);
      },
      onComplete: async (run) => {
        after = await measure(run, byteLengths, { evalWindows, onProgress });
      },
    },
    {
      keepLast: FINETUNING.keepLast,
      ...trainingOptions(options),
      data,
      output,
    },
    used,
  );
  return { ...result, method, data, before, after };
}

/** The options of any training among those of this. */
function trainingOptions(
  options: FinetuneOptions,
): Omit<TrainingOptions, "data"> {
  const own = Object.entries(options).filter(([name, value]) =>
    name in TRAINING_KINDS && name !== "data" && value !== undefined
  );
  return Object.fromEntries(own);
}

/** Says what the model does not have before anything is made for it. */
function checkParts(
  config: RWKVConfig,
  { method, loraTargets, loraRank, loraAlpha, freeze }: FinetuneOptions,
): void {
  const isOfLora = (loraTargets ?? loraRank ?? loraAlpha) !== undefined;
  if (method !== "lora" && isOfLora) {
    throw new TypeError(
      `Cannot fine-tune with loraRank, loraAlpha or loraTargets: the method is ${method}`,
    );
  }
  if (method !== "full" && freeze !== undefined) {
    throw new TypeError(
      `Cannot fine-tune with freeze: with ${method} the model stays as it is`,
    );
  }
  const { trainedAdapter, frozenParts } = new TrainingConfig(
    adapterFields(config, { method, loraTargets, loraRank, loraAlpha, freeze }),
  );
  const shapes = declaredShapes(config);
  if (trainedAdapter !== undefined) {
    adapterTensors(config, shapes, trainedAdapter);
  }
  weightsOfParts(shapes, frozenParts);
}

/** The fields of a recipe that say what is trained. */
function adapterFields(
  config: RWKVConfig,
  { method, loraRank, loraAlpha, loraTargets, freeze }: Pick<
    FinetuneOptions,
    "method" | "loraRank" | "loraAlpha" | "loraTargets" | "freeze"
  >,
) {
  if (method !== "lora") {
    return { adapter: method === "state" ? method : undefined, freeze };
  }
  const rank = loraRank ?? LORA.rank;
  const { timeMixing, channelMixing } = architectureOf(config).names;
  return {
    adapter: method,
    loraRank: rank,
    loraAlpha: loraAlpha ?? rank,
    loraTargets: loraTargets ?? `${timeMixing},${channelMixing}`,
  };
}

/** The datasets: what is given, or what is made of it; and what is mixed in. */
async function sourcesFor(
  options: FinetuneOptions & { readonly output: string },
  vocab: AnyVocab,
): Promise<readonly DataSource[]> {
  const { mix, mixShare = FINETUNING.mixShare } = options;
  if (!(mixShare > 0 && mixShare < 1)) {
    throw new RangeError(
      `Cannot mix in a share of ${mixShare}: it must be between 0 and 1`,
    );
  }
  if (mix !== undefined) await sourcesOf(mix);
  const path = await datasetOf(options, vocab);
  return await sourcesOf(
    mix === undefined
      ? path
      : [{ path, weight: 1 - mixShare }, { path: mix, weight: mixShare }],
  );
}

/** The dataset that is given, or one of the text that is. */
async function datasetOf(
  { data, output, documents, onPrepare, onFiles, signal, ...options }:
    & FinetuneOptions
    & { readonly output: string },
  vocab: AnyVocab,
): Promise<string> {
  const kind = await kindOf(data);
  if (kind === "dataset" || kind === "tokens") return data;
  const { valFraction = FINETUNING.valFraction } = options;
  const folder = `${output}/data`;
  const onProgress = ({ done, total }: { done: number; total: number }) =>
    onPrepare?.({ done, total });
  const work = { valFraction, signal, onProgress };
  if (kind !== "texts" && await hasAnswers(data)) {
    await assertDatasetReplaceable(folder, vocab.toString());
    await writeAnswers(data, folder, tokenizerOf(vocab), work);
    return folder;
  }
  const tokenizer = options.tokenizer ?? options.model;
  const beside = options.tokenizer === undefined;
  await tokenize({
    ...work,
    input: data,
    output: folder,
    documents,
    onFiles,
    tokenizer: beside ? await besideOf(tokenizer) : tokenizer,
  });
  return folder;
}

/** The tokenizer beside a model. */
async function besideOf(model: string): Promise<string> {
  const isFolder = await Deno.stat(model).then((it) => it.isDirectory);
  const folder = isFolder ? model : model.replace(/[^/\\]*$/, "") || ".";
  return `${folder.replace(/[/\\]$/, "")}/tokenizer.json`;
}

/** The recipe: what was asked for, and else what suits the data. */
async function recipeOf(
  options: FinetuneOptions & { readonly method: FinetuneMethod },
  [data, old]: readonly DataSource[],
  { vocab, model }: { readonly vocab: AnyVocab; readonly model: RWKVConfig },
): Promise<TrainingConfig> {
  const { method, epochs = FINETUNING.epochs, seqLen } = options;
  if (!(epochs > 0)) {
    throw new RangeError(`Cannot fine-tune for ${epochs} epochs`);
  }
  let tokens: number;
  {
    using opened = await openDataset(data.path, vocab, {
      signal: options.signal,
    });
    tokens = opened.train.length;
  }
  const sequenceLength = seqLen ??
    Math.max(1, Math.min(model.maxSeqLen, tokens - 1));
  const { batchSize = 2, gradAccum = FINETUNING.gradAccum } = options;
  const windows = Math.floor((tokens - 1) / sequenceLength);
  const share = old === undefined ? 1 : data.weight;
  const maxSteps = options.maxSteps ??
    Math.max(1, Math.ceil(epochs * windows / share / (batchSize * gradAccum)));
  const between = Math.max(1, Math.ceil(maxSteps / STOPS));
  return new TrainingConfig({
    ...adapterFields(model, options),
    ...recipeOptionsOf(options),
    learningRate: options.learningRate ?? FINETUNING.learningRate[method],
    batchSize,
    gradientAccumulation: gradAccum,
    sequenceLength,
    warmupSteps: options.warmupSteps ?? Math.round(WARMUP_SHARE * maxSteps),
    maxSteps,
    weightDecay: options.weightDecay ?? FINETUNING.weightDecay,
    maxGradNorm: options.maxGradNorm,
    saveEvery: options.saveEvery ?? between,
    evalEvery: options.evalEvery ?? between,
    seed: options.seed,
  });
}

/**
 * Predicts what is held out of the new data, and of what is mixed in, with the
 * weights that a finished model holds.
 */
async function measure(
  { trainer, loader, heldOut }: ReadyRun,
  byteLengths: ArrayLike<number>,
  { evalWindows, signal, onProgress }: Pick<
    TrainingOptions,
    "evalWindows" | "signal" | "onProgress"
  >,
): Promise<FinetuneMeasure> {
  const evaluator = new Evaluator(trainer.model, trainer.tape);
  const parts = heldOut.map((part) =>
    part && validationWindows({ validation: [part], loader, evalWindows })
  );
  const total = parts.reduce((sum, part) => sum + (part?.tokens ?? 0), 0);
  const { step } = trainer;
  let done = 0;
  const told = function* (batches: Iterable<Batch>): Generator<Batch> {
    for (const batch of batches) {
      const counts = { done, total, step, tokens: 0, seconds: 0 };
      onProgress?.({ phase: "validation", ...counts });
      yield batch;
      done += batch.inputs.length;
    }
  };
  const bitsOf = async (part: typeof parts[number]) => {
    if (part === undefined) return undefined;
    const batches = told(part.batches());
    const found = await trainer.withAverages(() =>
      evaluator.evaluate(batches, byteLengths, { signal })
    );
    return found.bitsPerByte;
  };
  const [fresh, old] = parts;
  return { new: await bitsOf(fresh), old: await bitsOf(old) };
}
