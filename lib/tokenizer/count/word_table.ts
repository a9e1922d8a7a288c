/**
 * How often each word occurs, the words kept as bytes in one arena: a corpus
 * has millions of them, too many for strings and a Map.
 *
 * @module
 */

/** Counted words as plain arrays, as they travel between threads. */
export interface PackedWords {
  /** The words' UTF-8 bytes, one after another. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each word ends in `bytes`. */
  readonly ends: Uint32Array<ArrayBuffer>;
  /** How often each occurs. */
  readonly counts: Float64Array<ArrayBuffer>;
}

/** The most distinct words a table takes. */
export const MAX_WORDS: number = 2 ** 26;
/** The most bytes of distinct words a table takes. */
export const MAX_WORD_BYTES: number = 2 ** 30;

/**
 * A growing table of words. Memory: the words' bytes and 20 to 40 bytes more a
 * distinct word, whatever the corpus's length, and half as much again while it
 * grows; at most {@linkcode MAX_WORDS} words of {@linkcode MAX_WORD_BYTES}
 * together.
 *
 * @example
 * ```ts
 * import { WordTable } from "./word_table.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const words = new WordTable();
 * words.add(new TextEncoder().encode("sim"), 2);
 * words.add(new TextEncoder().encode("sim"), 3);
 * assertEquals([words.size, words.counts[0]], [1, 5]);
 * ```
 */
export class WordTable implements PackedWords {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(1 << 16);
  // Where word i ends; it starts where word i-1 ends. Counts are doubles:
  // 32 bits overflow on large corpora.
  #ends: Uint32Array<ArrayBuffer> = new Uint32Array(1 << 12);
  #counts: Float64Array<ArrayBuffer> = new Float64Array(1 << 12);
  #size = 0;
  // Open addressing: a word's number plus one, zero where free.
  #buckets = new Uint32Array(1 << 13);

  /** How many distinct words there are. */
  get size(): number {
    return this.#size;
  }

  /** The distinct words' bytes, one after another. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#start(this.#size));
  }

  /** Where each word ends in {@linkcode WordTable.bytes}. */
  get ends(): Uint32Array<ArrayBuffer> {
    return this.#ends.subarray(0, this.#size);
  }

  /** How often each word occurs. */
  get counts(): Float64Array<ArrayBuffer> {
    return this.#counts.subarray(0, this.#size);
  }

  /**
   * Counts a word.
   *
   * @param word Its bytes.
   * @param count How many times it was seen.
   * @throws {RangeError} When the table, or the memory, is full.
   */
  add(word: Uint8Array, count: number): void {
    this.#add(word, 0, word.length, count);
  }

  /** Counts all the words of another table. */
  addPacked({ bytes, ends, counts }: PackedWords): void {
    for (let i = 0, start = 0; i < ends.length; i++) {
      this.#add(bytes, start, ends[i], counts[i]);
      start = ends[i];
    }
  }

  #add(from: Uint8Array, start: number, end: number, count: number): void {
    const mask = this.#buckets.length - 1;
    let bucket = hash(from, start, end) & mask;
    for (; this.#buckets[bucket] !== 0; bucket = (bucket + 1) & mask) {
      const word = this.#buckets[bucket] - 1;
      if (this.#holds(word, from, start, end)) {
        this.#counts[word] += count;
        return;
      }
    }
    this.#append(from, start, end, count);
    this.#buckets[bucket] = this.#size;
    if (this.#size * 2 > this.#buckets.length) this.#rehash();
  }

  #holds(word: number, from: Uint8Array, start: number, end: number): boolean {
    let at = this.#start(word);
    if (this.#ends[word] - at !== end - start) return false;
    for (let i = start; i < end; i++) {
      if (this.#bytes[at++] !== from[i]) return false;
    }
    return true;
  }

  #append(from: Uint8Array, start: number, end: number, count: number): void {
    const at = this.#start(this.#size), newEnd = at + end - start;
    if (this.#size === MAX_WORDS || newEnd > MAX_WORD_BYTES) {
      throw new RangeError(
        `Cannot count words: more than ${this.#size} distinct ones; use a part of the corpus`,
      );
    }
    if (newEnd > this.#bytes.length) {
      this.#bytes = this.#grown(this.#bytes, Uint8Array, newEnd);
    }
    if (this.#size === this.#ends.length) {
      const least = this.#size + 1;
      this.#ends = this.#grown(this.#ends, Uint32Array, least);
      this.#counts = this.#grown(this.#counts, Float64Array, least);
    }
    for (let i = start, to = at; i < end; i++) this.#bytes[to++] = from[i];
    this.#ends[this.#size] = newEnd;
    this.#counts[this.#size++] = count;
  }

  #rehash(): void {
    this.#buckets = this.#room(Uint32Array, this.#buckets.length * 2);
    const mask = this.#buckets.length - 1;
    for (let word = 0; word < this.#size; word++) {
      let bucket = hash(this.#bytes, this.#start(word), this.#ends[word]) &
        mask;
      while (this.#buckets[bucket] !== 0) bucket = (bucket + 1) & mask;
      this.#buckets[bucket] = word + 1;
    }
  }

  #grown<T extends Uint8Array | Uint32Array | Float64Array>(
    array: T,
    Kind: new (length: number) => T,
    least: number,
  ): T {
    const bigger = this.#room(Kind, Math.max(least, array.length * 2));
    bigger.set(array);
    return bigger;
  }

  #room<T>(Kind: new (length: number) => T, length: number): T {
    try {
      return new Kind(length);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new RangeError(
        `Cannot count words: there is memory for ${this.#size} distinct ones only; use a part of the corpus`,
        { cause: error },
      );
    }
  }

  #start(word: number): number {
    return word === 0 ? 0 : this.#ends[word - 1];
  }
}

/** FNV-1a's step over the bytes, then a mixing of the high bits downwards. */
function hash(bytes: Uint8Array, start: number, end: number): number {
  let h = 0x811c9dc5;
  for (let i = start; i < end; i++) h = Math.imul(h ^ bytes[i], 0x01000193);
  h = Math.imul(h ^ (h >>> 15), 0x7feb352d);
  return (h ^ (h >>> 16)) >>> 0;
}
