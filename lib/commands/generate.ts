/**
 * `generate`: continue a prompt.
 *
 * @module
 */

import { Generator } from "../generate/generator.ts";
import type { Command } from "./shared/command.ts";
import { decimal, integer, SEED, text } from "./shared/options.ts";
import { ENGINE_OPTIONS, openBackend } from "./shared/engine.ts";
import { MODEL_OPTIONS, openModel } from "./shared/model_files.ts";

const options = {
  ...MODEL_OPTIONS,
  prompt: text("TEXT", "how the text begins", {
    default: "",
    mayBeEmpty: true,
  }),
  "max-tokens": integer("tokens to write at most", {
    default: 100,
    max: 1_000_000,
  }),
  count: integer("texts to write at once", { default: 1, min: 1, max: 1000 }),
  temperature: decimal("0 for the likeliest token, higher for variety", {
    default: 0.8,
    max: 100,
  }),
  "top-k": integer("choose among the K likeliest tokens only", { min: 1 }),
  "top-p": decimal(
    "choose among the likeliest tokens that reach this probability",
    { min: 0.0001, max: 1 },
  ),
  ...SEED,
  ...ENGINE_OPTIONS,
};

/** The command. */
export const generate: Command<typeof options> = {
  name: "generate",
  summary: "Write text with a model",
  options,
  notes:
    "The text is shown as it is made. The same --seed gives the same text. " +
    "--count writes several, with the seeds from --seed on, and shows them when " +
    "all are made.",
  examples: [
    '--model checkpoints/demo --tokenizer data/demo/tokenizer.json --prompt "O Brasil é"',
    '--model checkpoints/demo/model_final.mpk --tokenizer data/demo/tokenizer.json --prompt "A onça" --temperature 0.7 --top-p 0.9 --max-tokens 200',
    '--model checkpoints/demo --tokenizer data/demo/tokenizer.json --prompt "O rio" --count 4 --seed 10',
  ],
  async run(values, output) {
    using backend = await openBackend(values);
    const { model, tokenizer } = await openModel(values, backend);
    const generator = new Generator(model, tokenizer);
    const start = performance.now();
    const { prompt, count, seed } = values;
    const settings = {
      maxTokens: values["max-tokens"],
      temperature: values.temperature,
      topK: values["top-k"],
      topP: values["top-p"],
    };
    const texts: string[] = [];
    const show = (text: string) => {
      if (!values.json) output.write(text);
    };
    if (count === 1) {
      show(prompt);
      let written = "";
      for await (
        const piece of generator.generate(prompt, { ...settings, seed })
      ) {
        written += piece;
        show(piece);
      }
      texts.push(written);
      show("\n");
    } else {
      const seeds = Array.from({ length: count }, (_, i) => seed + i);
      texts.push(
        ...await generator.generateTexts(prompt, { ...settings, seeds }),
      );
      show(texts.map((text) => `${prompt}${text}\n`).join("\n"));
    }
    const tokens = generator.tokensMade;
    const seconds = (performance.now() - start) / 1000;
    output.note(
      `${tokens} tokens in ${seconds.toFixed(1)} s (${
        (tokens / seconds).toFixed(0)
      } tokens/s, ${backend.description})`,
    );
    return {
      prompt,
      ...(count === 1 ? { text: texts[0] } : { texts }),
      tokens,
      tokensPerSecond: tokens / seconds,
      backend: backend.description,
    };
  },
};
