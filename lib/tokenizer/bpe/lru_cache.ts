/**
 * A true least-recently-used index: words to slot numbers, the order kept as a
 * doubly linked list in two Int32Arrays. What a slot holds is its user's.
 *
 * Words are looked up as parts of a text: a string for each, with its hash,
 * would cost more than all else the encoder does.
 *
 * @module
 */

/** The longest word it takes, in UTF-16 units. */
export const LONGEST_KEY = 32;

/**
 * Maps words to slots 0 … capacity-1; when full, a new word takes the slot
 * that went unused the longest. Its memory is fixed: some 90 bytes a slot.
 *
 * @example
 * ```ts
 * import { LruCache } from "./lru_cache.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const cache = new LruCache(2);
 * const text = "abc";
 * cache.claim(text, 0, 1);
 * cache.claim(text, 1, 2);
 * cache.find(text, 0, 1);
 * cache.claim(text, 2, 3);
 * assertEquals(cache.find(text, 1, 2), undefined);
 * assertEquals(cache.find(text, 0, 1), 0);
 * ```
 */
export class LruCache {
  /** How many words fit. */
  readonly capacity: number;
  #size = 0;
  // Each slot's word, and the next slot of the same bucket, plus one.
  readonly #units: Uint16Array;
  readonly #lengths: Uint8Array;
  readonly #buckets: Int32Array;
  readonly #chain: Int32Array;
  readonly #bucketOf: Int32Array;
  // Entry `capacity` is the list's head: next of it the newest, previous of
  // it the oldest.
  readonly #next: Int32Array;
  readonly #previous: Int32Array;

  /** Makes an empty cache for so many words, at least 1. */
  constructor(capacity: number) {
    if (!Number.isSafeInteger(capacity) || capacity < 1) {
      throw new RangeError(
        `Cannot make a cache: its capacity must be at least 1, not ${capacity}`,
      );
    }
    this.capacity = capacity;
    this.#units = new Uint16Array(capacity * LONGEST_KEY);
    this.#lengths = new Uint8Array(capacity);
    this.#buckets = new Int32Array(2 ** Math.ceil(Math.log2(capacity * 2)));
    this.#chain = new Int32Array(capacity);
    this.#bucketOf = new Int32Array(capacity);
    this.#next = new Int32Array(capacity + 1).fill(capacity);
    this.#previous = new Int32Array(capacity + 1).fill(capacity);
  }

  /** How many words are held. */
  get size(): number {
    return this.#size;
  }

  /**
   * Looks up the word `text.slice(start, end)` and makes it the newest.
   *
   * @returns Its slot, if it is held.
   */
  find(text: string, start: number, end: number): number | undefined {
    if (end - start > LONGEST_KEY) return undefined;
    const bucket = this.#bucket(text, start, end);
    let slot = this.#buckets[bucket] - 1;
    while (slot >= 0 && !this.#holds(slot, text, start, end)) {
      slot = this.#chain[slot] - 1;
    }
    if (slot < 0) return undefined;
    if (this.#next[this.capacity] !== slot) {
      this.#unlink(slot);
      this.#linkNewest(slot);
    }
    return slot;
  }

  /**
   * Takes a slot for a word that is not held, dropping the oldest when full.
   *
   * @throws {RangeError} When the word is longer than {@linkcode LONGEST_KEY}.
   */
  claim(text: string, start: number, end: number): number {
    if (end - start > LONGEST_KEY) {
      throw new RangeError(
        `Cannot keep a word of ${
          end - start
        } units: it is longer than ${LONGEST_KEY}`,
      );
    }
    let slot = this.#size;
    if (slot < this.capacity) {
      this.#size++;
    } else {
      slot = this.#previous[this.capacity];
      this.#unlink(slot);
      this.#unchain(slot);
    }
    for (let i = start, at = slot * LONGEST_KEY; i < end; i++) {
      this.#units[at++] = text.charCodeAt(i);
    }
    this.#lengths[slot] = end - start;
    const bucket = this.#bucket(text, start, end);
    this.#bucketOf[slot] = bucket;
    this.#chain[slot] = this.#buckets[bucket];
    this.#buckets[bucket] = slot + 1;
    this.#linkNewest(slot);
    return slot;
  }

  /** FNV-1a's step over the units, then a mixing of the high bits downwards. */
  #bucket(text: string, start: number, end: number): number {
    let hash = 0x811c9dc5;
    for (let i = start; i < end; i++) {
      hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    }
    hash ^= hash >>> 15;
    return hash & (this.#buckets.length - 1);
  }

  #holds(slot: number, text: string, start: number, end: number): boolean {
    if (this.#lengths[slot] !== end - start) return false;
    let at = slot * LONGEST_KEY;
    for (let i = start; i < end; i++) {
      if (this.#units[at++] !== text.charCodeAt(i)) return false;
    }
    return true;
  }

  #unchain(slot: number): void {
    const bucket = this.#bucketOf[slot], after = this.#chain[slot];
    let before = this.#buckets[bucket] - 1;
    if (before === slot) {
      this.#buckets[bucket] = after;
      return;
    }
    while (this.#chain[before] - 1 !== slot) before = this.#chain[before] - 1;
    this.#chain[before] = after;
  }

  #unlink(slot: number): void {
    const next = this.#next[slot], previous = this.#previous[slot];
    this.#next[previous] = next;
    this.#previous[next] = previous;
  }

  #linkNewest(slot: number): void {
    const head = this.capacity, newest = this.#next[head];
    this.#next[slot] = newest;
    this.#previous[slot] = head;
    this.#previous[newest] = slot;
    this.#next[head] = slot;
  }
}
