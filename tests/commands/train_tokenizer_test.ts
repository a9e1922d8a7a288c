import { assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { identityOf } from "../../lib/tokenizer/bpe_vocab.ts";
import { readVocab } from "../../lib/tokenizer/vocab_file.ts";
import { reads, run, TEXT } from "./run_cli.ts";

Deno.test("train-tokenizer writes a vocabulary and says what it is", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/corpus`);
  await Deno.writeTextFile(`${folder}/corpus/a.txt`, TEXT);
  await Deno.writeTextFile(`${folder}/corpus/b.md`, TEXT.slice(300));
  const { code, result } = await run(
    ["train-tokenizer", "--corpus", `${folder}/corpus`],
    ["--output", `${folder}/new`, "--vocab-size", "350", "--json"],
  );
  assertEquals(code, 0);
  const path = `${folder}/new/tokenizer.json`;
  const vocab = await readVocab(path);
  assertEquals(result.tokenizer, path);
  assertEquals(result.sha256, await identityOf(vocab));
  assertEquals([result.vocabSize, vocab.size, result.files], [350, 350, 2]);
  assertGreater(result.tokensPerWord as number, 1);
  assertEquals(await reads(`${folder}/new`), ["tokenizer.json"]);

  // The same for other threads, into a file of any name.
  const again = await run(
    ["train-tokenizer", "--corpus", `${folder}/corpus`, "--threads", "3"],
    ["--output", `${folder}/b.json`, "--vocab-size", "350", "--json"],
  );
  assertEquals(again.result.sha256, result.sha256);
});

Deno.test("train-tokenizer says when the text has fewer pairs", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/a.txt`, "sim sim\n");
  const { code, stderr, result } = await run(
    ["train-tokenizer", "--corpus", `${folder}/a.txt`],
    ["--output", folder, "--normalizer", "none", "--json"],
  );
  assertEquals([code, result.vocabSize], [0, 263]);
  assertStringIncludes(stderr, "pairs for 263 ids only, not 32000");
  assertEquals((await readVocab(folder)).normalizer.quotes, false);
});

Deno.test("train-tokenizer refuses bad input in one line, writing nothing", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeFile(`${folder}/latin1.txt`, Uint8Array.of(0x61, 0xe7, 0x61));
  await Deno.writeTextFile(`${folder}/empty.txt`, "");
  const faults: [string[], number, string][] = [
    [["--corpus", `${folder}/none`], 1, "no such file or folder"],
    [["--corpus", `${folder}/empty.txt`], 1, "it is empty"],
    [["--corpus", `${folder}/latin1.txt`], 1, "it is not UTF-8 text"],
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
  ];
  for (const [args, expected, reason] of faults) {
    const { code, stdout, stderr } = await run(
      ["train-tokenizer", ...args],
      ["--output", `${folder}/out.json`],
    );
    assertEquals([code, stdout], [expected, ""]);
    assertStringIncludes(stderr, "error: ");
    assertStringIncludes(stderr, reason);
    assertEquals(stderr.trimEnd().includes("\n"), false);
    assertEquals(await reads(folder), ["empty.txt", "latin1.txt"]);
  }
});
