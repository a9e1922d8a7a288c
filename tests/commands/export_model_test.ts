import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import {
  Checkpoint,
  loadModel,
} from "../../lib/checkpoint/native/mpk_reader.ts";
import { saveModel } from "../../lib/checkpoint/native/mpk_writer.ts";
import { RWKVConfig, type RWKVFields } from "../../lib/model/config.ts";
import { RWKV } from "../../lib/model/rwkv.ts";
import { identityOf } from "../../lib/tokenizer/tokenizer.ts";
import { PTBRNormalizer } from "../../lib/tokenizer/normalizer.ts";
import { WorldVocab } from "../../lib/tokenizer/world/world_vocab.ts";
import { randomValues } from "../checkpoint/models.ts";
import { WORLD_SIZE, WORLD_TEXT } from "../tokenizer/world.ts";
import { reads, refuses, run, succeeds, writeSmallVocab } from "./run_cli.ts";

/** The folder of a finished run with a small model of random weights. */
async function folderWith(fields: Partial<RWKVFields>): Promise<string> {
  const folder = await Deno.makeTempDir() + "/pequeno";
  const vocab = await writeSmallVocab(`${folder}/tokenizer.json`, {
    vocabSize: 300,
    normalizer: PTBRNormalizer.only("nfc"),
  });
  const config = new RWKVConfig({
    vocabSize: vocab.size,
    dModel: 64,
    nLayers: 2,
    dFfn: 64,
    maxSeqLen: 32,
    ...fields,
  });
  const backend = new ReferenceBackend();
  const model = new RWKV(config, backend);
  for (const parameter of model.parameters) {
    backend.write(parameter.data, randomValues(parameter, 1));
  }
  await Deno.writeTextFile(
    `${folder}/metrics.jsonl`,
    [
      { step: 10, tokens: 640, valBitsPerByte: 2.5 },
      { step: 20, tokens: 1280, valBitsPerByte: 1.9876 },
      { step: 30, tokens: 1920 },
    ].map((line) => `${JSON.stringify(line)}\n`).join("") + '{"step":',
  );
  await saveModel(`${folder}/model_final.mpk`, model, {
    tokenizerSha256: await identityOf(vocab),
  });
  return folder;
}

const argsOf = (model: string, format: string, ...more: string[]) => [
  ...["export-model", "--model", model, "--format", format, "--json", ...more],
];
const exported = (model: string, format: string, ...more: string[]) =>
  succeeds(argsOf(model, format, ...more));

Deno.test("export-model writes safetensors that import-model reads, bit for bit", async () => {
  for (const architecture of ["rwkv4", "rwkv7"] as const) {
    const folder = await folderWith({ architecture });
    const to = `${folder}/../exported`;
    const { result } = await exported(folder, "safetensors", "--output", to);
    assertEquals(await reads(to), [
      "README.md",
      "config.json",
      "model.safetensors",
      "tokenizer.json",
      "tokenizer_config.json",
    ]);
    assertEquals((result.files as string[]).length, 5);
    await succeeds(
      ["import-model", "--input", `${to}/model.safetensors`],
      ["--tokenizer", `${to}/tokenizer.json`, "--output", `${to}/back`],
      ["--seq-len", "32"],
    );
    assertEquals(
      await Deno.readTextFile(`${to}/back/tokenizer.json`),
      await Deno.readTextFile(`${folder}/tokenizer.json`),
    );
    using own = await Checkpoint.open(folder);
    using back = await Checkpoint.open(`${to}/back`);
    assertEquals(back.tokenizerSha256, own.tokenizerSha256);
    assertEquals(back.config.architecture, architecture);
    assertEquals(back.config.maxSeqLen, 32);
    for (const name of own.shapes.keys()) {
      assertEquals(back.readWeight(name), own.readWeight(name), name);
    }
    const config = JSON.parse(await Deno.readTextFile(`${to}/config.json`));
    assertEquals(new RWKVConfig(config.ptbr_slm), own.config);
    assertEquals(config.bos_token_id, 2);
  }
});

Deno.test("export-model writes a card of what is known and nothing else", async () => {
  const folder = await folderWith({ architecture: "rwkv7" });
  const file = `${folder}/../out/sol.gguf`;
  const args = ["--output", file, "--dtype", "q8_0"];
  const { stderr, result } = await exported(folder, "gguf", ...args);
  assertStringIncludes(stderr, "no normaliser rule for nfc");
  const path = `${folder}/../out/README.md`;
  const card = await Deno.readTextFile(path);
  for (
    const known of [
      "# pequeno\n",
      `RWKV-7, ${(result.parameters as number).toLocaleString("en-US")} param`,
      "| width | 64, inside channel mixing 64, heads of 64 |",
      "| window in training | 32 tokens |",
      "`sol.gguf`, Q8_0, ",
      "30 steps on 1,920 tokens.",
      "1.9876 bits per byte of held-out text after step 20",
      "llama-completion -m sol.gguf ",
      "- The format has no normaliser rule for nfc",
    ]
  ) assertStringIncludes(card, known);
  for (const unknown of ["license", "## Data", "undefined", "NaN"]) {
    assert(!card.includes(unknown), unknown);
  }
  // A log that went on after the model was finished is not this model's.
  const later = new Date(Date.now() + 60_000);
  await Deno.utime(`${folder}/metrics.jsonl`, later, later);
  using checkpoint = await Checkpoint.open(folder);
  const data = await Deno.makeTempDir();
  const info = {
    tokenizer: checkpoint.tokenizerSha256,
    vocabSize: 300,
    train: { tokens: 2000, documents: 40, bytes: 5234, sourceBytes: 5300 },
  };
  await Deno.writeTextFile(`${data}/dataset.json`, JSON.stringify(info));
  const more = [
    "--name",
    "O | <Sol>",
    "--license",
    "cc-by-4.0",
    "--data",
    data,
  ];
  await exported(folder, "gguf", ...args, ...more);
  const other = await Deno.readTextFile(path);
  assertStringIncludes(
    other,
    "Learnt from: 40 documents, 2,000 tokens, 5.2 kB of text.\n",
  );
  assertStringIncludes(other, 'license: "cc-by-4.0"\n');
  assertStringIncludes(other, "# O Sol\n");
  assert(!other.includes("bits per byte"));
});

Deno.test("export-model writes burn's records and RWKV-4 of a classic model", async () => {
  const folder = await folderWith({ architecture: "classic" });
  const half = ["--dtype", "f16", "--output", `${folder}/../burn`];
  const burn = await exported(folder, "burn", ...half);
  assertStringIncludes(burn.stderr, "takes the softmax over the channels");
  assertEquals(await reads(`${folder}/../burn`), [
    "README.md",
    "model_final.mpk",
    "tokenizer.json",
  ]);
  const { stdout } = await run(
    ["generate", "--model", `${folder}/../burn`, "--max-tokens", "3"],
    ["--time-mixing", "attention", "--backend", "reference", "--json"],
  );
  assertStringIncludes(stdout, '"tokens":3');

  const to = `${folder}/../safetensors`;
  const { stderr } = await exported(folder, "safetensors", "--output", to);
  assertStringIncludes(stderr, "this is the RWKV-4 that computes the same");
  const text = async (model: string) =>
    (await run(
      ["generate", "--model", model, "--prompt", "No dia", "--json"],
      ["--temperature", "0", "--max-tokens", "12", "--backend", "reference"],
    )).result.text;
  await succeeds(
    ["import-model", "--input", `${to}/model.safetensors`],
    ["--tokenizer", `${to}/tokenizer.json`, "--output", `${to}/back`],
  );
  assertEquals(await text(`${to}/back`), await text(folder));
});

Deno.test("export-model carries World vocabularies", async () => {
  const folder = await folderWith({ vocabSize: WORLD_SIZE });
  const vocab = WorldVocab.parseText(WORLD_TEXT);
  const own = `${folder}/vocab.txt`;
  await Deno.writeTextFile(own, WORLD_TEXT);
  const weights = `${folder}/../w/model.safetensors`;
  // The run was made with another tokenizer, so it is imported anew.
  await refuses(
    argsOf(folder, "safetensors", "--output", weights, "--tokenizer", own),
    1,
    "it was trained with another",
  );
  const path = `${folder}/model_final.mpk`;
  const model = await loadModel(path, new ReferenceBackend());
  await saveModel(path, model, { tokenizerSha256: await identityOf(vocab) });
  for (const args of [["--output", weights], ["--output", weights]]) {
    await exported(folder, "safetensors", ...args, "--tokenizer", own);
  }
  assertEquals(await reads(`${folder}/../w`), [
    "README.md",
    "config.json",
    "model.safetensors",
    "rwkv_vocab.txt",
  ]);
  await succeeds(
    ["import-model", "--input", weights, "--output", `${folder}/../back`],
    ["--tokenizer", `${folder}/../w/rwkv_vocab.txt`],
  );
  using back = await Checkpoint.open(`${folder}/../back`);
  assertEquals(back.tokenizerSha256, await identityOf(vocab));
});

Deno.test("export-model replaces what it wrote before and nothing else", async () => {
  const folder = await folderWith({ architecture: "rwkv7" });
  const own = await reads(folder);
  await refuses(
    argsOf(folder, "safetensors", "--output", folder),
    1,
    `tokenizer.json": it is there already, and not`,
  );
  assertEquals(await reads(folder), own);

  // GGUF has another name, and its card does not make the rest replaceable.
  await exported(folder, "gguf", "--output", folder);
  await exported(folder, "gguf", "--dtype", "f16", "--output", folder);
  assertEquals(
    await reads(folder),
    [...own, "README.md", "model-f16.gguf", "model-f32.gguf"].sort(),
  );
  await refuses(
    argsOf(folder, "safetensors", "--output", folder),
    1,
    "it is there already, and not",
  );
  await exported(folder, "gguf", "--output", folder);

  const elsewhere = await Deno.makeTempDir();
  await Deno.writeTextFile(`${elsewhere}/README.md`, "# Mine\n");
  await refuses(
    argsOf(folder, "gguf", "--output", elsewhere),
    1,
    `README.md": it is there already`,
  );
  assertEquals(await reads(elsewhere), ["README.md"]);
});

Deno.test("export-model passes over a checkpoint that is not whole", async () => {
  const folder = await folderWith({ architecture: "rwkv7" });
  const whole = `${folder}/checkpoint_10.mpk`;
  await Deno.rename(`${folder}/model_final.mpk`, whole);
  const bytes = await Deno.readFile(whole);
  await Deno.writeFile(
    `${folder}/checkpoint_20.mpk`,
    bytes.subarray(0, bytes.length >> 1),
  );
  const to = `${folder}/../exported`;
  const { result, stderr } = await exported(
    folder,
    "safetensors",
    ...["--output", to],
  );
  assertEquals(result.model, whole);
  assertStringIncludes(stderr, "taking the checkpoint before it");
});

Deno.test("export-model refuses in one line and writes nothing", async () => {
  const rwkv4 = await folderWith({ architecture: "rwkv4" });
  const small = await folderWith({ architecture: "rwkv7", headSize: 32 });
  const out = `${rwkv4}/../out`;
  await Deno.writeTextFile(`${rwkv4}/plain`, "");
  const faults: [string, string[], number, string][] = [
    [rwkv4, ["--format", "gguf"], 1, "Cannot export rwkv4 to gguf: llama.cpp"],
    [rwkv4, ["--format", "burn"], 1, "Cannot export to burn: the Rust program"],
    [small, ["--format", "gguf"], 1, "Cannot export heads of 32 channels"],
    [
      rwkv4,
      ["--format", "safetensors", "--dtype", "q8_0"],
      2,
      "--dtype q8_0 is for --format gguf only",
    ],
    [rwkv4, ["--format", "onnx"], 2, "--format is one of safetensors, gguf"],
    [`${rwkv4}/no`, ["--format", "gguf"], 1, "no such file or folder"],
    [
      rwkv4,
      ["--format", "safetensors", "--data", rwkv4],
      1,
      "there is no dataset.json",
    ],
  ];
  for (const [model, args, expected, reason] of faults) {
    const command = ["export-model", "--model", model, "--output", out];
    await refuses([...command, ...args], expected, reason);
    assertEquals(await reads(`${rwkv4}/..`), ["pequeno"]);
  }
  await refuses(
    argsOf(rwkv4, "safetensors", "--output", `${rwkv4}/plain/out`),
    1,
    "Cannot ",
  );
});
