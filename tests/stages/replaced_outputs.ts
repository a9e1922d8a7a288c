/**
 * Commands that replace outputs of several files, each with two inputs from
 * which other files come.
 *
 * @module
 */

import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { saveModel } from "../../lib/checkpoint/native/mpk_writer.ts";
import { RWKVConfig } from "../../lib/model/config.ts";
import { RWKV } from "../../lib/model/rwkv.ts";
import { cleanCorpus } from "../../lib/stages/clean_corpus.ts";
import { exportModel } from "../../lib/stages/export_model.ts";
import { exportTokenizer } from "../../lib/stages/export_tokenizer.ts";
import { importModel } from "../../lib/stages/import_model.ts";
import { tokenize } from "../../lib/stages/tokenize.ts";
import { TEXT, withFiles, writeSmallVocab } from "../commands/run_cli.ts";

/** A command that writes several files. */
export interface Replacing {
  /** What it is called. */
  readonly name: string;
  /** Its arguments without `--output`, for the first and the second input. */
  readonly args: readonly [readonly string[], readonly string[]];
  /** Does the same in this process. */
  readonly stage: (which: 0 | 1, output: string) => Promise<unknown>;
}

/** Lets work be done with inputs for all of them. */
export async function withReplacing(
  work: (folder: string, commands: readonly Replacing[]) => Promise<void>,
): Promise<void> {
  const texts = {
    "0/in/a.txt": TEXT,
    "0/in/b.txt": "Só aqui.\n",
    "1/in/a.txt": `${TEXT}\n\nUm dia a mais.\n`,
  };
  await withFiles(texts, async (folder) => {
    for (const [i, vocabSize] of [300, 320].entries()) {
      await writeModel(`${folder}/${i}/model`, vocabSize);
    }
    await work(folder, replacingIn(folder));
  });
}

async function writeModel(folder: string, vocabSize: number): Promise<void> {
  const vocab = await writeSmallVocab(`${folder}/tokenizer.json`, {
    vocabSize,
  });
  const architecture = "rwkv7", shape = { dModel: 64, dFfn: 64 };
  const size = { vocabSize: vocab.size };
  const config = new RWKVConfig({ architecture, ...size, ...shape });
  const model = new RWKV(config, new ReferenceBackend());
  model.initialize(vocabSize);
  await saveModel(`${folder}/model_final.mpk`, model);
}

function replacingIn(folder: string): Replacing[] {
  const [models, texts] = ["model", "in"].map((name) =>
    [0, 1].map((i) => `${folder}/${i}/${name}`)
  );
  // The second has nothing held out, so that a file has to go.
  const held = [0.3, 0];
  const tokenizers = models.map((model) => `${model}/tokenizer.json`);
  const both = (of: (i: number) => string[]) => [of(0), of(1)] as const;
  return [
    {
      name: "tokenize",
      args: both((i) => [
        ...["--input", texts[i], "--tokenizer", tokenizers[i]],
        ...["--val-fraction", `${held[i]}`],
      ]),
      stage: (i, output) =>
        tokenize({
          input: texts[i],
          tokenizer: tokenizers[i],
          output,
          valFraction: held[i],
          threads: 1,
        }),
    },
    {
      name: "export-model",
      args: both((i) => ["--model", models[i], "--format", "safetensors"]),
      stage: (i, output) =>
        exportModel({ model: models[i], format: "safetensors", output }),
    },
    {
      name: "import-model",
      args: both((i) => ["--input", models[i]]),
      stage: (i, output) => importModel({ input: models[i], output }),
    },
    {
      name: "export-tokenizer",
      args: both((i) => ["--tokenizer", tokenizers[i], "--format", "gpt2"]),
      stage: (i, output) =>
        exportTokenizer({ tokenizer: tokenizers[i], format: "gpt2", output }),
    },
    {
      name: "clean-corpus",
      args: both((i) => ["--input", texts[i]]),
      stage: (i, output) => cleanCorpus({ input: texts[i], output }),
    },
  ];
}
