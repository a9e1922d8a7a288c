import { assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { openDataset } from "../../lib/dataset/open_dataset.ts";
import type { MmapDataset } from "../../lib/dataset/mmap_dataset.ts";
import { BPETokenizer } from "../../lib/tokenizer/bpe/bpe_tokenizer.ts";
import { BPEVocab } from "../../lib/tokenizer/bpe/bpe_vocab.ts";
import { writeVocab } from "../../lib/tokenizer/vocab/vocab_file.ts";
import {
  reads,
  refuses,
  run,
  succeeds,
  TEXT,
  writeSmallVocab,
} from "./run_cli.ts";

async function folderWithTokenizer(): Promise<[string, BPETokenizer]> {
  const folder = await Deno.makeTempDir();
  const vocab = await writeSmallVocab(`${folder}/tokenizer.json`);
  return [folder, new BPETokenizer(vocab)];
}

/** The documents of a token file, as text. */
function documentsOf(dataset: MmapDataset, tokenizer: BPETokenizer): string[] {
  const tokens = new Uint16Array(dataset.length);
  dataset.read(0, tokens);
  const text = tokenizer.decode(tokens, { keepSpecial: true });
  assertEquals(text.startsWith("[BOS]") && text.endsWith("[EOS]"), true);
  return text.slice(5, -5).split("[EOS][BOS]");
}

Deno.test("tokenize frames every document and holds some out", async () => {
  const [folder, tokenizer] = await folderWithTokenizer();
  await Deno.mkdir(`${folder}/in`);
  await Deno.writeTextFile(`${folder}/in/wiki_000.txt`, TEXT);
  await Deno.writeTextFile(`${folder}/in/lei.md`, "# Art. 1º\n\nFica dito.\n");
  const { result } = await succeeds(
    ["tokenize", "--input", `${folder}/in`, "--output", `${folder}/out`],
    ["--tokenizer", folder, "--val-fraction", "0.2", "--json"],
  );
  using dataset = await openDataset(`${folder}/out`, tokenizer.vocab);
  const train = documentsOf(dataset.train, tokenizer);
  const val = documentsOf(dataset.val!, tokenizer);
  const expected = [...TEXT.trimEnd().split("\n\n"), "# Art. 1º\n\nFica dito."];
  assertEquals([...train, ...val].toSorted(), expected.toSorted());
  assertGreater(train.length, val.length);
  assertEquals(
    [result.documents, result.trainDocuments, result.valDocuments],
    [41, train.length, val.length],
  );
  assertEquals(result.tokens, dataset.train.length + dataset.val!.length);
  assertEquals(result.words, expected.join(" ").split(/\s+/).length);
  assertEquals(
    result.bytes,
    new TextEncoder().encode(expected.join("")).length,
  );
  assertEquals(
    await reads(`${folder}/out`),
    ["dataset.json", "tokenizer.json", "train.bin", "val.bin"],
  );
  assertEquals(
    await Deno.readTextFile(`${folder}/out/tokenizer.json`),
    tokenizer.vocab.toString(),
  );
});

Deno.test("tokenize, train-tokenizer and evaluate-tokenizer read objects as the same documents in text", async () => {
  const [folder, tokenizer] = await folderWithTokenizer();
  const documents = [...TEXT.trimEnd().split("\n\n"), "  É\tisto. \nFim — "];
  for (const name of ["txt", "jsonl"]) await Deno.mkdir(`${folder}/${name}`);
  for (
    const [i, half] of [documents.slice(0, 30), documents.slice(30)].entries()
  ) {
    await Deno.writeTextFile(
      `${folder}/txt/wiki_00${i}.txt`,
      half.map((text) => `${text}\n`).join("\n"),
    );
    await Deno.writeTextFile(
      `${folder}/jsonl/${i}.jsonl`,
      half.map((text, id) => `${JSON.stringify({ id, text })}\n`).join(""),
    );
  }
  // What build-corpus left out is no text of the folder.
  await Deno.writeTextFile(
    `${folder}/jsonl/dropped.jsonl`,
    '{"reason": "x"}\n',
  );
  const results: Record<string, unknown>[] = [];
  for (const name of ["txt", "jsonl"]) {
    const output = `${folder}/${name}_out`;
    await succeeds(
      ["tokenize", "--input", `${folder}/${name}`, "--output", output],
      ["--tokenizer", folder, "--val-fraction", "0.2", "--json"],
    );
    const trained = await run(
      ["train-tokenizer", "--corpus", `${folder}/${name}`, "--json"],
      ["--output", `${output}/new.json`, "--vocab-size", "400"],
    );
    const { sha256, words, distinctWords, bytes } = trained.result;
    const judged = await run(
      ["evaluate-tokenizer", "--input", `${folder}/${name}`, "--json"],
      ["--tokenizer", folder],
    );
    const [{ tokens }] = judged.result.tokenizers as { tokens: number }[];
    results.push({
      train: await Deno.readFile(`${output}/train.bin`),
      val: await Deno.readFile(`${output}/val.bin`),
      info: {
        ...JSON.parse(await Deno.readTextFile(`${output}/dataset.json`)),
        documentsBy: undefined,
        checksum: undefined,
      },
      trained: { sha256, words, distinctWords, bytes },
      tokens,
    });
  }
  assertEquals(results[1], results[0]);
  using dataset = await openDataset(`${folder}/jsonl_out`, tokenizer.vocab);
  assertEquals(
    [
      ...documentsOf(dataset.train, tokenizer),
      ...documentsOf(dataset.val!, tokenizer),
    ].toSorted(),
    documents.map((text) => tokenizer.decode(tokenizer.encode(text)))
      .toSorted(),
  );
});

Deno.test("tokenize names the line of a .jsonl file that is broken", async () => {
  const [folder] = await folderWithTokenizer();
  await Deno.writeTextFile(
    `${folder}/a.jsonl`,
    '{"text": "sim"}\n{"txt": 1}\n',
  );
  await refuses(
    [
      ...["tokenize", "--input", `${folder}/a.jsonl`, "--tokenizer", folder],
      ...["--output", `${folder}/out`],
    ],
    1,
    `Cannot read "${folder}/a.jsonl": line 2 is no object with a "text"`,
  );
});

Deno.test("tokenize holds a document out of two, and none where told", async () => {
  const [folder] = await folderWithTokenizer();
  await Deno.writeTextFile(`${folder}/a.txt`, "Um dia.\n\nOutro dia.\n");
  const args = ["tokenize", "--input", `${folder}/a.txt`, "--json"];
  const places = ["--tokenizer", folder, "--output", `${folder}/out`];
  const some = await run(args, places);
  assertEquals([some.result.trainDocuments, some.result.valDocuments], [1, 1]);
  const none = await run(args, places, ["--val-fraction", "0"]);
  assertEquals([none.result.trainDocuments, none.result.valDocuments], [2, 0]);
  assertEquals(
    await reads(`${folder}/out`),
    ["dataset.json", "tokenizer.json", "train.bin"],
  );

  await Deno.writeTextFile(`${folder}/a.txt`, "Um dia só.");
  const single = await run(args, places);
  assertEquals([single.code, single.result.valDocuments], [0, 0]);
  assertStringIncludes(single.stderr, "Nothing is held out");
});

Deno.test("tokenize refuses bad input in one line, leaving what was there", async () => {
  const [folder, { vocab }] = await folderWithTokenizer();
  await Deno.writeTextFile(`${folder}/a.txt`, TEXT);
  await Deno.writeTextFile(`${folder}/blank.txt`, " \n\n\u00a0\n");
  await Deno.writeTextFile(`${folder}/bad.json`, '{"merges": []}');
  await Deno.writeFile(`${folder}/cut.txt`, Uint8Array.of(0x61, 0x0a, 0xc3));
  const bare = new BPEVocab({
    tokens: vocab.tokens,
    merges: vocab.merges,
    specialTokens: new Map(),
    preTokenizer: "gpt2",
    normalizer: vocab.normalizer,
  });
  await writeVocab(`${folder}/bare.json`, bare);
  const out = `${folder}/out`;
  const good = ["--output", out, "--tokenizer", `${folder}/tokenizer.json`];
  await run(["tokenize", "--input", `${folder}/a.txt`, ...good]);
  const before = await Deno.readFile(`${out}/train.bin`);
  const text = ["--input", `${folder}/a.txt`];
  const own = ["--tokenizer", folder], to = ["--output", out];
  const faults: [string[], number, string][] = [
    [["--input", `${folder}/none`, ...good], 1, "no such file or folder"],
    [["--input", `${folder}/blank.txt`, ...good], 1, "there is no text"],
    [
      ["--input", `${folder}/cut.txt`, ...good],
      1,
      "not UTF-8, which clean-corpus takes",
    ],
    [
      [...text, ...to, "--tokenizer", `${folder}/bad.json`],
      1,
      '"id_to_token" is not a list',
    ],
    [
      [...text, ...to, "--tokenizer", `${folder}/none.json`],
      1,
      "no such file or folder",
    ],
    [
      [...text, ...to, "--tokenizer", `${folder}/bare.json`],
      1,
      "Cannot use [BOS]: the tokenizer has none",
    ],
    [
      [...text, ...own, "--output", `${folder}/a.txt`],
      1,
      `Cannot write into "${folder}/a.txt"`,
    ],
    [
      [...text, ...good, "--val-fraction", "1.5"],
      2,
      "--val-fraction must be from 0 to 0.9",
    ],
  ];
  for (const [args, expected, reason] of faults) {
    await refuses(["tokenize", ...args], expected, reason);
    assertEquals(await Deno.readFile(`${out}/train.bin`), before);
    assertEquals(
      await reads(out),
      ["dataset.json", "tokenizer.json", "train.bin", "val.bin"],
    );
  }
});

Deno.test("tokenize writes the same bytes on any number of threads", async () => {
  const [folder] = await folderWithTokenizer();
  await Deno.mkdir(`${folder}/in`);
  // Enough for several batches a thread.
  for (let i = 0; i < 4; i++) {
    await Deno.writeTextFile(
      `${folder}/in/${i}.txt`,
      TEXT.replaceAll("dia", `dia ${i}`).repeat(60 + i),
    );
  }
  const files = ["train.bin", "val.bin", "dataset.json", "tokenizer.json"];
  const contents: Uint8Array[][] = [];
  for (const threads of ["1", "2", "3"]) {
    const out = `${folder}/out${threads}`;
    await succeeds(
      ["tokenize", "--input", `${folder}/in`, "--output", out],
      ["--tokenizer", folder, "--threads", threads, "--val-fraction", "0.1"],
    );
    contents.push(
      await Promise.all(files.map((file) => Deno.readFile(`${out}/${file}`))),
    );
  }
  assertGreater(contents[0][0].length, 2 ** 18);
  assertEquals(contents[1], contents[0]);
  assertEquals(contents[2], contents[0]);
});

Deno.test("tokenize --keep-bytes keeps what is not UTF-8, byte for byte", async () => {
  const [folder, tokenizer] = await folderWithTokenizer();
  const latin1 = Uint8Array.of(0x61, 0xe7, 0xe3, 0x6f, 0x20, 0xc3);
  const text = new TextEncoder().encode("O dia é nosso.\n\n");
  await Deno.writeFile(
    `${folder}/a.txt`,
    Uint8Array.of(...text, ...latin1, 0x0a),
  );
  for (const threads of ["1", "2"]) {
    const { stderr, result } = await succeeds(
      ["tokenize", "--input", `${folder}/a.txt`, "--tokenizer", folder],
      ["--output", `${folder}/out`, "--val-fraction", "0", "--keep-bytes"],
      ["--json", "--threads", threads],
    );
    assertStringIncludes(stderr, "not UTF-8 and were kept: 3");
    assertEquals([result.keptBytes, result.documents], [3, 2]);
    using dataset = await openDataset(`${folder}/out`, tokenizer.vocab);
    const ids = new Uint16Array(dataset.train.length);
    dataset.train.read(0, ids);
    const bytes = [...ids].flatMap((id) => [...tokenizer.bytesOf(id)]);
    assertEquals(bytes, [...text.subarray(0, -2), ...latin1]);
  }
});
