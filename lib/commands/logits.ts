/**
 * `logits`: what a model computes for given ids, to be compared with another
 * program.
 *
 * @module
 */

import { Checkpoint } from "../checkpoint/native/mpk.ts";
import { writeFileAtomic } from "../files.ts";
import { logitsAfter } from "../generate/logits.ts";
import { topTokens } from "../generate/sampler.ts";
import { RWKV } from "../model/rwkv.ts";
import type { Command } from "./shared/command.ts";
import { requiredText, text, UsageError } from "./shared/options.ts";
import { ENGINE_OPTIONS, openBackend } from "./shared/engine.ts";
import { MODEL_OPTIONS } from "./shared/model_files.ts";

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
  examples: [
    "--model checkpoints/demo --tokens 34,105,110 --output logits.bin",
    "--model checkpoints/demo --tokens 34,105,110 --backend reference --json",
  ],
  notes:
    "The ids are fed just as they are to a fresh state, and the logits are" +
    "\nthose of the id after the last. No tokenizer is needed.",
  async run(values, output) {
    const ids = values.tokens.split(",").map((digits) => {
      if (/^\d{1,5}$/.test(digits.trim())) return Number(digits);
      throw new UsageError(`--tokens takes ids and commas, not "${digits}"`);
    });
    using checkpoint = await Checkpoint.open(values.model, {
      timeMixing: values["time-mixing"],
    });
    using backend = await openBackend(values);
    const model = new RWKV(checkpoint.config, backend);
    checkpoint.loadInto(model);
    const result = await logitsAfter(model, ids);
    if (values.output !== undefined) {
      await writeFileAtomic(values.output, bytesOf(result));
      output.print(`${values.output}: ${result.length} logits`);
    }
    const top = topTokens(result, SHOWN).map(({ id, probability }) => ({
      id,
      logit: result[id],
      probability,
    }));
    for (const { id, logit, probability } of top) {
      const percent = (100 * probability).toFixed(2).padStart(6);
      output.print(`  ${percent} %  ${String(id).padStart(5)}  ${logit}`);
    }
    return {
      model: checkpoint.path,
      tokens: ids,
      output: values.output,
      vocabSize: result.length,
      argmax: top[0].id,
      top,
      backend: backend.description,
    };
  },
};

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
