/**
 * `demo`: the whole pipeline on the sample dump, each stage as a user would run
 * it.
 *
 * @module
 */

import { removeIfThere } from "../files.ts";
import type { Command } from "./shared/command.ts";
import { parseOptions } from "./shared/parse_options.ts";
import { ENGINE_OPTIONS } from "./shared/engine.ts";
import { say, t } from "./shared/language.ts";
import { SEED, type Values } from "./shared/options.ts";
import { portuguese } from "./demo.pt.ts";
import { generate } from "./generate.ts";
import { duration, type Output } from "./shared/output.ts";
import { rootOf, under } from "./shared/project_files.ts";
import { processWiki } from "./process_wiki.ts";
import { tokenize } from "./tokenize.ts";
import { train } from "./train.ts";
import { trainTokenizer } from "./train_tokenizer.ts";

/** Made anew by every demo. */
const FOLDER = "data/demo";
const SAMPLE = "data/sample/amostra-pages-articles-multistream.xml.bz2";
const MODEL = "configs/model_demo.toml";
/** How the written texts begin. */
const PROMPTS = ["O Brasil é", "A cidade", "O rio"];

/** One stage: what it is for, and the command line that does it. */
export interface Stage {
  readonly title: string;
  // deno-lint-ignore no-explicit-any
  readonly command: Command<any>;
  readonly args: readonly string[];
}

/**
 * The stages, in their order.
 *
 * @param root The folder that has the sample and the model's configuration.
 */
export const stagesFrom = (root: string): readonly Stage[] => [
  {
    title: "A Wikimedia dump becomes clean text",
    command: processWiki,
    args: ["--input", under(root, SAMPLE), "--output", `${FOLDER}/text`],
  },
  {
    title: "The text makes a tokenizer",
    command: trainTokenizer,
    args: [
      ...["--corpus", `${FOLDER}/text`],
      ...["--output", `${FOLDER}/tokenizer.json`],
      ...["--vocab-size", "4000"],
    ],
  },
  {
    title: "Text and tokenizer make a dataset",
    command: tokenize,
    args: [
      ...["--input", `${FOLDER}/text`],
      ...["--output", `${FOLDER}/tokens`],
      ...["--tokenizer", `${FOLDER}/tokenizer.json`],
      ...["--val-fraction", "0.08"],
    ],
  },
  {
    title: "The dataset trains a model (bits per byte: fewer are better)",
    command: train,
    args: [
      ...["--data", `${FOLDER}/tokens`, "--output", `${FOLDER}/model`],
      ...["--model-config", under(root, MODEL)],
      ...["--batch-size", "8", "--grad-accum", "1"],
      ...["--max-steps", "200", "--eval-every", "25"],
      ...["--learning-rate", "2e-3", "--warmup-steps", "20"],
    ],
  },
  ...PROMPTS.map((prompt) => ({
    title: "The model writes",
    command: generate,
    args: [
      ...["--model", `${FOLDER}/model`, "--prompt", prompt],
      ...["--max-tokens", "80"],
    ],
  })),
];

const options = { ...SEED, ...ENGINE_OPTIONS };

/** The command. */
export const demo: Command<typeof options> = {
  name: "demo",
  summary: "Run the whole pipeline on the sample dump, in about two minutes",
  options,
  examples: [""],
  notes: `Everything it makes goes to ${FOLDER}, which it empties first.`,
  portuguese,
  async run(values, output) {
    const start = performance.now();
    const stages = stagesFrom(await findRoot());
    await removeIfThere(FOLDER, { recursive: true });
    const results: Record<string, unknown>[] = [];
    for (const [i, stage] of stages.entries()) {
      output.print(`\n[${i + 1}/${stages.length}] ${say(stage.title)}`);
      const result = await runStage(stage, values, output);
      if (result.complete === false) return result;
      results.push(result);
    }
    const seconds = (performance.now() - start) / 1000;
    const next =
      `deno task generate --model ${FOLDER}/model --prompt "A música"`;
    output.print(t`\nDone in ${duration(seconds)}. Now yours: ${next}`);
    const [wiki, tokenizer, dataset, training, ...texts] = results;
    return {
      articles: wiki.articles,
      vocabSize: tokenizer.vocabSize,
      tokens: dataset.tokens,
      ...training,
      texts: texts.map(({ prompt, text }) => `${prompt}${text}`),
      seconds,
    };
  },
};

async function findRoot(): Promise<string> {
  const root = await rootOf(SAMPLE);
  if (root !== undefined) return root;
  throw new Error(
    `Cannot run the demo: ${SAMPLE} is not here; run it in the project's folder`,
  );
}

/** A stage as one would type it. */
export function lineOf(
  { command, args }: Pick<Stage, "command" | "args">,
): string {
  const shown = args.map((arg) => arg.includes(" ") ? `"${arg}"` : arg);
  return `deno task ${command.name} ${shown.join(" ")}`;
}

async function runStage(
  { command, args }: Stage,
  values: Values<typeof options>,
  output: Output,
): Promise<Record<string, unknown>> {
  output.print(`$ ${lineOf({ command, args })}`);
  const passedOn = Object.entries(values).flatMap(([name, value]) =>
    name in options && name in command.options && value !== undefined
      ? [`--${name}`, `${value}`]
      : []
  );
  return await command.run(
    await parseOptions(command, [...args, ...passedOn]),
    output,
  );
}
