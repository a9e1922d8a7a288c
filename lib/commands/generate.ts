/**
 * `generate`: continue a prompt.
 *
 * @module
 */

import { generate as write, WRITING } from "../stages/generate.ts";
import { portuguese } from "./generate.pt.ts";
import type { Command } from "./shared/command.ts";
import { ENGINE_OPTIONS, openBackend } from "./shared/engine.ts";
import { onInterrupt } from "./shared/interrupt.ts";
import { count as counted, decimals, t } from "./shared/language.ts";
import { MODEL_OPTIONS, modelFiles } from "./shared/model_files.ts";
import { decimal, integer, SEED, text } from "./shared/options.ts";
import { readPrompt } from "./shared/prompt.ts";

const options = {
  ...MODEL_OPTIONS,
  prompt: text("TEXT", "how the text begins; - reads it from stdin", {
    default: "",
    mayBeEmpty: true,
  }),
  "max-tokens": integer("tokens to write at most", {
    default: WRITING.maxTokens,
    max: 1_000_000,
  }),
  count: integer("texts to write at once", { default: 1, min: 1, max: 1000 }),
  temperature: decimal("0 for the likeliest token, higher for variety", {
    default: WRITING.temperature,
    max: 100,
  }),
  "top-k": integer("choose among the N likeliest tokens only", { min: 1 }),
  "top-p": decimal(
    "choose among the likeliest tokens that reach this probability",
    { default: WRITING.topP, min: 0.0001, max: 1 },
  ),
  ...SEED,
  ...ENGINE_OPTIONS,
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
    "all are made. Without a --prompt a text is written from its start.",
  examples: [
    '--model checkpoints/micro --prompt "O Brasil é"',
    '--model checkpoints/micro/model_final.mpk --prompt "A onça" --temperature 0.9 --top-p 0.95 --max-tokens 200',
    '--model checkpoints/micro --prompt "O rio" --count 4 --seed 10',
  ],
  async run(values, output) {
    const { count, temperature, seed, json } = values;
    const prompt = await readPrompt(values.prompt, { output });
    using interrupt = onInterrupt(output, t`stopping`);
    using progress = count === 1 ? undefined : output.progress(t`generate`);
    const result = await write({
      ...modelFiles(values, output),
      prompt,
      maxTokens: values["max-tokens"],
      count,
      temperature,
      topK: values["top-k"],
      topP: values["top-p"],
      seed,
      backend: () => openBackend(values),
      signal: interrupt.signal,
      onProgress: ({ done, total }) => progress?.update(done, total),
      onText: (piece) => json || output.write(piece),
    });
    if (!json && result.complete) output.write("\n");
    const { texts, tokens, backend, complete } = result;
    const seconds = decimals(result.seconds, 1);
    const rate = decimals(tokens / result.seconds, 0);
    output.note(
      t`${
        counted(tokens)
      } [token|tokens] in ${seconds} s (${rate} tokens/s, ${backend})`,
    );
    return {
      prompt,
      ...(count === 1 ? { text: texts[0] } : { texts }),
      tokens,
      tokensPerSecond: tokens / result.seconds,
      backend,
      complete,
    };
  },
};
