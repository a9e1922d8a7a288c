/**
 * Something small to train on, for tests of what befalls a training.
 *
 * @module
 */

import { TokenizedDatasetWriter } from "../../lib/dataset/dataset_writer.ts";
import type { TrainOptions } from "../../lib/stages/train.ts";
import { BPETokenizer } from "../../lib/tokenizer/bpe/bpe_tokenizer.ts";
import { readVocab, writeVocab } from "../../lib/tokenizer/vocab/vocab_file.ts";
import { TEXT, withFiles, writeSmallVocab } from "../commands/run_cli.ts";

const MODEL = "d_model = 32\nn_layers = 1\nd_ffn = 32\nmax_seq_len = 16\n";

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
    await writeSmallDataset(`${folder}/data`, TEXT);
    await work(folder, {
      data: `${folder}/data`,
      modelConfig: `${folder}/model.toml`,
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

/**
 * Writes a dataset of a text, every fourth document of it held out.
 *
 * @param like A dataset whose tokenizer it shares; one of its own unless given.
 */
export async function writeSmallDataset(
  folder: string,
  text: string,
  like?: string,
): Promise<void> {
  const path = `${folder}/tokenizer.json`;
  const vocab = like === undefined
    ? await writeSmallVocab(path)
    : await readVocab(`${like}/tokenizer.json`);
  if (like !== undefined) await writeVocab(path, vocab);
  const tokenizer = new BPETokenizer(vocab);
  await using writer = await TokenizedDatasetWriter.create(folder, tokenizer);
  for (const [i, document] of text.split("\n\n").entries()) {
    const split = i % 4 === 0 ? "val" : "train";
    await writer.write(split, tokenizer.encode(document), document.length);
  }
  await writer.finish();
}

/** The command line of such a training, without its output. */
export function argumentsOf(
  { data, modelConfig }: SmallRecipe,
  maxSteps: number,
): string[] {
  return [
    ...["train", "--data", data, "--model-config", modelConfig],
    ...["--grad-accum", "1", "--threads", "1", "--blas", "none"],
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
