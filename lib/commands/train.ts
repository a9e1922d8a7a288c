/**
 * `train`: a new model from a tokenized dataset.
 *
 * @module
 */

import { readText, reasonOf } from "../files.ts";
import { ARCHITECTURES } from "../model/architecture.ts";
import { MODEL_SIZES, RWKVConfig } from "../model/config.ts";
import { TrainingConfig } from "../training_config.ts";
import type { Command } from "./shared/command.ts";
import {
  choice,
  decimal,
  flag,
  integer,
  requiredText,
  SEED,
  text,
  UsageError,
  type Values,
} from "./shared/options.ts";
import { ENGINE_OPTIONS, openBackend } from "./shared/engine.ts";
import { openVocab } from "./shared/model_files.ts";
import { parseData, runTraining } from "./shared/training.ts";

const RECIPE = new TrainingConfig();

const options = {
  data: requiredText(
    "FOLDER",
    "what tokenize wrote; several as A=3,B=1 by weight",
  ),
  tokenizer: text("FILE", "its tokenizer.json (default: the one beside it)"),
  output: text("FOLDER", "where checkpoints go", { default: "checkpoints" }),
  "model-size": choice(MODEL_SIZES, "a preset (default: micro)"),
  "model-config": text("FILE", "a model of your own, as configs/*.toml"),
  arch: choice(ARCHITECTURES, "the model family (default: rwkv4)"),
  "max-steps": integer("optimizer steps", { default: RECIPE.maxSteps, min: 1 }),
  "batch-size": integer("windows of a micro-batch", {
    default: RECIPE.batchSize,
    min: 1,
  }),
  "grad-accum": integer("micro-batches of a step", {
    default: RECIPE.gradientAccumulation,
    min: 1,
  }),
  "seq-len": integer("tokens of a window (default: the model's)", { min: 1 }),
  "learning-rate": decimal("its peak", {
    default: RECIPE.learningRate,
    max: 1,
  }),
  "warmup-steps": integer("steps up to the peak", {
    default: RECIPE.warmupSteps,
  }),
  "weight-decay": decimal("decoupled, of matrices", {
    default: RECIPE.weightDecay,
    max: 10,
  }),
  "max-grad-norm": decimal("the gradients' global norm is clipped to it", {
    default: RECIPE.clipNorm,
    min: 1e-6,
    max: 1e6,
  }),
  dropout: decimal("share of each branch dropped (default: the model's)", {
    max: 0.99,
  }),
  "save-every": integer("steps between checkpoints", {
    default: RECIPE.saveEvery,
    min: 1,
  }),
  "eval-every": integer("steps between validations", {
    default: RECIPE.evalEvery,
    min: 1,
  }),
  recompute: flag(
    "less memory for more time, the same results (by itself where all else is too large)",
  ),
  ...SEED,
  ...ENGINE_OPTIONS,
};

/** The command. */
export const train: Command<typeof options> = {
  name: "train",
  summary: "Train a model on a tokenized dataset",
  options,
  notes:
    "Ctrl-C saves a checkpoint and stops; `resume` goes on as if nothing had happened.",
  examples: [
    "--data data/tokenized --output checkpoints/micro --model-size micro",
    "--data data/tokenized --output checkpoints/quick --max-steps 2000 --grad-accum 2 --learning-rate 1e-3 --warmup-steps 100",
  ],
  async run(values, output) {
    const vocab = await openVocab(
      values.tokenizer,
      parseData(values.data)[0].path,
    );
    const model = await modelConfig(values, vocab.size);
    const training = new TrainingConfig({
      learningRate: values["learning-rate"],
      batchSize: values["batch-size"],
      gradientAccumulation: values["grad-accum"],
      sequenceLength: values["seq-len"],
      warmupSteps: values["warmup-steps"],
      maxSteps: values["max-steps"],
      weightDecay: values["weight-decay"],
      clipNorm: values["max-grad-norm"],
      saveEvery: values["save-every"],
      evalEvery: values["eval-every"],
      seed: values.seed,
    });
    await assertNoRun(values.output);
    using backend = await openBackend(values, output);
    return await runTraining(
      {
        ...values,
        model,
        training,
        vocab,
        lastStep: training.maxSteps,
        dataPosition: 0,
        prepare: ({ model }) => model.initialize(values.seed),
      },
      backend,
      output,
    );
  },
};

/** The model asked for, with as many tokens as the tokenizer has. */
async function modelConfig(
  values: Values<typeof options>,
  vocabSize: number,
): Promise<RWKVConfig> {
  const path = values["model-config"];
  if (path !== undefined && values["model-size"] !== undefined) {
    throw new UsageError("Give --model-size or --model-config, not both");
  }
  const base = path === undefined
    ? RWKVConfig.ofSize(values["model-size"] ?? "micro")
    : RWKVConfig.fromToml(await readText(path));
  return new RWKVConfig({
    ...base.toJSON(),
    vocabSize,
    architecture: values.arch ?? base.architecture,
    dropout: values.dropout ?? base.dropout,
  });
}

/** A new run never writes over the checkpoints of another. */
async function assertNoRun(folder: string): Promise<void> {
  let entries: Deno.DirEntry[];
  try {
    entries = await Array.fromAsync(Deno.readDir(folder));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw new Error(`Cannot write to "${folder}": ${reasonOf(error)}`);
  }
  const found = entries.find(({ name }) => name.endsWith(".mpk"));
  if (found !== undefined) {
    throw new Error(
      `Cannot start a run in "${folder}": it holds ${found.name}; use resume, or another --output`,
    );
  }
}
