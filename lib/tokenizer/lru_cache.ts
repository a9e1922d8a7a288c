/**
 * A true least-recently-used index: words to slot numbers, the order kept as a
 * doubly linked list in two Int32Arrays. What a slot holds is its user's.
 *
 * @module
 */

/**
 * Maps keys to slots 0 … capacity-1; when full, a new key takes the slot that
 * went unused the longest.
 *
 * @example
 * ```ts
 * import { LruCache } from "./lru_cache.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const cache = new LruCache(2);
 * cache.claim("a");
 * cache.claim("b");
 * cache.find("a");
 * cache.claim("c");
 * assertEquals(cache.find("b"), undefined);
 * assertEquals(cache.find("a"), 0);
 * ```
 */
export class LruCache {
  /** How many keys fit. */
  readonly capacity: number;
  readonly #slots = new Map<string, number>();
  readonly #keys: string[] = [];
  // Entry `capacity` is the list's head: next of it the newest, previous of
  // it the oldest.
  readonly #next: Int32Array;
  readonly #previous: Int32Array;

  /** @param capacity How many keys fit, at least 1. */
  constructor(capacity: number) {
    if (!Number.isSafeInteger(capacity) || capacity < 1) {
      throw new RangeError(
        `Cannot make a cache: its capacity must be at least 1, not ${capacity}`,
      );
    }
    this.capacity = capacity;
    this.#next = new Int32Array(capacity + 1).fill(capacity);
    this.#previous = new Int32Array(capacity + 1).fill(capacity);
  }

  /** How many keys are held. */
  get size(): number {
    return this.#keys.length;
  }

  /**
   * Looks a key up and makes it the newest.
   *
   * @returns Its slot, if it is held.
   */
  find(key: string): number | undefined {
    const slot = this.#slots.get(key);
    if (slot !== undefined && this.#next[this.capacity] !== slot) {
      this.#unlink(slot);
      this.#linkNewest(slot);
    }
    return slot;
  }

  /**
   * Takes a slot for a key that is not held, dropping the oldest when full.
   *
   * @returns The slot.
   */
  claim(key: string): number {
    let slot = this.#keys.length;
    if (slot < this.capacity) {
      this.#keys.push(key);
    } else {
      slot = this.#previous[this.capacity];
      this.#unlink(slot);
      this.#slots.delete(this.#keys[slot]);
      this.#keys[slot] = key;
    }
    this.#slots.set(key, slot);
    this.#linkNewest(slot);
    return slot;
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
