/**
 * `import-model`: another program's weights to a model folder of ours.
 *
 * @module
 */

import { TIME_MIXINGS } from "../model/classic.ts";
import { importModel as importOne } from "../stages/import_model.ts";
import { portuguese } from "./import_model.pt.ts";
import type { Command } from "./shared/command.ts";
import { onInterrupt, unlessInterrupted } from "./shared/interrupt.ts";
import { count, sayError, t } from "./shared/language.ts";
import {
  choice,
  integer,
  requiredText,
  stageValues,
  text,
} from "./shared/options.ts";

const options = {
  input: requiredText("PATH", "the weights, or the folder that holds them"),
  output: requiredText("FOLDER", "where model_final.mpk shall stand"),
  tokenizer: text(
    "FILE",
    "its tokenizer, of any format known here (default: that beside it)",
  ),
  "seq-len": integer("tokens of a window, which weights do not say", {
    min: 1,
    max: 65_536,
  }),
  "time-mixing": choice(
    TIME_MIXINGS,
    "how an old file attends: as documented, or as the Rust code did",
  ),
};

/** The command. */
export const importModel: Command<typeof options> = {
  name: "import-model",
  summary: "Use another program's model",
  options,
  portuguese,
  examples: [
    "--input rwkv7-g1-0.1b.pth --output checkpoints/g1 --tokenizer rwkv_vocab_v20230424.txt",
    "--input model.safetensors --output checkpoints/other --tokenizer tokenizer.json",
    "--input checkpoint_2500.mpk --output checkpoints/old --time-mixing channels",
  ],
  notes:
    `Reads official RWKV-4, -6 and -7 weights as safetensors, PyTorch's .pth,
rwkv.cpp's .bin or GGUF, plain or quantised, and the .mpk and .mpk.gz of the
original Rust program; which it is shows in the content. Nothing in a file is
executed. Linear maps that are quantised stay so; all else becomes f32.`,
  async run(values, output) {
    using interrupt = onInterrupt(output, t`stopping`);
    using progress = output.progress("import-model");
    const result = await unlessInterrupted(
      interrupt,
      importOne({
        ...stageValues(values),
        maxSeqLen: values["seq-len"],
        timeMixing: values["time-mixing"],
        signal: interrupt.signal,
        onProgress: ({ done, total, name }) =>
          progress.update(done, total, name),
      }),
    );
    if (result === undefined) {
      output.print(t`interrupted; nothing was written`);
      return { complete: false, output: values.output };
    }
    for (const note of result.notes) output.warn(sayError(note));
    const { architecture, nLayers, dModel, vocabSize } = result.config;
    output.print(
      t`${result.model}: ${architecture}, ${
        count(result.parameters)
      } [parameter|parameters], ${nLayers} [layer|layers] of ${dModel}, ${
        count(vocabSize)
      } [id|ids], of ${result.format}`,
    );
    return { ...result };
  },
};
