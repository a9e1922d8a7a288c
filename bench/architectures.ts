/**
 * Which architecture learns Portuguese best: trains each on one dataset and
 * prints bits per byte of the held-out part, at equal tokens or, with a number
 * of steps for each, at equal minutes.
 *
 *     deno task bench-architectures --data TOKENS --output FOLDER
 *       --steps 500 [--steps classic=600,rwkv4=500,rwkv7=400]
 *       --rates 1e-3,2e-3,4e-3 --seeds 1,2,3 [--arch classic,rwkv4,rwkv7]
 *       [--batch-size 4] [--model-size micro] [--seq-len 256] [--threads 2]
 *
 * Rates may be given for each too: `--rates classic=2e-3,rwkv7=1e-3`. A run that
 * is in FOLDER/results.jsonl already is not done again, so an interrupted
 * comparison goes on.
 *
 * @module
 */

import { lastLine, readOptions, rowOf, run } from "./shared.ts";

const options = readOptions({
  data: "",
  output: "",
  arch: "classic,rwkv4,rwkv7",
  steps: "500",
  rates: "2e-3",
  seeds: "1",
  "batch-size": "4",
  "model-size": "micro",
  "seq-len": "256",
  threads: "",
});
const folder = options.output;
if (options.data === "" || folder === "") {
  console.error("error: give --data and --output, as at the top of this file");
  Deno.exit(2);
}
const resultsPath = `${folder}/results.jsonl`;

/** One run and what came of it. */
interface Result {
  readonly arch: string;
  readonly rate: number;
  readonly seed: number;
  readonly steps: number;
  readonly tokens: number;
  readonly tokensPerSecond: number;
  readonly bitsPerByte: number;
}

/** What a list says for an architecture: `1,2` for all, or `a=1,a=2,b=3`. */
function listFor(arch: string, list: string): number[] {
  return list.split(",")
    .map((item) => item.split("="))
    .filter((parts) => parts.length === 1 || parts[0] === arch)
    .map((parts) => Number(parts.at(-1)));
}

async function train(
  arch: string,
  rate: number,
  seed: number,
  steps: number,
): Promise<Result> {
  const output = `${folder}/run`;
  await Deno.remove(output, { recursive: true }).catch(() => {});
  const passed = ["batch-size", "model-size", "seq-len", "threads"] as const;
  const text = await run([
    ...[Deno.execPath(), "run", "--allow-read", "--allow-write", "--allow-ffi"],
    ...[new URL("../cli.ts", import.meta.url).pathname, "train"],
    ...["--data", options.data, "--output", output, "--arch", arch],
    ...["--backend", "cpu", "--json", "--quiet", "--dropout", "0"],
    ...["--learning-rate", String(rate), "--seed", String(seed)],
    ...["--max-steps", String(steps), "--grad-accum", "1"],
    ...["--warmup-steps", String(Math.ceil(steps / 20))],
    ...["--eval-every", String(steps), "--save-every", String(steps)],
    ...passed.filter((name) => options[name] !== "")
      .flatMap((name) => [`--${name}`, options[name]]),
  ]);
  const { tokens, tokensPerSecond, valBitsPerByte } = lastLine(text);
  const bitsPerByte = valBitsPerByte;
  return { arch, rate, seed, steps, tokens, tokensPerSecond, bitsPerByte };
}

await Deno.mkdir(folder, { recursive: true });
const known: Result[] = await Deno.readTextFile(resultsPath).then(
  (text) => text.trim().split("\n").map((line) => JSON.parse(line)),
  () => [],
);
const results: Result[] = [];
// Seeds outermost: an interrupted comparison has been fair so far.
for (const seed of listFor("", options.seeds)) {
  for (const arch of options.arch.split(",")) {
    const [steps] = listFor(arch, options.steps);
    for (const rate of listFor(arch, options.rates)) {
      const same = (r: Result) =>
        r.arch === arch && r.rate === rate && r.seed === seed &&
        r.steps === steps;
      let result = known.find(same);
      if (result === undefined) {
        result = await train(arch, rate, seed, steps);
        const line = JSON.stringify(result) + "\n";
        await Deno.writeTextFile(resultsPath, line, { append: true });
      }
      results.push(result);
    }
  }
}

console.log("architecture  rate    steps  tokens   bits per byte, each seed");
const groups = Map.groupBy(results, ({ arch, rate }) => `${arch} ${rate}`);
for (const group of groups.values()) {
  const { arch, rate, steps, tokens } = group[0];
  const bits = group.map(({ bitsPerByte }) => bitsPerByte);
  const mean = bits.reduce((sum, value) => sum + value, 0) / bits.length;
  console.log(rowOf([-13, -7, -6, -8, 0, 0], [
    arch,
    rate.toExponential(),
    String(steps),
    String(tokens),
    mean.toFixed(4),
    `(${bits.map((value) => value.toFixed(4)).join(" ")})`,
  ]));
}
