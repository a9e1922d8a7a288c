/** What the types of a stage's options do not rule out is refused, at once. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { processWiki } from "../../lib/stages/process_wiki.ts";
import { tokenize } from "../../lib/stages/tokenize.ts";
import { TEXT, withFiles, writeSmallVocab } from "../commands/run_cli.ts";

Deno.test("processWiki() refuses files of no documents and other formats", async () => {
  const dump = "<mediawiki></mediawiki>";
  await withFiles({ "dump.xml": dump }, async (folder) => {
    const input = `${folder}/dump.xml`, output = `${folder}/out`;
    for (const articlesPerFile of [0, -1, 1.5, NaN]) {
      await assertRejects(
        () => processWiki({ input, output, articlesPerFile }),
        RangeError,
        `Cannot write a corpus of ${articlesPerFile} documents a file`,
      );
    }
    const format = "xml" as "txt";
    await assertRejects(
      () => processWiki({ input, output, format }),
      RangeError,
      "Cannot write a corpus as xml",
    );
    const names = await Array.fromAsync(Deno.readDir(folder), (e) => e.name);
    assertEquals(names, ["dump.xml"]);
  });
});

Deno.test("tokenize() refuses shares and rules that are none", async () => {
  await withFiles({ "books/a.txt": TEXT }, async (folder) => {
    const tokenizer = `${folder}/tokenizer.json`, output = `${folder}/out`;
    await writeSmallVocab(tokenizer);
    const options = { input: `${folder}/books`, output, tokenizer };
    for (const valFraction of [-1, 1, 5, NaN]) {
      await assertRejects(
        () => tokenize({ ...options, valFraction }),
        RangeError,
        `Cannot hold out ${valFraction} of the text`,
      );
    }
    await assertRejects(
      () => tokenize({ ...options, documents: "livros" as "files" }),
      RangeError,
      'Cannot read documents by "livros"',
    );
  });
});

Deno.test("tokenize() leaves no dataset without anything to train on", async () => {
  const files = { "a.txt": "\x01".repeat(3000), "b.txt": "Uma frase só.\n" };
  await withFiles(files, async (input) => {
    const tokenizer = `${input}/../${crypto.randomUUID()}.json`;
    await writeSmallVocab(tokenizer);
    const output = `${input}/out`;
    await assertRejects(
      () => tokenize({ input, output, tokenizer, valFraction: 0.1 }),
      Error,
      "what is not held out has no text",
    );
    const { trainTokens } = await tokenize({
      ...{ input, output, tokenizer },
      valFraction: 0,
    });
    assert(trainTokens > 0);
    await Deno.remove(tokenizer);
  });
});
