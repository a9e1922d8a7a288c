/** A training that is ended by signals, again and again, is the uncut one. */

import { assert, assertEquals } from "@std/assert";
import { Checkpoint } from "../../lib/checkpoint/native/mpk_reader.ts";
import { checkpointsIn } from "../../lib/checkpoint/native/paths.ts";
import { resume } from "../../lib/stages/resume.ts";
import { train } from "../../lib/stages/train.ts";
import { Random } from "../../lib/random.ts";
import { reads, start, succeeds } from "../commands/run_cli.ts";
import { argumentsOf, withTraining } from "../stages/small_training.ts";
import { contentOf, readable } from "./folders.ts";
import { showCounts } from "./programs.ts";

const LONG = Deno.env.has("PTBR_SLM_TEST_LONG");
const CUTS = LONG ? 50 : 4;
const STEPS = 150;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

Deno.test({
  name: `train, cut ${CUTS} times by signals, is the uncut run bit by bit`,
  ignore: Deno.build.os === "windows", // which has no such signals
  fn: () =>
    withTraining(async (folder, recipe) => {
      const each = ["--save-every", "25"];
      const begin = [...argumentsOf(recipe, STEPS), ...each];
      const goOn = [
        ...["resume", "--data", recipe.data],
        ...["--threads", "1", "--blas", "none"],
      ];
      const before = performance.now();
      await succeeds(begin, ["--output", `${folder}/whole`]);
      const milliseconds = performance.now() - before;
      const random = new Random(20);
      const counts: Record<string, number> = {};
      let cuts = 0, finished = 0;
      for (let output = `${folder}/0`; cuts < CUTS || finished === 0;) {
        const goesOn = (await checkpointsIn(output)).length > 0;
        const args = goesOn ? [...goOn, "--checkpoint", output] : begin;
        const child = start(args, ["--output", output]);
        const signal = SIGNALS[cuts % SIGNALS.length];
        const timer = cuts >= CUTS ? undefined : setTimeout(
          () => child.kill(signal),
          random.uniform() * milliseconds,
        );
        const done = await child.output();
        clearTimeout(timer);
        const said = new TextDecoder().decode(done.stderr);
        assertEquals(
          (await reads(output).catch((): string[] => [])).filter((name) =>
            name.endsWith(".tmp") || name === ".in-use"
          ),
          [],
        );
        if (done.code === 0) {
          await assertSameRun(output, `${folder}/whole`);
          output = `${folder}/${++finished}`;
          continue;
        }
        cuts++;
        // What comes before the program heeds signals ends it as such.
        assert(done.code === 130 || done.signal === signal, said);
        const how = done.code === 130 ? "saved" : "before it began";
        counts[how] = (counts[how] ?? 0) + 1;
      }
      if (LONG) showCounts(`${CUTS} cuts of train, ${finished} runs`, counts);
    }),
});

Deno.test("resume() logs the loss of steps from before the cut, too", () =>
  withTraining(async (folder, recipe) => {
    const { data, backend } = recipe;
    await train({ ...recipe, output: `${folder}/whole` });
    const output = `${folder}/cut`, abort = new AbortController();
    await train({
      ...recipe,
      output,
      signal: abort.signal,
      onStep: ({ step }) => step === 7 && abort.abort(),
    });
    await resume({ checkpoint: output, data, output, backend });
    assertEquals(await linesOf(output), await linesOf(`${folder}/whole`));
  }));

/** Weights, moments, where it stands, and every line of the log. */
async function assertSameRun(one: string, other: string): Promise<void> {
  const name = `checkpoint_${STEPS}.mpk`;
  using a = await Checkpoint.open(`${one}/${name}`);
  using b = await Checkpoint.open(`${other}/${name}`);
  for (const name of b.shapes.keys()) {
    assertEquals(a.readWeight(name), b.readWeight(name));
    assertEquals(a.readMoments(name), b.readMoments(name));
  }
  assertEquals({ ...a.train, run: "" }, { ...b.train, run: "" });
  assertEquals(await linesOf(one), await linesOf(other));
  const model = "/model_final.mpk";
  assertEquals(
    readable(await contentOf(one))[model],
    readable(await contentOf(other))[model],
  );
}

/** The lines of a log: what they say of the steps. */
async function linesOf(folder: string): Promise<unknown[]> {
  const log = await Deno.readTextFile(`${folder}/metrics.jsonl`);
  return log.trimEnd().split("\n").map((line) => {
    const { step, tokens, loss, gradientNorm, learningRate } = JSON.parse(line);
    // A validation that is cut is left out.
    return { step, tokens, loss, gradientNorm, learningRate };
  });
}
