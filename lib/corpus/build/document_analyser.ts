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

import { mapInWorkers, workerTask } from "../../workers.ts";
import {
  type Analysis,
  emptyColumns,
  KEPT,
  outcomeOf,
  type Position,
} from "./analysis.ts";
import type { RawDocument } from "../documents/document_reader.ts";
import { readText } from "../documents/document_text.ts";
import { contentHash, HASH_WORDS } from "./exact_duplicates.ts";
import { type Filters, judge } from "./filters.ts";
import { withoutForeign } from "./foreign_paragraphs.ts";
import {
  type LanguageIdentifier,
  loadLanguageIdentifier,
} from "../measures/language.ts";
import { signatureOf } from "./minhash.ts";
import { wordsOf } from "../measures/words.ts";

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
  /** Their places, and how many of the bytes each has; none if it is too long. */
  readonly documents: readonly BatchDocument[];
}

interface BatchDocument extends Omit<RawDocument, "bytes"> {
  readonly held?: number;
  readonly json: boolean;
}

/** Gathers documents of one source into a batch. */
export class RawBatcher {
  readonly #source: number;
  readonly #documents: BatchDocument[] = [];
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
    return this.#filled + 64 * this.#documents.length >= BATCH_BYTES;
  }

  /** Takes a document. */
  add({ bytes, ...place }: RawDocument, json: boolean): void {
    this.#size += place.length;
    this.#documents.push({ ...place, held: bytes?.length, json });
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

  /** Hands over what was gathered. */
  finish(end?: Position): RawBatch {
    return {
      source: this.#source,
      size: this.#size,
      end,
      bytes: this.#bytes.subarray(0, this.#filled),
      documents: this.#documents,
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
 * @param threads How many Workers; with 1 none is started.
 * @throws What reading the documents throws.
 */
export function analyseDocuments(
  batches: AsyncIterable<RawBatch>,
  rules: readonly SourceRules[],
  threads: number,
): AsyncGenerator<AnalysedBatch> {
  return mapInWorkers(analysing, rules, batches, { threads });
}

const encoder = new TextEncoder();

const analysing = workerTask({
  url: import.meta.url,
  name: "analysis of documents",
  start: async (rules: readonly SourceRules[]) => {
    const identifies = rules.some(({ filters }) =>
      filters.thresholds.min_language_share !== undefined
    );
    const identifier = identifies ? await loadLanguageIdentifier() : undefined;
    return { run: (batch) => analyse(batch, rules[batch.source], identifier) };
  },
  batchBuffers: ({ bytes }: RawBatch) => [bytes.buffer],
  resultBuffers: ({ columns }: AnalysedBatch) =>
    Object.values(columns).map(({ buffer }) => buffer),
});

/** Filters and signs. */
function analyse(
  { source, size, end, bytes, documents }: RawBatch,
  { filters, textField, signed }: SourceRules,
  identifier?: LanguageIdentifier,
): AnalysedBatch {
  const columns = emptyColumns(documents.length);
  const names: Record<number, string> = {};
  const languages: Record<number, string> = {};
  let next = 0;
  for (const [i, { file, offset, length, held, json }] of documents.entries()) {
    columns.file[i] = file;
    columns.offset[i] = offset;
    columns.length[i] = length;
    const start = next;
    next += held ?? 0;
    const { text, fault, name } = readText(
      held === undefined ? undefined : bytes.subarray(start, next),
      { json, textField },
    );
    if (name !== undefined) names[i] = name;
    if (text === undefined) {
      columns.outcome[i] = outcomeOf(fault!);
      continue;
    }
    const { verdict, share, ...judged } = judge(text, filters, identifier);
    const kept = verdict === undefined && share !== undefined
      ? withoutForeign(text, filters.language, identifier!, share)
      : { text, cut: 0 };
    columns.cut[i] = kept.cut;
    const words = kept.cut === 0 ? judged.words : wordsOf(kept.text);
    columns.words[i] = words.count;
    columns.bytes[i] = encoder.encode(kept.text).length;
    if (verdict !== undefined) {
      columns.outcome[i] = outcomeOf(verdict.reason);
      columns.value[i] = verdict.value;
      if (verdict.language !== undefined) languages[i] = verdict.language;
      continue;
    }
    columns.outcome[i] = KEPT;
    columns.hash.set(contentHash(words), i * HASH_WORDS);
    if (!signed) continue;
    const { bands, sketch } = signatureOf(words);
    columns.bands.set(bands, i * bands.length);
    columns.sketch.set(sketch, i * sketch.length);
  }
  const count = documents.length;
  return { source, size, end, count, columns, names, languages };
}
