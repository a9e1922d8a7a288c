/**
 * What each change of a recipe is worth: trains variants at equal tokens and,
 * where asked, at equal minutes, measures them on works held out whole, with the
 * state carried on from beginning to end, and writes a table in Markdown.
 *
 *     deno task bench-ablation --variants bench/ablation.toml
 *       --works FOLDER --output FOLDER [--vocab-size 8000] [--held-out 0.05]
 *       [--threads 2] [--rounds 3] [--timed-steps 8] [--keep-models]
 *
 * What was done is kept in FOLDER (`results.jsonl`, `speeds.json`), and a
 * training goes on from its last checkpoint, so that an interrupted comparison
 * is gone on with by the same command; `table.md` is written after every
 * training. Seeds are outermost: what has been done is fair so far.
 *
 * Equal minutes come of how long steps take, all variants measured in turn, on
 * a machine that should do nothing else: a variant whose steps take twice as
 * long is trained on half the tokens.
 *
 * @module
 */

import { makeCorpus } from "./ablation/corpus.ts";
import {
  argumentsOf,
  readRecipe,
  tokensPerStep,
  trainArguments,
  type Variant,
} from "./ablation/recipe.ts";
import {
  type Equal,
  type Result,
  type Speeds,
  tableOf,
  timeRatio,
} from "./ablation/table.ts";
import { inTurn, lastLine, readOptions, run } from "./shared.ts";

const options = readOptions({
  variants: "",
  works: "",
  output: "",
  "vocab-size": "8000",
  "held-out": "0.05",
  threads: "",
  rounds: "3",
  "timed-steps": "8",
  "keep-models": false,
});
const folder = options.output;
if (options.variants === "" || options.works === "" || folder === "") {
  console.error(
    "error: give --variants, --works and --output, as in this file",
  );
  Deno.exit(2);
}
const cli = new URL("../cli.ts", import.meta.url).pathname;
const resultsPath = `${folder}/results.jsonl`;
const speedsPath = `${folder}/speeds.json`;

/** Minutes so nearly equal are not trained for again. */
const SAME_MINUTES = 0.005;
/** How often a training is saved on its way. */
const SAVES = 8;

await Deno.mkdir(folder, { recursive: true });
const recipe = await readRecipe(options.variants);
const [base] = recipe.variants;
const corpus = await makeCorpus({
  works: options.works,
  folder: `${folder}/corpus`,
  share: Number(options["held-out"]),
  vocabSize: Number(options["vocab-size"]),
  run: program,
});
const results: Result[] = await Deno.readTextFile(resultsPath).then(
  (text) => text.trim().split("\n").map((line) => JSON.parse(line)),
  () => [],
);
/** What a result is of: with other options or tokens it is another. */
const keys = new Map(
  recipe.variants.map((variant) => [
    variant.name,
    JSON.stringify({ ...variant, tokens: recipe.tokens }),
  ]),
);
const speeds = await measureSpeeds();
// What cannot be trained at all does not keep the others from it.
const variants = recipe.variants.filter(({ name }) => name in speeds);
if (variants[0] !== base) throw new Error(`Cannot train ${base.name}`);
for (const seed of recipe.seeds) {
  for (const variant of variants) {
    await measure(variant, seed, "tokens", recipe.tokens);
  }
}
if (recipe.equalMinutes) {
  for (const seed of recipe.seeds) {
    for (const variant of variants.slice(1)) {
      const ratio = timeRatio(speeds, variant.name, base.name);
      const tokens = Math.abs(ratio - 1) < SAME_MINUTES
        ? recipe.tokens
        : recipe.tokens / ratio;
      await measure(variant, seed, "minutes", tokens);
    }
  }
}
console.log(await writeTable());

/** A command of the program; what its last line says. */
async function program(args: string[]): Promise<string> {
  return await run([Deno.execPath(), "run", "-A", "--no-check", cli, ...args]);
}

/** What every training is given. */
function common(): string[] {
  return [
    ...["--data", corpus.data, "--backend", "cpu", "--json", "--quiet"],
    ...options.threads === "" ? [] : ["--threads", options.threads],
  ];
}

/** Tokens a second of every variant, all in turn, once a round. */
async function measureSpeeds(): Promise<Speeds> {
  const known: { key: string; speeds: Speeds } | undefined = await Deno
    .readTextFile(speedsPath).then(JSON.parse, () => undefined);
  const key = JSON.stringify(recipe.variants);
  if (known?.key === key) return known.speeds;
  const output = `${folder}/timed`;
  const measured = await inTurn(
    recipe.variants,
    Number(options.rounds),
    async (variant) => {
      say(`${variant.name}: how fast`);
      await Deno.remove(output, { recursive: true }).catch(() => {});
      const steps = Number(options["timed-steps"]);
      try {
        const { tokensPerSecond } = lastLine(
          await program([
            ...["train", "--output", output, ...common()],
            ...trainArguments(variant, steps),
            ...["--save-every", String(steps)],
          ]),
        );
        return Number(tokensPerSecond);
      } catch (error) {
        say(`${variant.name}: ${(error as Error).message.trim()}`);
        return NaN;
      }
    },
  );
  await Deno.remove(output, { recursive: true }).catch(() => {});
  const speeds = Object.fromEntries(
    recipe.variants.map(({ name }, i) => [name, measured[i]] as const)
      .filter(([, speeds]) => !speeds.some(Number.isNaN)),
  );
  await Deno.writeTextFile(speedsPath, JSON.stringify({ key, speeds }));
  return speeds;
}

/** Trains and measures a variant, unless that was done. */
async function measure(
  variant: Variant,
  seed: number,
  equal: Equal,
  tokens: number,
): Promise<void> {
  const { name } = variant, key = keys.get(name)!;
  const steps = Math.max(1, Math.round(tokens / tokensPerStep(variant)));
  const isSame = (result: Result) =>
    result.key === key && result.seed === seed && result.steps === steps;
  const known = results.filter(isSame);
  if (known.some((result) => result.equal === equal)) return;
  const told = `${name}, seed ${seed}, equal ${equal}, ${steps} steps`;
  let costs = known[0]?.costs;
  try {
    costs ??= await trained(variant, { seed, steps, told });
  } catch (error) {
    // The others are compared all the same; the next call tries again.
    say(`${told}: ${(error as Error).message.trim()}`);
    Deno.exitCode = 1;
    return;
  }
  const result = {
    variant: name,
    key,
    seed,
    equal,
    steps,
    tokens: steps * tokensPerStep(variant),
    costs,
  };
  results.push(result);
  const line = `${JSON.stringify(result)}\n`;
  await Deno.writeTextFile(resultsPath, line, { append: true });
  await writeTable();
}

/** Trains a variant, or goes on with it, and measures what came of it. */
async function trained(
  variant: Variant,
  { seed, steps, told }: {
    readonly seed: number;
    readonly steps: number;
    readonly told: string;
  },
): Promise<Result["costs"]> {
  const output = `${folder}/runs/${variant.name}-${seed}-${steps}`;
  const names = await namesIn(output);
  const start = Date.now();
  if (!names.includes("model_final.mpk")) {
    const isBegun = names.some((name) => /^checkpoint_\d+\.mpk$/.test(name));
    say(`${told}: ${isBegun ? "going on" : "training"}`);
    await program(
      isBegun
        ? ["resume", "--checkpoint", output, "--output", output, ...common()]
        : [
          ...["train", "--output", output, "--seed", String(seed)],
          ...common(),
          ...trainArguments(variant, steps),
          ...["--save-every", String(Math.ceil(steps / SAVES))],
          ...["--keep-last", "1"],
        ],
    );
  }
  if (!(await namesIn(output)).includes("model_final.mpk")) {
    throw new Error(`Cannot measure ${told}: its training was interrupted`);
  }
  const { entries: [entry], documents } = lastLine(
    await program([
      ...["evaluate", "--model", output, "--text", corpus.heldOut],
      ...["--documents", "files", "--backend", "cpu", "--json", "--quiet"],
      ...options.threads === "" ? [] : ["--threads", options.threads],
      ...argumentsOf(variant.evaluate),
    ]),
  );
  if (!options["keep-models"]) await Deno.remove(output, { recursive: true });
  const minutes = ((Date.now() - start) / 60_000).toFixed(1);
  say(`${told}: ${entry.bitsPerByte.toFixed(4)} bits per byte, ${minutes} min`);
  return documents.map(({ bytes }: { bytes: number }, i: number) => ({
    nats: entry.byDocument[i] * bytes * Math.LN2,
    tokens: 0,
    bytes,
  }));
}

/** What is in a folder; nothing where there is none. */
async function namesIn(path: string): Promise<string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(path));
    return entries.map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Writes the table of all that is there, and gives it back. */
async function writeTable(): Promise<string> {
  // Of other options with the same name nothing is said.
  const own = results.filter(({ variant, key }) => keys.get(variant) === key);
  const table = tableOf(recipe, own, speeds);
  await Deno.writeTextFile(`${folder}/table.md`, table);
  return table;
}

function say(line: string): void {
  console.error(`${new Date().toISOString().slice(11, 19)} ${line}`);
}
