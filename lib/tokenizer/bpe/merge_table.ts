/**
 * The encoder's merging: which pair of ids joins to what and how urgently, and
 * its application to one word.
 *
 * @module
 */

import type { BPEVocab } from "./bpe_vocab.ts";

/** Words of more symbols than this are merged with a heap. */
const SHORT = 64;
/** The rank of a pair that does not merge. */
const NEVER = 0x7fffffff;

/**
 * All merges of a vocabulary; of a pair listed twice the first counts.
 *
 * @example
 * ```ts
 * import { MergeTable } from "./merge_table.ts";
 * import { BPEVocab } from "./bpe_vocab.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = Array.from({ length: 256 }, (_, byte) => [byte]);
 * const vocab = BPEVocab.parse(JSON.stringify({
 *   id_to_token: [...bytes, [97, 97]],
 *   merges: [[97, 97]],
 *   special_tokens: {},
 * }));
 * const ids = Int32Array.of(97, 97, 97);
 * assertEquals(new MergeTable(vocab).merge(ids, 3), 2);
 * assertEquals([...ids.subarray(0, 2)], [256, 97]);
 * ```
 */
export class MergeTable {
  // Open addressing; a bucket is free where its merge is zero, else it holds
  // the merge's rank plus one.
  readonly #keys: Uint32Array;
  readonly #merges: Uint32Array;
  readonly #made: Uint16Array;
  readonly #mask: number;
  readonly #ranks = new Int32Array(SHORT);

  /** Makes the table of a vocabulary's merges. */
  constructor(vocab: Pick<BPEVocab, "merges" | "madeBy">) {
    const size = 2 ** Math.ceil(Math.log2(vocab.merges.length * 2 + 2));
    this.#mask = size - 1;
    this.#keys = new Uint32Array(size);
    this.#merges = new Uint32Array(size);
    this.#made = new Uint16Array(vocab.merges.length);
    vocab.merges.forEach(([left, right], rank) => {
      this.#made[rank] = vocab.madeBy(rank);
      const key = (left << 16 | right) >>> 0;
      let bucket = mix(key) & this.#mask;
      while (this.#merges[bucket] !== 0) {
        if (this.#keys[bucket] === key) return;
        bucket = (bucket + 1) & this.#mask;
      }
      this.#keys[bucket] = key;
      this.#merges[bucket] = rank + 1;
    });
  }

  /**
   * Merges a word in place, the most urgent pair first, of equals the
   * leftmost.
   *
   * @param ids The word, an id a byte or a character.
   * @param length How many of `ids` are the word.
   * @returns How many ids are left, at the front of `ids`.
   */
  merge(ids: Int32Array, length: number): number {
    return length <= SHORT
      ? this.#mergeShort(ids, length)
      : this.#mergeLong(ids, length);
  }

  /** Looks for the best pair anew each time: quickest for real words. */
  #mergeShort(ids: Int32Array, length: number): number {
    const ranks = this.#ranks;
    for (let i = 0; i + 1 < length; i++) {
      ranks[i] = this.#rank(ids[i], ids[i + 1]);
    }
    for (;;) {
      let best = NEVER, at = 0;
      for (let i = 0; i + 1 < length; i++) {
        if (ranks[i] < best) {
          best = ranks[i];
          at = i;
        }
      }
      if (best === NEVER) return length;
      ids[at] = this.#made[best];
      length--;
      for (let i = at + 1; i < length; i++) {
        ids[i] = ids[i + 1];
        ranks[i] = ranks[i + 1];
      }
      if (at > 0) ranks[at - 1] = this.#rank(ids[at - 1], ids[at]);
      if (at + 1 < length) ranks[at] = this.#rank(ids[at], ids[at + 1]);
    }
  }

  /** A linked list and a heap: n log n for a word of any length. */
  #mergeLong(ids: Int32Array, length: number): number {
    const next = new Int32Array(length), previous = new Int32Array(length);
    const ranks = new Int32Array(length).fill(NEVER);
    const heap = new MergeHeap(length);
    const consider = (at: number) => {
      ranks[at] = next[at] < length
        ? this.#rank(ids[at], ids[next[at]])
        : NEVER;
      if (ranks[at] !== NEVER) heap.push(ranks[at], at);
    };
    for (let i = 0; i < length; i++) {
      next[i] = i + 1;
      previous[i] = i - 1;
    }
    for (let i = 0; i < length; i++) consider(i);
    while (heap.size > 0) {
      const { rank, at } = heap.pop();
      if (ranks[at] !== rank) continue; // an outdated entry
      const gone = next[at];
      ids[at] = this.#made[rank];
      ranks[gone] = NEVER;
      next[at] = next[gone];
      if (next[at] < length) previous[next[at]] = at;
      consider(at);
      if (previous[at] >= 0) consider(previous[at]);
    }
    let kept = 0;
    for (let i = 0; i < length; i = next[i]) ids[kept++] = ids[i];
    return kept;
  }

  #rank(left: number, right: number): number {
    const key = (left << 16 | right) >>> 0;
    let bucket = mix(key) & this.#mask;
    for (; this.#merges[bucket] !== 0; bucket = (bucket + 1) & this.#mask) {
      if (this.#keys[bucket] === key) return this.#merges[bucket] - 1;
    }
    return NEVER;
  }
}

/** A binary min-heap of (rank, position), both in one double. */
class MergeHeap {
  // Every merge pushes two entries at most and takes one symbol away.
  readonly #items: Float64Array;
  size = 0;

  constructor(symbols: number) {
    this.#items = new Float64Array(3 * symbols);
  }

  push(rank: number, at: number): void {
    const item = rank * 2 ** 31 + at;
    let place = this.size++;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (this.#items[parent] <= item) break;
      this.#items[place] = this.#items[parent];
      place = parent;
    }
    this.#items[place] = item;
  }

  pop(): { rank: number; at: number } {
    const top = this.#items[0], item = this.#items[--this.size];
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= this.size) break;
      if (
        child + 1 < this.size && this.#items[child + 1] < this.#items[child]
      ) child++;
      if (this.#items[child] >= item) break;
      this.#items[place] = this.#items[child];
      place = child;
    }
    this.#items[place] = item;
    return { rank: Math.floor(top / 2 ** 31), at: top % 2 ** 31 };
  }
}

/** Spreads the bits of a pair of ids for a table of pairs. */
export function mix(key: number): number {
  key = Math.imul(key ^ (key >>> 15), 0x9e3779b1);
  return key ^ (key >>> 15);
}
