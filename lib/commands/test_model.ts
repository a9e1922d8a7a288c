/**
 * `test-model`: what a model expects to come next.
 *
 * @module
 */

import { Generator } from "../generate/generator.ts";
import type { Command } from "./shared/command.ts";
import { integer, text } from "./shared/options.ts";
import { ENGINE_OPTIONS, openBackend } from "./shared/engine.ts";
import { MODEL_OPTIONS, openModel } from "./shared/model_files.ts";

/** Shown when no prompt is given. */
const PROMPTS = [
  "O Brasil é",
  "A capital do",
  "Em 1888, a",
  "A língua portuguesa",
  "O presidente da",
];

const options = {
  ...MODEL_OPTIONS,
  prompt: text("TEXT", "a prompt of your own instead of the five built in", {
    mayBeEmpty: true,
  }),
  top: integer("how many tokens to show", { default: 5, min: 1, max: 1000 }),
  ...ENGINE_OPTIONS,
};

/** The command. */
export const testModel: Command<typeof options> = {
  name: "test-model",
  summary: "Show the likeliest next tokens of prompts",
  options,
  examples: [
    "--model checkpoints/demo --tokenizer data/demo/tokenizer.json",
    '--model checkpoints/demo --tokenizer data/demo/tokenizer.json --prompt "O rio" --top 10',
  ],
  async run(values, output) {
    using backend = await openBackend(values);
    const { model, tokenizer } = await openModel(values, backend);
    const generator = new Generator(model, tokenizer);
    const results = [];
    for (
      const prompt of values.prompt === undefined ? PROMPTS : [values.prompt]
    ) {
      const next = (await generator.nextTokens(prompt, values.top)).map((
        { id, probability },
      ) => ({
        id,
        token: tokenizer.decode([id], { keepSpecial: true }),
        probability,
      }));
      results.push({ prompt, next });
      if (values.json) continue;
      output.print(JSON.stringify(prompt));
      for (const { token, probability, id } of next) {
        const percent = (100 * probability).toFixed(2).padStart(6);
        output.print(`  ${percent} %  ${JSON.stringify(token)}  (${id})`);
      }
    }
    return { results, backend: backend.description };
  },
};
