/**
 * Text to a tokenizer.
 *
 * @module
 */

import {
  readTextChunks,
  takeBytes,
  type TextChunk,
} from "../corpus/documents/text_chunks.ts";
import type { TextFile, TextFiles } from "../corpus/documents/text_files.ts";
import { AtomicFile, crcOf, folderOf } from "../files.ts";
import { lockFolder } from "../folder_lock.ts";
import { totalSize } from "../input_files.ts";
import { BPETrainer } from "../tokenizer/bpe/bpe_trainer.ts";
import { countWords, type WordCount } from "../tokenizer/count/word_counter.ts";
import {
  readWordCount,
  type WordCountSource,
  writeWordCount,
} from "../tokenizer/count/word_counter_file.ts";
import { PTBRNormalizer } from "../tokenizer/normalizer.ts";
import { identityOf } from "../tokenizer/tokenizer.ts";
import { usefulThreads } from "../workers.ts";
import {
  assertOptions,
  instanceOf,
  oneOf,
  type OptionKinds,
  wholeFrom,
} from "../option_kinds.ts";
import type { Progress, StageOptions } from "./stage.ts";
import { assertTokenizerReplaceable } from "./written_files.ts";
import { openTexts, type TextInput } from "./text_input.ts";

/** Where counted words are kept, beside the vocabulary. */
export const COUNTS_NAME = "word-counts.bin";

/**
 * How far `trainTokenizer()` is: in bytes of text, which are known again or
 * counted, then in merges.
 */
export interface TrainTokenizerProgress extends Progress {
  /** Files are compared with earlier counts, words counted, pairs merged. */
  readonly phase: "comparing" | "counting" | "merging";
}

/** What `trainTokenizer()` is to do. */
export interface TrainTokenizerOptions
  extends Pick<TextInput, "onFiles">, StageOptions<TrainTokenizerProgress> {
  /** A text file, a folder or a pattern; words are counted line by line. */
  readonly corpus: string;
  /** The `tokenizer.json` to write; the counted words stay beside it. */
  readonly output: string;
  /** Ids in all: special tokens, bytes, merges; 32,000 unless given. */
  readonly vocabSize?: number;
  /** How often a pair must occur to become a token; 2 unless given. */
  readonly minFrequency?: number;
  /** What text is brought to; the rules for Portuguese unless given. */
  readonly normalizer?: PTBRNormalizer;
  /** Bytes of the corpus to use at most, of every file the same share. */
  readonly limit?: number;
  /** Whether counted words are used and kept, only kept, or neither. */
  readonly counts?: "auto" | "new" | "off";
  /** How many threads; what the text is worth unless given. */
  readonly threads?: number;
  /** Told when the words were counted before: in which file. */
  readonly onCounted?: (path: string) => void;
  /** Told why counted words that lie there are of no use. */
  readonly onUseless?: (error: Error) => void;
}

/** What its options are. */
const OPTIONS: OptionKinds<TrainTokenizerOptions> = {
  corpus: "text",
  output: "text",
  vocabSize: "number?",
  minFrequency: "number?",
  normalizer: instanceOf(PTBRNormalizer, "a PTBRNormalizer"),
  limit: "number?",
  counts: oneOf(["auto", "new", "off"]),
  threads: wholeFrom(1),
  onFiles: "function?",
  onCounted: "function?",
  onUseless: "function?",
  signal: "signal?",
  onProgress: "function?",
};

/** What `trainTokenizer()` made. */
export interface TrainTokenizerResult {
  /** The file. */
  readonly tokenizer: string;
  /** SHA-256 of the tokenizer. */
  readonly sha256: string;
  /** How many ids it has. */
  readonly vocabSize: number;
  /** How many of them are merges. */
  readonly merges: number;
  /** Files read. */
  readonly files: number;
  /** Bytes of text whose words were counted. */
  readonly bytes: number;
  /** Runs without white space. */
  readonly words: number;
  /** Different ones. */
  readonly distinctWords: number;
  /** What the text becomes. */
  readonly tokens: number;
  /** Tokens for one of its words. */
  readonly tokensPerWord: number;
  /** Whether words were counted, and not only read. */
  readonly counted: boolean;
  /** How long it took. */
  readonly seconds: number;
  /** Megabytes of text a second. */
  readonly mbPerSecond: number;
}

/**
 * Learns a vocabulary of byte pairs. The result depends on the text and the
 * options alone, not on the threads or the order of the files; aborted, it
 * leaves the output as it was.
 *
 * @param options The text, the file, and how to learn.
 * @throws {Error} When something cannot be read or written, or there is no text.
 * @throws {RangeError} When the vocabulary cannot have such a size.
 *
 * @example
 * ```ts
 * import { trainTokenizer } from "./train_tokenizer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * const corpus = `${folder}/a.txt`, output = `${folder}/tokenizer.json`;
 * await Deno.writeTextFile(corpus, "sim e sim e sim\n");
 * const { vocabSize, words } = await trainTokenizer({ corpus, output });
 * assertEquals([vocabSize, words], [265, 5]);
 * ```
 */
export async function trainTokenizer(
  options: TrainTokenizerOptions,
): Promise<TrainTokenizerResult> {
  assertOptions("train a tokenizer", options, OPTIONS);
  const { corpus, output, signal, onProgress } = options;
  const { vocabSize, minFrequency, normalizer } = options;
  const trainer = new BPETrainer({ vocabSize, minFrequency, normalizer });
  const found = await openTexts({ input: corpus });
  const read = found.files.map(({ path }) => path);
  await assertTokenizerReplaceable(output, { read });
  // Both before anything is counted, so that a folder that cannot be
  // written to is noticed at once.
  await using _lock = await lockFolder(folderOf(output));
  await using file = await AtomicFile.create(output);
  const start = performance.now();
  const { count, counted } = await countOrRead(found, trainer, options);
  const { vocab, bytes, spacedWords, distinctWords, tokens } = await trainer
    .trainWords(count, {
      signal,
      onProgress: (done, total) =>
        onProgress?.({ phase: "merging", done, total }),
    });
  await file.write(new TextEncoder().encode(vocab.toString()));
  await file.commit();
  const seconds = (performance.now() - start) / 1000;
  return {
    tokenizer: output,
    sha256: await identityOf(vocab),
    vocabSize: vocab.size,
    merges: vocab.merges.length,
    files: found.files.length,
    bytes,
    words: spacedWords,
    distinctWords,
    tokens,
    tokensPerWord: tokens / spacedWords,
    counted,
    seconds,
    mbPerSecond: bytes / 1e6 / seconds,
  };
}

/** The corpus's words, from the file of an earlier run where it is one's. */
async function countOrRead(
  found: TextFiles,
  { normalizer }: BPETrainer,
  options: TrainTokenizerOptions,
): Promise<{ count: WordCount; counted: boolean }> {
  const { limit, counts = "auto", signal, onProgress } = options;
  const { files } = found, total = totalSize(files);
  const path = options.output.replace(/[^/\\]*$/, COUNTS_NAME);
  const source = counts === "off"
    ? undefined
    : await sourceOf(files, normalizer, options);
  if (counts === "auto" && source !== undefined) {
    const count = await readWordCount(path, source)
      .catch((error: Error) => options.onUseless?.(error));
    if (count !== undefined) {
      options.onFiles?.(found);
      options.onCounted?.(path);
      return { count, counted: false };
    }
  }
  const wanted = Math.min(total, limit ?? Infinity);
  let told = false;
  const count = await countWords(chunksOf(files, wanted / total), {
    normalizer,
    signal,
    threads: options.threads ?? usefulThreads(wanted),
    onProgress: (done) => {
      if (!told) options.onFiles?.(found);
      told = true;
      onProgress?.({ phase: "counting", done, total: wanted });
    },
  });
  // Before the merging, which may be interrupted.
  const isKept = source !== undefined && count.spacedWords > 0;
  if (isKept && await areUnchanged(files)) {
    await writeWordCount(path, count, source);
  }
  return { count, counted: true };
}

/** What tells this corpus from another: what is in its files. */
async function sourceOf(
  files: readonly TextFile[],
  normalizer: PTBRNormalizer,
  { limit, signal, onProgress }: TrainTokenizerOptions,
): Promise<WordCountSource> {
  const total = totalSize(files);
  let done = 0;
  const onBytes = (bytes: number) =>
    onProgress?.({ phase: "comparing", done: done += bytes, total });
  const known = [];
  for (const { path, size } of files) {
    known.push({ path, size, crc: await crcOf(path, { signal, onBytes }) });
  }
  return { files: known, limit, normalizer: normalizer.settings };
}

/** Whether what was counted is still what was known before. */
async function areUnchanged(files: readonly TextFile[]): Promise<boolean> {
  for (const { path, size, changed } of files) {
    const now = await Deno.stat(path).catch(() => undefined);
    if (now?.size !== size || (now.mtime?.getTime() ?? 0) !== changed) {
      return false;
    }
  }
  return true;
}

/** The files' pieces, of each file the same share. */
async function* chunksOf(
  files: readonly TextFile[],
  share: number,
): AsyncGenerator<TextChunk> {
  if (share === 1) return yield* readTextChunks(files);
  for (const file of files) {
    yield* takeBytes(readTextChunks([file]), Math.floor(file.size * share));
  }
}
