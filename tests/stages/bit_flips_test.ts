/** A bit that turned in a file of ours is noticed when the file is loaded. */

import { assertEquals, assertRejects } from "@std/assert";
import { Checkpoint } from "../../lib/checkpoint/native/mpk_reader.ts";
import { parseRecipe } from "../../lib/corpus/build/recipe.ts";
import { openDataset } from "../../lib/dataset/open_dataset.ts";
import { matching } from "../../lib/read_model.ts";
import { Random } from "../../lib/random.ts";
import { buildCorpus } from "../../lib/stages/build_corpus.ts";
import { cleanCorpus } from "../../lib/stages/clean_corpus.ts";
import { train } from "../../lib/stages/train.ts";
import { trainTokenizer } from "../../lib/stages/train_tokenizer.ts";
import { verify } from "../../lib/stages/verify.ts";
import { readAnyVocab } from "../../lib/tokenizer/vocab/vocab_file.ts";
import { TEXT, withFiles } from "../commands/run_cli.ts";
import { withTraining } from "./small_training.ts";

const FLIPS = 200;

/** Turns bits of a file, one after another, of which each has to be noticed. */
async function turnBits(
  path: string,
  load: () => Promise<unknown>,
  random: Random,
): Promise<void> {
  const bytes = await Deno.readFile(path);
  await load();
  for (let i = 0; i < FLIPS; i++) {
    const bit = Math.floor(random.uniform() * 8 * bytes.length);
    bytes[bit >> 3] ^= 1 << (bit & 7);
    await Deno.writeFile(path, bytes);
    await assertRejects(load, Error, "", `bit ${bit} of ${path}`);
    bytes[bit >> 3] ^= 1 << (bit & 7);
  }
  await Deno.writeFile(path, bytes);
}

/** `verify()`, which rejects where something is damaged. */
async function isSound(path: string): Promise<void> {
  const { files } = await verify({ path });
  const damaged = files.find(({ state }) => state === "damaged");
  if (damaged !== undefined) throw new Error(damaged.reason);
}

Deno.test("each of 200 bits turned in each kind of file is noticed on load", async () => {
  await withTraining(async (folder, recipe) => {
    const output = `${folder}/run`, { data } = recipe;
    const checkpoint = `${output}/checkpoint_4.mpk`;
    await train({ ...recipe, output, maxSteps: 4 });
    const openData = async () => {
      const vocab = await readAnyVocab(`${data}/tokenizer.json`);
      using _dataset = await openDataset(data, vocab);
    };
    const openModel = async (path: string) => {
      using checkpoint = await Checkpoint.open(path);
      const vocab = await readAnyVocab(`${output}/tokenizer.json`);
      await matching(checkpoint, vocab);
      checkpoint.verify();
    };
    const final = `${output}/model_final.mpk`;
    const loads: [path: string, load: () => Promise<void>][] = [
      [checkpoint, () => openModel(checkpoint)],
      [final, () => openModel(final)],
      [`${output}/tokenizer.json`, () => openModel(final)],
      [`${data}/train.bin`, openData],
      [`${data}/val.bin`, openData],
      [`${data}/dataset.json`, openData],
      [`${data}/tokenizer.json`, openData],
    ];
    const random = new Random(15);
    for (const [path, load] of loads) await turnBits(path, load, random);
    // And none of them is overlooked where nobody loads it.
    for (const name of ["dataset.json", "train.bin", "val.bin"]) {
      await turnBits(`${data}/${name}`, () => isSound(data), random);
    }
    await turnBits(`${data}/tokenizer.json`, () => isSound(data), random);
    await turnBits(checkpoint, () => isSound(checkpoint), random);
  });
});

Deno.test("each of 200 bits turned in each file of a corpus is noticed by verify()", async () => {
  const texts = { "in/a.txt": TEXT, "in/b/c.txt": "Era uma vez.\n" };
  await withFiles(texts, async (folder) => {
    const input = `${folder}/in`, random = new Random(16);
    const cleaned = `${folder}/cleaned`, built = `${folder}/built`;
    await cleanCorpus({ input, output: cleaned });
    const recipe = parseRecipe(
      `filters = { preset = "none" }
       [[sources]]
       name = "dias"
       path = "${input}"`,
      "recipe",
    );
    await buildCorpus({ recipe, output: built });
    for (const output of [cleaned, built]) {
      await isSound(output);
      for await (const { name, isFile } of Deno.readDir(output)) {
        if (!isFile || name === "dropped.jsonl") continue;
        await turnBits(`${output}/${name}`, () => isSound(output), random);
      }
    }
  });
});

Deno.test("each of 200 bits turned in counted words is noticed, and they are counted anew", async () => {
  await withFiles({ "a.txt": TEXT }, async (folder) => {
    const corpus = `${folder}/a.txt`, output = `${folder}/tokenizer.json`;
    const { sha256 } = await trainTokenizer({ corpus, output });
    const path = `${folder}/word-counts.bin`;
    const again = async () => {
      const found = await trainTokenizer({ corpus, output, threads: 1 });
      assertEquals(found.sha256, sha256);
      if (found.counted) throw new Error("counted anew");
    };
    await turnBits(path, again, new Random(17));
  });
});
