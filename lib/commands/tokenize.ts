/**
 * `tokenize`: text and a vocabulary to a dataset.
 *
 * @module
 */

import { withoutSlash } from "../files.ts";
import type { DatasetInfo } from "../dataset/dataset_info.ts";
import { TokenizedDatasetWriter } from "../dataset/dataset_writer.ts";
import { encodeDocuments } from "../dataset/document_encoder.ts";
import { splitDocuments, type TextDocument } from "../dataset/documents.ts";
import { boundaryOf } from "../dataset/split.ts";
import { readTextChunks } from "../corpus/documents/text_chunks.ts";
import { type InputFile, listTextFiles, totalSize } from "../input_files.ts";
import { tokenizerOf } from "../tokenizer/vocab/any_tokenizer.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { readAnyVocab, writeVocab } from "../tokenizer/vocab/vocab_file.ts";
import { usefulThreads } from "../workers.ts";
import type { Command } from "./shared/command.ts";
import {
  decimal,
  flag,
  requiredText,
  TEXT_INPUT,
  THREADS,
  type Values,
} from "./shared/options.ts";
import type { Output } from "./shared/output.ts";

const options = {
  input: requiredText("PATH", TEXT_INPUT),
  output: requiredText(
    "FOLDER",
    "where the token files, dataset.json and tokenizer.json go",
  ),
  tokenizer: requiredText(
    "FILE",
    "the tokenizer.json or its folder, or a World vocabulary",
  ),
  "val-fraction": decimal("share of the documents held out; 0 for none", {
    default: 0.01,
    max: 0.9,
  }),
  "keep-bytes": flag("keep bytes that are not UTF-8, as tokens of one byte"),
  ...THREADS,
};

/** The command. */
export const tokenize: Command<typeof options> = {
  name: "tokenize",
  summary: "Turn text into tokens to train on",
  options,
  examples: [
    "--input data/wiki_clean --output data/tokenized --tokenizer data/tokenizer.json",
  ],
  notes:
    "A document is a block between blank lines, a whole .md file, or the text" +
    "\nof an object, which every line of a .jsonl file is. Each is framed by" +
    "\n[BOS] and [EOS]. Which are held out depends on their text" +
    "\nalone, so a document stays on its side from run to run. Any number of" +
    "\nthreads gives the same files." +
    "\n\nText that is not UTF-8 is refused, with the file's name, and nothing is" +
    "\nwritten: clean-corpus converts such files. With --keep-bytes the broken" +
    "\nbytes become tokens of one byte each, and the rest is read as usual.",
  async run(values, output) {
    const tokenizer = tokenizerOf(await readAnyVocab(values.tokenizer));
    const { files } = await listTextFiles(values.input);
    const folder = withoutSlash(values.output);
    const start = performance.now();
    const { info, words, keptBytes } = await writeDataset(
      files,
      folder,
      tokenizer,
      values,
      output,
    );
    // Beside the data, so that train finds it without being told.
    await writeVocab(`${folder}/tokenizer.json`, tokenizer.vocab);
    const seconds = (performance.now() - start) / 1000;
    const { train, val } = info;
    if (val === undefined && values["val-fraction"] > 0) {
      output.note("Nothing is held out: all the text is one document");
    }
    if (keptBytes > 0) {
      output.note(`Bytes that are not UTF-8 and were kept: ${keptBytes}`);
    }
    const sum = (key: keyof typeof train) => train[key] + (val?.[key] ?? 0);
    const documents = sum("documents");
    const tokensPerWord = (sum("tokens") - 2 * documents) / words;
    output.print(
      `${values.output}: ${train.tokens} tokens to train on, ${
        val?.tokens ?? 0
      } held out, of ${documents} documents in ${seconds.toFixed(1)} s; ${
        tokensPerWord.toFixed(2)
      } tokens a word`,
    );
    return {
      output: values.output,
      tokenizer: info.tokenizer,
      vocabSize: info.vocabSize,
      files: files.length,
      documents,
      words,
      bytes: sum("bytes"),
      sourceBytes: sum("sourceBytes"),
      keptBytes,
      tokens: sum("tokens"),
      trainTokens: train.tokens,
      valTokens: val?.tokens ?? 0,
      trainDocuments: train.documents,
      valDocuments: val?.documents ?? 0,
      tokensPerWord,
      bytesPerToken: sum("bytes") / sum("tokens"),
      seconds,
      mbPerSecond: sum("sourceBytes") / 1e6 / seconds,
    };
  },
};

async function writeDataset(
  files: readonly InputFile[],
  folder: string,
  tokenizer: Tokenizer,
  values: Values<typeof options>,
  output: Output,
): Promise<{ info: DatasetInfo; words: number; keptBytes: number }> {
  const total = totalSize(files);
  const threads = values.threads ?? usefulThreads(total);
  const documentsOf = () =>
    splitDocuments(readTextChunks(files), { keepBytes: values["keep-bytes"] });
  const fraction = values["val-fraction"];
  const boundary = await boundaryOf(textsOf(documentsOf()), fraction);
  await using writer = await TokenizedDatasetWriter.create(folder, tokenizer);
  using progress = output.progress("Tokenizing");
  let bytes = 0, documents = 0, words = 0, keptBytes = 0;
  const batches = encodeDocuments(documentsOf(), tokenizer, { threads });
  for await (const batch of batches) {
    for (const document of batch) {
      const { tokens, place, sourceBytes } = document;
      bytes += sourceBytes;
      if (tokens.length === 0) continue; // nothing but control characters
      documents++;
      words += document.words;
      keptBytes += document.keptBytes;
      await writer.write(
        place < boundary ? "val" : "train",
        tokens,
        sourceBytes,
      );
    }
    progress.update(bytes, total);
  }
  if (documents === 0) throw new Error("Cannot tokenize: there is no text");
  return { info: await writer.finish(), words, keptBytes };
}

async function* textsOf(
  documents: AsyncIterable<TextDocument>,
): AsyncGenerator<string> {
  for await (const { text } of documents) yield text;
}
