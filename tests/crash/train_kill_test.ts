/**
 * A training that is killed at any moment loses no more than a save interval.
 * Half of the kills come at a moment, half at an operation that changes a file.
 */

import { assert, assertEquals, assertGreater } from "@std/assert";
import { Checkpoint } from "../../lib/checkpoint/native/mpk_reader.ts";
import { checkpointsIn } from "../../lib/checkpoint/native/paths.ts";
import { isUnfinished } from "../../lib/files.ts";
import { Random } from "../../lib/random.ts";
import { reads, start, startUntil } from "../commands/run_cli.ts";
import { argumentsOf, withTraining } from "../stages/small_training.ts";
import { killAfter, operationsOf, showCounts } from "./programs.ts";

/** With this set, hundreds of kills instead of a few. */
const LONG = Deno.env.has("PTBR_SLM_TEST_LONG");
const KILLS = LONG ? 200 : 12;

const STEPS = 120;
/** So often that about half of the time a file is being written. */
const SAVE_EVERY = 2;

Deno.test(`train, killed ${KILLS} times, makes the same model as at one go`, async () => {
  await withTraining(async (folder, recipe) => {
    const each = ["--save-every", `${SAVE_EVERY}`, "--keep-last", "3"];
    const begin = [...argumentsOf(recipe, STEPS), ...each];
    const goOn = [
      ...["resume", "--data", recipe.data, "--keep-last", "3"],
      ...["--threads", "1", "--blas", "none"],
    ];
    const whole = `${folder}/whole`;
    const before = performance.now();
    const operations = await operationsOf(begin, ["--output", whole]);
    const milliseconds = performance.now() - before;
    const model = await Deno.readFile(`${whole}/model_final.mpk`);

    const random = new Random(15);
    const counts = { "in a save": 0, "between saves": 0, "before any": 0 };
    let kills = 0, finished = 0;
    for (let output = `${folder}/0`; kills < KILLS || finished === 0;) {
      const goesOn = (await checkpointsIn(output)).length > 0;
      const args = goesOn ? [...goOn, "--checkpoint", output] : begin;
      const isLast = kills >= KILLS, moment = random.uniform();
      const at = 1 + Math.floor(moment * operations / 2);
      const child = !isLast && kills % 2 === 1
        ? startUntil(`kill:${at}`, args, ["--output", output])
        : start(args, ["--output", output]);
      if (!isLast && kills % 2 === 0) killAfter(child, moment * milliseconds);
      const { code, signal, stderr } = await child.output();
      if (signal === "SIGKILL") {
        kills++;
        counts[await assertWhole(output)]++;
        // With its model written it is done, but for what it would have said.
        if (!await hasModel(output)) continue;
      } else {
        assertEquals(code, 0, new TextDecoder().decode(stderr));
        assertEquals(await namesIn(output), await namesIn(whole));
      }
      const final = await Deno.readFile(`${output}/model_final.mpk`);
      assert(final.every((byte, i) => byte === model[i]));
      output = `${folder}/${++finished}`;
    }
    if (LONG) {
      showCounts(`${KILLS} kills of train, ${finished} models`, counts);
      assertGreater(counts["in a save"], KILLS / 3);
    }
  });
});

async function hasModel(output: string): Promise<boolean> {
  return (await namesIn(output)).includes("model_final.mpk");
}

/** The names in a folder; each process has a file of events for TensorBoard. */
async function namesIn(folder: string): Promise<string[]> {
  const names = await reads(folder).catch((): string[] => []);
  return names.filter((name) => !name.startsWith("events."));
}

/**
 * All that stands there can be read, and is of the last steps that were told.
 *
 * @returns When the kill came.
 */
async function assertWhole(
  output: string,
): Promise<"in a save" | "between saves" | "before any"> {
  const names = await namesIn(output);
  for (const name of names.filter((name) => name.endsWith(".mpk"))) {
    using checkpoint = await Checkpoint.open(`${output}/${name}`);
    checkpoint.verify();
  }
  const [newest = 0] = await checkpointsIn(output);
  if (names.includes("metrics.jsonl")) {
    const log = await Deno.readTextFile(`${output}/metrics.jsonl`);
    const logged = [...log.matchAll(/"step":(\d+).*\n/g)].at(-1)?.[1];
    assert(
      newest >= Number(logged ?? 0) - SAVE_EVERY,
      `${newest} of ${logged}`,
    );
  }
  const isSaving = names.some((name) =>
    isUnfinished(name) && name.includes(".mpk")
  );
  if (isSaving) return "in a save";
  return newest > 0 ? "between saves" : "before any";
}
