/**
 * Puts documents through the filters and signs those that stay, in Workers
 * where asked. Results come in the documents' order, so they are the same for
 * any number of threads.
 *
 * This module is its own worker: {@linkcode analyseDocuments} starts it again
 * under a name by which it knows.
 *
 * Memory: two batches a thread, each of {@linkcode BATCH_BYTES} and one
 * document at the most, and in each thread some 20 times the longest document
 * in work; the n-grams of languages take 100 MB a thread.
 *
 * @module
 */

import {
  type Analysis,
  emptyColumns,
  KEPT,
  outcomeOf,
  type Position,
} from "./analysis.ts";
import type { RawDocument } from "../documents/document_reader.ts";
import { readText, type TextFormat } from "../documents/document_text.ts";
import { contentHash, HASH_WORDS } from "./exact_duplicates.ts";
import { type Filters, judge } from "./filters.ts";
import {
  type LanguageIdentifier,
  loadLanguageIdentifier,
} from "../measures/language.ts";
import { signatureOf } from "./minhash.ts";

/** How much a worker gets at once, in bytes, or one document more. */
export const BATCH_BYTES = 2 ** 18;
/** So many batches are under way a thread: one at work, one waiting. */
const BATCHES_A_THREAD = 2;

const WORKER_NAME = "ptbr-slm document analyser";

/** What a source asks of its documents. */
export interface SourceRules {
  /** Its filters. */
  readonly filters: Filters;
  /** Which field of JSON is the text. */
  readonly textField: string;
  /** Whether those that stay are signed, so that near-duplicates are found. */
  readonly signed: boolean;
}

/** Some documents of one source. */
export class Batch {
  /** The source's number. */
  readonly source: number;
  /** Where a part ends that this is the last batch of. */
  end?: Position;
  /** How many bytes the documents have in their files. */
  size = 0;
  readonly #places: RawDocument[] = [];
  readonly #json: boolean[] = [];
  #bytes = new Uint8Array(BATCH_BYTES);
  #filled = 0;

  /** @param source The source's number. */
  constructor(source: number) {
    this.source = source;
  }

  /** How many documents there are. */
  get count(): number {
    return this.#places.length;
  }

  /** Whether it has enough. */
  get isFull(): boolean {
    // A document costs something, too, when it has few bytes or none.
    return this.#filled + 64 * this.count >= BATCH_BYTES;
  }

  /** Takes a document's bytes. */
  add({ bytes, ...place }: RawDocument, json: boolean): void {
    this.size += place.length;
    this.#json.push(json);
    if (bytes === undefined) {
      this.#places.push(place);
      return;
    }
    const start = this.#filled;
    this.#filled += bytes.length;
    if (this.#filled > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#filled);
      larger.set(this.#bytes.subarray(0, start));
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, start);
    this.#places.push({
      ...place,
      bytes: this.#bytes.subarray(start, this.#filled),
    });
  }

  /** As a message; the bytes go with it. */
  toRequest(): BatchRequest {
    return {
      source: this.source,
      bytes: this.#bytes.subarray(0, this.#filled),
      lengths: this.#places.map(({ bytes }) => bytes?.length),
      json: this.#json,
    };
  }

  /** Fills in the columns that the batch knows by itself. */
  complete(analysis: Analysis): Analysis {
    const { offset, length, file } = analysis.columns;
    for (const [i, place] of this.#places.entries()) {
      offset[i] = place.offset;
      length[i] = place.length;
      file[i] = place.file;
    }
    return analysis;
  }
}

/** A batch as a worker gets it: `lengths` has none for what is too long. */
interface BatchRequest {
  readonly source: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly lengths: readonly (number | undefined)[];
  readonly json: readonly boolean[];
}

type Request = { readonly rules: readonly SourceRules[] } | BatchRequest;

/** A batch and what was found out about its documents. */
export interface AnalysedBatch {
  /** The batch. */
  readonly batch: Batch;
  /** What was found out. */
  readonly analysis: Analysis;
}

/**
 * Analyses documents.
 *
 * @param batches The documents, read as they are needed.
 * @param rules What each source asks.
 * @param threads How many Workers; with 1 none is started.
 * @returns The batches in their order.
 * @throws What reading the documents throws.
 */
export async function* analyseDocuments(
  batches: AsyncIterable<Batch>,
  rules: readonly SourceRules[],
  threads: number,
): AsyncGenerator<AnalysedBatch> {
  if (threads > 1) {
    yield* analyseInWorkers(batches, rules, threads);
    return;
  }
  const analyser = await Analyser.create(rules);
  for await (const batch of batches) {
    const analysis = analyser.analyse(batch.toRequest());
    yield { batch, analysis: batch.complete(analysis) };
  }
}

async function* analyseInWorkers(
  batches: AsyncIterable<Batch>,
  rules: readonly SourceRules[],
  threads: number,
): AsyncGenerator<AnalysedBatch> {
  const workers = Array.from(
    { length: threads },
    () => new AnalysingWorker(rules),
  );
  const pending: Promise<AnalysedBatch>[] = [];
  let next = 0;
  try {
    for await (const batch of batches) {
      // The oldest first: order is kept, and no more than this is in memory.
      if (pending.length === threads * BATCHES_A_THREAD) {
        yield await pending.shift()!;
      }
      const result = workers[next++ % threads].analyse(batch);
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
class AnalysingWorker {
  readonly #worker = new Worker(import.meta.url, {
    type: "module",
    name: WORKER_NAME,
  });
  readonly #asked: PromiseWithResolvers<Analysis>[] = [];

  constructor(rules: readonly SourceRules[]) {
    this.#worker.onmessage = ({ data }: MessageEvent<Analysis>) => {
      this.#asked.shift()!.resolve(data);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      const error = new Error(`Cannot analyse documents: ${event.message}`);
      for (const { reject } of this.#asked) reject(error);
    };
    this.#worker.postMessage({ rules } satisfies Request);
  }

  async analyse(batch: Batch): Promise<AnalysedBatch> {
    const answer = Promise.withResolvers<Analysis>();
    this.#asked.push(answer);
    const request = batch.toRequest();
    this.#worker.postMessage(request satisfies Request, [request.bytes.buffer]);
    return { batch, analysis: batch.complete(await answer.promise) };
  }

  terminate(): void {
    this.#worker.terminate();
  }
}

/** What does the work, in this thread or in a worker. */
class Analyser {
  readonly #rules: readonly SourceRules[];
  readonly #identifier?: LanguageIdentifier;
  readonly #encoder = new TextEncoder();

  private constructor(
    rules: readonly SourceRules[],
    identifier: LanguageIdentifier | undefined,
  ) {
    this.#rules = rules;
    if (identifier !== undefined) this.#identifier = identifier;
  }

  static async create(rules: readonly SourceRules[]): Promise<Analyser> {
    const identifies = rules.some(({ filters }) =>
      filters.thresholds.min_language_share !== undefined
    );
    return new Analyser(
      rules,
      identifies ? await loadLanguageIdentifier() : undefined,
    );
  }

  analyse({ source, bytes, lengths, json }: BatchRequest): Analysis {
    const rules = this.#rules[source];
    const found = new Findings(lengths.length);
    let end = 0;
    for (const [i, length] of lengths.entries()) {
      const start = end;
      if (length !== undefined) end += length;
      this.#analyse(
        i,
        length === undefined ? undefined : bytes.subarray(start, end),
        { json: json[i], textField: rules.textField },
        rules,
        found,
      );
    }
    return found;
  }

  #analyse(
    i: number,
    bytes: Uint8Array | undefined,
    format: TextFormat,
    { filters, signed }: SourceRules,
    { columns, names, languages }: Findings,
  ): void {
    const { text, fault, name } = readText(bytes, format);
    if (name !== undefined) names[i] = name;
    if (text === undefined) {
      columns.outcome[i] = outcomeOf(fault!);
      return;
    }
    const { verdict, words } = judge(text, filters, this.#identifier);
    columns.words[i] = words.count;
    columns.bytes[i] = this.#encoder.encode(text).length;
    if (verdict !== undefined) {
      columns.outcome[i] = outcomeOf(verdict.reason);
      columns.value[i] = verdict.value;
      if (verdict.language !== undefined) languages[i] = verdict.language;
      return;
    }
    columns.outcome[i] = KEPT;
    columns.hash.set(contentHash(words), i * HASH_WORDS);
    if (!signed) return;
    const { bands, sketch } = signatureOf(words);
    columns.bands.set(bands, i * bands.length);
    columns.sketch.set(sketch, i * sketch.length);
  }
}

/** An analysis that is being made. */
class Findings implements Analysis {
  readonly count: number;
  readonly columns;
  readonly names: Record<number, string> = {};
  readonly languages: Record<number, string> = {};

  constructor(count: number) {
    this.count = count;
    this.columns = emptyColumns(count);
  }
}

/** The worker's side. */
function serve(port: DedicatedWorkerGlobalScope): void {
  let analyser: Promise<Analyser> | undefined;
  port.onmessage = async ({ data }: MessageEvent<Request>) => {
    if ("rules" in data) {
      analyser = Analyser.create(data.rules);
      return;
    }
    if (analyser === undefined) throw new Error("the rules come first");
    // Waiting for the same promise, batches keep their order.
    const { count, columns, names, languages } = (await analyser).analyse(data);
    port.postMessage(
      { count, columns, names, languages } satisfies Analysis,
      Object.values(columns).map(({ buffer }) => buffer),
    );
  };
}

if (
  typeof WorkerGlobalScope !== "undefined" &&
  self instanceof WorkerGlobalScope && self.name === WORKER_NAME
) {
  serve(self as unknown as DedicatedWorkerGlobalScope);
}
