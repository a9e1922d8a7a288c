import { assertEquals, assertStringIncludes } from "@std/assert";
import { PTBRNormalizer } from "../../lib/tokenizer/normalizer.ts";
import { reads, refuses, succeeds, writeSmallVocab } from "./run_cli.ts";

/** A folder with a tokenizer.json of the rules given. */
async function folderWith(normalizer: PTBRNormalizer): Promise<string> {
  const folder = await Deno.makeTempDir();
  await writeSmallVocab(`${folder}/tokenizer.json`, { normalizer });
  return folder;
}

Deno.test("export-tokenizer writes what import-tokenizer reads, id for id", async () => {
  const folder = await folderWith(PTBRNormalizer.off());
  const special = "[PAD]=0,[UNK]=1,[BOS]=2,[EOS]=3,[SEP]=4";
  const formats: [string, string[], string[]][] = [
    ["hf", ["tokenizer.json"], []],
    ["gpt2", ["merges.txt", "vocab.json"], []],
    ["tiktoken", ["tokenizer.tiktoken"], ["--special-tokens", special]],
  ];
  for (const [format, files, options] of formats) {
    const to = `${folder}/${format}`;
    const exported = await succeeds(
      ["export-tokenizer", "--tokenizer", folder, "--format", format],
      ["--output", to, "--json"],
    );
    assertEquals(await reads(to), files);
    assertEquals(
      (exported.result.files as string[]).toSorted(),
      files.map((name) => `${to}/${name}`),
    );
    const back = `${folder}/back/${format}.json`;
    const imported = await succeeds(
      ["import-tokenizer", "--input", to, "--output", back, "--json"],
      options,
    );
    assertEquals(imported.result.format, format);
    assertEquals(
      await Deno.readTextFile(back),
      await Deno.readTextFile(`${folder}/tokenizer.json`),
    );
  }
});

Deno.test("export-tokenizer says what the format leaves out", async () => {
  const folder = await folderWith(new PTBRNormalizer());
  const args = ["export-tokenizer", "--tokenizer", `${folder}/tokenizer.json`];
  const { stderr, result } = await succeeds(
    [...args, "--format", "hf", "--output", `${folder}/hf.json`, "--json"],
  );
  assertStringIncludes(stderr, "no normaliser rule for mojibake:");
  assertEquals((result.notes as string[]).length, 2);
  const file = JSON.parse(await Deno.readTextFile(`${folder}/hf.json`));
  assertEquals(file.normalizer.normalizers.at(-1), { type: "NFC" });
});

Deno.test("export-tokenizer refuses in one line and keeps what is there", async () => {
  const folder = await folderWith(PTBRNormalizer.off());
  const own = `${folder}/tokenizer.json`;
  const before = await Deno.readTextFile(own);
  const good = ["--tokenizer", own, "--output", `${folder}/out`];
  const faults: [string[], number, string][] = [
    [
      ["--tokenizer", own, "--output", folder, "--format", "hf"],
      1,
      "it is the file that was read",
    ],
    [[...good, "--format", "onnx"], 2, "--format is one of hf, tiktoken, gpt2"],
    [good, 2, "needs --format"],
    [
      ["--tokenizer", own, "--output", own, "--format", "gpt2"],
      1,
      `Cannot write into "${own}": it is not a folder`,
    ],
    [
      ["--tokenizer", `${folder}/no`, "--output", "x", "--format", "hf"],
      1,
      "no such file or folder",
    ],
  ];
  for (const [args, expected, reason] of faults) {
    await refuses(["export-tokenizer", ...args], expected, reason);
  }
  assertEquals(await Deno.readTextFile(own), before);
  assertEquals(await reads(folder), ["tokenizer.json"]);
});
