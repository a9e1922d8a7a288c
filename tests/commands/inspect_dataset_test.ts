import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  refuses,
  run,
  succeeds,
  TEXT,
  withFiles,
  writeSmallVocab,
} from "./run_cli.ts";

/** A folder with a text, a tokenizer of it and the dataset `tokens`. */
async function folderWithDataset(): Promise<[string, Record<string, unknown>]> {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/a.txt`, TEXT);
  await writeSmallVocab(`${folder}/tokenizer.json`);
  await writeSmallVocab(`${folder}/other.json`, { text: "um\ndois\n" });
  const { result } = await run(
    ["tokenize", "--input", `${folder}/a.txt`, "--output", `${folder}/tokens`],
    ["--tokenizer", `${folder}/tokenizer.json`, "--val-fraction", "0.2"],
    ["--json"],
  );
  return [folder, result];
}

Deno.test("inspect-dataset counts what tokenize wrote and shows some of it", async () => {
  const [folder, made] = await folderWithDataset();
  const { code, stdout, stderr, result } = await run(
    ["inspect-dataset", "--data", `${folder}/tokens`, "--samples", "2"],
    ["--json"],
  );
  assertEquals([code, stderr], [0, ""]);
  const [train, val] = [result.train, result.val] as Record<string, number>[];
  assertEquals(result.tokenizer, made.tokenizer);
  assertEquals(train.tokens, made.trainTokens);
  assertEquals(val.documents, made.valDocuments);
  assertEquals(train.words + val.words, made.words);
  assertEquals(train.bytes + val.bytes, made.bytes);
  assertEquals(train.unknownTokens, 0);
  assertStringIncludes(stdout, "tokens/word");
  const { samples } = result.train as { samples: { text: string }[] };
  assertEquals(samples.length, 2);
  for (const { text } of samples) {
    assert(text.startsWith("No dia "), text);
    assertStringIncludes(stdout, JSON.stringify(text));
  }
});

Deno.test("inspect-dataset reads a token file by itself", async () => {
  const [folder, made] = await folderWithDataset();
  await Deno.rename(`${folder}/tokens/train.bin`, `${folder}/old.bin`);
  const { result } = await succeeds(
    ["inspect-dataset", "--data", `${folder}/old.bin`, "--samples", "0"],
    ["--json"],
  );
  const { tokens, samples } = result.train as Record<string, unknown>;
  assertEquals([tokens, samples], [made.trainTokens, []]);
  assertEquals(result.val, undefined);
});

Deno.test("inspect-dataset notes a description that does not fit", async () => {
  const [folder] = await folderWithDataset();
  const path = `${folder}/tokens/dataset.json`;
  const info = JSON.parse(await Deno.readTextFile(path));
  info.val.documents++;
  delete info.checksum; // as in the datasets of old
  await Deno.writeTextFile(path, JSON.stringify(info));
  const { stderr } = await succeeds(
    ["inspect-dataset", "--data", `${folder}/tokens`],
  );
  assertStringIncludes(
    stderr,
    `val.bin has ${
      info.val.documents - 1
    } documents, dataset.json says ${info.val.documents}`,
  );
});

Deno.test("inspect-dataset refuses bad files in one line", async () => {
  const [folder] = await folderWithDataset();
  const tokens = `${folder}/tokens`;
  await Deno.mkdir(`${folder}/odd`);
  await Deno.copyFile(
    `${folder}/tokenizer.json`,
    `${folder}/odd/tokenizer.json`,
  );
  await Deno.writeFile(`${folder}/odd/train.bin`, Uint8Array.of(1, 0, 2));
  await Deno.writeFile(`${folder}/far.bin`, Uint8Array.of(1, 0, 255, 255));
  const faults: [string[], string][] = [
    [[`${folder}/none`], "no such file or folder"],
    [[`${folder}/odd`], 'odd/train.bin": its length is odd (3 bytes)'],
    [[`${folder}/far.bin`], "it has token 65535, the vocabulary"],
    [
      [tokens, "--tokenizer", `${folder}/other.json`],
      "it was made with another tokenizer",
    ],
  ];
  for (const [args, reason] of faults) {
    await refuses(["inspect-dataset", "--data", ...args], 1, reason);
  }
});

Deno.test("inspect-dataset says what it was given instead of a dataset", () =>
  withFiles({ "in/a.txt": "Um dia.\n" }, async (folder) => {
    const reason = "as a dataset: it is a folder of text, which tokenize and";
    await refuses(["inspect-dataset", "--data", `${folder}/in`], 1, reason);
  }));
