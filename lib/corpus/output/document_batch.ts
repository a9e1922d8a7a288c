/**
 * Documents in the form in which they stand in the files of a corpus, many at a
 * time, so that threads can make them and hand over nothing but bytes.
 *
 * @module
 */

/** What a document may look like in its file. */
export const CORPUS_FORMATS = ["txt", "jsonl"] as const;

/** One of {@linkcode CORPUS_FORMATS}. */
export type CorpusFormat = typeof CORPUS_FORMATS[number];

/** What a JSON object says besides the text. */
export type DocumentFields = Readonly<
  Record<string, string | number | undefined>
>;

/** Numbers of pages, or of what they hold, by name. */
export type PageCounts = Record<string, number>;

/** Successive documents, and what was counted while they were made. */
export interface DocumentBatch {
  /** The documents as they stand in a file, each ended by what divides it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The byte after the last of each document. */
  readonly ends: Uint32Array<ArrayBuffer>;
  /** How long the text of each is, in UTF-16 units. */
  readonly lengths: Uint32Array<ArrayBuffer>;
  /** What became of the pages that the documents were made from. */
  readonly counts?: Readonly<PageCounts>;
  /** What had to be stripped from them. */
  readonly residue?: Readonly<PageCounts>;
}

/**
 * Gathers documents into batches: as text, a paragraph a line and a blank line
 * after each document, or as an object of JSON a line whose `text` has a
 * paragraph a line.
 *
 * @example
 * ```ts
 * import { DocumentBatcher } from "./document_batch.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const batcher = new DocumentBatcher("jsonl");
 * batcher.add("Um.\nDois.", { id: 7 });
 * const { bytes, lengths } = batcher.finish();
 * assertEquals(
 *   new TextDecoder().decode(bytes),
 *   '{"id":7,"text":"Um.\\nDois."}\n',
 * );
 * assertEquals([...lengths], [9]);
 * ```
 */
export class DocumentBatcher {
  readonly #format: CorpusFormat;
  readonly #encoder = new TextEncoder();
  #bytes = new Uint8Array(1 << 20);
  #length = 0;
  #ends: number[] = [];
  #lengths: number[] = [];

  /** @param format What documents look like. */
  constructor(format: CorpusFormat) {
    this.#format = format;
  }

  /**
   * Takes a document.
   *
   * @param text Lines without a blank one among them or at the end.
   * @param fields What a JSON object says before the text.
   */
  add(text: string, fields: DocumentFields = {}): void {
    const document = this.#format === "txt"
      ? `${text}\n\n`
      : `${JSON.stringify({ ...fields, text })}\n`;
    // UTF-8 takes at most three bytes a UTF-16 unit.
    const needed = this.#length + document.length * 3;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(needed * 2);
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    const { written } = this.#encoder.encodeInto(
      document,
      this.#bytes.subarray(this.#length),
    );
    this.#length += written;
    this.#ends.push(this.#length);
    this.#lengths.push(text.length);
  }

  /** Hands over what was gathered, and starts anew. */
  finish(): DocumentBatch {
    const batch = {
      bytes: this.#bytes.slice(0, this.#length),
      ends: Uint32Array.from(this.#ends),
      lengths: Uint32Array.from(this.#lengths),
    };
    this.#length = 0;
    this.#ends = [];
    this.#lengths = [];
    return batch;
  }
}
