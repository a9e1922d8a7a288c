/**
 * How often each word of a text occurs, the words looked up as parts of the
 * text: a string for each, with its hash, would cost more than the splitting.
 *
 * @module
 */

import { doubled } from "./doubled.ts";
import type { PackedWords } from "./word_table.ts";

/** Within what bounds a table asks to be emptied. */
const FULL_UNITS = 2 ** 23;

/**
 * A growing table of words in UTF-16, each with its count; emptied into UTF-8
 * by {@linkcode TextWordTable.take}. Memory: the words' units and about 40
 * bytes more a word.
 *
 * @example
 * ```ts
 * import { TextWordTable } from "./text_word_table.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const words = new TextWordTable();
 * words.add("sim, não, sim", 0, 3);
 * words.add("sim, não, sim", 10, 13);
 * const { bytes, counts } = words.take(4096);
 * assertEquals(new TextDecoder().decode(bytes), "sim");
 * assertEquals([...counts], [2]);
 * ```
 */
export class TextWordTable {
  readonly #fullSize: number;
  #units = new Uint16Array(1 << 16);
  // Word i ends here; it starts where word i-1 ends.
  #ends = new Uint32Array(1 << 12);
  #counts = new Float64Array(1 << 12);
  #hashes = new Uint32Array(1 << 12);
  #size = 0;
  // Open addressing: a word's number plus one, zero where free.
  #buckets = new Uint32Array(1 << 13);

  /** Makes an empty table that counts as full at so many words. */
  constructor(fullSize = Infinity) {
    this.#fullSize = fullSize;
  }

  /** How many distinct words there are. */
  get size(): number {
    return this.#size;
  }

  /** Whether it is time to empty the table. */
  get full(): boolean {
    return this.#size >= this.#fullSize ||
      this.#start(this.#size) >= FULL_UNITS;
  }

  /** Counts the word `text.slice(start, end)` once. */
  add(text: string, start: number, end: number): void {
    const hash = hashOf(text, start, end);
    const mask = this.#buckets.length - 1;
    let bucket = hash & mask;
    for (; this.#buckets[bucket] !== 0; bucket = (bucket + 1) & mask) {
      const word = this.#buckets[bucket] - 1;
      if (this.#hashes[word] === hash && this.#holds(word, text, start, end)) {
        this.#counts[word]++;
        return;
      }
    }
    this.#append(text, start, end, hash);
    this.#buckets[bucket] = this.#size;
    if (this.#size * 2 > this.#buckets.length) this.#rehash();
  }

  /**
   * Hands the words over as UTF-8 and forgets them.
   *
   * @param longest Longer words are cut into pieces of at most so many bytes,
   * between characters; a piece may then stand in the list more than once.
   */
  take(longest: number): PackedWords {
    const bytes = new Uint8Array(3 * this.#start(this.#size));
    const ends: number[] = [], counts: number[] = [];
    let at = 0;
    for (let word = 0; word < this.#size; word++) {
      let start = at;
      at = this.#encode(word, bytes, at);
      while (at - start > longest) {
        let end = start + longest;
        while ((bytes[end] & 0xc0) === 0x80) end--;
        ends.push(end);
        counts.push(this.#counts[word]);
        start = end;
      }
      ends.push(at);
      counts.push(this.#counts[word]);
    }
    this.#size = 0;
    this.#buckets.fill(0);
    return {
      bytes: bytes.slice(0, at),
      ends: Uint32Array.from(ends),
      counts: Float64Array.from(counts),
    };
  }

  /** Writes a word as UTF-8, a lone surrogate as U+FFFD; says its end. */
  #encode(word: number, bytes: Uint8Array, at: number): number {
    const units = this.#units, end = this.#ends[word];
    for (let i = this.#start(word); i < end; i++) {
      let code = units[i];
      if (code >= 0xd800 && code < 0xe000) {
        const low = i + 1 < end ? units[i + 1] : 0;
        if (code < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
          code = 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff);
          i++;
        } else {
          code = 0xfffd;
        }
      }
      if (code < 0x80) {
        bytes[at++] = code;
        continue;
      }
      if (code < 0x800) {
        bytes[at++] = 0xc0 | code >> 6;
      } else {
        if (code < 0x10000) {
          bytes[at++] = 0xe0 | code >> 12;
        } else {
          bytes[at++] = 0xf0 | code >> 18;
          bytes[at++] = 0x80 | code >> 12 & 0x3f;
        }
        bytes[at++] = 0x80 | code >> 6 & 0x3f;
      }
      bytes[at++] = 0x80 | code & 0x3f;
    }
    return at;
  }

  #holds(word: number, text: string, start: number, end: number): boolean {
    let at = this.#start(word);
    if (this.#ends[word] - at !== end - start) return false;
    for (let i = start; i < end; i++) {
      if (this.#units[at++] !== text.charCodeAt(i)) return false;
    }
    return true;
  }

  #append(text: string, start: number, end: number, hash: number): void {
    const at = this.#start(this.#size), newEnd = at + end - start;
    if (newEnd > this.#units.length) {
      this.#units = doubled(this.#units, newEnd);
    }
    if (this.#size === this.#ends.length) {
      this.#ends = doubled(this.#ends);
      this.#counts = doubled(this.#counts);
      this.#hashes = doubled(this.#hashes);
    }
    for (let i = start, to = at; i < end; i++) {
      this.#units[to++] = text.charCodeAt(i);
    }
    this.#ends[this.#size] = newEnd;
    this.#hashes[this.#size] = hash;
    this.#counts[this.#size++] = 1;
  }

  #rehash(): void {
    this.#buckets = new Uint32Array(this.#buckets.length * 2);
    const mask = this.#buckets.length - 1;
    for (let word = 0; word < this.#size; word++) {
      let bucket = this.#hashes[word] & mask;
      while (this.#buckets[bucket] !== 0) bucket = (bucket + 1) & mask;
      this.#buckets[bucket] = word + 1;
    }
  }

  #start(word: number): number {
    return word === 0 ? 0 : this.#ends[word - 1];
  }
}

/** FNV-1a's step over the units, then a mixing of the high bits downwards. */
function hashOf(text: string, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x7feb352d);
  return (hash ^ (hash >>> 16)) >>> 0;
}
