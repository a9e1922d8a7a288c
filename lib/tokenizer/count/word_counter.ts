/**
 * Counts the words of a corpus for the trainer, in Workers where asked.
 *
 * This module is its own worker, see `workers.ts`. Counts are exact sums, so the
 * result is the same for any number of threads and any order of files.
 *
 * Memory grows with the distinct words, not with the corpus: two chunks and
 * at most {@linkcode FLUSH_WORDS} words a thread, and one table of them all, 60
 * to 100 bytes a word of ten letters at the peak. Ten million, more than the
 * Portuguese Wikipedia has, take 0.9 GB; merging them takes twice that, so a
 * table on disk would not help.
 *
 * @module
 */

import { mapInWorkers, type Work, workerTask } from "../../workers.ts";
import { type NormalizerSettings, PTBRNormalizer } from "../normalizer.ts";
import { countSpacedWords, forEachLineWord } from "../pre_tokenizer.ts";
import {
  decodeChunk,
  type TextChunk,
} from "../../corpus/documents/text_chunk.ts";
import { TextWordTable } from "./text_word_table.ts";
import { type PackedWords, WordTable } from "./word_table.ts";
import { assertOptions, instanceOf } from "../../option_kinds.ts";

/** What a corpus holds. */
export interface WordCount {
  /** The distinct words (pre-tokens) and how often each occurs. */
  readonly words: PackedWords;
  /** How many runs without white space the normalised text has. */
  readonly spacedWords: number;
  /** How many bytes were read. */
  readonly bytes: number;
}

/** How to count. */
export interface CountOptions {
  /** How text is normalised first. */
  readonly normalizer: PTBRNormalizer;
  /** How many Workers; with 1, the default, none is started. */
  readonly threads?: number;
  /** Ends the work; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Is told the bytes counted so far. */
  readonly onProgress?: (bytes: number) => void;
}

/**
 * The longest training word, in bytes. Longer ones (pages of dashes, base64)
 * are cut: one of a megabyte would be scanned again for every merge.
 */
export const LONGEST_WORD = 4096;

/** How many distinct words a thread collects before it hands them over. */
export const FLUSH_WORDS: number = 2 ** 19;

/**
 * Counts the words of a corpus.
 *
 * @param chunks The corpus; each chunk's buffer is given away.
 * @throws {SyntaxError} When a chunk is not UTF-8.
 * @throws {RangeError} When there are too many distinct words.
 *
 * @example
 * ```ts
 * import { countWords } from "./word_counter.ts";
 * import { PTBRNormalizer } from "../normalizer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("sim e sim\n");
 * const { words, spacedWords } = await countWords([{ name: "a.txt", bytes }], {
 *   normalizer: new PTBRNormalizer(),
 * });
 * assertEquals([words.ends.length, spacedWords], [4, 3]);
 * ```
 */
export async function countWords(
  chunks: AsyncIterable<TextChunk> | Iterable<TextChunk>,
  { normalizer, threads = 1, signal, onProgress }: CountOptions,
): Promise<WordCount> {
  const words = new WordTable();
  let spacedWords = 0;
  let bytes = 0;
  const { settings } = normalizer;
  const results = mapInWorkers(counting, settings, checked(chunks), {
    threads,
    signal,
  });
  for await (const counted of results) {
    if (counted.words !== undefined) words.addPacked(counted.words);
    spacedWords += counted.spacedWords;
    bytes += counted.bytes;
    onProgress?.(bytes);
  }
  return { words, spacedWords, bytes };
}

/** The chunks, where they are some. */
async function* checked(
  chunks: AsyncIterable<TextChunk> | Iterable<TextChunk>,
): AsyncGenerator<TextChunk> {
  for await (const chunk of chunks) {
    assertOptions<TextChunk>("count words of a chunk", chunk, {
      name: "text",
      bytes: { ...instanceOf(Uint8Array, "a Uint8Array"), isRequired: true },
      whole: "flag?",
    });
    yield chunk;
  }
}

/** What a thread hands over after a chunk, and at the end. */
interface Counted {
  /** Its words so far, when it has enough of them and at the end. */
  readonly words?: PackedWords;
  readonly spacedWords: number;
  readonly bytes: number;
}

/** Counts chunks on one thread. */
class WordCounter implements Work<TextChunk, Counted> {
  readonly #normalizer: PTBRNormalizer;
  readonly #words = new TextWordTable(FLUSH_WORDS);

  constructor(settings: NormalizerSettings) {
    this.#normalizer = new PTBRNormalizer(settings);
  }

  run(chunk: TextChunk): Counted {
    const text = this.#normalizer.normalize(decodeChunk(chunk));
    forEachLineWord(text, (source, start, end) => {
      this.#words.add(source, start, end);
    });
    return {
      words: this.#words.full ? this.#words.take(LONGEST_WORD) : undefined,
      spacedWords: countSpacedWords(text),
      bytes: chunk.bytes.length,
    };
  }

  finish(): Counted {
    return { words: this.#words.take(LONGEST_WORD), spacedWords: 0, bytes: 0 };
  }
}

const counting = workerTask({
  url: import.meta.url,
  name: "counts of words",
  start: (settings: NormalizerSettings) => new WordCounter(settings),
  batchBuffers: ({ bytes }: TextChunk) => [bytes.buffer],
  resultBuffers: ({ words }) =>
    words === undefined
      ? []
      : [words.bytes.buffer, words.ends.buffer, words.counts.buffer],
});
