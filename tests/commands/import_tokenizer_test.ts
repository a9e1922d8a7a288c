import { assertEquals, assertStringIncludes } from "@std/assert";
import { readVocab } from "../../lib/tokenizer/vocab/vocab_file.ts";
import { ORIGINAL_FILE } from "../tokenizer/interchange/vocabularies.ts";
import { reads, refuses, succeeds } from "./run_cli.ts";

/** GPT-2's files of two merges and one special token. */
async function writeGpt2(folder: string): Promise<void> {
  const tokens = Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte >= 33 && byte <= 126) ||
      (byte >= 161 && byte <= 172) || byte >= 174;
    return [byte, printable] as const;
  });
  let next = 256;
  const ids = Object.fromEntries(tokens.map(([byte, printable]) => [
    String.fromCharCode(printable ? byte : next++),
    byte,
  ]));
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(
    `${folder}/vocab.json`,
    JSON.stringify({ ...ids, de: 256, Ġde: 257, "<|endoftext|>": 258 }),
  );
  await Deno.writeTextFile(`${folder}/merges.txt`, "d e\nĠ de\n");
}

Deno.test("import-tokenizer reads the original program's file with its ids", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/old.json`, ORIGINAL_FILE);
  const { stderr, result } = await succeeds(
    ["import-tokenizer", "--input", `${folder}/old.json`],
    ["--output", `${folder}/new`, "--json"],
  );
  assertStringIncludes(stderr, "Tokens with the bytes of another: 1;");
  assertEquals(result.specialTokens, {
    "[PAD]": 256,
    "[UNK]": 257,
    "[BOS]": 258,
    "[EOS]": 259,
    "[SEP]": 260,
  });
  assertEquals(await reads(`${folder}/new`), ["tokenizer.json"]);
  const vocab = await readVocab(`${folder}/new`);
  assertEquals(vocab.preTokenizer, "original");
  assertEquals(
    vocab.toString(),
    (await readVocab(`${folder}/old.json`)).toString(),
  );
});

Deno.test("import-tokenizer finds GPT-2's two files by either and by their folder", async () => {
  const folder = await Deno.makeTempDir();
  await writeGpt2(`${folder}/gpt2`);
  for (const name of ["", "/", "/vocab.json", "/merges.txt"]) {
    const { stderr, result } = await succeeds(
      ["import-tokenizer", "--input", `${folder}/gpt2${name}`],
      ["--output", `${folder}/out.json`, "--json"],
    );
    assertStringIncludes(stderr, '[BOS] is "<|endoftext|>"');
    assertEquals(result.specialTokens, {
      "<|endoftext|>": 258,
      "[BOS]": 258,
      "[EOS]": 258,
    });
    assertEquals([result.vocabSize, result.merges], [259, 2]);
  }
});

Deno.test("import-tokenizer refuses bad input in one line", async () => {
  const folder = await Deno.makeTempDir();
  await writeGpt2(`${folder}/lone`);
  await Deno.remove(`${folder}/lone/merges.txt`);
  await Deno.mkdir(`${folder}/empty`);
  await Deno.writeFile(`${folder}/broken.json`, Uint8Array.of(0x7b, 0xc3));
  await Deno.writeTextFile(
    `${folder}/other.json`,
    '{"model":{"type":"WordPiece"}}',
  );
  await Deno.writeTextFile(`${folder}/a.tiktoken`, "YQ== 0\n");
  await Deno.writeTextFile(`${folder}/old.json`, ORIGINAL_FILE);
  const special = "--special-tokens";
  const faults: [string, string[], number, string][] = [
    ["none", [], 1, "no such file or folder"],
    ["empty", [], 1, "the folder holds no tokenizer"],
    ["lone", [], 1, 'lone/merges.txt": no such file'],
    ["broken.json", [], 1, 'broken.json": it is not UTF-8 text'],
    ["other.json", [], 1, 'other.json": its model is "WordPiece"'],
    ["a.tiktoken", [], 1, 'a.tiktoken": byte 0 has no token'],
    ["a.tiktoken", [special, "[BOS]"], 2, "takes different NAME=ID"],
    ["a.tiktoken", [special, "a=1,b=1"], 2, "gives two names one id"],
    ["old.json", [special, "a=1"], 1, "it names its special tokens itself"],
    [
      "old.json",
      ["--output", `${folder}/old.json`],
      1,
      "it is the file that was read",
    ],
  ];
  for (const [input, args, expected, reason] of faults) {
    const output = args.includes("--output") ? [] : ["--output", `${folder}/o`];
    const given = ["import-tokenizer", "--input", `${folder}/${input}`];
    await refuses([...given, ...output, ...args], expected, reason);
  }
  assertEquals(await Deno.readTextFile(`${folder}/old.json`), ORIGINAL_FILE);
});
