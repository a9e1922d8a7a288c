/**
 * Byte-pair merging of counted words: the trainer's inner loop.
 *
 * The rules are those of Hugging Face's trainer, so that its merges are ours:
 * pairs are counted with overlap ("aaa" holds two), the most frequent goes
 * first, among equals the one of the lowest ids; a merge whose bytes are a
 * token already takes that token's id. Ids here are 0-255 for the bytes in
 * {@linkcode BYTE_ORDER}, then one a new token.
 *
 * Memory: 2 bytes a byte of distinct words, 4 a (pair, word) occurrence, and
 * some 6 a word in the lists of the pairs that merges make.
 *
 * @module
 */

import { doubled } from "../count/doubled.ts";
import { mix } from "./merge_table.ts";
import { PairHeap } from "./pair_heap.ts";
import { WordLists } from "./word_lists.ts";
import type { PackedWords } from "../count/word_table.ts";

/** One merge: two ids and the id of what they make. */
export type Merge = readonly [left: number, right: number, made: number];

/**
 * The bytes in the order of ties: by the code point of the character that
 * stands for the byte in GPT-2's files. Printable ones stand for themselves,
 * the other 68 come after them.
 */
export const BYTE_ORDER: Uint8Array = (() => {
  const printable = (byte: number) =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  return Uint8Array.from([
    ...bytes.filter(printable),
    ...bytes.filter((byte) => !printable(byte)),
  ]);
})();

/** When to stop merging. */
export interface LearnOptions {
  /** How many tokens to make besides the 256 bytes, at most 65,280. */
  readonly tokens: number;
  /** The lowest count of a pair that is merged. */
  readonly minFrequency: number;
}

/** What was learned. */
export interface Learned {
  /** The merges in order; no pair stands twice. */
  readonly merges: readonly Merge[];
  /** The bytes of every token that is not a single byte, by id from 256 on. */
  readonly tokens: readonly Uint8Array[];
  /** How many tokens the counted text has after the merges. */
  readonly length: number;
}

/**
 * Learns merges.
 *
 * @param words Distinct words of at most 65,535 bytes and their counts; their
 * order does not matter.
 * @param options When to stop.
 * @returns After each merge the tokens made so far, at the end all of it: its
 * caller can do other things between, or stop.
 *
 * @example
 * ```ts
 * import { BYTE_ORDER, type Learned, learnMerges } from "./merge_learner.ts";
 * import { WordTable } from "../count/word_table.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const words = new WordTable();
 * words.add(new TextEncoder().encode("aaab"), 3);
 * const steps = learnMerges(words, { tokens: 1, minFrequency: 2 });
 * assertEquals(steps.next(), { value: 1, done: false });
 * const { merges, length } = steps.next().value as Learned;
 * const a = BYTE_ORDER.indexOf(97);
 * assertEquals(merges, [[a, a, 256]]);
 * assertEquals(length, 9);
 * ```
 */
export function learnMerges(
  words: PackedWords,
  options: LearnOptions,
): Generator<number, Learned> {
  return new MergeLearner(words).run(options);
}

class MergeLearner {
  // The words' symbols one after another; word w is symbols[offset] …
  // symbols[offset + length - 1], and shrinks in place.
  readonly #symbols: Uint16Array;
  readonly #offsets: Uint32Array;
  readonly #lengths: Uint16Array;
  readonly #counts: Float64Array;
  readonly #pairs = new PairTable();
  // The words of each pair: of the first pairs as one array with starts, of
  // those that merges make as lists of their own.
  #firstStarts = new Uint32Array(1);
  #firstWords = new Uint32Array(0);
  readonly #laterWords = new WordLists();
  readonly #heap = new PairHeap((slot) => this.#pairs.keys[slot]);

  constructor({ bytes, ends, counts }: PackedWords) {
    const idOf = new Uint16Array(256);
    BYTE_ORDER.forEach((byte, id) => idOf[byte] = id);
    this.#symbols = new Uint16Array(bytes.length);
    for (let i = 0; i < bytes.length; i++) this.#symbols[i] = idOf[bytes[i]];
    this.#offsets = new Uint32Array(ends.length);
    this.#lengths = new Uint16Array(ends.length);
    this.#counts = counts;
    for (let word = 0, start = 0; word < ends.length; word++) {
      this.#offsets[word] = start;
      this.#lengths[word] = ends[word] - start;
      start = ends[word];
    }
    this.#countFirstPairs();
  }

  *run({ tokens, minFrequency }: LearnOptions): Generator<number, Learned> {
    const made = new TokenIds();
    const merges: Merge[] = [];
    const listed = new Set<number>();
    for (let slot = 0; slot < this.#pairs.size; slot++) {
      this.#heap.push(this.#pairs.counts[slot], slot);
    }
    while (this.#heap.size > 0 && made.tokens.length < tokens) {
      const slot = this.#heap.topSlot, count = this.#pairs.counts[slot];
      if (this.#heap.topCount !== count) {
        if (count > 0) this.#heap.lowerTop(count);
        else this.#heap.pop();
        continue;
      }
      if (count < minFrequency || count < 1) break;
      this.#heap.pop();
      const key = this.#pairs.keys[slot];
      const left = key >>> 16, right = key & 0xffff;
      const id = made.idOf(left, right);
      if (!listed.has(key)) merges.push([left, right, id]);
      listed.add(key);
      this.#merge(slot, left, right, id);
      yield made.tokens.length;
    }
    return { merges, tokens: made.tokens, length: this.#textLength() };
  }

  /** All pairs of bytes, through a table of every possible one. */
  #countFirstPairs(): void {
    const symbols = this.#symbols, pairs = this.#pairs;
    const slots = new Int32Array(1 << 16).fill(-1);
    const occurrences: number[] = [];
    const lastWord: number[] = [];
    this.#eachPair((at, word) => {
      const short = symbols[at] << 8 | symbols[at + 1];
      if (slots[short] < 0) {
        slots[short] = pairs.slotOf(symbols[at], symbols[at + 1]);
        occurrences.push(0);
        lastWord.push(-1);
      }
      const slot = slots[short];
      pairs.counts[slot] += this.#counts[word];
      if (lastWord[slot] !== word) occurrences[slot]++;
      lastWord[slot] = word;
    });
    this.#firstStarts = new Uint32Array(pairs.size + 1);
    for (let slot = 0; slot < pairs.size; slot++) {
      this.#firstStarts[slot + 1] = this.#firstStarts[slot] +
        occurrences[slot];
    }
    this.#firstWords = new Uint32Array(this.#firstStarts[pairs.size]);
    const filled = this.#firstStarts.slice();
    lastWord.fill(-1);
    this.#eachPair((at, word) => {
      const slot = slots[symbols[at] << 8 | symbols[at + 1]];
      if (lastWord[slot] !== word) this.#firstWords[filled[slot]++] = word;
      lastWord[slot] = word;
    });
  }

  #eachPair(visit: (at: number, word: number) => void): void {
    for (let word = 0; word < this.#offsets.length; word++) {
      const last = this.#offsets[word] + this.#lengths[word] - 1;
      for (let at = this.#offsets[word]; at < last; at++) visit(at, word);
    }
  }

  #merge(slot: number, left: number, right: number, made: number): void {
    const changed: number[] = [];
    const firsts = this.#firstStarts.length - 1;
    if (slot < firsts) {
      for (let i = this.#firstStarts[slot]; i < this.#firstStarts[slot + 1];) {
        this.#mergeIn(this.#firstWords[i++], left, right, made, changed);
      }
    }
    // Merges make ids of more than one byte, so pairs of bytes gain no words.
    if (slot >= firsts) {
      this.#laterWords.take(slot - firsts, (word) => {
        this.#mergeIn(word, left, right, made, changed);
      });
    }
    this.#pairs.counts[slot] = 0;
    for (const grown of changed) {
      this.#pairs.marked[grown] = 0;
      const count = this.#pairs.counts[grown];
      if (count > 0) this.#heap.push(count, grown);
    }
  }

  /** Rewrites one word, keeping the counts of the pairs around each merge. */
  #mergeIn(
    word: number,
    left: number,
    right: number,
    made: number,
    changed: number[],
  ): void {
    const symbols = this.#symbols, pairs = this.#pairs;
    const start = this.#offsets[word], end = start + this.#lengths[word];
    const count = this.#counts[word];
    let to = start;
    for (let at = start; at < end;) {
      const found = at + 1 < end && symbols[at] === left &&
        symbols[at + 1] === right;
      if (!found) {
        symbols[to++] = symbols[at++];
        continue;
      }
      if (to > start) {
        pairs.add(symbols[to - 1], left, -count);
        this.#grow(symbols[to - 1], made, word, count, changed);
      }
      if (at + 2 < end) {
        pairs.add(right, symbols[at + 2], -count);
        this.#grow(made, symbols[at + 2], word, count, changed);
      }
      symbols[to++] = made;
      at += 2;
    }
    this.#lengths[word] = to - start;
  }

  #grow(
    left: number,
    right: number,
    word: number,
    count: number,
    changed: number[],
  ): void {
    const pairs = this.#pairs;
    const slot = pairs.add(left, right, count);
    this.#laterWords.add(slot - (this.#firstStarts.length - 1), word);
    if (pairs.marked[slot] === 0) {
      pairs.marked[slot] = 1;
      changed.push(slot);
    }
  }

  #textLength(): number {
    let length = 0;
    for (let word = 0; word < this.#lengths.length; word++) {
      length += this.#lengths[word] * this.#counts[word];
    }
    return length;
  }
}

/** Counts of pairs: open addressing from the pair to a slot numbered in turn. */
class PairTable {
  size = 0;
  /** The pair of each slot, left id above right. */
  keys = new Uint32Array(1 << 15);
  /** Doubles: 32 bits overflow on large corpora. */
  counts = new Float64Array(1 << 15);
  /** Free for the user, one a slot. */
  marked = new Uint8Array(1 << 15);
  #buckets = new Uint32Array(1 << 16);

  /** The pair's slot, made where it is new. */
  slotOf(left: number, right: number): number {
    const key = (left << 16 | right) >>> 0;
    const mask = this.#buckets.length - 1;
    let bucket = mix(key) & mask;
    for (; this.#buckets[bucket] !== 0; bucket = (bucket + 1) & mask) {
      const slot = this.#buckets[bucket] - 1;
      if (this.keys[slot] === key) return slot;
    }
    if (this.size === this.keys.length) {
      this.#grow();
      return this.slotOf(left, right);
    }
    this.keys[this.size] = key;
    this.#buckets[bucket] = ++this.size;
    return this.size - 1;
  }

  /** Changes a pair's count and says its slot. */
  add(left: number, right: number, count: number): number {
    const slot = this.slotOf(left, right);
    this.counts[slot] += count;
    return slot;
  }

  #grow(): void {
    this.keys = doubled(this.keys);
    this.counts = doubled(this.counts);
    this.marked = doubled(this.marked);
    this.#buckets = new Uint32Array(this.#buckets.length * 2);
    const mask = this.#buckets.length - 1;
    for (let slot = 0; slot < this.size; slot++) {
      let bucket = mix(this.keys[slot]) & mask;
      while (this.#buckets[bucket] !== 0) bucket = (bucket + 1) & mask;
      this.#buckets[bucket] = slot + 1;
    }
  }
}

/** Gives each distinct string of bytes one id. */
class TokenIds {
  /** The tokens made, from id 256 on. */
  readonly tokens: Uint8Array[] = [];
  readonly #ids = new Map<string, number>();

  /** The id of the two tokens' bytes joined. */
  idOf(left: number, right: number): number {
    const a = this.#bytes(left), b = this.#bytes(right);
    const joined = new Uint8Array(a.length + b.length);
    joined.set(a);
    joined.set(b, a.length);
    const text = String.fromCharCode(...joined);
    let id = this.#ids.get(text);
    if (id === undefined) {
      id = 256 + this.tokens.length;
      this.tokens.push(joined);
      this.#ids.set(text, id);
    }
    return id;
  }

  #bytes(id: number): Uint8Array {
    return id < 256 ? BYTE_ORDER.subarray(id, id + 1) : this.tokens[id - 256];
  }
}
