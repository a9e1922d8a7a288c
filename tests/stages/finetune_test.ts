/** Fine-tuning as a function: what is made, what is learnt, going on. */

import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { Checkpoint } from "../../lib/checkpoint/native/mpk_reader.ts";
import { isThere } from "../../lib/files.ts";
import { openDataset } from "../../lib/dataset/open_dataset.ts";
import { evaluate } from "../../lib/stages/evaluate.ts";
import { exportModel } from "../../lib/stages/export_model.ts";
import { finetune } from "../../lib/stages/finetune.ts";
import type { FinetuneOptions } from "../../lib/stages/finetune_options.ts";
import { generate } from "../../lib/stages/generate.ts";
import { logits } from "../../lib/stages/logits.ts";
import { quantize } from "../../lib/stages/quantize.ts";
import { resume } from "../../lib/stages/resume.ts";
import { loadCheckpoint } from "../../lib/load_checkpoint.ts";
import { logitsAfter } from "../../lib/generate/logits.ts";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { train } from "../../lib/stages/train.ts";
import { importModel } from "../../lib/stages/import_model.ts";
import { openTokenizer } from "../../lib/tokenizer/vocab/vocab_file.ts";
import { worldTensors } from "../checkpoint/models.ts";
import { torchFile } from "../checkpoint/torch_files.ts";
import { WORLD_TEXT } from "../tokenizer/world.ts";
import { reads, TEXT, writeSmallDataset } from "../commands/run_cli.ts";

const MODEL = "d_model = 32\nn_layers = 2\nd_ffn = 32\nmax_seq_len = 16\n";
/** Something that the model has not read. */
const LAW = Array.from(
  { length: 12 },
  (_, i) =>
    `Art. ${i + 1}. A lei dispõe sobre o valor ${
      i * 7
    } e dá outras providências.`,
).join("\n\n");

let folder: string;
let recipe: FinetuneOptions;

Deno.test.beforeAll(async () => {
  folder = await Deno.makeTempDir();
  await writeSmallDataset(`${folder}/old`, {
    text: `${TEXT}\n\n${LAW.slice(0, 20)}`,
  });
  await Deno.writeTextFile(`${folder}/model.toml`, MODEL);
  await Deno.writeTextFile(`${folder}/law.txt`, LAW);
  await train({
    data: `${folder}/old`,
    output: `${folder}/base`,
    modelConfig: `${folder}/model.toml`,
    gradAccum: 1,
    warmupSteps: 2,
    learningRate: 0.01,
    maxSteps: 40,
    backend: "reference",
  });
  recipe = {
    model: `${folder}/base`,
    data: `${folder}/law.txt`,
    documents: "blank-lines",
    valFraction: 0.2,
    gradAccum: 1,
    maxSteps: 30,
    warmupSteps: 2,
    learningRate: 0.01,
    loraRank: 4,
    saveEvery: 20,
    evalEvery: 20,
    sampleEvery: "never",
    backend: "reference",
  };
});

Deno.test.afterAll(() => Deno.remove(folder, { recursive: true }));

Deno.test("finetune() makes a small adapter that predicts the new text better", async () => {
  const output = `${folder}/lora`, happenings: unknown[] = [];
  const result = await finetune({
    ...recipe,
    output,
    mix: `${folder}/old`,
    mixShare: 0.25,
    onProgress: ({ phase }) => happenings.push(phase),
    onMeasured: (measure) => happenings.push(measure),
  });
  const { before, after } = result;
  // What is measured before and after the steps takes its time as well.
  const told = happenings.indexOf(before);
  assert(happenings.slice(0, told).includes("validation"));
  assert(told >= 0 && happenings.indexOf("training") > told);
  assertEquals(happenings.at(-1), "validation");
  assert(after!.new! < 0.9 * before.new!, `${before.new} to ${after!.new}`);
  assert(after!.old! < 1.1 * before.old!, `${before.old} to ${after!.old}`);
  assertEquals(result.data, [
    { path: `${output}/data`, weight: 0.75 },
    { path: `${folder}/old`, weight: 0.25 },
  ]);
  assertEquals(result.checkpoint, `${output}/adapter.safetensors`);
  const sizeOf = async (path: string) => (await Deno.stat(path)).size;
  const model = await sizeOf(`${folder}/base/model_final.mpk`);
  assert(await sizeOf(result.checkpoint) < model / 3);
  assert(await sizeOf(`${output}/checkpoint_30.mpk`) < model);
  const files = await reads(output);
  assert(!files.includes("model_final.mpk"), `${files}`);
  assertStringIncludes(
    await Deno.readTextFile(`${output}/config.toml`),
    'method = "lora"\nlora_rank = 4\nlora_alpha = 4\nlora_targets = "att,ffn"',
  );

  // The adapter in its file is what was trained.
  const found = await evaluate({
    model: recipe.model,
    adapter: result.checkpoint,
    data: `${output}/data`,
    backend: "reference",
  });
  assertAlmostEquals(found.bitsPerByte, after!.new!, 1e-4);
  const plain = {
    model: recipe.model,
    prompt: "Art. 1",
    temperature: 0,
    backend: "reference",
  } as const;
  const own = await generate({ ...plain, adapter: result.checkpoint });
  assert((await generate(plain)).texts[0] !== own.texts[0]);
  await assertRejects(
    () => generate({ ...plain, model: output }),
    TypeError,
    "as a model: it holds an adapter alone; resume goes on from it",
  );
});

Deno.test("exportModel() merges an adapter: the model and the adapter within 1e-6", async () => {
  const output = `${folder}/merge`;
  const { checkpoint: adapter } = await finetune({
    ...recipe,
    output,
    loraAlpha: 7,
  });
  await exportModel({
    model: recipe.model,
    adapter,
    output: `${output}/exported`,
    format: "safetensors",
  });
  await importModel({
    input: `${output}/exported`,
    output: `${output}/merged`,
  });
  const tokens = [5, 9, 13];
  const merged = await logits({
    model: `${output}/merged`,
    tokens,
    backend: "reference",
  });
  const beside = await loadCheckpoint(recipe.model, new ReferenceBackend(), {
    adapter,
  });
  const own = await logitsAfter(beside.model, tokens);
  const plain = await logits({
    model: recipe.model,
    tokens,
    backend: "reference",
  });
  // The adapter alone, as web-rwkv reads it: of half the numbers' size.
  const exported = await exportModel({
    model: recipe.model,
    adapter,
    output: `${output}/web`,
    format: "web-rwkv",
  });
  assertEquals(exported.files, [`${output}/web/adapter.safetensors`]);
  const { size } = await Deno.stat(adapter);
  assert(exported.bytes < 0.7 * size);
  const short = await loadCheckpoint(recipe.model, new ReferenceBackend(), {
    adapter: exported.files[0],
  });
  const near = await logitsAfter(short.model, tokens);
  own.forEach((x, i) => assertAlmostEquals(near[i], x, 0.01));
  own.forEach((x, i) => assertAlmostEquals(merged.logits[i], x, 1e-6));
  assert(own.some((x, i) => Math.abs(plain.logits[i] - x) > 0.01));
});

for (const method of ["lora", "full"] as const) {
  Deno.test(`resume() goes on with ${method} to the same bits`, async () => {
    const options = {
      ...recipe,
      method,
      ...method === "full" && { loraRank: undefined, freeze: "emb,ffn.key" },
      maxSteps: 8,
      saveEvery: 4,
      keepLast: "all" as const,
    };
    const whole = await finetune({
      ...options,
      output: `${folder}/${method}-whole`,
    });
    const controller = new AbortController();
    const output = `${folder}/${method}-cut`;
    const cut = await finetune({
      ...options,
      output,
      signal: controller.signal,
      onStep: ({ step }) => step === 5 && controller.abort(),
    });
    assertEquals([cut.complete, cut.steps, cut.after], [false, 5, undefined]);
    const data = [...cut.data];
    const done = await resume({
      checkpoint: output,
      data,
      output,
      backend: "reference",
    });
    assertEquals(done.complete, true);
    assertEquals(
      await Deno.readFile(done.checkpoint),
      await Deno.readFile(whole.checkpoint),
    );
    if (method === "full") {
      using before = await Checkpoint.open(recipe.model);
      using after = await Checkpoint.open(whole.checkpoint);
      for (const name of after.shapes.keys()) {
        const isFrozen = /^emb|ffn\.key/.test(name);
        const [a, b] = [before, after].map((it) => it.readWeight(name));
        assertEquals(a.every((x, i) => x === b[i]), isFrozen, name);
      }
      return;
    }
    // The checkpoint needs the model that it was begun with.
    const moved = `${folder}/moved.mpk`;
    await Deno.copyFile(`${folder}/base/model_final.mpk`, moved);
    const more = {
      checkpoint: output,
      data,
      output: `${folder}/more`,
      additionalSteps: 1,
      backend: "reference",
    } as const;
    await resume({ ...more, base: moved });
    await train({
      data: `${folder}/old`,
      output: `${folder}/other`,
      modelConfig: `${folder}/model.toml`,
      maxSteps: 1,
      gradAccum: 1,
      backend: "reference",
    });
    await assertRejects(
      () =>
        resume({
          ...more,
          output: `${folder}/more2`,
          base: `${folder}/other`,
        }),
      Error,
      "is not the model that it was begun with",
    );
  });
}

Deno.test("finetune() trains the first state, which goes on to the same bits", async () => {
  await Deno.writeTextFile(`${folder}/model7.toml`, `${MODEL}head_size = 16\n`);
  await train({
    data: `${folder}/old`,
    output: `${folder}/base7`,
    modelConfig: `${folder}/model7.toml`,
    arch: "rwkv7",
    gradAccum: 1,
    warmupSteps: 2,
    learningRate: 0.01,
    maxSteps: 20,
    backend: "reference",
  });
  const options = {
    ...recipe,
    loraRank: undefined,
    model: `${folder}/base7`,
    method: "state",
    maxSteps: 8,
    learningRate: 0.1,
  } as const;
  const output = `${folder}/state`;
  const whole = await finetune({ ...options, output });
  assert(whole.after!.new! < whole.before.new!);
  const found = await evaluate({
    model: options.model,
    adapter: whole.checkpoint,
    data: `${output}/data`,
    backend: "reference",
  });
  assertAlmostEquals(found.bitsPerByte, whole.after!.new!, 1e-4);
  const controller = new AbortController();
  const cut = await finetune({
    ...options,
    output: `${folder}/state-cut`,
    signal: controller.signal,
    onStep: ({ step }) => step === 5 && controller.abort(),
  });
  const done = await resume({
    checkpoint: `${folder}/state-cut`,
    data: [...cut.data],
    output: `${folder}/state-cut`,
    backend: "reference",
  });
  assertEquals(
    await Deno.readFile(done.checkpoint),
    await Deno.readFile(whole.checkpoint),
  );
  await assertRejects(
    () =>
      quantize({
        model: options.model,
        adapter: whole.checkpoint,
        output: `${output}/q8`,
        format: "q8",
        backend: "reference",
      }),
    RangeError,
    "a state is no weight",
  );
  assertEquals(await isThere(`${output}/q8/model_final.mpk`), false);
});

Deno.test("quantize() rounds the weights with a LoRA in them", async () => {
  const output = `${folder}/rounded`;
  const { checkpoint: adapter } = await finetune({ ...recipe, output });
  const data = `${output}/data`, backend = "reference";
  const files = { model: recipe.model, adapter };
  const { bitsPerByte: [{ before, after }], ...small } = await quantize({
    ...files,
    output: `${output}/q8`,
    format: "q8",
    calibrate: `${folder}/law.txt`,
    evaluate: [data],
    backend,
  });
  const found = await evaluate({ ...files, data, backend });
  const plain = await evaluate({ model: recipe.model, data, backend });
  assertAlmostEquals(before, found.bitsPerByte, 1e-6);
  assert(Math.abs(after - before) < 0.1 * (plain.bitsPerByte - before));
  const own = await evaluate({ model: small.model, data, backend });
  assertAlmostEquals(own.bitsPerByte, after, 1e-6);
});

Deno.test("finetune() learns the answers of questions alone", async () => {
  const path = `${folder}/faq.jsonl`;
  const lines = Array.from(
    { length: 10 },
    (_, i) =>
      i % 2 === 0 ? { question: `Qual é o ${i}?`, answer: `O número ${i}.` } : {
        messages: [
          { role: "system", content: "Responda." },
          { role: "user", content: "Oi" },
          { role: "assistant", content: "Olá" },
          { role: "user", content: `E o ${i}?` },
          { role: "assistant", content: `É o ${i}.` },
        ],
      },
  );
  await Deno.writeTextFile(
    path,
    lines.map((line) => JSON.stringify(line)).join("\n"),
  );
  const output = `${folder}/faq`;
  const { before, after } = await finetune({ ...recipe, data: path, output });
  assert(after!.new! < 0.8 * before.new!);
  const tokenizer = await openTokenizer(`${output}/data/tokenizer.json`);
  using dataset = await openDataset(`${output}/data`, tokenizer.vocab);
  const { train } = dataset;
  const ids = new Uint16Array(train.length);
  train.read(0, ids);
  const learnt = [...ids].filter((_, i) => train.mask![i] === 1);
  const [eos] = [tokenizer.vocab.specialId("[EOS]")];
  const texts: string[] = [];
  let text: number[] = [];
  for (const id of learnt) {
    if (id !== eos) text.push(id);
    else {
      texts.push(tokenizer.decode(text));
      text = [];
    }
  }
  assert(texts.length >= 7);
  for (const one of texts) {
    assert(/^ (O número \d\.|Olá É o \d\.)$/.test(one), JSON.stringify(one));
  }
  const refuses = async (line: string, reason: string) => {
    const broken = `${folder}/broken.jsonl`;
    await Deno.writeTextFile(
      broken,
      `{"question": "a", "answer": "b"}\n${line}\n`,
    );
    await assertRejects(
      () => finetune({ ...recipe, data: broken, output: `${folder}/broken` }),
      SyntaxError,
      `line 2 ${reason}`,
    );
  };
  await refuses("{", "is not JSON");
  await refuses('{"question": "a"}', 'has neither "question" and "answer" nor');
  await refuses(
    '{"messages": [{"role": "user", "content": "a"}]}',
    "ends without an answer",
  );
  await refuses('{"question": "a", "answer": " \\n"}', "has an empty answer");
  const data = `${folder}/legacy.jsonl`;
  const latin =
    `{"question": "a", "answer": "b"}\n{"question": "é", "answer": "b"}`;
  await Deno.writeFile(data, Uint8Array.from(latin, (c) => c.charCodeAt(0)));
  await assertRejects(
    () => finetune({ ...recipe, data, output: `${folder}/broken` }),
    SyntaxError,
    "line 2 is not UTF-8 text",
  );
});

Deno.test("finetune() reads lines of JSON longer than settings may be", async () => {
  const path = `${folder}/long.jsonl`;
  const padding = "x".repeat(2 ** 23);
  const lines = Array.from({ length: 6 }, (_, i) => ({
    question: `Qual é o ${i}?`,
    answer: `O número ${i}.`,
    note: i < 3 ? padding : "",
  }));
  const write = (lines: readonly object[]) =>
    Deno.writeTextFile(
      path,
      lines.map((line) => JSON.stringify(line)).join("\n"),
    );
  await write(lines);
  const options = { ...recipe, data: path, maxSteps: 1, seqLen: 8 };
  const answers = await finetune({ ...options, output: `${folder}/long` });
  assert(answers.complete);
  await write(lines.map(({ note, answer }) => ({ text: answer, note })));
  const texts = await finetune({ ...options, output: `${folder}/longer` });
  assert(texts.complete);
});

Deno.test("finetune() takes official weights with a World vocabulary", async () => {
  const weights = `${folder}/world.pth`, vocab = `${folder}/vocab.txt`;
  await Deno.writeFile(weights, torchFile(await worldTensors()));
  await Deno.writeTextFile(vocab, WORLD_TEXT);
  const model = `${folder}/world`;
  await importModel({ input: weights, output: model, tokenizer: vocab });
  const faq = `${folder}/short.jsonl`;
  const line = (n: number) =>
    `{"question": "Oi ${n}?", "answer": "Sim, ${n}."}`;
  await Deno.writeTextFile(faq, [1, 2, 3, 4, 5, 6].map(line).join("\n"));
  for (const [i, data] of [`${folder}/law.txt`, faq].entries()) {
    const { before, after } = await finetune({
      ...recipe,
      model,
      data,
      output: `${folder}/world-tuned-${i}`,
      maxSteps: 10,
      seqLen: 16,
    });
    assert(after!.new! < before.new!, `${before.new} to ${after!.new}`);
  }
});

Deno.test("finetune() adapts all projections of a family with other names", async () => {
  const base = `${folder}/classic`, output = `${folder}/classic-lora`;
  await train({
    data: `${folder}/old`,
    output: base,
    modelConfig: `${folder}/model.toml`,
    arch: "classic",
    gradAccum: 1,
    maxSteps: 1,
    backend: "reference",
  });
  await finetune({ ...recipe, model: base, output, maxSteps: 1 });
  assertStringIncludes(
    await Deno.readTextFile(`${output}/config.toml`),
    'lora_targets = "time_mixing,channel_mixing"',
  );
});

Deno.test("finetune() refuses what makes no sense before anything is written", async () => {
  const output = `${folder}/none`;
  const refuses = (options: Partial<FinetuneOptions>, reason: string) =>
    assertRejects(
      () => finetune({ ...recipe, output, ...options }),
      Error,
      reason,
    );
  await refuses({ loraTargets: "att.gate" }, "Cannot adapt att.gate");
  await refuses(
    { method: "state", loraRank: undefined },
    "only RWKV-6 and RWKV-7",
  );
  await refuses({ method: "full" }, "the method is full");
  await refuses({ freeze: "emb" }, "with lora the model stays as it is");
  await refuses({ mixShare: 1 }, "Cannot mix in a share of 1");
  await refuses({ epochs: 0 }, "for 0 epochs");
  await refuses({ muonRate: 2 }, "use muonRate: the optimizer is adamw");
  await refuses({ output: `${folder}/base` }, "it holds");
});
