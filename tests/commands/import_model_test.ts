/**
 * Models of others, from the file to the text: `import-model`, `logits`, and
 * the commands that use a World vocabulary.
 *
 * @module
 */

import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertStringIncludes,
} from "@std/assert";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { loadModel } from "../../lib/checkpoint/native/mpk_reader.ts";
import { logitsAfter } from "../../lib/generate/logits.ts";
import type { Given } from "../checkpoint/foreign_files.ts";
import { worldTensors } from "../checkpoint/models.ts";
import { WORLD_SIZE, WORLD_TEXT } from "../tokenizer/world.ts";
import { reads, refuses, run, succeeds, TEXT } from "./run_cli.ts";
import { torchFile } from "../checkpoint/torch_files.ts";

/** A model with more ids than its vocabulary, and both files. */
async function foreignFiles(): Promise<{ folder: string; given: Given[] }> {
  const folder = await Deno.makeTempDir();
  const given = await worldTensors();
  await Deno.writeFile(`${folder}/model.pth`, torchFile(given));
  await Deno.writeTextFile(`${folder}/world.txt`, WORLD_TEXT);
  return { folder, given };
}

Deno.test("import-model makes a model folder that the other commands use", async () => {
  const { folder } = await foreignFiles();
  const at = `${folder}/model`;
  const imported = await succeeds(
    ["import-model", "--input", `${folder}/model.pth`, "--output", at],
    ["--tokenizer", `${folder}/world.txt`, "--seq-len", "32", "--json"],
  );
  assertEquals(imported.result.format, "torch");
  assertEquals(await reads(at), ["model_final.mpk", "tokenizer.json"]);
  assertStringIncludes(imported.stdout, "rwkv7");

  const tokens = [259, 1, 0, 300];
  const logits = await succeeds(
    ["logits", "--model", at, "--tokens", tokens.join(), "--json"],
    ["--backend", "reference", "--output", `${folder}/f32.bin`],
  );
  const expected = await logitsAfter(
    await loadModel(at, new ReferenceBackend()),
    tokens,
  );
  const raw = await Deno.readFile(`${folder}/f32.bin`);
  assertEquals(new Float32Array(raw.buffer), expected);
  assertEquals(logits.result.argmax, expected.indexOf(Math.max(...expected)));
  const top = logits.result.top as { logit: number; probability: number }[];
  assertEquals(top.length, 5);
  const sum = expected.reduce((total, x) => total + Math.exp(x), 0);
  for (const { logit, probability } of top) {
    assertAlmostEquals(probability, Math.exp(logit) / sum, 1e-5);
  }

  await Deno.writeTextFile(`${folder}/text.txt`, TEXT);
  for (const tokenizer of [[], ["--tokenizer", `${folder}/world.txt`]]) {
    const model = ["--model", at, ...tokenizer, "--json"];
    await succeeds(
      ["generate", "--prompt", "O coração", "--max-tokens", "8", ...model],
    );
    const measured = await succeeds(
      ["evaluate", "--input", `${folder}/text.txt`, ...model],
    );
    assert((measured.result.bitsPerByte as number) > 0);
  }
});

Deno.test("tokenize frames documents of a World vocabulary by one id", async () => {
  const { folder } = await foreignFiles();
  await Deno.writeTextFile(`${folder}/text.txt`, TEXT);
  const tokenized = await succeeds(
    ["tokenize", "--input", `${folder}/text.txt`, "--threads", "2"],
    ["--tokenizer", `${folder}/world.txt`, "--output", `${folder}/data`],
    ["--val-fraction", "0.2", "--json"],
  );
  assertEquals(tokenized.result.vocabSize, WORLD_SIZE);
  const ids = new Uint16Array(
    (await Deno.readFile(`${folder}/data/train.bin`)).buffer,
  );
  const documents = tokenized.result.trainDocuments as number;
  assert(documents > 10);
  assertEquals(ids.filter((id) => id === 0).length, documents + 1);
  assertEquals([ids[0], ids.at(-1)], [0, 0]);
  assert(!ids.some((id, i) => id === 0 && ids[i + 1] === 0));

  const inspected = await succeeds(
    ["inspect-dataset", "--data", `${folder}/data`, "--json"],
  );
  const { documents: counted } = inspected.result.train as {
    documents: number;
  };
  assertEquals(counted, documents);
  assert(!inspected.stderr.includes("dataset.json says"), inspected.stderr);
});

Deno.test("import-tokenizer reads a World vocabulary, export-tokenizer refuses it", async () => {
  const { folder } = await foreignFiles();
  const imported = await succeeds(
    ["import-tokenizer", "--input", `${folder}/world.txt`, "--json"],
    ["--output", `${folder}/tokenizer.json`],
  );
  assertEquals(imported.result.format, "world");
  assertEquals(imported.result.vocabSize, WORLD_SIZE);
  await refuses(
    [
      ...["export-tokenizer", "--tokenizer", `${folder}/tokenizer.json`],
      ...["--format", "hf", "--output", `${folder}/hf.json`],
    ],
    1,
    "a vocabulary of longest matches",
  );
});

Deno.test("import-model says in a line what is wrong", async () => {
  const { folder, given } = await foreignFiles();
  await Deno.writeFile(`${folder}/noise`, Uint8Array.of(159, 1, 2, 255, 254));
  const before = (await reads(folder)).length;
  const cases: [string[], string, number][] = [
    [["--input", `${folder}/nothing`], "no such file or folder", 1],
    [["--input", await Deno.makeTempDir()], "the folder holds no weights", 1],
    [["--input", `${folder}/world.txt`], "it is a tokenizer, which", 1],
    [["--input", `${folder}/noise`], "it is none of safetensors", 1],
    [
      ["--input", `${folder}/model.pth`, "--tokenizer", `${folder}/model.pth`],
      'model.pth" as a tokenizer: it is weights of another program',
      1,
    ],
    [
      ["--input", `${folder}/model.pth`, "--tokenizer", `${folder}/nothing`],
      "no such file or folder",
      1,
    ],
    [
      ["--input", `${folder}/model.pth`, "--seq-len", "0"],
      "--seq-len must be from 1",
      2,
    ],
  ];
  for (const [args, reason, expected] of cases) {
    const command = ["import-model", "--output", `${folder}/out`, ...args];
    await refuses(command, expected, reason);
  }
  // A vocabulary for a model of fewer ids.
  const small = given.map((tensor) =>
    /^(emb|head)/.test(tensor.name)
      ? { ...tensor, shape: [100, 8], values: tensor.values.slice(0, 800) }
      : tensor
  );
  await Deno.writeFile(`${folder}/model.pth`, torchFile(small));
  await refuses(
    [
      ...["import-model", "--input", `${folder}/model.pth`],
      ...["--output", `${folder}/out`, "--tokenizer", `${folder}/world.txt`],
    ],
    1,
    `it has ${WORLD_SIZE} tokens, the model 100`,
  );
  assertEquals((await reads(folder)).length, before);
});

Deno.test("import-model finds weights and tokenizer in a folder", async () => {
  const { folder } = await foreignFiles();
  await Deno.rename(`${folder}/world.txt`, `${folder}/rwkv_vocab.txt`);
  const command = ["import-model", "--input", folder, "--output"];
  const { result, stderr } = await succeeds(
    [...command, `${folder}/out`, "--json"],
  );
  assertEquals(result.input, `${folder}/model.pth`);
  assertEquals(result.tokenizer, `${folder}/out/tokenizer.json`);
  assertStringIncludes(stderr, "rwkv_vocab.txt");

  // One that does not fit is left out, since nobody asked for it.
  await Deno.writeTextFile(`${folder}/tokenizer.json`, "{}");
  const without = await succeeds([...command, `${folder}/b`, "--json"]);
  assertEquals(without.result.tokenizer, undefined);
  assertStringIncludes(without.stderr, "--tokenizer adds one");

  await Deno.copyFile(`${folder}/model.pth`, `${folder}/other.pth`);
  await refuses(
    [...command, `${folder}/c`],
    1,
    "the folder holds model.pth, other.pth; name the one that is meant",
  );
  await Deno.writeTextFile(`${folder}/model.safetensors.index.json`, "{}");
  await refuses(
    [...command, `${folder}/c`],
    1,
    "its weights are in several files, of which model.safetensors.index.json",
  );
});

Deno.test("import-model refuses to write over what it reads", async () => {
  const { folder } = await foreignFiles();
  await Deno.rename(`${folder}/model.pth`, `${folder}/model_final.mpk`);
  const args = ["--input", `${folder}/model_final.mpk`, "--output", folder];
  const reason = "it is the file that was read";
  await refuses(["import-model", ...args], 1, reason);
});

Deno.test("logits refuses ids that are none", async () => {
  const { folder } = await foreignFiles();
  await run(
    ["import-model", "--input", `${folder}/model.pth`, "--output", folder],
  );
  const cases: [string, string, number][] = [
    ["1,x", '--tokens takes ids and commas, not "x"', 2],
    ["1,,2", '--tokens takes ids and commas, not ""', 2],
    ["-1", '--tokens takes ids and commas, not "-1"', 2],
    ["320", "the model has 320 ids, none is 320", 1],
  ];
  for (const [tokens, reason, expected] of cases) {
    const args = ["--model", folder, "--backend", "reference"];
    await refuses(["logits", ...args, `--tokens=${tokens}`], expected, reason);
  }
});
