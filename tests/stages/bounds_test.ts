/** What the types of a stage's options do not rule out is refused, at once. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { processWiki } from "../../lib/stages/process_wiki.ts";
import { auditCorpus } from "../../lib/stages/audit_corpus.ts";
import { cleanCorpus } from "../../lib/stages/clean_corpus.ts";
import { evaluate } from "../../lib/stages/evaluate.ts";
import { generate } from "../../lib/stages/generate.ts";
import { processLaws } from "../../lib/stages/process_laws.ts";
import { trainTokenizer } from "../../lib/stages/train_tokenizer.ts";
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

Deno.test("stages refuse options of another kind by their name", async () => {
  // deno-lint-ignore no-explicit-any
  const wrong = (value: unknown) => value as any;
  const files = { input: "a.txt", output: "none" };
  const cases: [() => Promise<unknown>, string][] = [
    [
      () => auditCorpus({ input: wrong("text") }),
      'Cannot audit a corpus: input must be a list of texts, not "text"',
    ],
    [
      () => processWiki({ ...files, minChars: wrong("100") }),
      'Cannot process a dump: minChars must be a whole number, at least 0, not "100"',
    ],
    [
      () => processWiki(wrong({ output: "none" })),
      "Cannot process a dump: input must be a text, not undefined",
    ],
    [
      () => processWiki({ ...files, onProgress: wrong(true) }),
      "onProgress must be a function, not true",
    ],
    [
      () => processLaws({ ...files, keepNotes: wrong("no") }),
      'keepNotes must be true or false, not "no"',
    ],
    [
      () => cleanCorpus({ ...files, signal: wrong({}) }),
      "signal must be an AbortSignal, not an object",
    ],
    [
      () => tokenize({ ...files, tokenizer: wrong(["a"]) }),
      "tokenizer must be a text, not a list",
    ],
    [
      () => trainTokenizer({ corpus: wrong(null), output: "none" }),
      "corpus must be a text, not null",
    ],
    [
      () => evaluate({ model: "a", data: wrong(5) }),
      "data must be a text, not 5",
    ],
    [
      () => generate({ model: "a", seed: wrong("7") }),
      'seed must be a whole number from 0 to 4294967295, not "7"',
    ],
  ];
  for (const [work, reason] of cases) {
    const { message } = await assertRejects(work, TypeError);
    assert(message.endsWith(reason), message);
  }
});
