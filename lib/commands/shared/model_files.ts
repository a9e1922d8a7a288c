/**
 * The flags that name a model and its tokenizer.
 *
 * @module
 */

import { WEIGHTS } from "../../checkpoint/native/mpk_reader.ts";
import { TIME_MIXINGS } from "../../model/classic.ts";
import type { ModelFiles } from "../../stages/model_files.ts";
import { sayError, t } from "./language.ts";
import type { Output } from "./output.ts";
import { choice, requiredText, text, type Values } from "./options.ts";

/** The flags that name a model and its tokenizer. */
export const MODEL_OPTIONS = {
  model: requiredText(
    "FILE",
    "model_final.mpk or a checkpoint, or their folder",
  ),
  tokenizer: text(
    "FILE",
    "its tokenizer.json or World vocabulary (default: that beside it)",
  ),
  "time-mixing": choice(
    TIME_MIXINGS,
    "how an old file attends: as documented, or as the Rust code did",
  ),
  weights: choice(
    WEIGHTS,
    "which of a checkpoint by train --ema-decay (default: average)",
  ),
} as const;

/** What they name; what of it is damaged is told. */
export function modelFiles(
  values: Values<typeof MODEL_OPTIONS>,
  output: Output,
): ModelFiles {
  const { model, tokenizer, weights } = values;
  const timeMixing = values["time-mixing"];
  const onDamaged = tellDamaged(output);
  return { model, tokenizer, timeMixing, weights, onDamaged };
}

/** Says which checkpoint is passed over, and why. */
export function tellDamaged(output: Output): (error: Error) => void {
  return ({ message }) =>
    output.warn(t`${sayError(message)}; taking the checkpoint before it`);
}
