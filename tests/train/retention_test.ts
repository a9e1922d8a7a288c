/** The room that checkpoints take. */

import { assertEquals, assertRejects } from "@std/assert";
import { assertRoom } from "../../lib/train/retention.ts";
import { resume } from "../../lib/stages/resume.ts";
import { train } from "../../lib/stages/train.ts";
import { reads } from "../commands/run_cli.ts";
import { withTraining } from "../stages/small_training.ts";

/** The checkpoints and models of a folder. */
async function modelsIn(folder: string): Promise<string[]> {
  return (await reads(folder)).filter((name) => name.endsWith(".mpk"));
}

Deno.test("train() and resume() keep the newest checkpoints of the run, and all else", async () => {
  await withTraining(async (folder, recipe) => {
    const output = `${folder}/run`, { data, backend } = recipe;
    await train({ ...recipe, output: `${folder}/other`, maxSteps: 2 });
    await train({ ...recipe, output, saveEvery: 2, keepLast: 2 });
    const [final, ...last] = ["model_final.mpk", "checkpoint_12.mpk"];
    assertEquals(await modelsIn(output), ["checkpoint_10.mpk", ...last, final]);

    // Of another run, of none, and a torn one.
    const foreign = `${output}/checkpoint_3.mpk`;
    const options = { checkpoint: output, data, output, backend };
    const more = { ...options, additionalSteps: 2, keepLast: 1 };
    await resume({
      ...more,
      onStart: () => {
        Deno.copyFileSync(`${folder}/other/checkpoint_2.mpk`, foreign);
        Deno.copyFileSync(`${output}/${final}`, `${output}/checkpoint_5.mpk`);
        Deno.writeTextFileSync(`${output}/checkpoint_7.mpk`, "torn");
      },
    });
    assertEquals(await modelsIn(output), [
      ...["checkpoint_14.mpk", "checkpoint_3.mpk", "checkpoint_5.mpk"],
      ...["checkpoint_7.mpk", final],
    ]);
  });
});

Deno.test("assertRoom() refuses what the disk cannot take", async () => {
  await assertRoom(".", 1000);
  await assertRejects(
    () => assertRoom(".", 1e18),
    RangeError,
    'Cannot save into ".": 1000000000.0 GB are needed, and ',
  );
  await assertRoom(".", 1e9, 2e9);
});
