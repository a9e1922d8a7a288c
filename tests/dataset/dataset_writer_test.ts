import { assertEquals, assertRejects } from "@std/assert";
import { readDatasetInfo } from "../../lib/dataset/dataset_info.ts";
import { TokenizedDatasetWriter } from "../../lib/dataset/dataset_writer.ts";
import { openDataset } from "../../lib/dataset/open_dataset.ts";
import { BPETokenizer } from "../../lib/tokenizer/bpe/bpe_tokenizer.ts";
import { BPEVocab } from "../../lib/tokenizer/bpe/bpe_vocab.ts";
import { identityOf } from "../../lib/tokenizer/tokenizer.ts";
import { tokenizerOf } from "../tokenizer/trained.ts";
import { bytesOf, writeTokens } from "./token_files.ts";

const TEXT = "o mar, o mar e a casa, a casa e o mar\n";

async function names(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder)))
    .map(({ name }) => name).sort();
}

async function write(
  folder: string,
  tokenizer: BPETokenizer,
  documents: ["train" | "val", string][],
) {
  await using writer = await TokenizedDatasetWriter.create(folder, tokenizer);
  for (const [split, text] of documents) {
    await writer.write(split, tokenizer.encode(text), text.length);
  }
  return await writer.finish();
}

Deno.test("TokenizedDatasetWriter frames documents and describes them", async () => {
  const folder = await Deno.makeTempDir() + "/new";
  const tokenizer = await tokenizerOf(TEXT);
  const info = await write(folder, tokenizer, [
    ["train", "o mar"],
    ["val", "a casa"],
    ["train", "e"],
  ]);
  const framed = (...texts: string[]) =>
    bytesOf(texts.flatMap((text) => [2, ...tokenizer.encode(text), 3]));
  assertEquals(
    await Deno.readFile(`${folder}/train.bin`),
    framed("o mar", "e"),
  );
  assertEquals(await Deno.readFile(`${folder}/val.bin`), framed("a casa"));
  assertEquals(info.tokenizer, await identityOf(tokenizer.vocab));
  assertEquals(info.vocabSize, tokenizer.vocab.size);
  assertEquals(info.train.documents, 2);
  assertEquals(info.train.bytes, 6);
  assertEquals(info.val?.sourceBytes, 6);
  assertEquals(await readDatasetInfo(folder), info);
  assertEquals(await names(folder), ["dataset.json", "train.bin", "val.bin"]);
});

Deno.test("TokenizedDatasetWriter writes more than its buffer holds", async () => {
  const folder = await Deno.makeTempDir();
  const tokenizer = await tokenizerOf(TEXT);
  await using writer = await TokenizedDatasetWriter.create(folder, tokenizer);
  const tokens = new Uint16Array(700_000).map((_, i) => i % 261);
  await writer.write("train", tokens, 1);
  await writer.write("train", tokens, 1);
  await writer.finish();
  const expected = bytesOf([2, ...tokens, 3]);
  const written = await Deno.readFile(`${folder}/train.bin`);
  assertEquals(written.length, expected.length * 2);
  assertEquals(
    written.subarray(expected.length).every((byte, i) => byte === expected[i]),
    true,
  );
});

Deno.test("TokenizedDatasetWriter leaves nothing behind unless finished", async () => {
  const folder = await Deno.makeTempDir();
  const tokenizer = await tokenizerOf(TEXT);
  const first = await write(folder, tokenizer, [["train", "o"], ["val", "e"]]);
  const before = await Deno.readFile(`${folder}/train.bin`);
  {
    await using writer = await TokenizedDatasetWriter.create(folder, tokenizer);
    await writer.write("train", tokenizer.encode("outra coisa"), 11);
    await writer.write("val", tokenizer.encode("e"), 1);
    await assertRejects(
      () => writer.write("train", Uint16Array.of(60_000), 1),
      RangeError,
      "Cannot write token 60000",
    );
  }
  assertEquals(await names(folder), ["dataset.json", "train.bin", "val.bin"]);
  assertEquals(await Deno.readFile(`${folder}/train.bin`), before);
  assertEquals(await readDatasetInfo(folder), first);
});

Deno.test("TokenizedDatasetWriter removes a val.bin that is not its own", async () => {
  const folder = await Deno.makeTempDir();
  const tokenizer = await tokenizerOf(TEXT);
  await write(folder, tokenizer, [["train", "o"], ["val", "e"]]);
  await write(folder, tokenizer, [["train", "o mar"]]);
  assertEquals(await names(folder), ["dataset.json", "train.bin"]);
});

Deno.test("TokenizedDatasetWriter needs [BOS] and [EOS]", async () => {
  const { vocab } = await tokenizerOf(TEXT);
  const specialTokens = new Map([["[PAD]", 0]]);
  const bare = new BPEVocab({ ...vocab, specialTokens });
  const folder = await Deno.makeTempDir();
  await assertRejects(
    () => TokenizedDatasetWriter.create(folder, new BPETokenizer(bare)),
    RangeError,
    "Cannot use [BOS]: the tokenizer has none",
  );
  assertEquals(await names(folder), []);
});

Deno.test("openDataset() opens a folder, its train.bin, or a single file", async () => {
  const folder = await Deno.makeTempDir();
  const tokenizer = await tokenizerOf(TEXT);
  await write(folder, tokenizer, [["train", "o mar"], ["val", "e"]]);
  for (const path of [folder, `${folder}/`, `${folder}/train.bin`]) {
    using dataset = await openDataset(path, tokenizer.vocab);
    assertEquals(dataset.train.path, `${folder}/train.bin`);
    assertEquals(dataset.val?.length, 3);
    assertEquals(dataset.info?.val?.documents, 1);
  }
  using single = await openDataset(`${folder}/val.bin`, tokenizer.vocab);
  assertEquals([single.train.length, single.val], [3, undefined]);
});

Deno.test("openDataset() takes the original's folders, which say nothing", async () => {
  const folder = await Deno.makeTempDir();
  const { vocab } = await tokenizerOf(TEXT);
  await writeTokens(`${folder}/train.bin`, [5, 6, 7]);
  {
    using dataset = await openDataset(folder, vocab);
    assertEquals([dataset.train.length, dataset.val], [3, undefined]);
  }
  await writeTokens(`${folder}/val.bin`, [5, vocab.size]);
  await assertRejects(
    () => openDataset(folder, vocab),
    RangeError,
    `it has token ${vocab.size}, the vocabulary ${vocab.size}`,
  );
});

Deno.test("openDataset() refuses parts that do not belong together", async () => {
  const folder = await Deno.makeTempDir();
  const tokenizer = await tokenizerOf(TEXT);
  await write(folder, tokenizer, [["train", "o mar"], ["val", "e"]]);
  const other = await tokenizerOf("bem outra gente\n".repeat(3));
  await assertRejects(
    () => openDataset(folder, other.vocab),
    Error,
    "it was made with another tokenizer",
  );
  await writeTokens(`${folder}/val.bin`, [5]);
  await assertRejects(
    () => openDataset(folder, tokenizer.vocab),
    Error,
    "it has 1 tokens, dataset.json says 3; tokenize again",
  );
  await Deno.remove(`${folder}/val.bin`);
  await assertRejects(
    () => openDataset(folder, tokenizer.vocab),
    Error,
    `Cannot read dataset "${folder}/val.bin": no such file or folder`,
  );
});

Deno.test("readDatasetInfo() refuses what is no description", async () => {
  const folder = await Deno.makeTempDir();
  const train = { tokens: 1, documents: 1, bytes: 1, sourceBytes: 1 };
  const good = { tokenizer: "0".repeat(64), vocabSize: 9, train };
  const faults: [string, unknown][] = [
    ['"tokenizer" is not a SHA-256', { ...good, tokenizer: "abc" }],
    ['"tokenizer" is not a SHA-256', null],
    ['"vocabSize" is not a count', { ...good, vocabSize: "9" }],
    ['"train" is missing', { ...good, train: undefined }],
    ['"train.tokens" is not a count', { ...good, train: { tokens: -1 } }],
    ['"val.bytes" is not a count', { ...good, val: { ...train, bytes: 0.5 } }],
  ];
  for (const [reason, content] of faults) {
    await Deno.writeTextFile(`${folder}/dataset.json`, JSON.stringify(content));
    await assertRejects(
      () => readDatasetInfo(folder),
      SyntaxError,
      `Cannot read "${folder}/dataset.json": ${reason}`,
    );
  }
  await Deno.writeTextFile(`${folder}/dataset.json`, "{");
  await assertRejects(
    () => readDatasetInfo(folder),
    SyntaxError,
    "Cannot read",
  );
});
