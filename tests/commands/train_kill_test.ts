/** A training that is killed at any moment loses no more than a save interval. */

import { assert, assertEquals } from "@std/assert";
import { Checkpoint } from "../../lib/checkpoint/native/mpk_reader.ts";
import { checkpointsIn } from "../../lib/checkpoint/native/paths.ts";
import { Random } from "../../lib/random.ts";
import { argumentsOf, withTraining } from "../stages/small_training.ts";
import { reads, start, succeeds } from "./run_cli.ts";

/** With this set, hundreds of kills instead of a few. */
const LONG = Deno.env.has("PTBR_SLM_TEST_LONG");
const KILLS = LONG ? 200 : 20;

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
    const before = performance.now();
    await succeeds(begin, ["--output", `${folder}/whole`]);
    const milliseconds = performance.now() - before;
    const whole = await Deno.readFile(`${folder}/whole/model_final.mpk`);

    const random = new Random(15);
    let kills = 0, finished = 0;
    for (let output = `${folder}/0`; kills < KILLS || finished === 0;) {
      const goesOn = (await checkpointsIn(output)).length > 0;
      const args = goesOn ? [...goOn, "--checkpoint", output] : begin;
      const child = start(args, ["--output", output]);
      const moment = random.uniform() * milliseconds;
      const timer = kills < KILLS ? killAfter(child, moment) : undefined;
      const { code, signal, stderr } = await child.output();
      clearTimeout(timer);
      if (signal === "SIGKILL") {
        kills++;
        await assertWhole(output);
        // With its model written it is done, but for what it would have said.
        if (!await hasModel(output)) continue;
      } else {
        assertEquals(code, 0, new TextDecoder().decode(stderr));
        assertEquals(await namesIn(output), await namesIn(`${folder}/whole`));
      }
      const final = await Deno.readFile(`${output}/model_final.mpk`);
      assert(final.every((byte, i) => byte === whole[i]));
      output = `${folder}/${++finished}`;
    }
  });
});

function killAfter(child: Deno.ChildProcess, milliseconds: number) {
  return setTimeout(() => {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
  }, milliseconds);
}

async function hasModel(output: string): Promise<boolean> {
  const names = await reads(output).catch((): string[] => []);
  return names.includes("model_final.mpk");
}

/** The names in a folder; each process has a file of events for TensorBoard. */
async function namesIn(folder: string): Promise<string[]> {
  return (await reads(folder)).filter((name) => !name.startsWith("events."));
}

/** All that stands there can be read, and is of the last steps that were told. */
async function assertWhole(output: string): Promise<void> {
  const names = await reads(output).catch((): string[] => []);
  for (const name of names.filter((name) => name.endsWith(".mpk"))) {
    using checkpoint = await Checkpoint.open(`${output}/${name}`);
    checkpoint.verify();
  }
  if (!names.includes("metrics.jsonl")) return;
  const log = await Deno.readTextFile(`${output}/metrics.jsonl`);
  const logged = [...log.matchAll(/"step":(\d+).*\n/g)].at(-1)?.[1];
  const [newest = 0] = await checkpointsIn(output);
  assert(newest >= Number(logged ?? 0) - SAVE_EVERY, `${newest} of ${logged}`);
}
