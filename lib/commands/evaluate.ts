/**
 * `evaluate`: how well a model predicts a text or a dataset.
 *
 * @module
 */

import { type Batch, sequentialBatches } from "../dataset/data_loader.ts";
import { splitDocuments } from "../dataset/documents.ts";
import { openDataset } from "../dataset/open_dataset.ts";
import { readTextChunks } from "../corpus/documents/text_chunks.ts";
import { openTexts } from "../stages/text_input.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { Evaluator } from "../train/evaluate.ts";
import type { Command } from "./shared/command.ts";
import { integer, text, TEXT_INPUT, UsageError } from "./shared/options.ts";
import { ENGINE_OPTIONS, openBackend } from "./shared/engine.ts";
import { MODEL_OPTIONS, openModel } from "./shared/model_files.ts";
import type { Progress } from "./shared/output.ts";

const options = {
  ...MODEL_OPTIONS,
  data: text("FOLDER", "a dataset; its val.bin is used, or one token file"),
  input: text("PATH", `instead: a ${TEXT_INPUT}`),
  "batch-size": integer("windows at a time", { default: 2, min: 1 }),
  "seq-len": integer("tokens of a window (default: the model's)", { min: 1 }),
  ...ENGINE_OPTIONS,
};

/** The command. */
export const evaluate: Command<typeof options> = {
  name: "evaluate",
  summary: "Measure how well a model predicts a text: bits per byte",
  options,
  notes:
    "Each token is predicted once, from the tokens before it in its window.\n" +
    "Bits per byte compare models with different tokenizers: lower is better.",
  examples: [
    "--model checkpoints/demo --data data/demo/tokens",
    "--model checkpoints/demo --input livro.txt",
  ],
  async run(values, output) {
    if ((values.data === undefined) === (values.input === undefined)) {
      throw new UsageError("evaluate needs --data or --input, one of them");
    }
    using backend = await openBackend(values);
    const { model, tokenizer } = await openModel(values, backend);
    const shape = {
      batchSize: values["batch-size"],
      contextLength: values["seq-len"] ?? model.config.maxSeqLen,
    };
    using progress = output.progress("evaluate");
    const start = performance.now();
    using dataset = values.data === undefined
      ? undefined
      : await openDataset(values.data, tokenizer.vocab);
    const tokens = dataset
      ? dataset.val ?? dataset.train
      : await encodeFiles(values.input!, tokenizer);
    const result = await new Evaluator(model).evaluate(
      counted(sequentialBatches(tokens, shape), tokens.length, progress),
      tokenizer.byteLengths(),
    );
    const seconds = (performance.now() - start) / 1000;
    output.print(
      `loss ${result.loss.toFixed(4)}, perplexity ${
        result.perplexity.toFixed(2)
      }, ${
        result.bitsPerByte.toFixed(4)
      } bits per byte (${result.tokens} tokens, ${result.bytes} bytes)`,
    );
    return {
      ...result,
      tokensPerSecond: result.tokens / seconds,
      backend: backend.description,
    };
  },
};

/** All documents, framed as in a dataset. */
async function encodeFiles(
  path: string,
  tokenizer: Tokenizer,
) {
  const { vocab } = tokenizer;
  const start = vocab.specialId("[BOS]"), end = vocab.specialId("[EOS]");
  let tokens = new Uint16Array(2 ** 16), length = 0;
  const { files } = await openTexts({ input: path });
  for await (const { text } of splitDocuments(readTextChunks(files))) {
    const ids = tokenizer.encode(text);
    if (length + ids.length + 2 > tokens.length) {
      const larger = new Uint16Array(2 * (length + ids.length + 2));
      larger.set(tokens.subarray(0, length));
      tokens = larger;
    }
    if (start !== end || length === 0) tokens[length++] = start;
    tokens.set(ids, length);
    length += ids.length;
    tokens[length++] = end;
  }
  if (length === 0) throw new Error("Cannot evaluate: there is no text");
  return {
    path,
    length,
    read: (from: number, into: Uint16Array) =>
      into.set(tokens.subarray(from, from + into.length)),
  };
}

function* counted(
  batches: Iterable<Batch>,
  total: number,
  progress: Progress,
): Generator<Batch> {
  let done = 0;
  for (const batch of batches) {
    yield batch;
    done += batch.inputs.length;
    progress.update(done, total);
  }
}
