/**
 * `logits`: what a model computes for given ids, to be compared with another
 * program.
 *
 * @module
 */

import { topTokens } from "../generate/sampler.ts";
import { logits as compute } from "../stages/logits.ts";
import { portuguese } from "./logits.pt.ts";
import type { Command } from "./shared/command.ts";
import { ENGINE_OPTIONS, openBackend } from "./shared/engine.ts";
import { count, decimals, t } from "./shared/language.ts";
import { MODEL_OPTIONS } from "./shared/model_files.ts";
import { requiredText, text, UsageError } from "./shared/options.ts";

const options = {
  model: MODEL_OPTIONS.model,
  tokens: requiredText("ID,...", "the ids to feed, in their order"),
  output: text("FILE", "the logits to write: f32, little-endian, no header"),
  "time-mixing": MODEL_OPTIONS["time-mixing"],
  ...ENGINE_OPTIONS,
};

/** How many of the likeliest ids are shown. */
const SHOWN = 5;

/** The command. */
export const logits: Command<typeof options> = {
  name: "logits",
  summary: "Write a model's raw logits after given ids",
  options,
  portuguese,
  examples: [
    "--model checkpoints/world --tokens 34,105,110 --output logits.bin",
    "--model checkpoints/world --tokens 34,105,110 --backend reference --json",
  ],
  notes:
    "The ids are fed just as they are to a fresh state, and the logits are" +
    "\nthose of the id after the last. No tokenizer is needed.",
  async run(values, output) {
    const ids = values.tokens.split(",").map((digits) => {
      if (/^\d{1,5}$/.test(digits.trim())) return Number(digits);
      throw new UsageError(`--tokens takes ids and commas, not "${digits}"`);
    });
    const result = await compute({
      model: values.model,
      tokens: ids,
      output: values.output,
      timeMixing: values["time-mixing"],
      backend: () => openBackend(values),
    });
    const found = result.logits;
    if (values.output !== undefined) {
      output.print(t`${values.output}: ${count(found.length)} [logit|logits]`);
    }
    const top = topTokens(found, SHOWN).map(({ id, probability }) => ({
      id,
      logit: found[id],
      probability,
    }));
    for (const { id, logit, probability } of top) {
      const percent = decimals(100 * probability, 2).padStart(6);
      const shown = decimals(logit, 4).padStart(9);
      output.print(`  ${percent} %  ${String(id).padStart(5)}  ${shown}`);
    }
    return {
      model: result.model,
      tokens: ids,
      output: values.output,
      vocabSize: found.length,
      argmax: top[0].id,
      top,
      backend: result.backend,
    };
  },
};
