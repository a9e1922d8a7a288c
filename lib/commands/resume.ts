/**
 * `resume`: go on with a training run exactly where its checkpoint stands.
 *
 * @module
 */

import { MODEL_SIZES } from "../model/config.ts";
import {
  planResume,
  resume as resumeRun,
  type ResumeOptions,
} from "../stages/resume.ts";
import { portuguese } from "./resume.pt.ts";
import type { Command } from "./shared/command.ts";
import { t } from "./shared/language.ts";
import { ENGINE_OPTIONS, openBackend } from "./shared/engine.ts";
import {
  choice,
  flag,
  integer,
  requiredText,
  stageValues,
  text,
} from "./shared/options.ts";
import { RANK_OPTIONS } from "./shared/ranks.ts";
import { tellDamaged } from "./shared/model_files.ts";
import {
  parseData,
  showPlan,
  showTraining,
  TRAINING_OPTIONS,
} from "./shared/training.ts";

const options = {
  checkpoint: requiredText(
    "FILE",
    "checkpoint_N.mpk, or a folder for its newest",
  ),
  data: requiredText("FOLDER", "the dataset the run was started with, as then"),
  tokenizer: text("FILE", "its tokenizer.json (default: the one beside it)"),
  output: text("FOLDER", "where checkpoints go", { default: "checkpoints" }),
  base: text(
    "FILE",
    "the model of an adapter's checkpoint (default: where it was then)",
  ),
  "additional-steps": integer(
    "steps to do (default: up to the run's --max-steps)",
    { min: 1 },
  ),
  "model-size": choice(MODEL_SIZES, "checked against the checkpoint"),
  "other-data": flag("go on with data that the run was not trained on"),
  ...TRAINING_OPTIONS,
  // Not said is as the run was started: `--keep-best=false` says no.
  "keep-best": { ...TRAINING_OPTIONS["keep-best"], default: undefined },
  ...ENGINE_OPTIONS,
  ...RANK_OPTIONS,
};

/** Why there is no option for a part of the recipe. */
const KEPT =
  "a run keeps its recipe; train --init-from begins another with its weights";

/** The command. */
export const resume: Command<typeof options> = {
  name: "resume",
  summary: "Continue a training run from a checkpoint",
  options,
  portuguese,
  joinsRanks: true,
  instead: {
    "max-steps": "--additional-steps says how many more",
    ...Object.fromEntries(
      ["learning-rate", "batch-size", "grad-accum", "warmup-steps", "seq-len"]
        .map((name) => [name, KEPT]),
    ),
  },
  notes:
    "Step number, weights, moments, learning rate, random state and data position\n" +
    "come from the checkpoint; the recipe does too. On the CPU the result is the\n" +
    "same, bit for bit, as if the run had never stopped. Steps beyond the run's\n" +
    "--max-steps are done at its final learning rate. --eval-windows, --sample-every,\n" +
    "--keep-last and --keep-best are those of train (config.toml beside the\n" +
    "checkpoint has them) unless given.",
  examples: [
    "--checkpoint checkpoints/micro --data data/tokenized --output checkpoints/micro",
    "--checkpoint checkpoints/micro/checkpoint_2500.mpk --data data/tokenized --output checkpoints/micro --additional-steps 1000",
  ],
  async run(values, output, ranks) {
    const training: ResumeOptions = {
      ...stageValues(values, "threads", "blas", "mpi"),
      data: parseData(values.data),
      additionalSteps: values["additional-steps"],
      ranks,
      modelSize: values["model-size"],
      evalWindows: values["eval-windows"],
      keepLast: values["keep-last"],
      keepBest: values["keep-best"],
      onDamaged: tellDamaged(output),
      otherData: values["other-data"],
      onOtherData: (difference) =>
        output.warn(t`The run was trained on other data: ${difference}`),
      sampleEvery: values["sample-every"],
      backend: () => openBackend(values, output),
    };
    return values["dry-run"]
      ? await showPlan(
        output,
        (callbacks) => planResume({ ...training, ...callbacks }),
      )
      : await showTraining(
        { output, values, isNew: false },
        (callbacks) => resumeRun({ ...training, ...callbacks }),
      );
  },
};
