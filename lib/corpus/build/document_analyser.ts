/**
 * Puts documents through the filters and signs those that stay, in Workers
 * where asked. Results come in the documents' order, so they are the same for
 * any number of threads.
 *
 * This module is its own worker, see `workers.ts`.
 *
 * Memory: two batches a thread, each of `BATCH_BYTES` and one
 * document at the most, and in each thread some 20 times the longest document
 * in work; the n-grams of languages take 100 MB a thread.
 *
 * @module
 */

import { mapInWorkers, type Work, workerTask } from "../../workers.ts";
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

/** How much a thread gets at once, in bytes, or one document more. */
const BATCH_BYTES = 2 ** 18;

/** What a source asks of its documents. */
export interface SourceRules {
  /** Its filters. */
  readonly filters: Filters;
  /** Which field of JSON is the text. */
  readonly textField: string;
  /** Whether those that stay are signed, so that near-duplicates are found. */
  readonly signed: boolean;
}

/** Some successive documents of one source, as they pass between threads. */
export interface RawBatch {
  /** The source's number. */
  readonly source: number;
  /** How many bytes the documents have in their files. */
  readonly size: number;
  /** Where a part ends that this is the last batch of. */
  readonly end?: Position;
  /** The documents' bytes, one after another. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** How many of these bytes each has; undefined where it is too long. */
  readonly held: readonly (number | undefined)[];
  /** The number of each one's file. */
  readonly file: readonly number[];
  /** Where each begins in its file. */
  readonly offset: readonly number[];
  /** How many bytes each has in its file. */
  readonly length: readonly number[];
  /** Whether each is an object of JSON. */
  readonly json: readonly boolean[];
}

/** Gathers documents of one source into a batch. */
export class RawBatcher {
  readonly #source: number;
  readonly #held: (number | undefined)[] = [];
  readonly #file: number[] = [];
  readonly #offset: number[] = [];
  readonly #length: number[] = [];
  readonly #json: boolean[] = [];
  #bytes = new Uint8Array(BATCH_BYTES);
  #filled = 0;
  #size = 0;

  /** @param source The source's number. */
  constructor(source: number) {
    this.#source = source;
  }

  /** Whether it has enough. */
  get isFull(): boolean {
    // A document costs something, too, when it has few bytes or none.
    return this.#filled + 64 * this.#held.length >= BATCH_BYTES;
  }

  /** Takes a document. */
  add({ bytes, file, offset, length }: RawDocument, json: boolean): void {
    this.#size += length;
    this.#held.push(bytes?.length);
    this.#file.push(file);
    this.#offset.push(offset);
    this.#length.push(length);
    this.#json.push(json);
    if (bytes === undefined) return;
    const start = this.#filled;
    this.#filled += bytes.length;
    if (this.#filled > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#filled);
      larger.set(this.#bytes.subarray(0, start));
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, start);
  }

  /**
   * Hands over what was gathered.
   *
   * @param end Where a part ends that this is the last batch of.
   */
  finish(end?: Position): RawBatch {
    return {
      source: this.#source,
      size: this.#size,
      end,
      bytes: this.#bytes.subarray(0, this.#filled),
      held: this.#held,
      file: this.#file,
      offset: this.#offset,
      length: this.#length,
      json: this.#json,
    };
  }
}

/** What was found out about a batch's documents. */
export interface AnalysedBatch
  extends Analysis, Pick<RawBatch, "source" | "size" | "end"> {}

/**
 * Analyses documents.
 *
 * @param batches The documents, read as they are needed.
 * @param rules What each source asks.
 * @param threads How many Workers; with 1 none is started.
 * @returns The batches in their order.
 * @throws What reading the documents throws.
 */
export function analyseDocuments(
  batches: AsyncIterable<RawBatch>,
  rules: readonly SourceRules[],
  threads: number,
): AsyncGenerator<AnalysedBatch> {
  return mapInWorkers(analysing, rules, batches, { threads });
}

/** Filters and signs, in this thread or in a Worker. */
class Analyser implements Work<RawBatch, AnalysedBatch> {
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

  run(batch: RawBatch): AnalysedBatch {
    const { source, size, end, bytes, held, json } = batch;
    const rules = this.#rules[source];
    const columns = emptyColumns(held.length);
    columns.file.set(batch.file);
    columns.offset.set(batch.offset);
    columns.length.set(batch.length);
    const found: Findings = { columns, names: {}, languages: {} };
    let next = 0;
    for (const [i, length] of held.entries()) {
      const start = next;
      next += length ?? 0;
      this.#analyse(
        i,
        length === undefined ? undefined : bytes.subarray(start, next),
        { json: json[i], textField: rules.textField },
        rules,
        found,
      );
    }
    return { source, size, end, count: held.length, ...found };
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
interface Findings extends Pick<Analysis, "columns"> {
  readonly names: Record<number, string>;
  readonly languages: Record<number, string>;
}

const analysing = workerTask({
  url: import.meta.url,
  start: (rules: readonly SourceRules[]) => Analyser.create(rules),
  batchBuffers: ({ bytes }: RawBatch) => [bytes.buffer],
  resultBuffers: ({ columns }) =>
    Object.values(columns).map(({ buffer }) => buffer),
});
