/**
 * Every command that writes, with something small to work on, for the tests of
 * what befalls them.
 *
 * @module
 */

import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { saveModel } from "../../lib/checkpoint/native/mpk_writer.ts";
import { writeFileAtomic } from "../../lib/files.ts";
import { RWKVConfig } from "../../lib/model/config.ts";
import { RWKV } from "../../lib/model/rwkv.ts";
import { PTBRNormalizer } from "../../lib/tokenizer/normalizer.ts";
import { identityOf } from "../../lib/tokenizer/tokenizer.ts";
import {
  succeeds,
  TEXT,
  withFiles,
  writeSmallDataset,
  writeSmallVocab,
} from "../commands/run_cli.ts";
import { bzip2 } from "../corpus/dump/bzip2_encoder.ts";
import { dumpXml, pages } from "../corpus/sample_dump.ts";
import { argumentsOf, MODEL } from "../stages/small_training.ts";

/** A command and what it is given, but for its output. */
export interface Case {
  /** The command. */
  readonly name: string;
  /** What follows it. */
  readonly args: readonly string[];
  /** The same with other input, whose output may stand there before. */
  readonly older: readonly string[];
  /** The output in the folder that is written, where that is not the folder. */
  readonly file?: string;
  /** Files that tell of the moment they were written, so that they differ. */
  readonly varying?: RegExp;
}

/** The output of a case, as its option has it. */
export function outputOf({ file }: Case, folder: string): string[] {
  return ["--output", file === undefined ? folder : `${folder}/${file}`];
}

type Edition = "a" | "b";

/** Writes what a command reads into a folder, and says how it is called. */
type Arguments = (
  folder: string,
  edition: Edition,
) => Promise<readonly string[]>;

const CASES: Record<string, Arguments> = {
  async "process-wiki"(folder, edition) {
    const dump = dumpXml(pages(edition === "a" ? 300 : 200));
    const input = `${folder}/dump.xml.bz2`;
    await writeFileAtomic(input, bzip2(dump, { blockBytes: 900 }));
    return [
      ...["--input", input, "--min-chars", "40"],
      ...["--articles-per-file", "15", "--threads", "2"],
    ];
  },
  async "process-laws"(folder, edition) {
    for (let i = 0; i < 12; i++) {
      await writeFileAtomic(
        `${folder}/laws/${i % 2 ? "odd/" : ""}${i}.html`,
        `<html><body><p>LEI Nº ${i + 1}, DE 3 DE MAIO DE 1999
<p>${`Art. 1º O remo ${edition} é de quem rema. `.repeat(9)}`,
      );
    }
    return ["--input", `${folder}/laws`, "--min-chars", "40"];
  },
  async "clean-corpus"(folder, edition) {
    return ["--input", await writeTexts(folder, edition)];
  },
  async "build-corpus"(folder, edition) {
    const recipe = `${folder}/recipe.toml`;
    const source = await writeTexts(folder, edition);
    await writeFileAtomic(recipe, RECIPE.replace("HERE", source));
    return ["--recipe", recipe, "--allow-outside", "--threads", "1"];
  },
  async "train-tokenizer"(folder, edition) {
    const corpus = await writeTexts(folder, edition);
    return ["--corpus", corpus, "--vocab-size", "300"];
  },
  async tokenize(folder, edition) {
    return [
      ...["--input", await writeTexts(folder, edition)],
      ...["--tokenizer", await writeTokenizer(folder, edition)],
      ...["--val-fraction", "0.1"],
    ];
  },
  async "import-tokenizer"(folder, edition) {
    const tokenizer = await writeTokenizer(folder, edition);
    const input = `${folder}/hf.json`;
    await succeeds(
      ["export-tokenizer", "--tokenizer", tokenizer, "--format", "hf"],
      ["--output", input],
    );
    return ["--input", input];
  },
  async "export-tokenizer"(folder, edition) {
    const tokenizer = await writeTokenizer(folder, edition);
    return ["--tokenizer", tokenizer, "--format", "gpt2"];
  },
  async "export-model"(folder, edition) {
    const model = await writeModel(folder, edition);
    return ["--model", model, "--format", "safetensors", "--name", "m"];
  },
  async "import-model"(folder, edition) {
    const model = await writeModel(folder, edition);
    return [
      ...["--input", `${model}/model_final.mpk`],
      ...["--tokenizer", `${model}/tokenizer.json`],
    ];
  },
  async train(folder, edition) {
    const [, ...args] = await trainingArguments(folder);
    const seed = `${edition.charCodeAt(0)}`;
    return [...args, "--save-every", "8", "--seed", seed];
  },
  async resume(folder) {
    const args = await trainingArguments(folder);
    await succeeds(args, ["--output", `${folder}/run`]);
    return [
      ...["--checkpoint", `${folder}/run`, "--data", `${folder}/data`],
      ...["--additional-steps", "9", "--threads", "1", "--blas", "none"],
    ];
  },
};

/** Commands whose output is a file. */
const FILES: Readonly<Record<string, string>> = {
  "train-tokenizer": "tokenizer.json",
};

/** What each process of a training writes anew, or with the name of its run. */
const VARYING =
  /^(?:checkpoint_.*|config\.toml|events\..*|metrics\.jsonl|run\.json|samples\.jsonl)$/;

/** All commands that write into a folder of which one may be named. */
export const COMMANDS: readonly string[] = Object.keys(CASES);

/** Lets work be done with commands in a folder of their own. */
export function withCases(
  names: readonly string[],
  work: (folder: string, ...cases: Case[]) => Promise<void>,
): Promise<void> {
  return withFiles({}, async (folder) => {
    const cases: Case[] = [];
    for (const name of names) {
      const [args, older] = await Promise.all(
        (["a", "b"] as const).map((edition) =>
          CASES[name](`${folder}/inputs/${name}-${edition}`, edition)
        ),
      );
      const varying = /^(?:train|resume)$/.test(name) ? VARYING : undefined;
      cases.push({ name, args, older, file: FILES[name], varying });
    }
    await work(folder, ...cases);
  });
}

const RECIPE = `
  filters = { preset = "none" }
  duplicates = { near = false }
  [[sources]]
  name = "dias"
  path = "HERE"
  documents = "blank-lines"
`;

/** A text of some hundred documents, other ones in each edition. */
function textOf(edition: string): string {
  return Array.from(
    { length: 20 },
    (_, i) => TEXT.replaceAll("a feira", `a feira ${edition} do ano ${i}`),
  ).join("\n");
}

async function writeTexts(folder: string, edition: Edition): Promise<string> {
  const texts = `${folder}/texts`;
  await writeFileAtomic(`${texts}/one.txt`, textOf(`um ${edition}`));
  await writeFileAtomic(`${texts}/two/more.txt`, textOf(`dois ${edition}`));
  return texts;
}

async function writeTokenizer(
  folder: string,
  edition: Edition,
): Promise<string> {
  const path = `${folder}/tokenizer.json`;
  const normalizer = PTBRNormalizer.off();
  await writeSmallVocab(path, { text: textOf(edition), normalizer });
  return path;
}

/** A model of random weights beside its tokenizer, of some hundred kilobytes. */
async function writeModel(folder: string, edition: Edition): Promise<string> {
  const vocab = await writeSmallVocab(`${folder}/tokenizer.json`, {
    vocabSize: 300,
    normalizer: PTBRNormalizer.off(),
    text: textOf(edition),
  });
  const config = new RWKVConfig({
    ...{ vocabSize: vocab.size, dModel: 64, nLayers: 2, dFfn: 64 },
    ...{ maxSeqLen: 32, architecture: "rwkv7" },
  });
  const model = new RWKV(config, new ReferenceBackend());
  model.initialize(edition.charCodeAt(0));
  await saveModel(`${folder}/model_final.mpk`, model, {
    tokenizerSha256: await identityOf(vocab),
  });
  return folder;
}

/** The command line of a training, without its output. */
async function trainingArguments(folder: string): Promise<string[]> {
  const data = `${folder}/data`, modelConfig = `${folder}/model.toml`;
  await writeFileAtomic(modelConfig, MODEL);
  await writeSmallDataset(data);
  return argumentsOf({ data, modelConfig }, 24);
}
