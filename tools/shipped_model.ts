/**
 * Makes the model that ships with the project, by the commands that a user has:
 * works to clean text, tokenizer, dataset, model, and what is said of it.
 *
 *     deno task shipped-model --works FOLDER [--work data/shipped_model]
 *       [--output models/machado] [--tokens 10400000] [--threads N]
 *
 * FOLDER holds the works of Machado de Assis as text, a file each, in folders by
 * genre (in the public domain; NLTK's corpus "machado" is laid out so). Works
 * that no other has pages of are held out whole, 5 % of the bytes.
 *
 * An interrupted training is gone on with by the same command.
 *
 * @module
 */

import { lastLine, readOptions, run } from "../bench/shared.ts";
import { isThere } from "../lib/files.ts";
import { splitWorks } from "./held_out_works.ts";

const options = readOptions({
  works: "",
  work: "data/shipped_model",
  output: "models/machado",
  // As of the one that ships; 45 minutes or more of two cores.
  tokens: "10400000",
  threads: "",
});
if (options.works === "") {
  console.error("error: give --works, as in this file");
  Deno.exit(2);
}
const VOCAB_SIZE = 8000;
const HELD_OUT = 0.05;
/** How the samples begin. */
const PROMPTS = ["Era uma vez", "Capítulo primeiro", "A moça sorriu", "— Não,"];

const { work, output } = options;
const raw = `${work}/raw`, text = `${work}/text`;
const tokenizer = `${work}/tokenizer.json`, tokens = `${work}/tokens`;
const trained = `${work}/model`;
const engine = options.threads === "" ? [] : ["--threads", options.threads];

if (!await isThere(tokens)) await makeData();
await train();
await quantize();
await measure();
await writeSamples();

/** Splits the works, cleans them, and makes tokenizer and dataset. */
async function makeData(): Promise<void> {
  await splitWorks(options.works, {
    trained: `${raw}/train`,
    heldOut: `${raw}/held-out`,
    share: HELD_OUT,
  });
  for (const part of ["train", "held-out"]) {
    await command("clean-corpus", {
      input: `${raw}/${part}`,
      output: `${text}/${part}`,
    });
  }
  await command("train-tokenizer", {
    corpus: `${text}/train`,
    output: tokenizer,
    "vocab-size": VOCAB_SIZE,
  });
  await command("tokenize", {
    input: `${text}/train`,
    output: tokens,
    tokenizer,
    documents: "files",
    "val-fraction": 0.005,
  });
}

async function train(): Promise<void> {
  if (await isThere(`${trained}/model_final.mpk`)) return;
  if (await isThere(trained)) {
    await command("resume", {
      checkpoint: trained,
      output: trained,
      data: tokens,
    }, engine);
    return;
  }
  await command("train", {
    data: tokens,
    "model-size": "micro",
    arch: "rwkv4",
    tokens: options.tokens,
    output: trained,
  }, ["--carry-state", ...engine]);
}

async function quantize(): Promise<void> {
  await command("quantize", {
    model: trained,
    format: "q8",
    output,
    calibrate: `${text}/train`,
    evaluate: `${text}/held-out`,
  }, engine);
}

/** Writes what there is to say of it: `evaluation.json` and `report.html`. */
async function measure(): Promise<void> {
  const report = await command("evaluate", {
    model: output,
    text: `${text}/held-out`,
    documents: "files",
    baselines: "unigram",
    "learn-from": `${text}/train`,
    html: `${output}/report.html`,
  }, engine);
  const pairs = await command("evaluate", {
    model: output,
    suite: "pairs",
    "learn-from": `${text}/train`,
  }, engine);
  const said = JSON.stringify({ report, pairs }, null, 1);
  await Deno.writeTextFile(`${output}/evaluation.json`, `${said}\n`);
}

/** Writes how it writes: with the defaults, and the first that came. */
async function writeSamples(): Promise<void> {
  const samples: string[] = [];
  for (const prompt of PROMPTS) {
    const { text } = await command("generate", {
      model: output,
      prompt,
      "max-tokens": 150,
    }, engine);
    samples.push(`\`\`\`text\n${(prompt + text).trimEnd()}\n\`\`\``);
  }
  await Deno.writeTextFile(
    `${output}/samples.md`,
    "# Samples\n\nThe first that came, with the defaults of `generate` and 150 " +
      `tokens.\n\n${samples.join("\n\n")}\n`,
  );
}

/** Runs a command of the program; what its last line says. */
async function command(
  name: string,
  given: Readonly<Record<string, string | number>>,
  more: readonly string[] = [],
) {
  const args = Object.entries(given)
    .flatMap(([option, value]) => [`--${option}`, String(value)]);
  console.error(`${new Date().toISOString().slice(11, 19)} ${name}`);
  const program = [Deno.execPath(), "run", "-A", "--no-check", "cli.ts"];
  return lastLine(
    await run([...program, name, ...args, ...more, "--json", "--quiet"]),
  );
}
