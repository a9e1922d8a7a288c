/**
 * Something small to train on, for tests of what befalls a training.
 *
 * @module
 */

import type { TrainOptions } from "../../lib/stages/train.ts";
import { withFiles, writeSmallDataset } from "../commands/run_cli.ts";

/** The description of a model that learns in no time. */
export const MODEL =
  "d_model = 32\nn_layers = 1\nd_ffn = 32\nmax_seq_len = 16\n";

/** A recipe for a training of a few seconds. */
export type SmallRecipe = Omit<TrainOptions, "output"> & {
  readonly data: string;
  readonly modelConfig: string;
};

/** Lets work be done in a folder that has a dataset `data` and a `model.toml`. */
export async function withTraining(
  work: (folder: string, recipe: SmallRecipe) => Promise<void>,
): Promise<void> {
  await withFiles({ "model.toml": MODEL }, async (folder) => {
    await writeSmallDataset(`${folder}/data`);
    await work(folder, {
      data: `${folder}/data`,
      modelConfig: `${folder}/model.toml`,
      batchSize: 2,
      gradAccum: 1,
      warmupSteps: 2,
      learningRate: 0.01,
      maxSteps: 12,
      saveEvery: 4,
      evalEvery: 100,
      backend: "reference",
    });
  });
}

/** The command line of such a training, without its output. */
export function argumentsOf(
  { data, modelConfig }: Pick<SmallRecipe, "data" | "modelConfig">,
  maxSteps: number,
): string[] {
  return [
    ...["train", "--data", data, "--model-config", modelConfig],
    ...["--batch-size", "2", "--grad-accum", "1"],
    ...["--threads", "1", "--blas", "none"],
    ...["--max-steps", `${maxSteps}`, "--warmup-steps", "2"],
  ];
}

/** Waits until a file is there. */
export async function isThere(path: string): Promise<void> {
  for (let i = 0; i < 3000; i++) {
    if (await Deno.stat(path).then(() => true, () => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`there is no ${path}`);
}
