import {
  assert,
  assertEquals,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { writeSmallDataset } from "../commands/run_cli.ts";
import { launchers, mpirun, type Ran, skipped } from "./mpirun.ts";

const CLI = new URL("../../cli.ts", import.meta.url).pathname;
const isLong = Deno.env.has("PTBR_SLM_TEST_LONG");

const folder = await Deno.makeTempDir();
const data = `${folder}/data`;
await Deno.mkdir(data);
await writeSmallDataset(data);
await Deno.writeTextFile(
  `${folder}/model.toml`,
  "d_model = 32\nn_layers = 2\nd_ffn = 64\nmax_seq_len = 16\n",
);
globalThis.addEventListener(
  "unload",
  () => Deno.removeSync(folder, { recursive: true }),
);

/** All that a step may carry from one to the next. */
const RECIPE = [
  ...["--model-config", `${folder}/model.toml`, "--max-steps", "4"],
  ...["--batch-size", "1", "--grad-accum", "5", "--grad-parts", "4"],
  ...["--save-every", "2", "--eval-every", "2", "--carry-state"],
  ...["--optimizer", "muon", "--ema-decay", "0.9", "--dropout", "0.1"],
];

/** A command by a number of ranks; by one process alone for 0. */
async function cli(ranks: number, ...args: string[]): Promise<Ran> {
  const [launcher] = launchers;
  const line = [
    ...["run", "--no-check", "--allow-all", CLI, ...args, "--data", data],
    ...["--threads", "1", "--backend", "cpu"],
  ];
  if (ranks > 0) return await mpirun(launcher, ranks, line);
  const alone = { name: "MPICH", program: Deno.execPath(), flags: [] } as const;
  const { code, stdout, stderr } = await new Deno.Command(alone.program, {
    args: line,
    env: { NO_COLOR: "1", LC_ALL: "C" },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr), seconds: 0 };
}

/** The hash of a file of a run. */
async function hashOf(run: string, name: string): Promise<string> {
  const bytes = await Deno.readFile(`${folder}/${run}/${name}`);
  const hash = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(hash).toHex();
}

Deno.test({
  name: `any number of ranks trains the same model${skipped}`,
  ignore: launchers.length === 0,
  fn: async () => {
    const alone = await cli(0, "train", ...RECIPE, "--output", `${folder}/1`);
    assertEquals(alone.code, 0, alone.stderr);
    for (const ranks of isLong ? [2, 3, 4] : [3]) {
      const run = `${ranks}`;
      const args = [...RECIPE, "--output", `${folder}/${run}`];
      const { code, stderr, stdout } = await cli(ranks, "train", ...args);
      assertEquals(code, 0, stderr);
      assertEquals(stdout.split("Done: ").length, 2, "one rank tells of all");
      assertEquals(
        await hashOf(run, "model_final.mpk"),
        await hashOf("1", "model_final.mpk"),
      );
      const log = await Deno.readTextFile(`${folder}/${run}/metrics.jsonl`);
      const line = JSON.parse(log.trim().split("\n").at(-1)!);
      assert(line.slowestRank < ranks && line.slowestSeconds > 0);
    }
    // On from a checkpoint of three ranks, on others: the same checkpoints too.
    const [, , ...others] = isLong ? [3, 3, 0, 1, 2, 4] : [3, 3, 2];
    for (const ranks of others) {
      const run = `3-${ranks}`, output = `${folder}/${run}`;
      const { code, stderr } = await cli(ranks, ...[
        ...["resume", "--checkpoint", `${folder}/3/checkpoint_2.mpk`],
        ...["--output", output],
      ]);
      assertEquals(code, 0, stderr);
      for (const name of ["checkpoint_4.mpk", "model_final.mpk"]) {
        assertEquals(await hashOf(run, name), await hashOf("3", name), name);
      }
    }
  },
});

Deno.test({
  name: `ranks that cannot share a run all end, with words of one${skipped}`,
  ignore: launchers.length === 0,
  fn: async () => {
    const output = `${folder}/many`;
    const { code, stderr } = await cli(2, ...[
      ...["train", "--model-config", `${folder}/model.toml`],
      ...["--grad-parts", "1", "--output", output],
    ]);
    assertNotEquals(code, 0);
    assertStringIncludes(
      stderr,
      "[0/2] error: Cannot train with 2 ranks: a step's gradients have 1 parts, one a rank at least",
    );
  },
});
