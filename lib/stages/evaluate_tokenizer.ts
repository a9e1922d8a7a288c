/**
 * How well tokenizers fit a text.
 *
 * @module
 */

import { readTextChunks } from "../corpus/documents/text_chunks.ts";
import { splitDocuments } from "../dataset/documents.ts";
import {
  type LongToken,
  reportTokenizer,
  type TokenizerReport,
} from "../dataset/tokenizer_report.ts";
import type { TextFiles } from "../corpus/documents/text_files.ts";
import { totalSize } from "../input_files.ts";
import { tokenizerOf } from "../tokenizer/vocab/any_tokenizer.ts";
import { usefulThreads } from "../workers.ts";
import { assertOptions, type OptionKinds, wholeFrom } from "../option_kinds.ts";
import { type Progress, STAGE_KINDS, type StageOptions } from "./stage.ts";
import { openTexts } from "./text_input.ts";
import { readTokenizerFile, type TokenizerFile } from "./tokenizer_files.ts";

/** How far `evaluateTokenizer()` is, in bytes of text, once a tokenizer. */
export interface EvaluateTokenizerProgress extends Progress {
  /** The file of the tokenizer at hand. */
  readonly tokenizer: string;
}

/** What `evaluateTokenizer()` is to do. */
export interface EvaluateTokenizerOptions
  extends StageOptions<EvaluateTokenizerProgress> {
  /** The tokenizer, of any format that can be imported: its file or folder. */
  readonly tokenizer: string;
  /** Further tokenizers. */
  readonly compare?: readonly string[];
  /** The text: a file, a folder, or a pattern with `*` and `?`. */
  readonly input: string;
  /** How many of the longest tokens to name; 10 unless given. */
  readonly longest?: number;
  /** How many threads; what the text is worth unless given. */
  readonly threads?: number;
  /** Told of the files, before they are read. */
  readonly onFiles?: (files: TextFiles) => void;
}

/** What its options are. */
const OPTIONS: OptionKinds<EvaluateTokenizerOptions> = {
  tokenizer: "text",
  compare: "texts?",
  input: "text",
  longest: wholeFrom(0),
  threads: wholeFrom(1),
  onFiles: "function?",
  ...STAGE_KINDS,
};

/** What one tokenizer makes of the text. */
export interface TokenizerFigures {
  /** Its file. */
  readonly tokenizer: string;
  /** The format that was recognised. */
  readonly format: string;
  /** How many ids it has. */
  readonly vocabSize: number;
  /** How many tokens the text becomes, without framing. */
  readonly tokens: number;
  /** Fewer are better, of a text's words, */
  readonly tokensPerWord: number;
  /** and of its bytes. */
  readonly tokensPerByte: number;
  /** The same the other way round: more are better. */
  readonly bytesPerToken: number;
  /** Tokens that stand for what has none: those of [UNK]. */
  readonly unknownTokens: number;
  /** Ids that the text never needs, special tokens left out. */
  readonly unusedIds: number;
  /** The tokens of the most bytes, the longest first. */
  readonly longestTokens: readonly LongToken[];
  /** How long reading and encoding took. */
  readonly seconds: number;
  /** How fast it was. */
  readonly mbPerSecond: number;
  /** What of the file's form was left out or assumed, a sentence each. */
  readonly notes: readonly string[];
}

/** What `evaluateTokenizer()` found. */
export interface EvaluateTokenizerResult {
  /** The text. */
  readonly input: string;
  /** Files read. */
  readonly files: number;
  /** Documents of the text. */
  readonly documents: number;
  /** Runs without white space. */
  readonly words: number;
  /** Bytes as they were read: the same for every tokenizer. */
  readonly bytes: number;
  /** What each makes of it, in the order they were given. */
  readonly tokenizers: readonly TokenizerFigures[];
}

/**
 * Encodes a text with one tokenizer or with several, and counts. Tokens a word
 * and a byte compare tokenizers, whatever their format and normaliser.
 *
 * @param options The tokenizers and the text.
 * @returns The text's figures, and those of each tokenizer.
 * @throws {Error} When a file cannot be read or is of another kind, or there is
 * no text; the reason of the signal when it is aborted.
 * @throws {SyntaxError} When a tokenizer or the text is malformed.
 *
 * @example
 * ```ts
 * import { evaluateTokenizer } from "./evaluate_tokenizer.ts";
 * import { BPETrainer } from "../tokenizer/bpe/bpe_trainer.ts";
 * import { writeVocab } from "../tokenizer/vocab/vocab_file.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * const input = `${folder}/a.txt`;
 * await Deno.writeTextFile(input, "sim e sim e sim\n");
 * const bytes = await Deno.readFile(input);
 * const { vocab } = await new BPETrainer().train([{ name: input, bytes }]);
 * const tokenizer = `${folder}/tokenizer.json`;
 * await writeVocab(tokenizer, vocab);
 * const { words, tokenizers } = await evaluateTokenizer({ tokenizer, input });
 * assertEquals([words, tokenizers[0].tokensPerWord], [5, 1]);
 * ```
 */
export async function evaluateTokenizer(
  options: EvaluateTokenizerOptions,
): Promise<EvaluateTokenizerResult> {
  assertOptions("evaluate a tokenizer", options, OPTIONS);
  const { tokenizer, compare = [], input } = options;
  const { longest, signal, onProgress } = options;
  const read: TokenizerFile[] = [];
  for (const path of [tokenizer, ...compare]) {
    read.push(await readTokenizerFile(path));
  }
  const found = await openTexts({ input });
  options.onFiles?.(found);
  const { files } = found;
  const size = totalSize(files);
  const threads = options.threads ?? usefulThreads(size);
  const reports: TokenizerReport[] = [];
  for (const [i, { vocab, path }] of read.entries()) {
    const tell = (bytes: number) =>
      onProgress?.({
        done: i * size + bytes,
        total: read.length * size,
        tokenizer: path,
      });
    tell(0);
    reports.push(
      await reportTokenizer(
        splitDocuments(readTextChunks(files)),
        tokenizerOf(vocab),
        { threads, longest, signal, onProgress: tell },
      ),
    );
  }
  const [{ documents, words, bytes }] = reports;
  return {
    input,
    files: files.length,
    documents,
    words,
    bytes,
    tokenizers: read.map((file, i) => figuresOf(file, reports[i])),
  };
}

function figuresOf(
  { path, format, vocab, notes }: TokenizerFile,
  { tokens, words, bytes, seconds, ...figures }: TokenizerReport,
): TokenizerFigures {
  const { unknownTokens, unusedIds, longestTokens } = figures;
  return {
    tokenizer: path,
    format,
    vocabSize: vocab.size,
    tokens,
    tokensPerWord: tokens / words,
    tokensPerByte: tokens / bytes,
    bytesPerToken: bytes / tokens,
    unknownTokens,
    unusedIds,
    longestTokens,
    seconds,
    mbPerSecond: bytes / 1e6 / seconds,
    notes,
  };
}
