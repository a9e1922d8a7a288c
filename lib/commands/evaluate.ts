/**
 * `evaluate`: how well a model predicts a text or a dataset.
 *
 * @module
 */

import { evaluate as measure } from "../stages/evaluate.ts";
import { portuguese } from "./evaluate.pt.ts";
import type { Command } from "./shared/command.ts";
import {
  ABOUT_DOCUMENTS,
  DOCUMENTS,
  noteDocuments,
} from "./shared/documents.ts";
import { ENGINE_OPTIONS, openBackend } from "./shared/engine.ts";
import { onInterrupt, unlessInterrupted } from "./shared/interrupt.ts";
import { count, decimals, t } from "./shared/language.ts";
import { MODEL_OPTIONS, modelFiles } from "./shared/model_files.ts";
import { integer, text, TEXT_INPUT, UsageError } from "./shared/options.ts";

const options = {
  ...MODEL_OPTIONS,
  data: text("FOLDER", "a dataset; its val.bin is used, or one token file"),
  input: text("PATH", `instead of --data: ${TEXT_INPUT}`),
  ...DOCUMENTS,
  "batch-size": integer("windows at a time", { default: 2, min: 1 }),
  "seq-len": integer("tokens of a window (default: the model's)", { min: 1 }),
  ...ENGINE_OPTIONS,
};

/** The command. */
export const evaluate: Command<typeof options> = {
  name: "evaluate",
  summary: "Measure how well a model predicts a text: bits per byte",
  options,
  portuguese,
  notes:
    "Each token is predicted once, from the tokens before it in its window.\n" +
    "Bits per byte compare models with different tokenizers: lower is better.\n\n" +
    ABOUT_DOCUMENTS,
  examples: [
    "--model checkpoints/micro --data data/tokenized",
    "--model checkpoints/micro --input my_books/livro.txt",
  ],
  async run(values, output) {
    if ((values.data === undefined) === (values.input === undefined)) {
      throw new UsageError("evaluate needs --data or --input, one of them");
    }
    using progress = output.progress(t`evaluate`);
    using interrupt = onInterrupt(output, t`stopping`);
    progress.update(0);
    const result = await unlessInterrupted(
      interrupt,
      measure({
        ...modelFiles(values, output),
        data: values.data,
        input: values.input,
        documents: values.documents,
        onFiles: (files) => noteDocuments(files, output),
        batchSize: values["batch-size"],
        seqLen: values["seq-len"],
        backend: () => openBackend(values),
        signal: interrupt.signal,
        onProgress: ({ phase, done, total }) =>
          progress.update(
            done,
            total,
            phase === "reading" ? t`${count(done)} [token|tokens] read` : "",
          ),
      }),
    );
    if (result === undefined) {
      output.print(t`interrupted`);
      return { complete: false };
    }
    const loss = decimals(result.loss, 4);
    const perplexity = decimals(result.perplexity, 2);
    const bits = decimals(result.bitsPerByte, 4);
    const tokens = count(result.tokens), bytes = count(result.bytes);
    output.print(
      t`loss ${loss}, perplexity ${perplexity}, ${bits} bits per byte (${tokens} [token|tokens], ${bytes} [byte|bytes])`,
    );
    if (result.part === "train") {
      const data = values.data!;
      output.print(
        t`${data} holds nothing out: this is train.bin, which the model may have been trained on`,
      );
    }
    return { ...result };
  },
};
