/**
 * Two ranks of one thread beside one process of two threads: tokens a second of
 * the same training, in turn, and the median of the ratios.
 *
 * ```
 * deno run --allow-read --allow-write --allow-run bench/ranks.ts DATASET [SIZE]
 * ```
 *
 * Needs `mpirun.openmpi`, or another launcher by the name of a third argument,
 * and a dataset that `tokenize` wrote.
 *
 * @module
 */

const [data, size = "micro", launcher = "mpirun.openmpi"] = Deno.args;
const ROUNDS = 7, STEPS = 3;
const isOpenMpi = launcher.includes("openmpi");
const FLAGS = isOpenMpi
  ? ["--allow-run-as-root", "--oversubscribe", "--bind-to", "none"]
  : ["-bind-to", "none"];

/** Tokens a second of the steps alone, validation and saving left out. */
async function speedOf(ranks: number): Promise<number> {
  const output = await Deno.makeTempDir();
  const line = [
    ...["run", "--no-check", "--allow-all", "cli.ts", "train"],
    ...["--data", data, "--model-size", size, "--output", `${output}/run`],
    ...["--max-steps", `${STEPS}`, "--batch-size", "2", "--grad-accum", "8"],
    ...["--grad-parts", "2", "--threads", ranks === 1 ? "2" : "1"],
    ...["--backend", "cpu", "--eval-every", "1000", "--sample-every", "never"],
  ];
  const [program, args] = ranks === 1
    ? [Deno.execPath(), line]
    : [launcher, [...FLAGS, "-n", `${ranks}`, Deno.execPath(), ...line]];
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...args, "--json", "--quiet"],
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (code !== 0) throw new Error(text(stderr));
  await Deno.remove(output, { recursive: true });
  const last = text(stdout).trim().split("\n").at(-1)!;
  return JSON.parse(last).tokensPerSecond;
}

const ratios: number[] = [];
for (let round = 1; round <= ROUNDS; round++) {
  const threads = await speedOf(1), ranks = await speedOf(2);
  ratios.push(ranks / threads);
  console.log(
    `round ${round}: two threads ${threads.toFixed(0)} tokens/s, ` +
      `two ranks ${ranks.toFixed(0)}, ratio ${(ranks / threads).toFixed(3)}`,
  );
}
const [median] = ratios.toSorted((a, b) => a - b).slice(ROUNDS >> 1);
console.log(`median ratio ${median.toFixed(3)}`);
