/**
 * How much of a stream has been there before, in memory that does not grow with
 * it. Up to a million different items the answer is exact; beyond, it is that
 * of a sample chosen by hash, in which an item is with all its repetitions or
 * not at all.
 *
 * @module
 */

import { TextHash } from "../../text_hash.ts";

/** Different items that are kept before a sample of them is. */
const MAX_ITEMS = 1 << 20;
/** 32-bit numbers of a slot: hash, hash, how often, how long. */
const FIELDS = 4;

/** How much is repeated. */
export interface Repeats {
  /** The share of the items that had been there before. */
  readonly items: number;
  /** The share of the characters that are in such items. */
  readonly characters: number;
  /** The share of the items that this was found from; 1 where it is exact. */
  readonly sampled: number;
}

/**
 * Counts repetitions.
 *
 * @example
 * ```ts
 * import { RepeatCounter } from "./repeat_counter.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const counter = new RepeatCounter();
 * for (const line of ["sim", "sim", "talvez"]) counter.add(line);
 * assertEquals(counter.repeats(), {
 *   items: 1 / 3,
 *   characters: 3 / 12,
 *   sampled: 1,
 * });
 * ```
 */
export class RepeatCounter {
  readonly #maxItems: number;
  #slots = 1 << 10;
  #table = new Uint32Array(FIELDS * this.#slots);
  #size = 0;
  /** Items are kept whose hash ends in so many zero bits. */
  #bits = 0;

  /**
   * Makes a counter that has seen nothing.
   *
   * @param maxItems How many different items to keep.
   */
  constructor(maxItems = MAX_ITEMS) {
    this.#maxItems = maxItems;
  }

  /** Counts a text. */
  add(text: string): void {
    const hash = new TextHash();
    hash.update(text);
    this.addHash(hash);
  }

  /** Counts a text by its hash. */
  addHash(hash: TextHash): void {
    const [low, high] = hash.digest();
    if (low & ((1 << this.#bits) - 1)) return;
    const slot = this.#slotOf(low, high);
    if (this.#table[slot + 2] === 0) {
      this.#table.set([low, high, 1, hash.length], slot);
      this.#size++;
    } else {
      this.#table[slot + 2]++;
    }
    if (this.#size > this.#maxItems) {
      this.#bits++;
      this.#rebuild(this.#slots);
    } else if (2 * this.#size > this.#slots) this.#rebuild(2 * this.#slots);
  }

  /** What has been found. */
  repeats(): Repeats {
    let items = 0, repeated = 0, characters = 0, repeatedCharacters = 0;
    for (let slot = 0; slot < this.#table.length; slot += FIELDS) {
      const count = this.#table[slot + 2], length = this.#table[slot + 3];
      if (count === 0) continue;
      items += count;
      repeated += count - 1;
      characters += count * length;
      repeatedCharacters += (count - 1) * length;
    }
    return {
      items: repeated / Math.max(1, items),
      characters: repeatedCharacters / Math.max(1, characters),
      sampled: 2 ** -this.#bits,
    };
  }

  #slotOf(low: number, high: number): number {
    const mask = this.#slots - 1;
    for (let slot = high & mask;; slot = (slot + 1) & mask) {
      const at = FIELDS * slot;
      if (this.#table[at + 2] === 0) return at;
      if (this.#table[at] === low && this.#table[at + 1] === high) return at;
    }
  }

  /** Makes the table anew, of so many slots, with what is still sampled. */
  #rebuild(slots: number): void {
    const old = this.#table, mask = (1 << this.#bits) - 1;
    this.#slots = slots;
    this.#table = new Uint32Array(FIELDS * slots);
    this.#size = 0;
    for (let slot = 0; slot < old.length; slot += FIELDS) {
      if (old[slot + 2] === 0 || old[slot] & mask) continue;
      const item = old.subarray(slot, slot + FIELDS);
      this.#table.set(item, this.#slotOf(item[0], item[1]));
      this.#size++;
    }
  }
}
