/** How far a step moves the weights is measured well, and changes no bit. */

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { ParameterSet } from "../../lib/model/parameters.ts";
import { train } from "../../lib/stages/train.ts";
import { UpdateRatio } from "../../lib/train/update_ratio.ts";
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
  return [await ratio.end(), Math.sqrt(changes / weights)];
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
