/** Runs that keep averages of their weights, from train() to export. */

import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import { Checkpoint } from "../../lib/checkpoint/native/mpk_reader.ts";
import { evaluate, type EvaluateOptions } from "../../lib/stages/evaluate.ts";
import { exportModel } from "../../lib/stages/export_model.ts";
import { resume } from "../../lib/stages/resume.ts";
import { train, type TrainOptions } from "../../lib/stages/train.ts";
import type { Evaluation } from "../../lib/train/evaluate.ts";
import type { Validation } from "../../lib/train/validation.ts";
import { succeeds } from "../commands/run_cli.ts";
import { withTraining } from "./small_training.ts";

/** All that differs from the usual recipe. */
const ALL = {
  optimizer: "muon",
  muonMomentum: 0.9,
  muonRate: 2,
  embeddingRate: 3,
  headRate: 0.5,
  vectorRate: 2,
  schedule: "wsd",
  decayShare: 0.5,
  finalRate: 0.05,
  weightDecaySchedule: "rate",
  cautiousWeightDecay: true,
  emaDecay: 0.7,
  keepBest: true,
} as const satisfies Partial<TrainOptions>;

async function weightsOf(path: string, weights?: "last" | "average") {
  using checkpoint = await Checkpoint.open(path, { weights });
  return [...checkpoint.shapes.keys()].flatMap((
    name,
  ) => [...checkpoint.readWeight(name)]);
}

async function linesOf(path: string): Promise<Record<string, unknown>[]> {
  const text = await Deno.readTextFile(path);
  return text.trimEnd().split("\n").map((line) => JSON.parse(line));
}

Deno.test("train() with averages validates both, and its models hold the averages", async () => {
  await withTraining(async (folder, recipe) => {
    const output = `${folder}/run`, found: Validation[] = [];
    const result = await train({
      ...recipe,
      ...ALL,
      output,
      evalEvery: 6,
      onValidation: (_, validation) => found.push(validation),
    });
    assertEquals(found.length, 2);
    for (const { loss, last } of found) assertNotEquals(loss, last!.loss);
    assertEquals(result.valLoss, found[1].loss);
    const lines = await linesOf(`${output}/metrics.jsonl`);
    assertEquals(
      lines.filter(({ valLoss }) => valLoss !== undefined)
        .map(({ valLoss, lastValLoss }) => [valLoss, lastValLoss]),
      found.map(({ loss, last }) => [loss, last!.loss]),
    );

    const checkpoint = `${output}/checkpoint_12.mpk`;
    const averages = await weightsOf(checkpoint, "average");
    assertEquals(await weightsOf(`${output}/model_final.mpk`), averages);
    assertEquals(await weightsOf(checkpoint), averages);
    assertNotEquals(await weightsOf(checkpoint, "last"), averages);
    const { data, backend } = recipe;
    const lossOf = async (
      files: Pick<EvaluateOptions, "model" | "weights">,
    ) => (await evaluate({ data, backend, ...files })).loss;
    const byAverages = await lossOf({ model: checkpoint, weights: "average" });
    assertEquals(byAverages, await lossOf({ model: output }));
    const byLast = await lossOf({ model: checkpoint, weights: "last" });
    assertNotEquals(byLast, byAverages);

    const exported = async (weights: "last" | "average") => {
      const to = `${folder}/${weights}`, format = "safetensors" as const;
      await exportModel({ model: checkpoint, output: to, format, weights });
      const card = await Deno.readTextFile(`${to}/README.md`);
      const [, bits] = /([\d.]+) bits per byte/.exec(card)!;
      return { file: await Deno.readFile(`${to}/model.safetensors`), bits };
    };
    const [last, average] = [await exported("last"), await exported("average")];
    assertNotEquals(last.file, average.file);
    const shown = (of?: Evaluation) => of!.bitsPerByte.toFixed(4);
    assertEquals(average.bits, shown(found[1]));
    assertEquals(last.bits, shown(found[1].last));
    await assertRejects(
      () =>
        exportModel({
          model: `${output}/model_final.mpk`,
          output: `${folder}/none`,
          format: "safetensors",
          weights: "average",
        }),
      RangeError,
      "it has no averaged weights",
    );
  });
});

Deno.test("train() with every option is cut, goes on and is repeated from its config.toml with the same files", async () => {
  await withTraining(async (folder, recipe) => {
    const whole = `${folder}/whole`, cut = `${folder}/cut`;
    const all = { ...recipe, ...ALL, evalEvery: 4 };
    await train({ ...all, output: whole });
    const controller = new AbortController();
    await train({
      ...all,
      output: cut,
      signal: controller.signal,
      onStep: ({ step }) => step === 7 && controller.abort(),
    });
    const { data, backend } = recipe;
    await resume({ data, backend, checkpoint: cut, output: cut });
    const again = `${folder}/again`;
    await succeeds(
      ["train", "--config", `${whole}/config.toml`, "--allow-outside"],
      ["--output", again, "--quiet", "--backend", "reference"],
    );
    for (const other of [cut, again]) {
      for (const file of ["model_final.mpk", "best.mpk"]) {
        assertEquals(
          await Deno.readFile(`${other}/${file}`),
          await Deno.readFile(`${whole}/${file}`),
          `${other} ${file}`,
        );
      }
    }
    const settings = await Deno.readTextFile(`${whole}/config.toml`);
    assert(settings.includes('optimizer = "muon"\n'));
  });
});
