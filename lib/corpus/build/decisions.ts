/**
 * Which documents of the analysis stay: those that no filter drops, and of
 * equal or much alike ones the first, in the order of the sources, their files
 * and the places in them.
 *
 * A document is compared with those kept before it, so what a filter drops
 * takes nothing with it, and likeness is not handed on: whoever is dropped is
 * like the one that is named.
 *
 * Memory, in bytes a document: 21, and for one that is kept some 350 more to
 * find its duplicates.
 *
 * @module
 */

import {
  type Analysis,
  type Columns,
  EXACT,
  KEPT,
  NEAR,
  outcomeOf,
  type Part,
  type Position,
  REASONS,
} from "./analysis.ts";
import { ExactDuplicates, HASH_WORDS } from "./exact_duplicates.ts";
import { BANDS, HASHES, NearDuplicates, type Twin } from "./minhash.ts";
import type { DuplicateRules } from "./recipe.ts";

/** How many documents, and how large they are. */
export interface Tally {
  /** How many documents there are. */
  documents: number;
  /** How many words they have together. */
  words: number;
  /**
   * How many bytes their texts have; of documents that could not be read, how
   * many they have in their files.
   */
  bytes: number;
}

/** What became of a source's documents. */
export interface SourceTally {
  /** All documents of the source. */
  readonly read: Tally;
  /** The documents that stay. */
  readonly kept: Tally;
  /** The documents that are dropped, by the reason. */
  readonly dropped: Record<string, Tally>;
  /** Paragraphs in other languages that are taken out of those that stay. */
  readonly foreign: Record<"documents" | "paragraphs", number>;
}

/** What was decided about a part's documents. */
interface Decided extends Pick<Columns, "file" | "offset" | "outcome"> {
  readonly source: number;
  /** The number of the document kept instead, where there is one. */
  readonly twin: Uint32Array;
  readonly similarity: Float32Array;
}

/** A tally of no documents. */
export function emptyTally(): Tally {
  return { documents: 0, words: 0, bytes: 0 };
}

/** Decides about documents, part by part, and remembers. */
export class Decisions {
  /** What became of each source's documents. */
  readonly tallies: readonly SourceTally[];
  readonly #rules: DuplicateRules;
  readonly #exact = new ExactDuplicates();
  readonly #near?: NearDuplicates;
  readonly #parts: Decided[] = [];
  /** The number of each part's first document. */
  readonly #firsts: number[] = [];
  #count = 0;

  /** For so many sources, by rules of what counts as a duplicate. */
  constructor(sources: number, rules: DuplicateRules) {
    this.tallies = Array.from({ length: sources }, () => ({
      read: emptyTally(),
      kept: emptyTally(),
      dropped: {},
      foreign: { documents: 0, paragraphs: 0 },
    }));
    this.#rules = rules;
    if (rules.near !== undefined) this.#near = new NearDuplicates(rules.near);
  }

  /** Decides about the next part's documents. */
  add(part: Part): void {
    const { count, source, columns: { file, offset, outcome } } = part;
    const decided = {
      source,
      file,
      offset,
      outcome,
      twin: new Uint32Array(count),
      similarity: new Float32Array(count),
    };
    this.#parts.push(decided);
    this.#firsts.push(this.#count);
    for (let i = 0; i < count; i++) {
      if (outcome[i] === KEPT) this.#compare(part, i, decided);
      this.#tally(part, i, outcome[i]);
    }
    this.#count += count;
  }

  /** The number of a part's source. */
  sourceOf(part: number): number {
    return this.#parts[part].source;
  }

  /** The outcomes of a part's documents. */
  outcomes(part: number): Uint8Array {
    return this.#parts[part].outcome;
  }

  /** What was kept instead of a part's document. */
  twinOf(part: number, i: number): { place: Position; similarity: number } {
    const { twin, similarity } = this.#parts[part];
    let low = 0, high = this.#firsts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#firsts[middle] <= twin[i]) low = middle;
      else high = middle;
    }
    const { source, file, offset } = this.#parts[low];
    const at = twin[i] - this.#firsts[low];
    return {
      place: { source, file: file[at], offset: offset[at] },
      similarity: similarity[i],
    };
  }

  #compare({ columns }: Analysis, i: number, decided: Decided): void {
    const number = this.#count + i;
    const hash = columns.hash.subarray(i * HASH_WORDS, (i + 1) * HASH_WORDS);
    const signature = {
      bands: columns.bands.subarray(i * BANDS, (i + 1) * BANDS),
      sketch: columns.sketch.subarray(i * HASHES, (i + 1) * HASHES),
    };
    if (this.#rules.exact) {
      const document = this.#exact.find(hash);
      if (document !== undefined) {
        return drop(decided, i, EXACT, { document, similarity: 1 });
      }
    }
    const twin = this.#near?.find(signature);
    if (twin !== undefined) return drop(decided, i, NEAR, twin);
    if (this.#rules.exact) this.#exact.add(number, hash);
    this.#near?.add(number, signature);
  }

  #tally({ source, columns }: Part, i: number, outcome: number): void {
    const { read, kept, dropped, foreign } = this.tallies[source];
    if (outcome === KEPT && columns.cut[i] > 0) {
      foreign.documents++;
      foreign.paragraphs += columns.cut[i];
    }
    const fate = outcome === KEPT
      ? kept
      : dropped[REASONS[outcome - 1]] ??= emptyTally();
    for (const tally of [read, fate]) {
      tally.documents++;
      tally.words += columns.words[i];
      tally.bytes += columns.bytes[i] || columns.length[i];
    }
  }
}

function drop(decided: Decided, i: number, reason: string, twin: Twin): void {
  decided.outcome[i] = outcomeOf(reason);
  decided.twin[i] = twin.document;
  decided.similarity[i] = twin.similarity;
}
