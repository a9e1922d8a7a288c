/** The room that checkpoints take. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { statfs } from "node:fs/promises";
import { assertRoom } from "../../lib/train/retention.ts";
import { resume } from "../../lib/stages/resume.ts";
import { planTrain, train } from "../../lib/stages/train.ts";
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

Deno.test("resume() removes what a run that was killed at its end kept too many of", async () => {
  await withTraining(async (folder, recipe) => {
    const output = `${folder}/run`, { data, backend } = recipe;
    await train({ ...recipe, output });
    await Deno.remove(`${output}/model_final.mpk`);
    await resume({ checkpoint: output, data, output, backend, keepLast: 1 });
    const names = ["checkpoint_12.mpk", "model_final.mpk"];
    assertEquals(await modelsIn(output), names);
  });
});

Deno.test("resume() sets a torn checkpoint of a later step aside, and names it", async () => {
  await withTraining(async (folder, recipe) => {
    const output = `${folder}/run`, { data, backend } = recipe;
    await train({ ...recipe, output, saveEvery: 4 });
    await Deno.remove(`${output}/model_final.mpk`);
    Deno.truncateSync(`${output}/checkpoint_12.mpk`, 1000);
    const told: string[] = [];
    await resume({
      ...{ checkpoint: output, data, output, backend },
      ...{ additionalSteps: 2, keepLast: 1 },
      onDamaged: ({ message }) => told.push(`over: ${message}`),
      onSetAside: ({ message }) => told.push(`aside: ${message}`),
    });
    const about = (what: string) =>
      told.filter((line) =>
        line.startsWith(`${what}: Cannot read checkpoint`) &&
        line.includes("checkpoint_12.mpk")
      ).length;
    assertEquals([about("over"), about("aside"), told.length], [1, 1, 2]);
    const names = ["checkpoint_10.mpk", "checkpoint_12.mpk.damaged"];
    assertEquals(
      (await reads(output)).filter((name) => name.startsWith("checkpoint_")),
      names,
    );
  });
});

Deno.test("assertRoom() refuses what the disk cannot take", () => {
  assertRoom(".", 1e9, undefined);
  assertRoom(".", 1e9, 2e9);
  assertThrows(
    () => assertRoom(".", 1e9, 1e9),
    RangeError,
    'Cannot save into ".": 1.0 GB are needed, and 1.0 GB are free',
  );
  assertThrows(
    () => assertRoom(".", 1e6, 16.9e6),
    RangeError,
    "1.0 MB are needed, and 0.9 MB are free besides 16.0 MB that are left",
  );
  assertRoom(".", 0.9e6, 16.9e6);
});

Deno.test("train() keeps the model of the best validation, also when it is continued", async () => {
  await withTraining(async (folder, recipe) => {
    const output = `${folder}/run`, { data, backend } = recipe;
    const found: [number, Uint8Array | undefined][] = [];
    const best = `${output}/best.mpk`;
    // Of before each validation: what the one before it has left.
    const onValidation = (_: number, { loss }: { loss: number }) =>
      found.push([loss, bytesOf(best)]);
    const each = { keepBest: true, keepLast: 1, onValidation };
    const beginning = { ...recipe, evalEvery: 2, learningRate: 0.05 };
    await train({ ...beginning, ...each, output });
    const options = { checkpoint: output, data, output, backend };
    await resume({ ...options, ...each, additionalSteps: 8 });
    found.push([Infinity, bytesOf(best)]);
    let least = Infinity, changes = 0;
    for (const [i, [loss]] of found.slice(0, -1).entries()) {
      const [before, after] = [found[i][1], found[i + 1][1]];
      const isSame = `${before}` === `${after}`;
      assertEquals(isSame, loss >= least, `validation ${i}`);
      if (!isSame) changes++;
      least = Math.min(least, loss);
    }
    assertEquals(changes > 1, true);
  });
});

Deno.test("resume() keeps a best model where that of the log's best is not there", async () => {
  await withTraining(async (folder, recipe) => {
    const output = `${folder}/run`, { data, backend } = recipe;
    await train({ ...recipe, output });
    const line = JSON.stringify({ step: 12, tokens: 1, valLoss: 1e-3 });
    await Deno.writeTextFile(`${output}/metrics.jsonl`, `${line}\n`, {
      append: true,
    });
    const options = { checkpoint: output, data, output, backend };
    await resume({ ...options, additionalSteps: 2, keepBest: true });
    assertEquals((await modelsIn(output)).includes("best.mpk"), true);
  });
});

function bytesOf(path: string): Uint8Array | undefined {
  try {
    return Deno.readFileSync(path);
  } catch {
    return undefined;
  }
}

Deno.test("planTrain() says what the run may write, not what is left to the system", async () => {
  await withTraining(async (folder, recipe) => {
    const free = async () => {
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize;
    };
    const before = await free();
    const plan = await planTrain({ ...recipe, output: `${folder}/run` });
    const most = Math.max(before, await free());
    assert(plan.diskAvailable! < most, `${plan.diskAvailable}, ${most}`);
  });
});
