/**
 * `test-model`: what a model expects to come next.
 *
 * @module
 */

import { testModel as test } from "../stages/test_model.ts";
import type { Command } from "./shared/command.ts";
import { ENGINE_OPTIONS, openBackend } from "./shared/engine.ts";
import { onInterrupt, unlessInterrupted } from "./shared/interrupt.ts";
import { decimals, t } from "./shared/language.ts";
import {
  modelFiles,
  USED_MODEL_OPTIONS,
  usedModel,
} from "./shared/model_files.ts";
import { integer, text } from "./shared/options.ts";
import { readPrompt } from "./shared/prompt.ts";
import { portuguese } from "./test_model.pt.ts";

const options = {
  ...USED_MODEL_OPTIONS,
  prompt: text(
    "TEXT",
    "a prompt of your own instead of the five built in; - reads it from stdin",
    { mayBeEmpty: true },
  ),
  top: integer("how many tokens to show", { default: 5, min: 1, max: 1000 }),
  ...ENGINE_OPTIONS,
};

/** The command. */
export const testModel: Command<typeof options> = {
  name: "test-model",
  summary: "Show the likeliest next tokens of prompts",
  options,
  portuguese,
  examples: [
    "",
    "--model checkpoints/micro",
    '--model checkpoints/micro --prompt "O rio" --top 10',
  ],
  async run(values, output) {
    const { prompt, top, json } = values;
    const model = await usedModel(values.model, output);
    const prompts = prompt === undefined
      ? undefined
      : [await readPrompt(prompt, { output })];
    using progress = output.progress("test-model");
    using interrupt = onInterrupt(output, t`stopping`);
    progress.update(0);
    const result = await unlessInterrupted(
      interrupt,
      test({
        ...modelFiles({ ...values, model }, output),
        prompts,
        top,
        backend: () => openBackend(values),
        signal: interrupt.signal,
        onProgress: ({ done, total }) => progress.update(done, total),
        onPrompt: ({ prompt, next }) => {
          if (json) return;
          output.print(JSON.stringify(prompt));
          for (const { token, probability, id } of next) {
            const percent = decimals(100 * probability, 2).padStart(6);
            output.print(`  ${percent} %  ${JSON.stringify(token)}  (${id})`);
          }
        },
      }),
    );
    if (result === undefined) {
      output.print(t`interrupted`);
      return { complete: false };
    }
    return { ...result };
  },
};
