/** A bit that turned in a file of ours is noticed when the file is loaded. */

import { assertRejects } from "@std/assert";
import { Checkpoint } from "../../lib/checkpoint/native/mpk_reader.ts";
import { openDataset } from "../../lib/dataset/open_dataset.ts";
import { matching } from "../../lib/load_checkpoint.ts";
import { Random } from "../../lib/random.ts";
import { train } from "../../lib/stages/train.ts";
import { readAnyVocab } from "../../lib/tokenizer/vocab/vocab_file.ts";
import { withTraining } from "./small_training.ts";

const FLIPS = 200;

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
    for (const [path, load] of loads) {
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
  });
});
