/** Outputs of several files are the old or the new ones, at whichever step one dies. */

import { assert, assertEquals } from "@std/assert";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { openDataset } from "../../lib/dataset/open_dataset.ts";
import { loadCheckpoint } from "../../lib/load_checkpoint.ts";
import { verify } from "../../lib/stages/verify.ts";
import type { AnyVocab } from "../../lib/tokenizer/vocab/any_tokenizer.ts";
import { readAnyVocab } from "../../lib/tokenizer/vocab/vocab_file.ts";
import {
  assertOneOf,
  contentsOf,
  livesFor,
  nextStart,
  seenIn,
} from "../killed.ts";
import { withReplacing } from "./replaced_outputs.ts";

Deno.test("outputs of several files are whole after a death at any step", async () => {
  await withReplacing(async (folder, commands) => {
    for (const { name, stage } of commands) {
      const work = async (which: 0 | 1) => {
        const output = `${folder}/${name}/${which}`;
        await stage(which, output);
        return await contentsOf(output);
      };
      const whole = [await work(0), await work(1)];
      const output = `${folder}/${name}/out`;
      const found = [0, 0];
      let there: number | undefined;
      for (let steps = 0, ended = false; !ended; steps++) {
        if (there !== 0) await stage(0, output);
        ended = await livesFor(steps, () => stage(1, output));
        // What a corpus leaves unfinished goes when the same command starts.
        if (name === "clean-corpus") {
          await nextStart(output);
          const seen = await seenIn(output);
          there = JSON.stringify(seen) === JSON.stringify(whole[0]) ? 0 : 1;
          assertEquals(seen, whole[there]);
        } else there = await assertOneOf(output, whole);
        found[there]++;
      }
      assert(found.every((times) => times > 3), `${name}: ${found}`);
    }
  });
});

Deno.test("a death while an interrupted output is finished costs nothing", async () => {
  await withReplacing(async (folder, [tokenizing]) => {
    const output = `${folder}/out`, fresh = `${folder}/fresh`;
    await tokenizing.stage(1, fresh);
    const whole = await contentsOf(fresh);
    const begin = async (steps: number) => {
      await tokenizing.stage(0, output);
      await livesFor(steps, () => tokenizing.stage(1, output));
      return JSON.stringify(await seenIn(output)) === JSON.stringify(whole);
    };
    // Until the record of what is to be moved is there, and nothing more.
    let first = 0;
    while (!await begin(first)) first++;
    for (let steps = 0, ended = false; !ended; steps++) {
      assert(await begin(first));
      ended = await livesFor(steps, () => nextStart(output));
      assertEquals(await seenIn(output), whole);
      await nextStart(output);
      assertEquals(await contentsOf(output), whole);
    }
  });
});

Deno.test("readers find the new files before they are in place, and write nothing", async () => {
  await withReplacing(async (folder, commands) => {
    for (const name of ["tokenize", "import-model"]) {
      const { stage } = commands.find((command) => command.name === name)!;
      const output = `${folder}/${name}`;
      const vocab = await readAnyVocab(`${folder}/0/model/tokenizer.json`);
      let found = 0;
      for (let steps = 0, ended = false; !ended; steps++) {
        await stage(1, output);
        ended = await livesFor(steps, () => stage(0, output));
        const before = await contentsOf(output);
        const { files } = await verify({ path: output });
        const states = files.map(({ state }) => state);
        assert(states.every((state) => state === "whole"), `${states}`);
        if (await hasVocab(output, vocab)) {
          found++;
          if (name === "tokenize") {
            using dataset = await openDataset(output, vocab);
            assert(dataset.val !== undefined);
          } else await loadCheckpoint(output, new ReferenceBackend());
        }
        assertEquals(await contentsOf(output), before);
      }
      assert(found > 3, `${found}`);
    }
  });
});

async function hasVocab(folder: string, vocab: AnyVocab): Promise<boolean> {
  return (await readAnyVocab(folder)).toString() === vocab.toString();
}
