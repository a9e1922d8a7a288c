/**
 * `export-model`: a model to other programs' formats, with its tokenizer and a
 * card.
 *
 * @module
 */

import { exportModel as exportOne } from "../stages/export_model.ts";
import { ADAPTER_LAYOUTS } from "../checkpoint/formats/adapter_file.ts";
import { EXPORT_NUMBERS, MODEL_FORMATS } from "../stages/export_plans.ts";
import { portuguese } from "./export_model.pt.ts";
import type { Command } from "./shared/command.ts";
import { onInterrupt, unlessInterrupted } from "./shared/interrupt.ts";
import { count, sayError, t } from "./shared/language.ts";
import { MODEL_OPTIONS, modelFiles } from "./shared/model_files.ts";
import {
  choice,
  requiredChoice,
  requiredText,
  stageValues,
  text,
  UsageError,
} from "./shared/options.ts";
import { megabytes } from "./shared/output.ts";

const options = {
  ...MODEL_OPTIONS,
  output: requiredText("PATH", "the folder for it, or the file's name in it"),
  format: requiredChoice(
    [...MODEL_FORMATS, ...ADAPTER_LAYOUTS],
    "what to write",
  ),
  dtype: choice(
    EXPORT_NUMBERS,
    "numbers; bf16 and the quantised for gguf only",
    {
      default: "f32",
    },
  ),
  name: text("NAME", "what the model is called (default: its folder's name)"),
  license: text("ID", "the weights' licence, for the card"),
  data: text("FOLDER", "the dataset it was trained on, for the card"),
};

/** The command. */
export const exportModel: Command<typeof options> = {
  name: "export-model",
  summary: "Write a model for other programs",
  options,
  portuguese,
  examples: [
    "--model checkpoints/micro --format safetensors --output exported/micro",
    "--model checkpoints/world --format gguf --dtype f16 --output exported/world.gguf",
    "--model checkpoints/old --format burn --dtype f16 --output exported/burn --license apache-2.0",
  ],
  notes:
    `safetensors has the official tensor names (a classic model becomes the RWKV-4
that computes the same), with config.json and Hugging Face's tokenizer.json.
gguf is for llama.cpp: RWKV-6, RWKV-7 with heads of 64, and the tokenizer, which
gives the same ids for normalised text; with a quantised --dtype, what the model
has quantised stays as it is. burn is the Rust program's own layout,
for classic models. A model card, README.md, goes beside each. Files that an
earlier export wrote are replaced, others never. With --adapter a LoRA is merged
into the weights; rwkv-peft and web-rwkv write the adapter alone, for those.`,
  async run(values, output) {
    const { dtype, format } = values;
    if (/^(?:bf16|q\d_\d)$/.test(dtype) && format !== "gguf") {
      throw new UsageError(`--dtype ${dtype} is for --format gguf only`);
    }
    using interrupt = onInterrupt(output, t`stopping`);
    using progress = output.progress("export-model");
    const result = await unlessInterrupted(
      interrupt,
      exportOne({
        ...stageValues(values),
        ...modelFiles(values, output),
        signal: interrupt.signal,
        onProgress: ({ done, total }) => progress.update(done, total),
      }),
    );
    if (result === undefined) {
      output.print(t`interrupted; nothing was written`);
      return { complete: false, output: values.output };
    }
    for (const note of result.notes) output.warn(sayError(note));
    const [path, ...beside] = result.files;
    const names = beside.map((file) => file.replace(/^.*[/\\]/s, ""));
    if (names.length === 0) {
      output.print(
        t`${path}: ${
          count(result.parameters)
        } [parameter|parameters], ${result.dtype.toUpperCase()}, ${
          megabytes(result.bytes)
        } MB`,
      );
      return { ...result };
    }
    output.print(
      t`${path}: ${
        count(result.parameters)
      } [parameter|parameters], ${dtype.toUpperCase()}, ${
        megabytes(result.bytes)
      } MB; with ${names.join(", ")}`,
    );
    return { ...result };
  },
};
