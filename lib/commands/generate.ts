/**
 * `generate`: continue a prompt, or many.
 *
 * @module
 */

import { generate as write } from "../stages/generate.ts";
import { generateMany } from "../stages/generate_many.ts";
import { WRITING } from "../stages/writing.ts";
import { portuguese } from "./generate.pt.ts";
import { CHOOSING_OPTIONS, choosingOf } from "./shared/choosing.ts";
import type { Command } from "./shared/command.ts";
import { ENGINE_OPTIONS, openBackend } from "./shared/engine.ts";
import { converse, noteState } from "./shared/interactive.ts";
import { onInterrupt } from "./shared/interrupt.ts";
import { count as counted, decimals, t } from "./shared/language.ts";
import {
  modelFiles,
  USED_MODEL_OPTIONS,
  usedModel,
} from "./shared/model_files.ts";
import {
  type COMMON_OPTIONS,
  flag,
  integer,
  text,
  UsageError,
  type Values,
} from "./shared/options.ts";
import type { Output } from "./shared/output.ts";
import { readPrompt } from "./shared/prompt.ts";
import { readPrompts } from "./shared/prompts_file.ts";

const options = {
  ...USED_MODEL_OPTIONS,
  prompt: text("TEXT", "how the text begins; - reads it from stdin", {
    default: "",
    mayBeEmpty: true,
  }),
  prompts: text(
    "FILE",
    'many prompts, one a line, or a .jsonl file of {"prompt": …}',
  ),
  "max-tokens": integer("tokens to write at most", {
    default: WRITING.maxTokens,
    max: 1_000_000,
  }),
  interactive: flag("write in turns: what is typed, and what the model adds"),
  count: integer("texts to write at once", { default: 1, min: 1, max: 1000 }),
  "load-state": text("FILE", "go on from a state that was saved"),
  "save-state": text("FILE", "save the state at the end of the text"),
  logprobs: integer(
    "with --json, tell how likely every token and the N likeliest were",
    { max: 100 },
  ),
  ...CHOOSING_OPTIONS,
  ...ENGINE_OPTIONS,
};

/** What is given, and the model that is meant. */
type GenerateValues = Values<typeof options> & Values<typeof COMMON_OPTIONS> & {
  readonly model: string;
};

/** The command. */
export const generate: Command<typeof options> = {
  name: "generate",
  summary: "Write text with a model",
  options,
  portuguese,
  notes:
    "The text is shown as it is made. The same --seed gives the same text.\n" +
    "--count writes several, with the seeds from --seed on, and shows them when\n" +
    "all are made. Without a --prompt a text is written from its start.\n\n" +
    "A long prompt need be read only once: --max-tokens 0 --save-state FILE reads\n" +
    "it, --load-state FILE goes on from there. A state is for the same weights.",
  examples: [
    '--prompt "Era uma vez"',
    '--model checkpoints/micro --prompt "O Brasil é"',
    '--model checkpoints/micro/model_final.mpk --prompt "A onça" --temperature 0.9 --top-p 0.95 --max-tokens 200',
    '--model checkpoints/micro --prompt "O rio" --count 4 --seed 10',
    "--model checkpoints/micro --interactive --temperature 0.9",
    "--model checkpoints/micro --prompts prompts.txt --stop '\\n' --json",
  ],
  async run(given, output) {
    refuseContradictions(given);
    const values = { ...given, model: await usedModel(given.model, output) };
    if (values.interactive) return await writeInTurns(values, output);
    return values.prompts === undefined
      ? await writeOne(values, output)
      : await writeMany(values, values.prompts, output);
  },
};

/** Says what cannot be had together before anything is loaded. */
function refuseContradictions(values: Omit<GenerateValues, "model">): void {
  const { prompt, prompts, count, logprobs, json } = values;
  if (prompts !== undefined && prompt !== "") {
    throw new UsageError("Give --prompt or --prompts, not both");
  }
  if (values["save-state"] !== undefined && (prompts || count > 1)) {
    throw new UsageError("--save-state is for one text alone");
  }
  if (values.interactive && (prompts || count > 1 || json)) {
    throw new UsageError("--interactive is for one text on a terminal");
  }
  if (values.interactive && prompt === "-") {
    throw new UsageError("--interactive reads stdin itself, --prompt cannot");
  }
  if (logprobs !== undefined && !json) {
    throw new UsageError("--logprobs needs --json");
  }
}

function writingOf(values: GenerateValues, output: Output) {
  return {
    ...modelFiles(values, output),
    ...choosingOf(values),
    maxTokens: values["max-tokens"],
    likeliest: values.logprobs,
    loadState: values["load-state"],
    backend: () => openBackend(values),
  };
}

/** One prompt. */
async function writeOne(
  values: GenerateValues,
  output: Output,
): Promise<Record<string, unknown>> {
  const { count, json } = values;
  const prompt = await readPrompt(values.prompt, { output });
  using interrupt = onInterrupt(output, t`stopping`);
  using progress = count === 1 ? undefined : output.progress(t`generate`);
  let saved: string | undefined;
  const result = await write({
    ...writingOf(values, output),
    count,
    prompt,
    saveState: values["save-state"],
    onSaved: (path) => saved = path,
    signal: interrupt.signal,
    onProgress: ({ done, total }) => progress?.update(done, total),
    onText: (piece) => json || output.write(piece),
  });
  if (!json && result.complete) output.write("\n");
  if (saved !== undefined) noteState(saved, output);
  const { texts, told, complete } = result;
  return {
    prompt,
    ...(count === 1 ? { text: texts[0] } : { texts }),
    ...told && (count === 1 ? { logprobs: told[0] } : { logprobs: told }),
    ...noteSpeed(result, output),
    complete,
  };
}

/** A text of which a person writes a part. */
async function writeInTurns(
  values: GenerateValues,
  output: Output,
): Promise<Record<string, unknown>> {
  const { prompt } = values;
  const result = await converse({
    writing: writingOf(values, output),
    settings: values,
    maxTokens: options["max-tokens"],
    prompt,
    saveState: values["save-state"],
  }, output);
  return { ...result };
}

/** The prompts of a file. */
async function writeMany(
  values: GenerateValues,
  path: string,
  output: Output,
): Promise<Record<string, unknown>> {
  const prompts = await readPrompts(path);
  using interrupt = onInterrupt(output, t`stopping`);
  using progress = output.progress(t`generate`);
  const result = await generateMany({
    ...writingOf(values, output),
    count: values.count,
    prompts,
    signal: interrupt.signal,
    onProgress: ({ done, total }) => progress.update(done, total),
    onWritten: ({ index, prompt, text, told, ...rest }) =>
      output.print(
        values.json
          ? JSON.stringify({ index, prompt, text, ...rest, logprobs: told })
          : `[${index + 1}] ${prompt}${text}\n`,
      ),
  });
  const { texts, complete } = result;
  return {
    prompts: prompts.length,
    texts,
    ...noteSpeed(result, output),
    complete,
  };
}

/** Says how fast it was. */
function noteSpeed(
  { tokens, seconds, backend }: {
    readonly tokens: number;
    readonly seconds: number;
    readonly backend: string;
  },
  output: Output,
) {
  const rate = decimals(tokens / seconds, 0);
  const time = decimals(seconds, 1);
  output.note(
    t`${
      counted(tokens)
    } [token|tokens] in ${time} s (${rate} tokens/s, ${backend})`,
  );
  return { tokens, tokensPerSecond: tokens / seconds, backend };
}
