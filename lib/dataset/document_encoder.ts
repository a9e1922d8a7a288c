/**
 * Encodes documents, in Workers where asked. They come back in their order, so
 * that what is written of them is the same bytes for any number of threads.
 *
 * This module is its own worker: {@linkcode encodeDocuments} starts it again
 * under a name by which it knows.
 *
 * Memory: besides the readers' piece, at most {@linkcode BATCHES_A_THREAD}
 * batches a thread, each of {@linkcode BATCH_UNITS} UTF-16 units and one
 * document at the most.
 *
 * @module
 */

import { parseVocab, tokenizerOf } from "../tokenizer/vocab/any_tokenizer.ts";
import { countSpacedWords } from "../tokenizer/pre_tokenizer.ts";
import type { Tokenizer, Vocab } from "../tokenizer/tokenizer.ts";
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
  /** Its length as it was read, in bytes. */
  readonly sourceBytes: number;
  /** How many of these are not UTF-8, kept as the tokens of single bytes. */
  readonly keptBytes: number;
}

/** How to encode. */
export interface DocumentEncoderOptions {
  /** How many Workers; with 1, the default, none is started. */
  readonly threads?: number;
}

/** How much text is handed over at once, in UTF-16 units. */
export const BATCH_UNITS = 2 ** 18;
/** So many are under way a thread: one at work, one waiting. */
export const BATCHES_A_THREAD = 2;

const WORKER_NAME = "ptbr-slm document encoder";

/**
 * Encodes documents.
 *
 * @param documents The documents, read as they are needed.
 * @param tokenizer What makes their tokens.
 * @param options How to encode.
 * @returns The documents in order, some at a time.
 * @throws What reading the documents throws.
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
  { threads = 1 }: DocumentEncoderOptions = {},
): AsyncGenerator<EncodedDocument[]> {
  if (threads > 1) {
    yield* encodeInWorkers(documents, tokenizer.vocab, threads);
    return;
  }
  for await (const batch of batchesOf(documents)) {
    const reply = encode(batch.map(({ text }) => text), tokenizer);
    yield unpack(reply, batch);
  }
}

/** What a worker is sent: the vocabulary, then texts. */
type Request = { readonly vocab: string } | { readonly texts: string[] };

/** Several documents' tokens, one after another. */
interface Reply {
  readonly tokens: Uint16Array<ArrayBuffer>;
  /** Where each document's tokens end. */
  readonly ends: readonly number[];
  readonly words: readonly number[];
  readonly places: readonly number[];
  readonly kept: readonly number[];
}

async function* encodeInWorkers(
  documents: AsyncIterable<TextDocument> | Iterable<TextDocument>,
  vocab: Vocab,
  threads: number,
): AsyncGenerator<EncodedDocument[]> {
  const json = vocab.toString();
  const workers = Array.from(
    { length: threads },
    () => new EncodingWorker(json),
  );
  const pending: Promise<EncodedDocument[]>[] = [];
  let next = 0;
  try {
    for await (const batch of batchesOf(documents)) {
      // The oldest first: order is kept, and no more than this is in memory.
      if (pending.length === threads * BATCHES_A_THREAD) {
        yield await pending.shift()!;
      }
      const result = workers[next++ % threads].encode(batch);
      // Whoever awaits it sees the failure; when nobody comes to, it is moot.
      result.catch(() => {});
      pending.push(result);
    }
    while (pending.length > 0) yield await pending.shift()!;
  } finally {
    for (const worker of workers) worker.terminate();
  }
}

/** A worker and what it was asked. */
class EncodingWorker {
  readonly #worker = new Worker(import.meta.url, {
    type: "module",
    name: WORKER_NAME,
  });
  readonly #asked: PromiseWithResolvers<Reply>[] = [];

  constructor(vocab: string) {
    this.#worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      this.#asked.shift()!.resolve(data);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      const error = new Error(`Cannot encode documents: ${event.message}`);
      for (const { reject } of this.#asked) reject(error);
    };
    this.#worker.postMessage({ vocab } satisfies Request);
  }

  async encode(batch: readonly TextDocument[]): Promise<EncodedDocument[]> {
    const answer = Promise.withResolvers<Reply>();
    this.#asked.push(answer);
    const texts = batch.map(({ text }) => text);
    this.#worker.postMessage({ texts } satisfies Request);
    return unpack(await answer.promise, batch);
  }

  terminate(): void {
    this.#worker.terminate();
  }
}

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

function encode(texts: readonly string[], tokenizer: Tokenizer): Reply {
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
    kept: texts.map(countKept),
  };
}

function unpack(
  { tokens, ends, words, places, kept }: Reply,
  batch: readonly TextDocument[],
): EncodedDocument[] {
  return batch.map(({ sourceBytes }, i) => ({
    tokens: tokens.subarray(i === 0 ? 0 : ends[i - 1], ends[i]),
    words: words[i],
    place: places[i],
    sourceBytes,
    keptBytes: kept[i],
  }));
}

/** The worker's side. */
function serve(port: DedicatedWorkerGlobalScope): void {
  let tokenizer: Tokenizer | undefined;
  port.onmessage = ({ data }: MessageEvent<Request>) => {
    if ("vocab" in data) {
      tokenizer = tokenizerOf(parseVocab(data.vocab));
      return;
    }
    if (tokenizer === undefined) throw new Error("the vocabulary comes first");
    const reply = encode(data.texts, tokenizer);
    port.postMessage(reply satisfies Reply, [reply.tokens.buffer]);
  };
}

if (
  typeof WorkerGlobalScope !== "undefined" &&
  self instanceof WorkerGlobalScope && self.name === WORKER_NAME
) {
  serve(self as unknown as DedicatedWorkerGlobalScope);
}
