/**
 * `import-model`: another program's weights to a model folder of ours.
 *
 * @module
 */

import { ForeignModel } from "../checkpoint/import/foreign_model.ts";
import { FINAL_MODEL } from "../checkpoint/native/paths.ts";
import { reasonOf, withoutSlash } from "../files.ts";
import { TIME_MIXINGS } from "../model/classic.ts";
import { identityOf, type Vocab } from "../tokenizer/tokenizer.ts";
import { writeVocab } from "../tokenizer/vocab/vocab_file.ts";
import type { Command } from "./shared/command.ts";
import { choice, integer, requiredText, text } from "./shared/options.ts";
import {
  checkApart,
  readTokenizerFile,
  tokenizerBeside,
} from "../stages/tokenizer_files.ts";

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
    using model = await ForeignModel.open(input, {
      timeMixing: values["time-mixing"],
      maxSeqLen: values["seq-len"],
      scratch: to,
    });
    await checkApart(path, model.path);
    const { config, format } = model;
    const { vocab, notes: more } = values.tokenizer === undefined
      ? await vocabBeside(model.path, config.vocabSize)
      : await vocabFor(values.tokenizer, config.vocabSize);
    const notes = [...model.notes, ...more];
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
      input: model.path,
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

/** The tokenizer beside a model, where there is one that can be used. */
async function vocabBeside(
  model: string,
  vocabSize: number,
): Promise<{ vocab?: Vocab; notes: readonly string[] }> {
  const add = "--tokenizer adds one, which generate, train and evaluate need";
  const path = await tokenizerBeside(model);
  if (path === undefined) return { notes: [`It has no tokenizer: ${add}`] };
  try {
    const { vocab, notes } = await vocabFor(path, vocabSize);
    return { vocab, notes: [`Its tokenizer is "${path}"`, ...notes] };
  } catch (error) {
    // It is used only where it fits; nobody asked for it.
    return { notes: [`${reasonOf(error)}; ${add}`] };
  }
}

/** The model's tokenizer. */
async function vocabFor(
  path: string,
  vocabSize: number,
): Promise<{ vocab: Vocab; notes: readonly string[] }> {
  const { vocab: own, notes } = await readTokenizerFile(path);
  // A model may have ids beyond its vocabulary's, which none uses.
  const vocab = own.padded(vocabSize);
  if (vocab.size === vocabSize) return { vocab, notes };
  throw new RangeError(
    `Cannot use tokenizer "${path}": it has ${vocab.size} tokens, the model ${vocabSize}`,
  );
}
