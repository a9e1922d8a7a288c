/**
 * `quantize`: a model to one of smaller weights, and what that costs.
 *
 * @module
 */

import { QUANTIZE_FORMATS } from "../checkpoint/quantized/quantized_model.ts";
import { quantize as quantizeOne } from "../stages/quantize.ts";
import { portuguese } from "./quantize.pt.ts";
import type { Command } from "./shared/command.ts";
import { ENGINE_OPTIONS, openBackend } from "./shared/engine.ts";
import { noteLeftOut } from "./shared/documents.ts";
import { onInterrupt, unlessInterrupted } from "./shared/interrupt.ts";
import { decimals, signed, t } from "./shared/language.ts";
import { MODEL_OPTIONS, modelFiles } from "./shared/model_files.ts";
import {
  integer,
  list,
  requiredChoice,
  requiredText,
  text,
} from "./shared/options.ts";
import { megabytes } from "./shared/output.ts";

const options = {
  ...MODEL_OPTIONS,
  output: requiredText("FOLDER", "where the smaller model shall stand"),
  format: requiredChoice(QUANTIZE_FORMATS, "what most weights become"),
  calibrate: text(
    "PATH",
    "sample text, by which it shows which weights matter",
  ),
  "calibrate-bytes": integer("how much of it is read", {
    default: 300_000,
    min: 1,
    max: 2 ** 30,
  }),
  evaluate: list(
    "PATH",
    "a text or dataset that both models predict; may be repeated",
    (given) => [given],
  ),
  ...ENGINE_OPTIONS,
};

/** The command. */
export const quantize: Command<typeof options> = {
  name: "quantize",
  summary: "Make a model smaller and quicker: weights of 16, 8, 5 or 4 bits",
  options,
  portuguese,
  examples: [
    "--model checkpoints/micro --format q8 --output checkpoints/micro-q8 --evaluate data/tokenized",
    "--model checkpoints/mini --format q4 --calibrate data/wiki_clean/wiki_000.txt --output checkpoints/mini-q4",
  ],
  notes:
    `q8, q5 and q4 round the linear maps in groups of 32 to 8, 5 and 4 bits (GGUF's
Q8_0, Q5_1, Q4_0), each group by the scale of the least squared error, and
compute with the rounded weights. The embedding has 8 bits then, and so has the
head of q5 and q4; low-rank branches have f16, vectors stay f32. Sample text
weighs errors by the inputs they meet, and helps q4 most. A LoRA given as
--adapter is merged into the weights first. What is written is a model folder
for all commands; train and resume go on from it in f32.`,
  async run(values, output) {
    using interrupt = onInterrupt(output, t`stopping`);
    using progress = output.progress("quantize");
    const phases = {
      calibrating: t`calibrating`,
      rounding: t`rounding`,
      evaluating: t`evaluating`,
      timing: t`timing`,
    };
    progress.update(0);
    const result = await unlessInterrupted(
      interrupt,
      quantizeOne({
        ...modelFiles(values, output),
        output: values.output,
        format: values.format,
        calibrate: values.calibrate,
        onFiles: (files) => noteLeftOut(files, output),
        calibrateBytes: values["calibrate-bytes"],
        evaluate: values.evaluate,
        backend: () => openBackend(values),
        signal: interrupt.signal,
        onProgress: ({ phase, done, total }) =>
          progress.update(done, total, phases[phase]),
      }),
    );
    if (result === undefined) {
      output.print(t`interrupted`);
      return { complete: false, output: values.output };
    }
    const { bytes, tokensPerSecond: speed } = result;
    output.print(
      t`${result.model}: ${result.format}, ${
        megabytes(bytes.after)
      } MB of weights, of ${megabytes(bytes.before)} MB; ${
        decimals(speed.after, 0)
      } tokens/s, before ${decimals(speed.before, 0)}`,
    );
    for (const { source, before, after } of result.bitsPerByte) {
      const change = 100 * (after / before - 1);
      output.print(
        t`${source}: ${decimals(after, 4)} bits per byte, before ${
          decimals(before, 4)
        } (${signed(change, 2)} %)`,
      );
    }
    return { ...result };
  },
};
