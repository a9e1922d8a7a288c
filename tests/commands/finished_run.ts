/**
 * A small model that was trained to its end, and all that it was made from, for
 * the tests of the commands that train a model or use one.
 *
 * @module
 */

import { assert } from "@std/assert";
import { type Run, succeeds, TEXT } from "./run_cli.ts";

/** The description of the model. */
export const MODEL =
  `d_model = 32\nn_layers = 2\nd_ffn = 64\nmax_seq_len = 16\n`;

/** Options with which it learns in seconds. */
export const RECIPE = [
  ...["--batch-size", "2", "--grad-accum", "2", "--learning-rate", "1e-2"],
  ...["--warmup-steps", "5", "--eval-every", "100"],
];

/** Two checkpoints on the way. */
export const SAVE = ["--save-every", "100"];

/** What {@linkcode finishedRun} makes. */
export interface FinishedRun {
  /** Holds `text.txt`, `tokenizer.json`, `data`, `model.toml` and the run `whole`. */
  readonly folder: string;
  /** What the training of 200 steps did. */
  readonly trained: Run;
}

/** Makes a tokenizer, a dataset and a model of them in a folder of its own. */
export async function finishedRun(): Promise<FinishedRun> {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/text.txt`, TEXT);
  await Deno.writeTextFile(`${folder}/model.toml`, MODEL);
  const tokenizer = `${folder}/tokenizer.json`, data = `${folder}/data`;
  await succeeds(
    ["train-tokenizer", "--corpus", `${folder}/text.txt`],
    ["--output", tokenizer, "--vocab-size", "400"],
  );
  await succeeds(
    ["tokenize", "--input", `${folder}/text.txt`, "--output", data],
    ["--tokenizer", tokenizer, "--val-fraction", "0.1"],
  );
  const trained = await succeeds(
    ["train", "--data", data, "--output", `${folder}/whole`],
    ["--model-config", `${folder}/model.toml`, "--json", ...RECIPE, ...SAVE],
    ["--max-steps", "200", "--threads", "1"],
  );
  return { folder, trained };
}

/** That a file of one folder is the same in another, to the byte. */
export async function assertSame(
  one: string,
  other: string,
  file = "model_final.mpk",
): Promise<void> {
  const [a, b] = await Promise.all(
    [one, other].map((folder) => Deno.readFile(`${folder}/${file}`)),
  );
  assert(a.length === b.length && a.every((byte, i) => byte === b[i]), file);
}
