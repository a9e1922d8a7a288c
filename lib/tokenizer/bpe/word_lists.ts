/**
 * Lists of words, millions of short ones and a few long ones, in one arena: an
 * array for each would take twenty times the room of what it holds.
 *
 * @module
 */

import { doubled } from "../count/doubled.ts";

/** Words a block; a link to the list's next block follows them. */
const WORDS = 3;
const BLOCK = WORDS + 1;

/**
 * Growing lists, numbered from 0. Memory: 16 bytes every three words of a
 * list, 12 more a list; what is taken is used again.
 *
 * @example
 * ```ts
 * import { WordLists } from "./word_lists.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const lists = new WordLists();
 * for (const word of [7, 7, 9, 4]) lists.add(2, word);
 * const words: number[] = [];
 * lists.take(2, (word) => words.push(word));
 * assertEquals(words, [7, 9, 4]);
 * ```
 */
export class WordLists {
  #arena = new Uint32Array(1 << 16);
  // Block 0 stands for none.
  #blocks = 1;
  #free = 0;
  #firsts = new Uint32Array(1 << 10);
  #lasts = new Uint32Array(1 << 10);
  #sizes = new Uint32Array(1 << 10);

  /** Adds a word to a list, unless it is the list's last already. */
  add(list: number, word: number): void {
    if (list >= this.#sizes.length) this.#growLists(list);
    const size = this.#sizes[list], at = size % WORDS;
    if (size > 0) {
      const last = this.#lasts[list] * BLOCK + (at === 0 ? WORDS : at) - 1;
      if (this.#arena[last] === word) return;
    }
    if (at === 0) {
      const block = this.#newBlock();
      if (size === 0) this.#firsts[list] = block;
      else this.#arena[this.#lasts[list] * BLOCK + WORDS] = block;
      this.#lasts[list] = block;
    }
    this.#arena[this.#lasts[list] * BLOCK + at] = word;
    this.#sizes[list] = size + 1;
  }

  /**
   * Empties a list.
   *
   * @param list Which.
   * @param visit Gets its words in order; it may add to any list.
   */
  take(list: number, visit: (word: number) => void): void {
    if (list >= this.#sizes.length) return;
    let left = this.#sizes[list], block = this.#firsts[list];
    this.#sizes[list] = 0;
    while (left > 0) {
      const arena = this.#arena, at = block * BLOCK;
      const first = arena[at], second = arena[at + 1], third = arena[at + 2];
      const next = arena[at + WORDS];
      arena[at + WORDS] = this.#free;
      this.#free = block;
      visit(first);
      if (left > 1) visit(second);
      if (left > 2) visit(third);
      left -= Math.min(left, WORDS);
      block = next;
    }
  }

  #newBlock(): number {
    if (this.#free !== 0) {
      const block = this.#free;
      this.#free = this.#arena[block * BLOCK + WORDS];
      return block;
    }
    if ((this.#blocks + 1) * BLOCK > this.#arena.length) {
      this.#arena = doubled(this.#arena);
    }
    return this.#blocks++;
  }

  #growLists(list: number): void {
    while (list >= this.#sizes.length) {
      this.#firsts = doubled(this.#firsts);
      this.#lasts = doubled(this.#lasts);
      this.#sizes = doubled(this.#sizes);
    }
  }
}
