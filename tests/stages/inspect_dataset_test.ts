import { assertEquals, assertRejects } from "@std/assert";
import { inspectDataset } from "../../lib/stages/inspect_dataset.ts";
import { tokenize } from "../../lib/stages/tokenize.ts";
import { TEXT, withFiles, writeSmallVocab } from "../commands/run_cli.ts";
import { rejectsWhenAborted } from "./aborted.ts";

Deno.test("inspectDataset() counts all parts, and where dataset.json counts otherwise", () =>
  withFiles({ "a.txt": TEXT }, async (folder) => {
    const tokenizer = `${folder}/tokenizer.json`, data = `${folder}/tokens`;
    await writeSmallVocab(tokenizer);
    const made = await tokenize({
      input: `${folder}/a.txt`,
      output: data,
      tokenizer,
      valFraction: 0.2,
    });
    await rejectsWhenAborted((options) => inspectDataset({ data, ...options }));
    const told: [string, number, number][] = [];
    const { train, val, differences } = await inspectDataset({
      data,
      onProgress: ({ part, done, total }) => told.push([part, done, total]),
    });
    assertEquals([train.tokens, val!.tokens], [
      made.trainTokens,
      made.valTokens,
    ]);
    assertEquals(train.samples.length, 3);
    assertEquals(differences, []);
    assertEquals(told, [
      ["train", made.trainTokens, made.tokens],
      ["val", made.tokens, made.tokens],
    ]);

    const path = `${data}/dataset.json`;
    const info = JSON.parse(await Deno.readTextFile(path));
    info.train.bytes += 7;
    delete info.checksum; // as in the datasets of old
    await Deno.writeTextFile(path, JSON.stringify(info));
    const { differences: [found, ...others] } = await inspectDataset({ data });
    assertEquals([found.path, found.figure], [`${data}/train.bin`, "bytes"]);
    assertEquals(found.described - found.counted, 7);
    assertEquals(others, []);
  }));

Deno.test("inspectDataset() says what it was given instead", () =>
  withFiles({ "a.txt": TEXT }, async (folder) => {
    await assertRejects(
      () => inspectDataset({ data: `${folder}/a.txt` }),
      Error,
      'a.txt" as a dataset: it is text, which',
    );
  }));
