import { assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { BPETokenizer } from "../../lib/tokenizer/bpe/bpe_tokenizer.ts";
import { toHuggingFace } from "../../lib/tokenizer/interchange/hugging_face.ts";
import { ORIGINAL_FILE } from "../tokenizer/interchange/vocabularies.ts";
import { refuses, succeeds, TEXT, writeSmallVocab } from "./run_cli.ts";

async function folderWithTokenizers(): Promise<[string, BPETokenizer]> {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/a.txt`, TEXT);
  const vocab = await writeSmallVocab(`${folder}/own.json`);
  const [{ content }] = toHuggingFace(vocab).files;
  await Deno.writeTextFile(`${folder}/hf.json`, content);
  await Deno.writeTextFile(`${folder}/old.json`, ORIGINAL_FILE);
  return [folder, new BPETokenizer(vocab)];
}

interface Result {
  readonly format: string;
  readonly tokens: number;
  readonly tokensPerWord: number;
  readonly tokensPerByte: number;
  readonly unknownTokens: number;
  readonly longestTokens: { text: string; bytes: number; uses: number }[];
}

Deno.test("evaluate-tokenizer compares tokenizers of any format", async () => {
  const [folder, tokenizer] = await folderWithTokenizers();
  const others = `${folder}/hf.json,${folder}/old.json`;
  const { stdout, result } = await succeeds(
    ["evaluate-tokenizer", "--tokenizer", `${folder}/own.json`],
    ["--input", `${folder}/a.txt`, "--compare", others, "--json"],
    ["--longest", "3"],
  );
  const [own, hf, old] = result.tokenizers as Result[];
  assertEquals([own.format, hf.format, old.format], ["ptbr", "hf", "ptbr"]);
  const documents = TEXT.trimEnd().split("\n\n");
  const tokens = documents.map((text) => tokenizer.encode(text).length)
    .reduce((sum, length) => sum + length);
  assertEquals([own.tokens, hf.tokens], [tokens, tokens]);
  assertGreater(old.tokens, tokens);
  const words = documents.join(" ").split(/\s+/).length;
  assertEquals([result.documents, result.words], [40, words]);
  assertEquals(own.tokensPerWord, tokens / words);
  assertEquals(own.tokensPerByte, tokens / (result.bytes as number));
  assertEquals(own.unknownTokens, 0);
  assertEquals(own.longestTokens.length, 3);
  assertEquals(own.longestTokens[0].bytes, 8);
  assertGreater(own.longestTokens[0].uses, 39);
  for (const name of ["own.json", "hf.json", "old.json", "tokens/word"]) {
    assertStringIncludes(stdout, name);
  }
});

Deno.test("evaluate-tokenizer refuses bad input in one line", async () => {
  const [folder] = await folderWithTokenizers();
  await Deno.writeTextFile(`${folder}/bad.json`, "{}");
  await Deno.writeTextFile(`${folder}/blank.txt`, " \n\n");
  const own = ["--tokenizer", `${folder}/own.json`];
  const input = ["--input", `${folder}/a.txt`];
  const faults: [string[], number, string][] = [
    [["--tokenizer", `${folder}/bad.json`, ...input], 1, "bad.json"],
    [[...own, ...input, "--compare", `${folder}/no`], 1, "no such file"],
    [[...own, ...input, "--compare", `a,,b`], 2, "with a comma between"],
    [[...own, "--input", `${folder}/none`], 1, "no such file or folder"],
    [[...own, "--input", `${folder}/blank.txt`], 1, "there is no text"],
  ];
  for (const [args, expected, reason] of faults) {
    await refuses(["evaluate-tokenizer", ...args], expected, reason);
  }
});
