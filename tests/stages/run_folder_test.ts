/** What a training leaves in its folder, and that a run can be repeated from it. */

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { resume, type ResumeOptions } from "../../lib/stages/resume.ts";
import { train, type TrainOptions } from "../../lib/stages/train.ts";
import { train as trainCommand } from "../../lib/commands/train.ts";
import { parseOptions } from "../../lib/commands/shared/parse_options.ts";
import { VERSION } from "../../lib/version.ts";
import { readEvents } from "../train/run_folder/events.ts";
import { reads, succeeds, writeSmallDataset } from "../commands/run_cli.ts";

let folder: string;
let recipe: TrainOptions;

Deno.test.beforeAll(async () => {
  folder = await Deno.makeTempDir();
  await writeSmallDataset(folder);
  await Deno.writeTextFile(
    `${folder}/model.toml`,
    "d_model = 32\nn_layers = 1\nd_ffn = 32\nmax_seq_len = 16\n",
  );
  recipe = {
    data: folder,
    modelConfig: `${folder}/model.toml`,
    output: `${folder}/run`,
    batchSize: 2,
    gradAccum: 2,
    warmupSteps: 2,
    learningRate: 0.01,
    maxSteps: 12,
    saveEvery: 6,
    evalEvery: 4,
    backend: "reference",
  };
  await train(recipe);
});

Deno.test.afterAll(() => Deno.remove(folder, { recursive: true }));

async function linesOf(path: string): Promise<Record<string, unknown>[]> {
  const text = await Deno.readTextFile(`${folder}/${path}`);
  return text.trimEnd().split("\n").map((line) => JSON.parse(line));
}

/** The event files of a run, the oldest first. */
async function eventFiles(run: string): Promise<string[]> {
  const names = await Array.fromAsync(Deno.readDir(`${folder}/${run}`));
  return names.map(({ name }) => name)
    .filter((name) => name.includes("tfevents")).sort()
    .map((name) => `${folder}/${run}/${name}`);
}

Deno.test("train() records where and how long it ran", async () => {
  const record = JSON.parse(await Deno.readTextFile(`${folder}/run/run.json`));
  const { starts: [start, ...others], ...rest } = record;
  assertEquals(others, []);
  assertEquals([rest.architecture, rest.lastStep], ["rwkv4", 12]);
  assertEquals(rest.tokensPerStep, 2 * 2 * 16);
  assertEquals(
    [start.version, start.deno, start.os, start.ended],
    [VERSION, Deno.version.deno, Deno.build.os, "complete"],
  );
  assertEquals([start.fromStep, start.step], [0, 12]);
  assertEquals(start.tokens, 12 * rest.tokensPerStep);
  assert(Date.parse(start.started) > Date.now() - 600_000);
  const [entry] = await linesOf("run/metrics.jsonl");
  assert(Date.parse(`${entry.time}`) >= Date.parse(start.started));
  assert((entry.memory as number) > 1e6);
});

Deno.test("train() writes samples with each validation, or as it is told", async () => {
  const samples = await linesOf("run/samples.jsonl");
  const prompts = ["O Brasil é", "A cidade de", "Era uma vez"];
  assertEquals(
    samples.map(({ step, prompt }) => [step, prompt]),
    [4, 8, 12].flatMap((step) => prompts.map((prompt) => [step, prompt])),
  );
  assert(samples.every(({ text }) => typeof text === "string"));
  const output = `${folder}/other`;
  const options = { ...recipe, output, maxSteps: 5, saveEvery: 5 };
  await train({ ...options, sampleEvery: 3 });
  assertEquals(
    new Set((await linesOf("other/samples.jsonl")).map(({ step }) => step)),
    new Set([3, 5]),
  );
  await train({
    ...options,
    output: `${folder}/none`,
    sampleEvery: "never",
  });
  assertEquals(await Deno.readTextFile(`${folder}/none/samples.jsonl`), "");
});

Deno.test("samples change nothing in what is learnt", async () => {
  const output = `${folder}/silent`;
  await train({ ...recipe, output, sampleEvery: "never" });
  const [one, other] = await Promise.all(
    ["run", "silent"].map((run) =>
      Deno.readFile(`${folder}/${run}/model_final.mpk`)
    ),
  );
  assertEquals(one, other);
});

Deno.test("train() tells TensorBoard what the log and the samples say", async () => {
  const [path, ...others] = await eventFiles("run");
  assertEquals(others, []);
  const events = readEvents(await Deno.readFile(path));
  const log = await linesOf("run/metrics.jsonl");
  const scalars = events.filter(({ scalars }) => "loss/training" in scalars);
  assertEquals(
    scalars.map(({ step, scalars }) => [step, scalars["loss/training"]]),
    log.map(({ step, loss }) => [step, Math.fround(loss as number)]),
  );
  assertEquals(
    scalars.filter(({ scalars }) => "bits_per_byte/validation" in scalars)
      .map(({ step }) => step),
    [4, 8, 12],
  );
  const samples = await linesOf("run/samples.jsonl");
  assertEquals(
    events.flatMap(({ texts }) => Object.values(texts)),
    samples.map(({ prompt, text }) => `${prompt}${text}`),
  );
});

Deno.test("train --config repeats a run from its folder", async () => {
  const config = `${folder}/run/config.toml`;
  // The data are in a temporary folder, as the run itself is.
  const args = ["--config", config, "--allow-outside"];
  const values = await parseOptions(trainCommand, args);
  assertEquals(
    [values["max-steps"], values["learning-rate"], values["grad-accum"]],
    [12, 0.01, 2],
  );
  await succeeds(
    ["train", ...args, "--output", `${folder}/repeated`, "--quiet"],
    ["--backend", "reference"],
  );
  for (const file of ["model_final.mpk", "samples.jsonl", "model.toml"]) {
    assertEquals(
      await Deno.readFile(`${folder}/repeated/${file}`),
      await Deno.readFile(`${folder}/run/${file}`),
      file,
    );
  }
});

Deno.test("resume() goes on in the same folder, dropping what it makes again", async () => {
  const output = `${folder}/cut`;
  const controller = new AbortController();
  await train({
    ...recipe,
    output,
    signal: controller.signal,
    onStep: ({ step }) => step === 10 && controller.abort(),
  });
  // As after a power cut: the last thing that is whole is an earlier step.
  await Deno.remove(`${output}/checkpoint_10.mpk`);
  const settings = await Deno.readTextFile(`${output}/config.toml`);
  const { data, backend } = recipe;
  await resume({ data, backend, checkpoint: output, output });
  assertEquals(
    await linesOf("cut/samples.jsonl"),
    await linesOf("run/samples.jsonl"),
  );
  assertEquals(await Deno.readTextFile(`${output}/config.toml`), settings);
  const { starts } = JSON.parse(await Deno.readTextFile(`${output}/run.json`));
  assertEquals(
    starts.map(({ fromStep, step, ended }: Record<string, unknown>) => [
      fromStep,
      step,
      ended,
    ]),
    [[0, 10, "interrupted"], [6, 12, "complete"]],
  );
  const [, second] = await eventFiles("cut");
  const [, restart] = readEvents(await Deno.readFile(second));
  assertEquals([restart.isRestart, restart.step], [true, 7]);
});

Deno.test("resume() goes on with what the run was asked for besides its recipe", async () => {
  const output = `${folder}/habits`;
  const asked = { evalWindows: 1, keepLast: 1, keepBest: true };
  await train({
    ...recipe,
    output,
    maxSteps: 4,
    saveEvery: 1,
    evalEvery: 2,
    sampleEvery: 3,
    ...asked,
  });
  const go = async (more: Partial<ResumeOptions> = {}) => {
    const { data, backend } = recipe;
    const common = { checkpoint: output, data, output, backend };
    return await resume({ ...common, additionalSteps: 2, ...more });
  };
  const steps = async () =>
    new Set((await linesOf("habits/samples.jsonl")).map(({ step }) => step));
  const checkpoints = async () =>
    (await reads(output)).filter((name) => /^checkpoint_/.test(name));

  await Deno.remove(`${output}/best.mpk`);
  assertEquals((await go()).valWindows, 1);
  assertEquals(await steps(), new Set([3, 4, 6]));
  assertEquals(await checkpoints(), ["checkpoint_6.mpk"]);
  assert((await reads(output)).includes("best.mpk"));

  await Deno.remove(`${output}/best.mpk`);
  const all = { evalWindows: "all", keepLast: "all" } as const;
  const others = await go({ ...all, sampleEvery: "never", keepBest: false });
  assert(others.valWindows! > 1);
  assertEquals(await steps(), new Set([3, 4, 6]));
  assertEquals((await checkpoints()).length, 3);
  assert(!(await reads(output)).includes("best.mpk"));

  // As a folder of an older version.
  const config = `${output}/config.toml`;
  await Deno.remove(config);
  assert((await go()).valWindows! > 1);

  await Deno.writeTextFile(config, "keep_last = 0\n");
  const { message } = await assertRejects(() => go(), RangeError);
  assertEquals(
    message,
    `Cannot read config "${config}": keep_last cannot be 0`,
  );
});

Deno.test("resume() refuses a record that is none", async () => {
  const output = `${folder}/broken`;
  await train({ ...recipe, output, maxSteps: 6 });
  await Deno.writeTextFile(`${output}/run.json`, "[");
  const { message } = await assertRejects(
    () =>
      resume({
        data: recipe.data,
        backend: recipe.backend,
        checkpoint: `${output}/checkpoint_6.mpk`,
        output,
        additionalSteps: 1,
      }),
    Error,
  );
  assertStringIncludes(message, "it is not the record of a run");
});
