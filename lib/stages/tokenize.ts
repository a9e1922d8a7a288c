/**
 * Text and a tokenizer to a dataset.
 *
 * @module
 */

import { readTextChunks } from "../corpus/documents/text_chunks.ts";
import type { TextFiles } from "../corpus/documents/text_files.ts";
import type { DatasetInfo } from "../dataset/dataset_info.ts";
import { TokenizedDatasetWriter } from "../dataset/dataset_writer.ts";
import { encodeDocuments } from "../dataset/document_encoder.ts";
import { splitDocuments, type TextDocument } from "../dataset/documents.ts";
import { chooseHoldout } from "../dataset/split.ts";
import { withoutSlash } from "../files.ts";
import { totalSize } from "../input_files.ts";
import { readGivenVocab } from "../load_checkpoint.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { tokenizerOf } from "../tokenizer/vocab/any_tokenizer.ts";
import { usefulThreads } from "../workers.ts";
import { assertOptions, type OptionKinds, wholeFrom } from "../option_kinds.ts";
import type { Progress, StageOptions } from "./stage.ts";
import { assertDatasetReplaceable } from "./written_files.ts";
import { openTexts, rulesOf, type TextInput } from "./text_input.ts";

/** How far `tokenize()` is, in bytes of text. */
export interface TokenizeProgress extends Progress {
  /** All is read once to choose what is held out, and once to be encoded. */
  readonly phase: "choosing" | "encoding";
}

/** What `tokenize()` is to do. */
export interface TokenizeOptions
  extends TextInput, StageOptions<TokenizeProgress> {
  /** The folder for the token files, `dataset.json` and `tokenizer.json`. */
  readonly output: string;
  /** A `tokenizer.json`, its folder, or a World vocabulary. */
  readonly tokenizer: string;
  /** The share of the text to hold out, from 0 to 0.9; 0.01 unless given. */
  readonly valFraction?: number;
  /** How many threads; what the text is worth unless given. */
  readonly threads?: number;
}

/** What its options are. */
const OPTIONS: OptionKinds<TokenizeOptions> = {
  input: "text",
  output: "text",
  tokenizer: "text",
  documents: "text?",
  valFraction: "number?",
  threads: wholeFrom(1),
  keepBytes: "flag?",
  onFiles: "function?",
  signal: "signal?",
  onProgress: "function?",
};

/** What `tokenize()` made. */
export interface TokenizeResult {
  /** The folder. */
  readonly output: string;
  /** SHA-256 of the tokenizer. */
  readonly tokenizer: string;
  /** How many ids that has. */
  readonly vocabSize: number;
  /** Files read. */
  readonly files: number;
  /** What a document was: `blank-lines`, `files`, `jsonl`, or some with `+`. */
  readonly documentsBy: string;
  /** Documents with text. */
  readonly documents: number;
  /** Runs without white space. */
  readonly words: number;
  /** Bytes of normalised text. */
  readonly bytes: number;
  /** Bytes of the documents as they were read. */
  readonly sourceBytes: number;
  /** Of these, such as are not UTF-8 and became tokens of one byte. */
  readonly keptBytes: number;
  /** All tokens, framing among them. */
  readonly tokens: number;
  /** Those to train on. */
  readonly trainTokens: number;
  /** Those held out. */
  readonly valTokens: number;
  /** Documents to train on. */
  readonly trainDocuments: number;
  /** Documents held out. */
  readonly valDocuments: number;
  /** The share of the text's bytes that is held out. */
  readonly heldOutShare: number;
  /** Framing left out. */
  readonly tokensPerWord: number;
  /** Of normalised text. */
  readonly bytesPerToken: number;
  /** How long it took. */
  readonly seconds: number;
  /** Megabytes of text a second. */
  readonly mbPerSecond: number;
}

/**
 * Turns text into a dataset: `train.bin`, `val.bin`, `dataset.json`, and the
 * tokenizer beside them. The files are the same for any number of threads;
 * aborted, it leaves the folder as it was.
 *
 * @param options The text, the tokenizer, the folder, and how much to hold out.
 * @throws {Error} When something cannot be read or written, or there is no text.
 * @throws {SyntaxError} When text is not UTF-8 or a line of JSON has no text.
 *
 * @example
 * ```ts
 * import { tokenize } from "./tokenize.ts";
 * import { BPETrainer } from "../tokenizer/bpe/bpe_trainer.ts";
 * import { writeVocab } from "../tokenizer/vocab/vocab_file.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * const input = `${folder}/a.txt`;
 * await Deno.writeTextFile(input, "Um dia.\nE outro.\n\nE mais um.\n");
 * const bytes = await Deno.readFile(input);
 * const { vocab } = await new BPETrainer().train([{ name: input, bytes }]);
 * const tokenizer = `${folder}/tokenizer.json`;
 * await writeVocab(tokenizer, vocab);
 * const output = `${folder}/tokens`;
 * const result = await tokenize({ input, output, tokenizer });
 * assertEquals([result.documents, result.valDocuments], [2, 1]);
 * ```
 */
export async function tokenize(
  options: TokenizeOptions,
): Promise<TokenizeResult> {
  assertOptions("tokenize", options, OPTIONS);
  const start = performance.now();
  const vocab = await readGivenVocab(options.tokenizer);
  const tokenizer = tokenizerOf(vocab);
  const found = await openTexts(options);
  const folder = withoutSlash(options.output);
  await assertDatasetReplaceable(folder, vocab.toString());
  const { info, ...counts } = await writeDataset(
    found,
    folder,
    tokenizer,
    options,
  );
  const seconds = (performance.now() - start) / 1000;
  const { train, val, heldOut } = info;
  const sum = (key: Exclude<keyof typeof train, "crc32" | "maskCrc32">) =>
    train[key] + (val?.[key] ?? 0);
  const documents = sum("documents"), tokens = sum("tokens");
  return {
    output: options.output,
    tokenizer: info.tokenizer,
    vocabSize: info.vocabSize,
    files: found.files.length,
    documentsBy: rulesOf(found),
    documents,
    ...counts,
    bytes: sum("bytes"),
    sourceBytes: sum("sourceBytes"),
    tokens,
    trainTokens: train.tokens,
    valTokens: val?.tokens ?? 0,
    trainDocuments: train.documents,
    valDocuments: val?.documents ?? 0,
    heldOutShare: heldOut!.share,
    tokensPerWord: (tokens - 2 * documents) / counts.words,
    bytesPerToken: sum("bytes") / tokens,
    seconds,
    mbPerSecond: sum("sourceBytes") / 1e6 / seconds,
  };
}

async function writeDataset(
  found: TextFiles,
  folder: string,
  tokenizer: Tokenizer,
  options: TokenizeOptions,
): Promise<{ info: DatasetInfo; words: number; keptBytes: number }> {
  const { valFraction: fraction = 0.01, keepBytes, signal, onProgress } =
    options;
  const total = totalSize(found.files);
  /** The documents, told of as they are read. */
  async function* read(told = (_: number) => {}): AsyncGenerator<TextDocument> {
    let done = 0;
    const chunks = readTextChunks(found.files);
    for await (const document of splitDocuments(chunks, { keepBytes })) {
      signal?.throwIfAborted();
      yield document;
      told(done += document.sourceBytes);
    }
  }
  await using writer = await TokenizedDatasetWriter.create(folder, tokenizer);
  const holdout = await chooseHoldout(
    read((done) => onProgress?.({ phase: "choosing", done, total })),
    fraction,
  );
  let done = 0, documents = 0, words = 0, keptBytes = 0;
  let isHeldOut = false, isTrained = false;
  const batches = encodeDocuments(read(), tokenizer, {
    threads: options.threads ?? usefulThreads(total),
  });
  onProgress?.({ phase: "encoding", done, total });
  for await (const batch of batches) {
    signal?.throwIfAborted();
    if (done === 0) options.onFiles?.(found);
    for (const { tokens, place, continues, ...document } of batch) {
      done += document.sourceBytes;
      // All of a work is on the side of its beginning.
      if (!continues) isHeldOut = holdout.has(place);
      if (tokens.length === 0) continue; // nothing but control characters
      documents++;
      words += document.words;
      keptBytes += document.keptBytes;
      const part = isHeldOut ? "val" : "train";
      isTrained ||= !isHeldOut;
      await writer.write(part, tokens, document.sourceBytes);
    }
    onProgress?.({ phase: "encoding", done, total });
  }
  if (documents === 0) throw new Error("Cannot tokenize: there is no text");
  if (!isTrained) {
    throw new Error(
      "Cannot tokenize: what is not held out has no text; --val-fraction 0 holds out nothing",
    );
  }
  const info = await writer.finish(
    {
      documentsBy: rulesOf(found),
      heldOut: { fraction, share: holdout.share },
    },
    // Beside the data, so that train finds it without being told.
    { "tokenizer.json": tokenizer.vocab.toString() },
  );
  return { info, words, keptBytes };
}
