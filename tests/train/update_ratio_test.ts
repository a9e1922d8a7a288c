/** How far a step moves the weights is measured well, and changes no bit. */

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { RWKVConfig } from "../../lib/model/config.ts";
import { ParameterSet } from "../../lib/model/parameters.ts";
import { RWKV } from "../../lib/model/rwkv.ts";
import { train } from "../../lib/stages/train.ts";
import { Trainer } from "../../lib/train/trainer.ts";
import { UpdateRatio } from "../../lib/train/update_ratio.ts";
import { TrainingConfig } from "../../lib/training_config.ts";
import { withTraining } from "../stages/small_training.ts";

const noValues = () => {};

/** The ratio of a change of some weights, measured and by its definition. */
async function ratiosOf(lengths: readonly number[]): Promise<[number, number]> {
  const parameters = new ParameterSet();
  for (const [i, length] of lengths.entries()) {
    parameters.declare(`p${i}`, [length], noValues, { learningRateScale: i });
  }
  const backend = new ReferenceBackend();
  parameters.allocate(backend, { training: true });
  const weight = (i: number) => Math.fround(Math.sin(i) + 0.5);
  const change = (i: number) => Math.cos(3 * i) / 500;
  let changes = 0, weights = 0;
  for (const { data } of parameters) {
    const { length } = data;
    backend.write(data, Float32Array.from({ length }, (_, i) => weight(i)));
    for (let i = 0; i < length; i++) {
      changes += change(i) ** 2;
      weights += weight(i) ** 2;
    }
  }
  const ratio = new UpdateRatio(backend, parameters);
  await ratio.begin();
  for (const { data } of parameters) {
    const { length } = data;
    const moved = (i: number) => weight(i) + change(i);
    backend.write(data, Float32Array.from({ length }, (_, i) => moved(i)));
  }
  return [(await ratio.end())!, Math.sqrt(changes / weights)];
}

Deno.test("UpdateRatio measures all weights of a small model", async () => {
  const [found, exact] = await ratiosOf([5000, 3, 70]);
  assertAlmostEquals(found, exact, 1e-6 * exact);
});

Deno.test("UpdateRatio comes near with a sample of a large model", async () => {
  const [found, exact] = await ratiosOf([1_200_000, 900]);
  assert(found !== exact);
  assertAlmostEquals(found, exact, 0.01 * exact);
});

Deno.test("UpdateRatio leaves the steps that it measures as they are", async () => {
  const config = new RWKVConfig({ vocabSize: 9, dModel: 8, dFfn: 16 });
  const batch = {
    rows: 1,
    inputs: Uint16Array.of(1, 2, 3, 4),
    targets: Uint16Array.of(2, 3, 4, 5),
  };
  const weightsAfter = async (isMeasured: boolean) => {
    const backend = new ReferenceBackend();
    const model = new RWKV(config, backend, { training: true });
    model.initialize(1);
    const { parameters } = model;
    const trainer = new Trainer(model, new TrainingConfig({ warmupSteps: 1 }));
    const ratio = new UpdateRatio(backend, parameters);
    for (let step = 0; step < 3; step++) {
      if (isMeasured) await ratio.begin();
      await trainer.trainStep(() => batch);
      if (isMeasured) assert((await ratio.end())! > 0);
    }
    return await Promise.all(
      [...parameters].map(({ data }) => backend.read(data)),
    );
  };
  assertEquals(await weightsAfter(true), await weightsAfter(false));
});

Deno.test("train() logs the update ratio of logged steps", async () => {
  await withTraining(async (folder, recipe) => {
    const output = `${folder}/run`;
    await train({ ...recipe, output });
    const text = await Deno.readTextFile(`${output}/metrics.jsonl`);
    const lines = text.trimEnd().split("\n").map((line) => JSON.parse(line));
    assertEquals(lines.map(({ step }) => step), [10, 12]);
    for (const { updateRatio } of lines) {
      assert(updateRatio > 1e-5 && updateRatio < 0.5, `${updateRatio}`);
    }
  });
});
