/**
 * `resume`: go on with a training run exactly where its checkpoint stands.
 *
 * @module
 */

import { Checkpoint } from "../checkpoint/native/mpk.ts";
import { MODEL_SIZES, RWKVConfig } from "../model/config.ts";
import { identityOf } from "../tokenizer/tokenizer.ts";
import type { Command } from "./shared/command.ts";
import { choice, flag, integer, requiredText, text } from "./shared/options.ts";
import { ENGINE_OPTIONS, openBackend } from "./shared/engine.ts";
import { openVocab } from "./shared/model_files.ts";
import { parseData, runTraining } from "./shared/training.ts";

const options = {
  checkpoint: requiredText(
    "FILE",
    "checkpoint_N.mpk, or a folder for its newest",
  ),
  data: requiredText("FOLDER", "the dataset the run was started with, as then"),
  tokenizer: text("FILE", "its tokenizer.json (default: the one beside it)"),
  output: text("FOLDER", "where checkpoints go", { default: "checkpoints" }),
  "additional-steps": integer(
    "steps to do (default: up to the run's --max-steps)",
    { min: 1 },
  ),
  "model-size": choice(MODEL_SIZES, "checked against the checkpoint"),
  recompute: flag(
    "less memory for more time, the same results (by itself where all else is too large)",
  ),
  ...ENGINE_OPTIONS,
};

/** The command. */
export const resume: Command<typeof options> = {
  name: "resume",
  summary: "Continue a training run from a checkpoint",
  options,
  notes:
    "Step number, weights, moments, learning rate, random state and data position\n" +
    "come from the checkpoint; the recipe does too. On the CPU the result is the\n" +
    "same, bit for bit, as if the run had never stopped. Steps beyond the run's\n" +
    "--max-steps are done at its final learning rate.",
  examples: [
    "--checkpoint checkpoints/micro --data data/tokenized --output checkpoints/micro",
    "--checkpoint checkpoints/micro/checkpoint_2500.mpk --data data/tokenized --output checkpoints/micro --additional-steps 1000",
  ],
  async run(values, output) {
    using checkpoint = await Checkpoint.open(values.checkpoint);
    const { config, train, path } = checkpoint;
    if (train === undefined) {
      throw new Error(
        `Cannot continue from "${path}": it is a finished model without optimizer state; give a checkpoint_N.mpk`,
      );
    }
    assertSize(config, values["model-size"], path);
    const vocab = await openVocab(
      values.tokenizer,
      parseData(values.data)[0].path,
    );
    if (await identityOf(vocab) !== checkpoint.tokenizerSha256) {
      throw new Error(
        `Cannot continue from "${path}": the run used another tokenizer`,
      );
    }
    const { training, step } = train;
    const more = values["additional-steps"];
    const lastStep = more === undefined ? training.maxSteps : step + more;
    if (lastStep <= step) {
      throw new Error(
        `Cannot continue from "${path}": all ${training.maxSteps} steps are done; say how many more with --additional-steps`,
      );
    }
    using backend = await openBackend(values, output);
    return await runTraining(
      {
        ...values,
        model: config,
        training,
        vocab,
        lastStep,
        dataPosition: train.dataPosition,
        prepare: (trainer) => trainer.loadCheckpoint(checkpoint),
      },
      backend,
      output,
    );
  },
};

function assertSize(
  config: RWKVConfig,
  size: typeof MODEL_SIZES[number] | undefined,
  path: string,
): void {
  if (size === undefined) return;
  const preset = RWKVConfig.ofSize(size);
  for (const field of ["dModel", "nLayers", "dFfn"] as const) {
    if (config[field] !== preset[field]) {
      throw new Error(
        `Cannot continue from "${path}" as ${size}: its ${field} is ${
          config[field]
        }, not ${preset[field]}`,
      );
    }
  }
}
