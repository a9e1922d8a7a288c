/**
 * The flags that name a model and its tokenizer.
 *
 * @module
 */

import { ADAPTER_LAYOUTS } from "../../checkpoint/formats/adapter_file.ts";
import { WEIGHTS } from "../../checkpoint/native/mpk_reader.ts";
import { TIME_MIXINGS } from "../../model/classic.ts";
import type { ModelFiles } from "../../stages/model_files.ts";
import { sayError, t } from "./language.ts";
import type { Output } from "./output.ts";
import {
  choice,
  decimal,
  requiredText,
  text,
  UsageError,
  type Values,
} from "./options.ts";
import { rootOf, under } from "./project_files.ts";

/** The model that ships with a checkout, see its README. */
export const SHIPPED_MODEL = "models/machado";

/** What `--model` names. */
const MODEL = "model_final.mpk or a checkpoint, or their folder";

/** The flags that name a model and its tokenizer. */
export const MODEL_OPTIONS = {
  model: requiredText("FILE", MODEL),
  tokenizer: text(
    "FILE",
    "its tokenizer.json or World vocabulary (default: that beside it)",
  ),
  adapter: text(
    "FILE",
    "an adapter, as finetune, RWKV-PEFT and web-rwkv write, or finetune's folder",
  ),
  "adapter-alpha": decimal("a LoRA's alpha, where its file does not say", {
    max: 1e6,
  }),
  "adapter-layout": choice(
    ADAPTER_LAYOUTS,
    "which way round states lie, where their file does not say",
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

/** The same, of commands that only use a model: one ships with the program. */
export const USED_MODEL_OPTIONS = {
  ...MODEL_OPTIONS,
  model: text("FILE", `${MODEL} (default: ${SHIPPED_MODEL})`),
} as const;

/**
 * The model that is meant: what was given, or the one that ships with the
 * program, which is said.
 *
 * @throws {UsageError} When nothing was given and no model came with the
 * program, as with a library.
 */
export async function usedModel<Given>(
  given: Given | undefined,
  output: Output,
): Promise<Given | string> {
  if (given !== undefined) return given;
  const root = await rootOf(SHIPPED_MODEL);
  if (root === undefined) {
    throw new UsageError(
      "Give --model, a folder that train, finetune or import-model has made (or demo: data/demo/model); none came with the program",
    );
  }
  output.note(
    t`No --model given: this is ${SHIPPED_MODEL}, which ships with the program`,
  );
  return under(root, SHIPPED_MODEL);
}

/** What they name; what of it is damaged is told. */
export function modelFiles(
  values: Values<typeof MODEL_OPTIONS>,
  output: Output,
): ModelFiles {
  const { model, tokenizer, weights } = values;
  const timeMixing = values["time-mixing"];
  return {
    model,
    tokenizer,
    timeMixing,
    weights,
    adapter: values.adapter,
    adapterAlpha: values["adapter-alpha"],
    adapterLayout: values["adapter-layout"],
    onDamaged: tellDamaged(output),
  };
}

/** Says which checkpoint is passed over, and why. */
export function tellDamaged(output: Output): (error: Error) => void {
  return ({ message }) =>
    output.warn(t`${sayError(message)}; taking the checkpoint before it`);
}
