/**
 * Counts the words of a corpus for the trainer, in Workers where asked.
 *
 * This module is its own worker: {@linkcode countWords} starts it again under
 * a name by which it knows. Counts are exact sums, so the result is the same
 * for any number of threads and any order of files.
 *
 * Memory grows with the distinct words, not with the corpus: a chunk and at
 * most {@linkcode FLUSH_WORDS} words a thread, and one table of them all, 60 to
 * 100 bytes a word of ten letters at the peak. Ten million, more than the
 * Portuguese Wikipedia has, take 0.9 GB; merging them takes twice that, so a
 * table on disk would not help.
 *
 * @module
 */

import { type NormalizerSettings, PTBRNormalizer } from "../normalizer.ts";
import { countSpacedWords, forEachLineWord } from "../pre_tokenizer.ts";
import {
  decodeChunk,
  type TextChunk,
} from "../../corpus/documents/text_chunks.ts";
import { TextWordTable } from "./text_word_table.ts";
import { type PackedWords, WordTable } from "./word_table.ts";

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
  /** Is told the bytes counted so far. */
  readonly onProgress?: (bytes: number) => void;
}

/**
 * The longest training word, in bytes. Longer ones (pages of dashes, base64)
 * are cut: one of a megabyte would be scanned again for every merge.
 */
export const LONGEST_WORD = 4096;

/** How many distinct words a thread collects before it hands them over. */
export const FLUSH_WORDS = 2 ** 19;

const WORKER_NAME = "ptbr-slm word counter";

/**
 * Counts the words of a corpus.
 *
 * @param chunks The corpus; each chunk's buffer is given away.
 * @param options How to count.
 * @returns The words and totals.
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
  { normalizer, threads = 1, onProgress }: CountOptions,
): Promise<WordCount> {
  const words = new WordTable();
  let spacedWords = 0;
  let bytes = 0;
  const take = (reply: Counted) => {
    if (reply.words !== undefined) words.addPacked(reply.words);
    spacedWords += reply.spacedWords;
    bytes += reply.bytes;
    onProgress?.(bytes);
  };
  const { settings } = normalizer;
  if (threads === 1) {
    const counter = new WordCounter(settings);
    for await (const chunk of chunks) take(counter.count(chunk));
    take(counter.finish());
  } else {
    await countInWorkers(chunks, settings, threads, take);
  }
  return { words, spacedWords, bytes };
}

/** One piece of work's outcome. */
interface Counted {
  readonly words?: PackedWords;
  readonly spacedWords: number;
  readonly bytes: number;
}

/** What a worker is sent: its settings, then chunks, then nothing more. */
type Request =
  | { readonly settings: NormalizerSettings }
  | { readonly chunk: TextChunk }
  | { readonly finish: true };

/** What a worker answers to a chunk and to the end. */
type Reply = Counted | { readonly failure: string };

async function countInWorkers(
  chunks: AsyncIterable<TextChunk> | Iterable<TextChunk>,
  settings: NormalizerSettings,
  threads: number,
  take: (reply: Counted) => void,
): Promise<void> {
  const queue = asyncIterator(chunks);
  const workers = Array.from({ length: threads }, () => {
    const worker = new Worker(import.meta.url, {
      type: "module",
      name: WORKER_NAME,
    });
    worker.postMessage({ settings } satisfies Request);
    return worker;
  });
  try {
    await Promise.all(workers.map(async (worker) => {
      for (;;) {
        const { value: chunk, done } = await queue.next();
        if (done) break;
        take(await ask(worker, { chunk }, [chunk.bytes.buffer]));
      }
      take(await ask(worker, { finish: true }));
    }));
  } finally {
    for (const worker of workers) worker.terminate();
    await queue.return?.();
  }
}

function asyncIterator<T>(
  items: AsyncIterable<T> | Iterable<T>,
): AsyncIterator<T> {
  return (async function* () {
    yield* items;
  })();
}

function ask(
  worker: Worker,
  request: Request,
  transfer: Transferable[] = [],
): Promise<Counted> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      if ("failure" in data) reject(new SyntaxError(data.failure));
      else resolve(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(`Cannot count words: ${event.message}`));
    };
    worker.postMessage(request, transfer);
  });
}

/** Counts chunks on one thread. */
class WordCounter {
  readonly #normalizer: PTBRNormalizer;
  readonly #words = new TextWordTable(FLUSH_WORDS);

  constructor(settings: NormalizerSettings) {
    this.#normalizer = new PTBRNormalizer(settings);
  }

  count(chunk: TextChunk): Counted {
    const text = this.#normalizer.normalize(decodeChunk(chunk));
    forEachLineWord(
      text,
      (source, start, end) => this.#words.add(source, start, end),
    );
    return {
      words: this.#words.full ? this.#words.take(LONGEST_WORD) : undefined,
      spacedWords: countSpacedWords(text),
      bytes: chunk.bytes.length,
    };
  }

  finish(): Counted {
    return {
      words: this.#words.take(LONGEST_WORD),
      spacedWords: 0,
      bytes: 0,
    };
  }
}

/** The worker's side. */
function serve(port: DedicatedWorkerGlobalScope): void {
  let counter: WordCounter | undefined;
  port.onmessage = ({ data }: MessageEvent<Request>) => {
    if ("settings" in data) {
      counter = new WordCounter(data.settings);
      return;
    }
    if (counter === undefined) throw new Error("settings come first");
    try {
      const reply = "chunk" in data
        ? counter.count(data.chunk)
        : counter.finish();
      const { words } = reply;
      port.postMessage(
        reply satisfies Reply,
        words === undefined
          ? []
          : [words.bytes.buffer, words.ends.buffer, words.counts.buffer],
      );
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error);
      port.postMessage({ failure } satisfies Reply);
    }
  };
}

if (
  typeof WorkerGlobalScope !== "undefined" &&
  self instanceof WorkerGlobalScope && self.name === WORKER_NAME
) {
  serve(self as unknown as DedicatedWorkerGlobalScope);
}
