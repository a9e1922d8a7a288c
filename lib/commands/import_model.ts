/**
 * `import-model`: another program's weights to a model folder of ours.
 *
 * @module
 */

import { ForeignModel } from "../checkpoint/import/foreign_model.ts";
import { FINAL_MODEL } from "../checkpoint/native/paths.ts";
import { withoutSlash } from "../files.ts";
import { TIME_MIXINGS } from "../model/classic.ts";
import { identityOf, type Vocab } from "../tokenizer/tokenizer.ts";
import { writeVocab } from "../tokenizer/vocab/vocab_file.ts";
import type { Command } from "./shared/command.ts";
import { choice, integer, requiredText, text } from "./shared/options.ts";
import { fitted } from "../stages/model_files.ts";
import { checkApart, readTokenizerFile } from "./shared/tokenizer_files.ts";

const options = {
  input: requiredText("FILE", "the weights"),
  output: requiredText("FOLDER", "where model_final.mpk shall stand"),
  tokenizer: text("FILE", "its tokenizer, of any format known here"),
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
  examples: [
    "--input rwkv7-g1-0.1b.pth --output checkpoints/g1 --tokenizer rwkv_vocab_v20230424.txt",
    "--input model.safetensors --output checkpoints/other --tokenizer tokenizer.json",
    "--input checkpoint_2500.mpk --output checkpoints/old --time-mixing channels",
  ],
  notes:
    "Reads official RWKV-4, -6 and -7 weights as safetensors, PyTorch's .pth," +
    "\nrwkv.cpp's .bin or GGUF, plain or quantised, and the .mpk and .mpk.gz of" +
    "\nthe original Rust program; which it is shows in the content. Nothing in a file" +
    "\nis executed. The weights become f32.",
  async run({ input, output: folder, ...values }, output) {
    const to = withoutSlash(folder);
    const path = `${to}/${FINAL_MODEL}`;
    await checkApart(path, input);
    using model = await ForeignModel.open(input, {
      timeMixing: values["time-mixing"],
      maxSeqLen: values["seq-len"],
      scratch: to,
    });
    const { config, format, notes } = model;
    const vocab = await vocabFor(values.tokenizer, config.vocabSize);
    for (const note of notes) output.note(note);
    const tokenizerSha256 = vocab && await identityOf(vocab);
    {
      using progress = output.progress("import-model");
      const total = model.shapes.size;
      let done = 0;
      await model.save(path, {
        tokenizerSha256,
        onWeight: (name) => progress.update(done++, total, name),
      });
    }
    if (vocab) await writeVocab(`${to}/tokenizer.json`, vocab);
    const { architecture, nLayers, dModel, vocabSize } = config;
    const parameters = config.numParameters();
    output.print(
      `${path}: ${architecture}, ${
        parameters.toLocaleString("en")
      } parameters, ${nLayers} layers of ${dModel}, ${vocabSize} ids, of ${format}`,
    );
    return {
      input,
      format,
      model: path,
      parameters,
      config: config.toJSON(),
      tokenizer: vocab && `${to}/tokenizer.json`,
      tokenizerSha256,
      notes,
    };
  },
};

/** The model's tokenizer, where one is given. */
async function vocabFor(
  path: string | undefined,
  vocabSize: number,
): Promise<Vocab | undefined> {
  if (path === undefined) return undefined;
  const vocab = fitted((await readTokenizerFile(path)).vocab, vocabSize);
  if (vocab.size === vocabSize) return vocab;
  throw new RangeError(
    `Cannot use tokenizer "${path}": it has ${vocab.size} tokens, the model ${vocabSize}`,
  );
}
