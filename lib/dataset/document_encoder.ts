/**
 * Encodes documents, in Workers where asked. They come back in their order, so
 * that what is written of them is the same bytes for any number of threads.
 *
 * This module is its own worker, see `workers.ts`.
 *
 * Memory: besides what the reader of the documents holds, two batches a thread,
 * each of {@linkcode BATCH_UNITS} UTF-16 units and one document at the most.
 *
 * @module
 */

import { mapInWorkers, type WorkersOptions, workerTask } from "../workers.ts";
import { parseVocab, tokenizerOf } from "../tokenizer/vocab/any_tokenizer.ts";
import { countSpacedWords } from "../tokenizer/pre_tokenizer.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { countKept, encodeKept } from "./broken_utf8.ts";
import type { TextDocument } from "./documents.ts";
import { placeOf } from "./split.ts";

/** A document as tokens. */
export interface EncodedDocument {
  /** Its ids, without a frame; none where the normaliser leaves nothing. */
  readonly tokens: Uint16Array;
  /** How many runs without white space it has. */
  readonly words: number;
  /** Its place between the parts, as `placeOf()` gives it. */
  readonly place: number;
  /** Whether it goes on with the work of the one before it. */
  readonly continues: boolean;
  /** Its length as it was read, in bytes. */
  readonly sourceBytes: number;
  /** How many of these are not UTF-8, kept as the tokens of single bytes. */
  readonly keptBytes: number;
}

/** How much text is handed over at once, in UTF-16 units. */
export const BATCH_UNITS = 2 ** 18;

/**
 * Encodes documents.
 *
 * @param documents The documents, read as they are needed.
 * @param tokenizer What makes their tokens.
 * @param options How many Workers, with 1, the default, none; and what may end
 * the work.
 * @returns The documents in order, some at a time.
 * @throws What reading the documents throws, and the reason of the signal.
 *
 * @example
 * ```ts
 * import { encodeDocuments } from "./document_encoder.ts";
 * import { BPETokenizer } from "../tokenizer/bpe/bpe_tokenizer.ts";
 * import { BPETrainer } from "../tokenizer/bpe/bpe_trainer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("sim e sim\n");
 * const { vocab } = await new BPETrainer().train([{ name: "a", bytes }]);
 * const tokenizer = new BPETokenizer(vocab);
 * const documents = [{ text: "sim ou não", sourceBytes: 11 }];
 * for await (const batch of encodeDocuments(documents, tokenizer)) {
 *   assertEquals(batch.map(({ words }) => words), [3]);
 *   assertEquals(batch[0].tokens, tokenizer.encode("sim ou não"));
 * }
 * ```
 */
export async function* encodeDocuments(
  documents: AsyncIterable<TextDocument> | Iterable<TextDocument>,
  tokenizer: Tokenizer,
  { threads = 1, signal }: Partial<WorkersOptions> = {},
): AsyncGenerator<EncodedDocument[]> {
  const results = mapInWorkers(
    encoding,
    threads === 1 ? tokenizer : tokenizer.vocab.toString(),
    batchesOf(documents),
    { threads, signal },
  );
  for await (const batch of results) yield unpack(batch);
}

/** Documents, their tokens one after another: handed over quicker so. */
interface EncodedBatch {
  readonly tokens: Uint16Array<ArrayBuffer>;
  /** Where each document's tokens end. */
  readonly ends: readonly number[];
  readonly words: readonly number[];
  readonly places: readonly number[];
  readonly continues: readonly boolean[];
  readonly sourceBytes: readonly number[];
  readonly kept: readonly number[];
}

const encoding = workerTask({
  url: import.meta.url,
  name: "tokens of documents",
  // Another thread gets the vocabulary alone, as a tokenizer cannot be copied.
  start: (setup: Tokenizer | string) => {
    const tokenizer = typeof setup === "string"
      ? tokenizerOf(parseVocab(setup))
      : setup;
    return {
      run: (batch: readonly TextDocument[]): EncodedBatch =>
        encode(batch, tokenizer),
    };
  },
  resultBuffers: ({ tokens }) => [tokens.buffer],
});

async function* batchesOf(
  documents: AsyncIterable<TextDocument> | Iterable<TextDocument>,
): AsyncGenerator<TextDocument[]> {
  let batch: TextDocument[] = [];
  let units = 0;
  for await (const document of documents) {
    batch.push(document);
    units += document.text.length;
    if (units < BATCH_UNITS) continue;
    yield batch;
    batch = [];
    units = 0;
  }
  if (batch.length > 0) yield batch;
}

function encode(
  batch: readonly TextDocument[],
  tokenizer: Tokenizer,
): EncodedBatch {
  const texts = batch.map(({ text }) => text);
  const encoded = texts.map((text) => encodeKept(text, tokenizer));
  const tokens = new Uint16Array(
    encoded.reduce((sum, { length }) => sum + length, 0),
  );
  let end = 0;
  const ends = encoded.map((ids) => {
    tokens.set(ids, end);
    return end += ids.length;
  });
  return {
    tokens,
    ends,
    words: texts.map(countSpacedWords),
    places: texts.map(placeOf),
    continues: batch.map(({ continues }) => continues === true),
    sourceBytes: batch.map(({ sourceBytes }) => sourceBytes),
    kept: texts.map(countKept),
  };
}

function unpack(
  { tokens, ends, words, places, continues, sourceBytes, kept }: EncodedBatch,
): EncodedDocument[] {
  return ends.map((end, i) => ({
    tokens: tokens.subarray(i === 0 ? 0 : ends[i - 1], end),
    words: words[i],
    place: places[i],
    continues: continues[i],
    sourceBytes: sourceBytes[i],
    keptBytes: kept[i],
  }));
}
