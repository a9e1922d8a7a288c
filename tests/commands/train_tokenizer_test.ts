import { assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { identityOf } from "../../lib/tokenizer/tokenizer.ts";
import { readVocab } from "../../lib/tokenizer/vocab/vocab_file.ts";
import { reads, refuses, run, succeeds, TEXT } from "./run_cli.ts";

Deno.test("train-tokenizer writes a vocabulary and says what it is", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/corpus`);
  await Deno.writeTextFile(`${folder}/corpus/a.txt`, TEXT);
  await Deno.writeTextFile(`${folder}/corpus/b.md`, TEXT.slice(300));
  const { result } = await succeeds(
    ["train-tokenizer", "--corpus", `${folder}/corpus`],
    ["--output", `${folder}/new`, "--vocab-size", "350", "--json"],
  );
  const path = `${folder}/new/tokenizer.json`;
  const vocab = await readVocab(path);
  assertEquals(result.tokenizer, path);
  assertEquals(result.sha256, await identityOf(vocab));
  assertEquals([result.vocabSize, vocab.size, result.files], [350, 350, 2]);
  assertGreater(result.tokensPerWord as number, 1);
  assertEquals(
    await reads(`${folder}/new`),
    ["tokenizer.json", "word-counts.bin"],
  );

  // The same for other threads, into a file of any name.
  const again = await run(
    ["train-tokenizer", "--corpus", `${folder}/corpus`, "--threads", "3"],
    ["--output", `${folder}/b.json`, "--vocab-size", "350", "--json"],
    ["--counts", "off"],
  );
  assertEquals(again.result.sha256, result.sha256);
  assertEquals(await reads(folder), ["b.json", "corpus", "new"]);
});

Deno.test("train-tokenizer counts words once for the same corpus and rules", async () => {
  const folder = await Deno.makeTempDir();
  const corpus = `${folder}/a.txt`;
  await Deno.writeTextFile(corpus, TEXT);
  const train = async (...more: string[]) => {
    const { result, stderr } = await run(
      ["train-tokenizer", "--corpus", corpus, "--output", folder, "--json"],
      more,
    );
    const { sha256, counted, words, bytes } = result;
    return { sha256, counted, words, bytes, stderr };
  };
  const first = await train("--vocab-size", "350");
  assertEquals(first.counted, true);
  assertEquals((await train("--vocab-size", "300")).counted, false);
  const { stderr: _, ...second } = await train("--vocab-size", "350");
  assertEquals(second, {
    sha256: first.sha256,
    counted: false,
    words: first.words,
    bytes: first.bytes,
  });
  assertEquals((await train("--counts", "new")).counted, true);
  assertEquals((await train("--keep", "quotes,nfc")).counted, true);
  assertEquals((await readVocab(folder)).normalizer, {
    mojibake: true,
    control: true,
    spaces: true,
    quotes: false,
    dashes: true,
    nfc: false,
    lowercase: false,
  });
  assertEquals((await train("--lowercase")).counted, true);
  assertEquals((await readVocab(folder)).normalizer.lowercase, true);

  // A corpus that changed, and counts that were damaged.
  await train();
  const { mtime } = await Deno.stat(corpus);
  await Deno.utime(corpus, 0, 0);
  assertEquals((await train()).counted, false);
  await Deno.writeTextFile(corpus, TEXT.replace("cidade", "aldeia"));
  await Deno.utime(corpus, mtime!, mtime!);
  assertEquals((await train()).counted, true);
  await Deno.truncate(`${folder}/word-counts.bin`, 500);
  const repaired = await train();
  assertEquals(repaired.counted, true);
  assertStringIncludes(repaired.stderr, "not what its header says; counting");
  assertEquals((await train()).counted, false);
});

Deno.test("train-tokenizer takes of every file the share that --limit leaves", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/corpus`);
  await Deno.writeTextFile(`${folder}/corpus/a.txt`, "sim não\n".repeat(1000));
  await Deno.writeTextFile(`${folder}/corpus/b.txt`, "mar\n".repeat(2000));
  const { code, result } = await run(
    ["train-tokenizer", "--corpus", `${folder}/corpus`, "--limit", "8.5kB"],
    ["--output", folder, "--json"],
  );
  // 9,000 and 8,000 bytes are halved, where lines end.
  assertEquals([code, result.bytes, result.words], [0, 8500, 2000]);
  for (const limit of ["0", "many", "5TB", "-3"]) {
    const args = ["--corpus", folder, "--output", folder, `--limit=${limit}`];
    const reason = "--limit takes a size as 500MB";
    await refuses(["train-tokenizer", ...args], 2, reason);
  }
});

Deno.test("train-tokenizer says when the text has fewer pairs", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/a.txt`, "sim sim\n");
  const { code, stderr, result } = await run(
    ["train-tokenizer", "--corpus", `${folder}/a.txt`],
    ["--output", folder, "--normalizer", "none", "--json"],
  );
  assertEquals([code, result.vocabSize], [0, 263]);
  assertStringIncludes(stderr, "pairs for 263 ids only, not 32,000");
  assertEquals((await readVocab(folder)).normalizer.quotes, false);
});

Deno.test("train-tokenizer refuses bad input in one line, writing nothing", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeFile(`${folder}/latin1.txt`, Uint8Array.of(0x61, 0xe7, 0x61));
  await Deno.writeTextFile(`${folder}/empty.txt`, "");
  await Deno.writeTextFile(`${folder}/blank.txt`, " \n \n  ");
  const faults: [string[], number, string][] = [
    [["--corpus", `${folder}/none`], 1, "no such file or folder"],
    [["--corpus", `${folder}/empty.txt`], 1, "it is empty"],
    [["--corpus", `${folder}/blank.txt`], 1, "there is no text"],
    [
      ["--corpus", `${folder}/latin1.txt`],
      1,
      "not UTF-8, which clean-corpus takes",
    ],
    [
      ["--corpus", `${folder}/empty.txt`, "--vocab-size", "70000"],
      2,
      "--vocab-size must be from 261 to 65536, not 70000",
    ],
    [
      ["--corpus", `${folder}/empty.txt`, "--vocabsize", "300"],
      2,
      "did you mean --vocab-size?",
    ],
    [
      ["--corpus", `${folder}/empty.txt`, "--keep", "dots"],
      2,
      "--keep takes some of mojibake,control",
    ],
  ];
  for (const [args, expected, reason] of faults) {
    const output = ["--output", `${folder}/out.json`];
    await refuses(["train-tokenizer", ...args, ...output], expected, reason);
    assertEquals(await reads(folder), ["blank.txt", "empty.txt", "latin1.txt"]);
  }
});
