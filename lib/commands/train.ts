/**
 * `train`: a new model from a tokenized dataset.
 *
 * @module
 */

import { ARCHITECTURES } from "../model/architecture.ts";
import { MODEL_SIZES } from "../model/config.ts";
import { TRAINING_RECIPES } from "../train/recipe.ts";
import {
  planTrain,
  train as trainModel,
  type TrainOptions,
} from "../stages/train.ts";
import { TrainingConfig } from "../training_config.ts";
import type { Command } from "./shared/command.ts";
import { ENGINE_OPTIONS, openBackend } from "./shared/engine.ts";
import { RECIPE_OPTIONS, recipeOf } from "./shared/recipe.ts";
import { RANK_OPTIONS } from "./shared/ranks.ts";
import { tellDamaged } from "./shared/model_files.ts";
import {
  choice,
  decimal,
  flag,
  integer,
  requiredText,
  SEED,
  stageValues,
  text,
  UsageError,
} from "./shared/options.ts";
import {
  parseData,
  showPlan,
  showTraining,
  TRAINING_OPTIONS,
} from "./shared/training.ts";
import { portuguese } from "./train.pt.ts";

const FIELDS = new TrainingConfig();

/** More steps, and hours, than anybody does. */
const MOST_STEPS = 1e9, MOST_HOURS = 24 * 366;

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
  "init-from": text(
    "FILE",
    "a model whose weights to begin with, as --model of generate takes it; schedule and optimizer begin anew",
  ),
  recipe: choice(
    TRAINING_RECIPES,
    "settings that are not given: by size, family and length of the run, or the Rust program's",
    { default: "tuned" },
  ),
  hours: decimal("how long the run may take here (default: see above)", {
    min: 0.001,
    max: MOST_HOURS,
  }),
  tokens: integer("instead: how many tokens to read", { min: 1 }),
  "max-steps": integer("instead: optimizer steps", {
    min: 1,
    max: MOST_STEPS,
  }),
  "batch-size": integer("windows of a micro-batch", { min: 1, max: 65_536 }),
  "grad-accum": integer("micro-batches of a step", { min: 1, max: 65_536 }),
  "grad-parts": integer(
    "parts that a step's gradients are added up from; so many processes may share them (default: one each)",
    { min: 1, max: 65_536 },
  ),
  "seq-len": integer("tokens of a window (default: the model's)", {
    min: 1,
    max: 65_536,
  }),
  "learning-rate": decimal("learning rate at its peak", { max: 1 }),
  "warmup-steps": integer("steps up to the peak", { max: MOST_STEPS }),
  "weight-decay": decimal("decoupled, of matrices", {
    default: FIELDS.weightDecay,
    max: 10,
  }),
  "max-grad-norm": decimal("the gradients' global norm is clipped to it", {
    default: FIELDS.clipNorm,
    min: 1e-6,
    max: 1e6,
  }),
  dropout: decimal("share of each branch dropped", { max: 0.99 }),
  "shuffle-documents": flag(
    "another order of the documents each epoch, windows cut from them (default: windows at fixed places, shuffled)",
  ),
  "carry-state": flag(
    "rows read on from step to step with the state they left; shuffles documents too",
  ),
  "logit-soft-cap": decimal(
    "logits stay below it, as cap · tanh(z / cap); such models cannot be exported (default: no cap)",
    { min: 1, max: 1000 },
  ),
  "value-embeddings": integer(
    "last blocks whose values have an embedding of their own; such models cannot be exported (default: none)",
    { min: 1, max: 256 },
  ),
  "sequence-warmup": integer(
    "steps over which windows grow from an eighth of their length, more of them meanwhile",
    { default: FIELDS.sequenceWarmup, max: MOST_STEPS },
  ),
  "save-every": integer("steps between checkpoints", {
    min: 1,
    max: MOST_STEPS,
  }),
  "eval-every": integer("steps between validations", {
    min: 1,
    max: MOST_STEPS,
  }),
  ...RECIPE_OPTIONS,
  ...TRAINING_OPTIONS,
  ...SEED,
  ...ENGINE_OPTIONS,
  ...RANK_OPTIONS,
};

/** The command. */
export const train: Command<typeof options> = {
  name: "train",
  summary: "Train a model on a tokenized dataset",
  options,
  portuguese,
  joinsRanks: true,
  notes:
    "Ctrl-C saves a checkpoint and stops; `resume` goes on as if nothing had happened.\n" +
    "What is not given follows from the model's size and family and from how long\n" +
    "the run is: --hours, measured first, --tokens or --max-steps; else the data are\n" +
    "read four times. --recipe original has the Rust program's settings instead.\n" +
    "With --init-from the model's family and size are those of its weights, and the\n" +
    "peak of the learning rate is a tenth.",
  examples: [
    "--data data/tokenized --output checkpoints/micro --model-size micro",
    "--data data/tokenized --output checkpoints/evening --hours 4",
    "--data data/tokenized --output checkpoints/tuned --init-from checkpoints/world --learning-rate 1e-4 --max-steps 500",
  ],
  async run(values, output, ranks) {
    if (
      values["model-config"] !== undefined && values["model-size"] !== undefined
    ) {
      throw new UsageError("Give --model-size or --model-config, not both");
    }
    const training: TrainOptions = {
      ...stageValues(values, "threads", "blas", "mpi"),
      ...recipeOf(values),
      data: parseData(values.data),
      modelSize: values["model-size"],
      modelConfig: values["model-config"],
      initFrom: values["init-from"],
      recipe: values.recipe,
      hours: values.hours,
      tokens: values.tokens,
      maxSteps: values["max-steps"],
      batchSize: values["batch-size"],
      gradAccum: values["grad-accum"],
      gradParts: values["grad-parts"],
      ranks,
      seqLen: values["seq-len"],
      learningRate: values["learning-rate"],
      warmupSteps: values["warmup-steps"],
      weightDecay: values["weight-decay"],
      maxGradNorm: values["max-grad-norm"],
      shuffleDocuments: values["shuffle-documents"],
      carryState: values["carry-state"],
      sequenceWarmup: values["sequence-warmup"],
      logitSoftCap: values["logit-soft-cap"],
      valueEmbeddings: values["value-embeddings"],
      saveEvery: values["save-every"],
      evalEvery: values["eval-every"],
      evalWindows: values["eval-windows"],
      keepLast: values["keep-last"],
      keepBest: values["keep-best"],
      sampleEvery: values["sample-every"],
      onDamaged: tellDamaged(output),
      backend: () => openBackend(values, output),
    };
    return values["dry-run"]
      ? await showPlan(
        output,
        (callbacks) => planTrain({ ...training, ...callbacks }),
      )
      : await showTraining(
        { output, values, isNew: true },
        (callbacks) => trainModel({ ...training, ...callbacks }),
      );
  },
};
