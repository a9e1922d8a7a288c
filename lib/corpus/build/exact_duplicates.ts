/**
 * Documents that are the same but for case, signs and blanks, by a hash of
 * their words.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { Words } from "../measures/words.ts";

/** 32-bit numbers of a hash. */
export const HASH_WORDS = 4;

/** The first 128 bits of SHA-256 of a document's words. */
export function contentHash({ plain }: Words): Uint32Array {
  const digest = createHash("sha256").update(plain).digest();
  return Uint32Array.from(
    { length: HASH_WORDS },
    (_, i) => digest.readUInt32LE(4 * i),
  );
}

/**
 * The documents kept so far by their hashes. Memory: 40 to 80 bytes a document.
 *
 * @example
 * ```ts
 * import { contentHash, ExactDuplicates } from "./exact_duplicates.ts";
 * import { wordsOf } from "../measures/words.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const kept = new ExactDuplicates();
 * kept.add(7, contentHash(wordsOf("Bom dia.")));
 * assertEquals(kept.find(contentHash(wordsOf("bom DIA!"))), 7);
 * assertEquals(kept.find(contentHash(wordsOf("Boa tarde."))), undefined);
 * ```
 */
export class ExactDuplicates {
  #slots = 1 << 10;
  #hashes = new Uint32Array(HASH_WORDS * this.#slots);
  /** A document's number plus 1; 0 where the slot is free. */
  #documents = new Uint32Array(this.#slots);
  #size = 0;

  /** The number of the document with this hash, if one was added. */
  find(hash: Uint32Array): number | undefined {
    const document = this.#documents[this.#slotOf(hash)];
    return document === 0 ? undefined : document - 1;
  }

  /** Adds a document whose hash is new. */
  add(document: number, hash: Uint32Array): void {
    if (2 * ++this.#size > this.#slots) this.#grow();
    const slot = this.#slotOf(hash);
    this.#hashes.set(hash, HASH_WORDS * slot);
    this.#documents[slot] = document + 1;
  }

  /** Where this hash is, or would be. */
  #slotOf(hash: Uint32Array): number {
    let slot = hash[0] & (this.#slots - 1);
    while (this.#documents[slot] !== 0 && !this.#holds(slot, hash)) {
      slot = (slot + 1) & (this.#slots - 1);
    }
    return slot;
  }

  #holds(slot: number, hash: Uint32Array): boolean {
    for (let i = 0; i < HASH_WORDS; i++) {
      if (this.#hashes[HASH_WORDS * slot + i] !== hash[i]) return false;
    }
    return true;
  }

  #grow(): void {
    const hashes = this.#hashes, documents = this.#documents;
    this.#slots *= 2;
    this.#hashes = new Uint32Array(HASH_WORDS * this.#slots);
    this.#documents = new Uint32Array(this.#slots);
    for (const [old, document] of documents.entries()) {
      if (document === 0) continue;
      const hash = hashes.subarray(HASH_WORDS * old, HASH_WORDS * (old + 1));
      const slot = this.#slotOf(hash);
      this.#hashes.set(hash, HASH_WORDS * slot);
      this.#documents[slot] = document;
    }
  }
}
