/** Training as a function: another model's weights, validations, what is told. */

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { Checkpoint } from "../../lib/checkpoint/native/mpk_reader.ts";
import { evaluate } from "../../lib/stages/evaluate.ts";
import { evaluateTokenizer } from "../../lib/stages/evaluate_tokenizer.ts";
import { exportModel } from "../../lib/stages/export_model.ts";
import { exportTokenizer } from "../../lib/stages/export_tokenizer.ts";
import { generate } from "../../lib/stages/generate.ts";
import { importModel } from "../../lib/stages/import_model.ts";
import { importTokenizer } from "../../lib/stages/import_tokenizer.ts";
import { inspectDataset } from "../../lib/stages/inspect_dataset.ts";
import { logits } from "../../lib/stages/logits.ts";
import { resume } from "../../lib/stages/resume.ts";
import { planTrain, train, type TrainOptions } from "../../lib/stages/train.ts";
import type { TrainingStart } from "../../lib/stages/training_options.ts";
import type { TrainingProgress } from "../../lib/train/run.ts";
import type { Validation } from "../../lib/train/validation.ts";
import { rejectsWhenAborted } from "./aborted.ts";
import {
  TEXT,
  writeSmallDataset,
  writeSmallVocab,
} from "../commands/run_cli.ts";

const MODEL = "d_model = 32\nn_layers = 1\nd_ffn = 32\nmax_seq_len = 16\n";

/** Holds a dataset, the description of a model, and runs. */
let folder: string;
let recipe: Omit<TrainOptions, "output">;

Deno.test.beforeAll(async () => {
  folder = await Deno.makeTempDir();
  await writeSmallDataset(folder);
  await Deno.writeTextFile(`${folder}/model.toml`, MODEL);
  recipe = {
    data: folder,
    modelConfig: `${folder}/model.toml`,
    batchSize: 2,
    gradAccum: 2,
    warmupSteps: 2,
    learningRate: 0.01,
    maxSteps: 12,
    saveEvery: 6,
    backend: "reference",
  };
  await train({ ...recipe, output: `${folder}/first` });
});

Deno.test.afterAll(() => Deno.remove(folder, { recursive: true }));

/** The lines of a run's log. */
async function logOf(name: string): Promise<Record<string, unknown>[]> {
  const log = await Deno.readTextFile(`${folder}/${name}/metrics.jsonl`);
  return log.trimEnd().split("\n").map((line) => JSON.parse(line));
}

Deno.test("train() begins with the weights of another model, and all else anew", async () => {
  const model = `${folder}/first/model_final.mpk`;
  const before = await evaluate({ model, data: folder, backend: "reference" });
  const validations: [number, Validation][] = [];
  const output = `${folder}/tuned`;
  const { modelConfig: _, ...rest } = recipe;
  const options = { ...rest, initFrom: `${folder}/first`, dropout: 0.25 };
  const result = await train({
    ...options,
    initFrom: model,
    evalEvery: 100,
    output,
    onValidation: (step, found) => validations.push([step, found]),
  });
  assertEquals(result.steps, 12);
  assertEquals(validations.map(([step]) => step), [0, 12]);
  assertEquals(validations[0][1].loss, before.loss);
  assert(result.valLoss! < before.loss - 0.1, `${result.valLoss}`);

  const [origin, ...entries] = await logOf("tuned");
  assertEquals(origin, {
    step: 0,
    tokens: 0,
    initializedFrom: model,
    valLoss: before.loss,
    valBitsPerByte: before.bitsPerByte,
  });
  assertEquals(entries.map(({ step }) => step), [10, 12]);
  using checkpoint = await Checkpoint.open(`${output}/checkpoint_6.mpk`);
  assertEquals(checkpoint.config.dropout, 0.25);
  assertEquals(checkpoint.train?.optimizerStep, 6);
});

Deno.test("train() takes as many hours or tokens as it is given, and one of them", async () => {
  const { maxSteps: _, ...rest } = recipe;
  const options = { ...rest, output: `${folder}/planned` };
  const phases = new Set<string>();
  const onProgress = ({ phase }: TrainingProgress) => phases.add(phase);
  const ofTokens = await planTrain({ ...options, tokens: 6400, onProgress });
  assertEquals([ofTokens.steps, ofTokens.tokens], [100, 6400]);
  assert(phases.delete("measuring"));

  const hours = 1 / 60;
  const ofTime = await planTrain({ ...options, hours, onProgress });
  assert(phases.has("measuring"));
  assertEquals(ofTime.tokens, 64 * ofTime.steps);
  // Measured twice, by the plan once more: on a busy machine they differ.
  const share = ofTime.seconds! / (hours * 3600);
  assert(share > 0.1 && share < 10, `${ofTime.seconds}`);

  await assertRejects(
    () => train({ ...options, hours, tokens: 6400 }),
    TypeError,
    "Cannot train: hours and tokens are both given",
  );
  for (const hours of [0, -1, NaN, 1e6]) {
    await assertRejects(() => train({ ...options, hours }), RangeError);
  }
  await assertRejects(() => train({ ...options, tokens: 0.5 }), RangeError);
});

Deno.test("train() refuses what would do nothing, not what is as it is anyway", async () => {
  const options = { ...recipe, output: `${folder}/idle` };
  await assertRejects(
    () => train({ ...options, muonRate: 2 }),
    TypeError,
    "Cannot use muonRate: the optimizer is adamw",
  );
  await assertRejects(
    () => train({ ...options, decayShare: 0.2 }),
    TypeError,
    "Cannot use decayShare: the schedule is linear",
  );
  // A run's config.toml names all fields.
  await planTrain({ ...options, muonRate: 1, decayShare: 0.3 });
  await planTrain({ ...options, optimizer: "muon", muonRate: 2 });
});

Deno.test("train() drops what its recipe says, unless the model or options do", async () => {
  const dropoutOf = async (more: Partial<TrainOptions>) => {
    let found: number | undefined;
    const { modelConfig: _, maxSteps: _steps, ...rest } = recipe;
    const controller = new AbortController(), { signal } = controller;
    const onStart = ({ model }: TrainingStart) => {
      found = model.dropout;
      controller.abort();
    };
    const options = { ...rest, seqLen: 8, output: `${folder}/planned` };
    await assertRejects(() =>
      planTrain({ ...options, ...more, onStart, signal })
    );
    return found;
  };
  assertEquals(await dropoutOf({ tokens: 100 }), 0);
  assertEquals(await dropoutOf({ maxSteps: 100_000 }), 0.1);
  assertEquals(await dropoutOf({ tokens: 100, dropout: 0.5 }), 0.5);
  assertEquals(await dropoutOf({ recipe: "original", maxSteps: 1 }), 0.1);
});

Deno.test("resume() goes on with a run that began with other weights", async () => {
  const output = `${folder}/again`;
  await Deno.mkdir(output);
  for (const file of ["checkpoint_6.mpk", "metrics.jsonl"]) {
    await Deno.copyFile(`${folder}/tuned/${file}`, `${output}/${file}`);
  }
  const result = await resume({
    checkpoint: output,
    data: folder,
    output,
    backend: "reference",
  });
  assertEquals(result.complete, true);
  const [one, other] = await Promise.all(
    ["tuned", "again"].map((name) =>
      Deno.readFile(`${folder}/${name}/model_final.mpk`)
    ),
  );
  assertEquals(one, other);
  assertEquals(
    (await logOf("again")).map(({ step }) => step),
    (await logOf("tuned")).map(({ step }) => step),
  );
});

Deno.test("train() refuses what contradicts the weights it begins with", async () => {
  const { modelConfig, ...rest } = recipe;
  const initFrom = `${folder}/first/model_final.mpk`;
  const output = `${folder}/refused`;
  const start = { ...rest, initFrom, output };
  const refused = async (options: Partial<TrainOptions>, reason: string) => {
    const { message } = await assertRejects(
      () => train({ ...start, ...options }),
      Error,
    );
    assertStringIncludes(message, reason);
    assert(!message.includes("\n"));
  };
  await refused({ modelSize: "mini" }, "its d_model is 32, not 384");
  await refused({ arch: "rwkv7" }, "its architecture is rwkv4, not rwkv7");
  const other = `${folder}/other.toml`;
  await Deno.writeTextFile(other, MODEL.replace("d_ffn = 32", "d_ffn = 64"));
  await refused({ modelConfig: other }, "its d_ffn is 32, not 64");
  await writeSmallVocab(`${folder}/small.json`, { vocabSize: 300 });
  await refused(
    { tokenizer: `${folder}/small.json` },
    "with this tokenizer: it has 300 tokens, the model 335",
  );
  await refused({ initFrom: modelConfig }, "it is a file of settings");
  assertEquals(await Deno.stat(output).catch(() => "none"), "none");
});

Deno.test("train() predicts as many windows as it is told, the same each time", async () => {
  const losses = async (evalWindows: number | "all", name: string) => {
    const found: Validation[] = [];
    const progress: TrainingProgress[] = [];
    await train({
      ...recipe,
      output: `${folder}/${name}`,
      maxSteps: 2,
      evalEvery: 1,
      learningRate: 0,
      evalWindows,
      onValidation: (_, validation) => found.push(validation),
      onProgress: (now) => progress.push(now),
    });
    return { found, progress };
  };
  const few = await losses(3, "few"), all = await losses("all", "all");
  assertEquals(few.found.map(({ windows, tokens }) => [windows, tokens]), [
    [3, 48],
    [3, 48],
  ]);
  assertEquals(few.found[0].loss, few.found[1].loss);
  assert(few.found[0].loss !== all.found[0].loss);
  const [{ windows, available, tokens }] = all.found;
  assert(windows >= available && tokens > 16 * available);
  const model = `${folder}/all/model_final.mpk`;
  const whole = await evaluate({ model, data: folder, backend: "reference" });
  assertEquals(all.found[1].loss, whole.loss);

  const ofPhase = (phase: TrainingProgress["phase"]) =>
    few.progress.filter((progress) => progress.phase === phase)
      .map(({ done, total }) => [done, total]);
  assertEquals(ofPhase("training"), [[0, 2], [0.5, 2], [1, 2], [1.5, 2]]);
  assertEquals(ofPhase("validation"), [[0, 48], [32, 48], [0, 48], [32, 48]]);
});

Deno.test("generate() tells pieces, and gives what there is when it is aborted", async () => {
  const controller = new AbortController();
  const pieces: string[] = [];
  const model = `${folder}/first`;
  const options = { model, prompt: "No dia", backend: "reference" } as const;
  const whole = await generate({
    ...options,
    maxTokens: 8,
    onText: (piece) => pieces.push(piece),
  });
  assertEquals(pieces.join(""), `No dia${whole.texts[0]}`);
  assertEquals([whole.tokens, whole.complete], [8, true]);
  let last = 0;
  const three = await generate({
    ...options,
    maxTokens: 8,
    count: 3,
    onProgress: ({ done, total }) => {
      assert(done >= last && done <= total);
      last = done;
    },
  });
  assertEquals([three.texts[0], last], [whole.texts[0], three.tokens]);
  const cut = await generate({
    ...options,
    maxTokens: 1000,
    onText: (piece) => piece !== "No dia" && controller.abort(),
    signal: controller.signal,
  });
  assertEquals(cut.complete, false);
  assert(cut.tokens > 0 && cut.tokens < 1000);
});

Deno.test("stages refuse other kinds of files and say who takes them", async () => {
  const text = `${folder}/text.txt`, tokenizer = `${folder}/tokenizer.json`;
  await Deno.writeTextFile(text, TEXT);
  const model = `${folder}/first`, output = `${folder}/none`;
  const backend = "reference";
  const cases: [() => Promise<unknown>, string][] = [
    [() => generate({ model: text }), "as a model: it is text"],
    [() => generate({ model: tokenizer }), "it is a tokenizer"],
    [() => generate({ model: folder }), "it is a tokenized dataset"],
    [
      () => evaluate({ model, data: text }),
      "as a dataset: it is text, which tokenize",
    ],
    [() => evaluate({ model, input: folder }), "it is a tokenized dataset"],
    [
      () => resume({ checkpoint: text, data: folder }),
      "as a checkpoint: it is text",
    ],
    [() => train({ data: text }), "as a dataset: it is text"],
    [
      () => generate({ model, tokenizer: text, backend }),
      "as a tokenizer: it is text",
    ],
    [
      () => generate({ model, tokenizer: `${folder}/train.bin`, backend }),
      "as a tokenizer: it is a file of tokens",
    ],
    [
      () => evaluate({ model, data: folder, tokenizer: text, backend }),
      "as a tokenizer: it is text",
    ],
    [
      () => exportModel({ model, tokenizer: text, output, format: "gguf" }),
      "as a tokenizer: it is text",
    ],
    [
      () => train({ data: folder, tokenizer: text, output }),
      "as a tokenizer: it is text",
    ],
    [
      () => inspectDataset({ data: folder, tokenizer: text }),
      "as a tokenizer: it is text",
    ],
    [() => inspectDataset({ data: text }), "as a dataset: it is text"],
    [() => importTokenizer({ input: text, output }), "as a tokenizer: it is"],
    [() => importModel({ input: text, output }), "as a model: it is text"],
    [() => logits({ model: text, tokens: [1] }), "as a model: it is text"],
    [
      () => exportTokenizer({ tokenizer: text, format: "hf", output }),
      "as a tokenizer: it is text",
    ],
    [
      () => evaluateTokenizer({ tokenizer: text, input: text }),
      "as a tokenizer: it is text",
    ],
    [
      () => train({ data: model }),
      "it is a model, which generate takes as --model",
    ],
  ];
  for (const [work, reason] of cases) {
    const { message } = await assertRejects(work, Error);
    assertStringIncludes(message, reason);
  }
});

Deno.test("train() and resume() leave nothing when they end while data are checked", async () => {
  const output = `${folder}/begun`;
  await rejectsWhenAborted((options) =>
    train({ ...recipe, output, ...options })
  );
  await assertRejects(() => Deno.stat(output), Deno.errors.NotFound);

  const made = `${folder}/made`;
  const { checkpoint } = await train({ ...recipe, output: made, maxSteps: 1 });
  const before = await Array.fromAsync(Deno.readDir(made));
  const { data, backend } = recipe;
  await rejectsWhenAborted((options) =>
    resume({
      ...{ data, backend, output: made, additionalSteps: 1 },
      checkpoint: checkpoint.replace("model_final", "checkpoint_1"),
      ...options,
    })
  );
  assertEquals(await Array.fromAsync(Deno.readDir(made)), before);
});
