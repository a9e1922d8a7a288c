/** Documents shuffled anew and a state carried on: the same run after any cut. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { CpuBackend } from "../../lib/backend/cpu/cpu_backend.ts";
import { Checkpoint } from "../../lib/checkpoint/native/mpk_reader.ts";
import { resume } from "../../lib/stages/resume.ts";
import { train } from "../../lib/stages/train.ts";
import { type SmallRecipe, withTraining } from "./small_training.ts";

const VARIANTS = [
  { shuffleDocuments: true },
  { carryState: true },
  { carryState: true, sequenceWarmup: 6 },
  { carryState: true, shuffleDocuments: true, arch: "rwkv7", recompute: true },
] as const;

/** The same dataset twice, or once. */
function dataOf({ data }: SmallRecipe, mixed: boolean) {
  return mixed ? [{ path: data, weight: 2 }, { path: data, weight: 2 }] : data;
}

for (const variant of VARIANTS) {
  for (const mixed of [false, true]) {
    Deno.test(`resume() goes on to the same bits with ${JSON.stringify(variant)}${mixed ? ", mixed" : ""}`, async () => {
      using backend = await CpuBackend.create({ threads: 2, blas: "none" });
      await withTraining(async (folder, small) => {
        const { modelConfig } = small;
        await Deno.writeTextFile(modelConfig, "head_size = 16", {
          append: true,
        });
        const data = dataOf(small, mixed);
        const recipe = {
          ...small,
          ...variant,
          data,
          backend,
          dropout: 0.1,
          gradAccum: 3,
          seqLen: 8,
          saveEvery: 5,
        };
        const whole = `${folder}/whole`, cut = `${folder}/cut`;
        await train({ ...recipe, output: whole });
        // Ended within step 8, which is forgotten; goes on twice.
        const abort = new AbortController();
        const first = await train({
          ...recipe,
          output: cut,
          signal: abort.signal,
          onProgress: ({ phase, done }) =>
            phase === "training" && done > 7.3 && abort.abort(),
        });
        assertEquals([first.complete, first.steps], [false, 7]);
        const rest = { checkpoint: cut, data, output: cut };
        const again = {
          ...rest,
          backend,
        };
        await resume({ ...again, additionalSteps: 2 });
        await Deno.remove(`${cut}/model_final.mpk`);
        await resume(again);
        for (const name of ["checkpoint_10.mpk", "model_final.mpk"]) {
          using one = await Checkpoint.open(`${whole}/${name}`);
          using other = await Checkpoint.open(`${cut}/${name}`);
          for (const parameter of one.shapes.keys()) {
            const weight = one.readWeight(parameter);
            assertEquals(other.readWeight(parameter), weight);
          }
          assertEquals(other.readStates(), one.readStates());
          if (name === "checkpoint_10.mpk") {
            const carries = "carryState" in variant;
            assertEquals(one.readStates().length, carries ? 3 : 0);
            assertEquals(one.train?.training.carryState, carries);
          }
        }
      });
    });
  }
}

Deno.test("train() learns another thing with a state carried on, or documents shuffled", async () => {
  await withTraining(async (folder, recipe) => {
    const losses: string[] = [];
    const variants = [{}, ...VARIANTS.slice(0, 2)];
    for (const [i, variant] of variants.entries()) {
      const seen: number[] = [];
      const result = await train({
        ...recipe,
        ...variant,
        maxSteps: 40,
        seqLen: 8,
        output: `${folder}/${i}`,
        onStep: ({ loss }) => seen.push(loss),
      });
      assert(seen.at(-1)! < seen[0] - 1, `${seen}`);
      assert(result.valLoss! < seen[0] - 1);
      losses.push(seen.join());
    }
    assertEquals(new Set(losses).size, 3);
  });
});

Deno.test("train() refuses to shuffle documents where there are no two", async () => {
  await withTraining(async (folder, recipe) => {
    const data = `${folder}/one.bin`;
    await Deno.writeFile(
      data,
      new Uint8Array(500).fill(0).map((_, i) => i % 2 ? 0 : 65),
    );
    const tokenizer = `${recipe.data}/tokenizer.json`;
    await assertRejects(
      () =>
        train({
          ...recipe,
          data,
          tokenizer,
          output: `${folder}/model`,
          shuffleDocuments: true,
        }),
      RangeError,
      `Cannot shuffle the documents of "${data}": no [EOS] is between any two`,
    );
    const result = await train({
      ...recipe,
      data,
      tokenizer,
      output: `${folder}/model`,
      carryState: true,
    });
    assertEquals(result.complete, true);
  });
});
