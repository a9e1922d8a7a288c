/**
 * A rank of a training is killed at random moments: all the others end, and
 * fewer ranks go on from the last checkpoint to the same bits. With
 * PTBR_SLM_TEST_LONG twenty times, else not at all: it takes minutes.
 */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { writeSmallDataset } from "../commands/run_cli.ts";
import { launchers, mpirun } from "./mpirun.ts";

const isLong = Deno.env.has("PTBR_SLM_TEST_LONG");
const KILLS = Number(Deno.env.get("PTBR_SLM_TEST_KILLS") ?? 20);
const CLI = new URL("../../cli.ts", import.meta.url).pathname;
const RANKS = 3, STEPS = 40;
/** Seconds in which all have to be gone. */
const GONE = 30;

/** The processes of Deno that were started with some words. */
function processesOf(words: string): number[] {
  const found: number[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const [program, ...args] = Deno.readTextFileSync(`/proc/${name}/cmdline`)
        .split("\0");
      const isDeno = program === Deno.execPath();
      if (isDeno && args.includes(words)) found.push(Number(name));
    } catch {
      // It is gone already.
    }
  }
  return found;
}

async function hashOf(path: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
  return new Uint8Array(hash).toHex();
}

async function checkpointsIn(folder: string): Promise<number> {
  const names = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
  return names.filter(({ name }) => /^checkpoint_\d+\.mpk$/.test(name)).length;
}

Deno.test({
  name: "a killed rank ends all, and fewer go on to the same bits",
  ignore: !isLong || launchers.length === 0 || Deno.build.os !== "linux",
  fn: async () => {
    const folder = await Deno.makeTempDir(), data = `${folder}/data`;
    await Deno.mkdir(data);
    await writeSmallDataset(data);
    await Deno.writeTextFile(
      `${folder}/model.toml`,
      "d_model = 32\nn_layers = 2\nd_ffn = 64\nmax_seq_len = 16\n",
    );
    const line = (command: string, output: string, ...args: string[]) => [
      ...["run", "--no-check", "--allow-all", CLI, command, "--data", data],
      ...["--output", output, "--threads", "1", "--backend", "cpu", ...args],
    ];
    const train = (output: string) =>
      line("train", output, ...[
        ...["--model-config", `${folder}/model.toml`, "--optimizer", "muon"],
        ...[
          "--max-steps",
          `${STEPS}`,
          "--save-every",
          "1",
          "--batch-size",
          "1",
        ],
        ...[
          "--grad-accum",
          "6",
          "--grad-parts",
          `${RANKS}`,
          "--keep-last",
          "3",
        ],
      ]);
    const whole = await mpirun(launchers[0], RANKS, train(`${folder}/whole`));
    assertEquals(whole.code, 0, whole.stderr);
    const wanted = await hashOf(`${folder}/whole/model_final.mpk`);
    let resumedRuns = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const launcher = launchers[kill % launchers.length];
      const output = `${folder}/killed${kill}`;
      const running = mpirun(launcher, RANKS, train(output));
      let killed = 0;
      const timer = setTimeout(() => {
        const all = processesOf(output);
        if (all.length === 0) return;
        Deno.kill(all[Math.floor(Math.random() * all.length)], "SIGKILL");
        killed = performance.now();
      }, 1000 + Math.random() * 1000 * whole.seconds * 0.8);
      const { code } = await running;
      clearTimeout(timer);
      if (killed === 0) continue; // it was done before
      assertNotEquals(code, 0);
      const seconds = (performance.now() - killed) / 1000;
      assert(seconds < GONE, `${seconds} s after the kill`);
      assertEquals(processesOf(output), []);
      if (await checkpointsIn(output) === 0) continue; // nothing to go on from
      // Each library with each number of ranks.
      const ranks = 1 + Math.floor(kill / launchers.length) % (RANKS - 1);
      const { code: resumed, stderr } = await mpirun(
        launcher,
        ranks,
        line("resume", output, "--checkpoint", output),
      );
      assertEquals(resumed, 0, stderr);
      assertEquals(await hashOf(`${output}/model_final.mpk`), wanted);
      resumedRuns++;
    }
    // The others were done, or had nothing yet, when the kill came.
    assert(resumedRuns > KILLS / 2, `${resumedRuns} of ${KILLS} went on`);
    await Deno.remove(folder, { recursive: true });
  },
});
