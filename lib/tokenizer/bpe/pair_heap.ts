/**
 * The trainer's queue: the most frequent pair first, among equals the pair of
 * the lowest ids.
 *
 * @module
 */

/**
 * A binary heap of (count, slot). Entries are never changed in place: a pair
 * whose count changed is pushed again or found stale when it comes out.
 *
 * @example
 * ```ts
 * import { PairHeap } from "./pair_heap.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const heap = new PairHeap((slot) => 100 - slot);
 * heap.push(3, 7);
 * heap.push(5, 1);
 * heap.push(5, 2);
 * assertEquals([heap.topCount, heap.topSlot], [5, 2]);
 * ```
 */
export class PairHeap {
  readonly #keyOf: (slot: number) => number;
  readonly #counts: number[] = [];
  readonly #slots: number[] = [];

  /** Makes an empty heap, of whose equal counts the lowest key goes first. */
  constructor(keyOf: (slot: number) => number) {
    this.#keyOf = keyOf;
  }

  /** How many entries wait. */
  get size(): number {
    return this.#slots.length;
  }

  /** The first entry's count; only when there is one. */
  get topCount(): number {
    return this.#counts[0];
  }

  /** The first entry's slot; only when there is one. */
  get topSlot(): number {
    return this.#slots[0];
  }

  /** Adds an entry. */
  push(count: number, slot: number): void {
    const counts = this.#counts, slots = this.#slots;
    let at = slots.length;
    counts.push(count);
    slots.push(slot);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(count, slot, counts[parent], slots[parent])) break;
      counts[at] = counts[parent];
      slots[at] = slots[parent];
      at = parent;
    }
    counts[at] = count;
    slots[at] = slot;
  }

  /** Removes the first entry; only when there is one. */
  pop(): void {
    const count = this.#counts.pop()!, slot = this.#slots.pop()!;
    if (this.#slots.length > 0) this.#sink(count, slot);
  }

  /** Gives the first entry another, lower count. */
  lowerTop(count: number): void {
    this.#sink(count, this.#slots[0]);
  }

  #sink(count: number, slot: number): void {
    const counts = this.#counts, slots = this.#slots;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= slots.length) break;
      if (
        child + 1 < slots.length &&
        this.#before(
          counts[child + 1],
          slots[child + 1],
          counts[child],
          slots[child],
        )
      ) child++;
      if (!this.#before(counts[child], slots[child], count, slot)) break;
      counts[at] = counts[child];
      slots[at] = slots[child];
      at = child;
    }
    counts[at] = count;
    slots[at] = slot;
  }

  #before(count: number, slot: number, than: number, other: number): boolean {
    return count > than ||
      (count === than && this.#keyOf(slot) < this.#keyOf(other));
  }
}
