/**
 * Near-duplicates by MinHash (Broder 1997): documents as sets of 5 successive
 * words, 112 minima of hashes for each, and candidates that agree in all 8
 * minima of one of 14 bands, as FineWeb has it. Candidates are then compared:
 * the share of equal minima estimates the sets' Jaccard similarity.
 *
 * @module
 */

import { hash32, hashKey } from "../../random.ts";
import { hashNgram, type Words } from "../measures/words.ts";

/** Words of a shingle. */
export const SHINGLE_WORDS = 5;
/** How many bands there are. */
export const BANDS = 14;
/** Minima of a band. */
const BAND_HASHES = 8;
/** Minima in all. */
export const HASHES = BANDS * BAND_HASHES;

/** Each hash of a shingle is `a·x + b` modulo 2³², scrambled at the end. */
const FACTORS = Int32Array.from(
  { length: HASHES },
  (_, i) => hashKey(i, 1) | 1,
);
const TERMS = Int32Array.from({ length: HASHES }, (_, i) => hashKey(i, 2));

/** What a document is compared by. */
export interface Signature {
  /** A key a band, {@linkcode BANDS} of them. */
  readonly bands: Uint32Array;
  /** A byte of each minimum, {@linkcode HASHES} of them. */
  readonly sketch: Uint8Array;
}

/**
 * Makes a document's signature.
 *
 * @param words Its words; fewer than a shingle has are one shingle.
 *
 * @example
 * ```ts
 * import { signatureOf, similarity } from "./minhash.ts";
 * import { wordsOf } from "../measures/words.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const one = signatureOf(wordsOf("Era uma vez um rei que não ria."));
 * const two = signatureOf(wordsOf("ERA UMA VEZ um rei, que não ria!"));
 * assertEquals(similarity(one.sketch, two.sketch), 1);
 * ```
 */
export function signatureOf(words: Words): Signature {
  const shingles = shinglesOf(words);
  const minima = new Int32Array(HASHES);
  for (let i = 0; i < HASHES; i += 4) minimaOf(shingles, i, minima);
  const bands = new Uint32Array(BANDS);
  const sketch = new Uint8Array(HASHES);
  for (let i = 0; i < HASHES; i++) {
    const band = Math.floor(i / BAND_HASHES);
    bands[band] = hash32(bands[band] ^ hash32(minima[i] ^ band));
    sketch[i] = hash32(minima[i]);
  }
  return { bands, sketch };
}

/** A hash of each shingle. */
function shinglesOf(words: Words): Int32Array {
  const n = Math.max(1, Math.min(SHINGLE_WORDS, words.count));
  const shingles = new Int32Array(Math.max(0, words.count + 1 - n));
  for (let i = 0; i < shingles.length; i++) {
    shingles[i] = hashNgram(words, i, n);
  }
  return shingles;
}

/** The least values of four hashes, all in registers: this is what takes time. */
function minimaOf(shingles: Int32Array, at: number, minima: Int32Array): void {
  const a0 = FACTORS[at], b0 = TERMS[at];
  const a1 = FACTORS[at + 1], b1 = TERMS[at + 1];
  const a2 = FACTORS[at + 2], b2 = TERMS[at + 2];
  const a3 = FACTORS[at + 3], b3 = TERMS[at + 3];
  let m0 = GREATEST, m1 = GREATEST, m2 = GREATEST, m3 = GREATEST;
  for (let i = 0; i < shingles.length; i++) {
    const x = shingles[i];
    m0 = Math.min(m0, Math.imul(a0, x) + b0 | 0);
    m1 = Math.min(m1, Math.imul(a1, x) + b1 | 0);
    m2 = Math.min(m2, Math.imul(a2, x) + b2 | 0);
    m3 = Math.min(m3, Math.imul(a3, x) + b3 | 0);
  }
  minima[at] = m0;
  minima[at + 1] = m1;
  minima[at + 2] = m2;
  minima[at + 3] = m3;
}

const GREATEST = 0x7fffffff;

/** Values of a sketch's byte: one in so many minima that differ agree in it. */
const BYTES = 256;

/**
 * Estimates how similar two documents are, from 0 to 1: the shingles they
 * share, of those that either has. The standard error is at most 0.048.
 *
 * @param b Sketches.
 * @param from Where in these the other one starts.
 */
export function similarity(a: Uint8Array, b: Uint8Array, from = 0): number {
  let equal = 0;
  for (let i = 0; i < HASHES; i++) if (a[i] === b[from + i]) equal++;
  const share = equal / HASHES;
  return Math.max(0, (share - 1 / BYTES) / (1 - 1 / BYTES));
}

/** A document that was kept and is much the same. */
export interface Twin {
  /** Its number. */
  readonly document: number;
  /** The estimated similarity. */
  readonly similarity: number;
}

/** How many documents of one band are compared at most. */
const MOST_CANDIDATES = 64;
/** How many documents' sketches and keys lie together in one array. */
const BLOCK = 1 << 16;

/** The sketches and keys of some documents. */
interface Block {
  readonly documents: Uint32Array;
  readonly sketches: Uint8Array;
  /** Band keys. */
  readonly keys: Uint32Array;
  /** For each key the entry before it in its slot, plus 1. */
  readonly next: Uint32Array;
}

/**
 * The documents kept so far, to be asked for one that is near a new one.
 * Memory: some 230 bytes a document, and 60 to 110 for the slots.
 */
export class NearDuplicates {
  readonly #least: number;
  readonly #blocks: Block[] = [];
  #size = 0;
  /** For each slot its newest entry, plus 1. */
  #heads = new Uint32Array(1 << 12);

  /** @param least How similar a near-duplicate is at least, from 0 to 1. */
  constructor(least: number) {
    this.#least = least;
  }

  /**
   * The kept document most similar to this one, if it is similar enough; the
   * one that came first where several are.
   */
  find({ bands, sketch }: Signature): Twin | undefined {
    let best: Twin | undefined;
    let bestPlace = 0;
    for (const key of bands) {
      let candidates = 0;
      let entry = this.#heads[key & (this.#heads.length - 1)];
      while (entry !== 0 && candidates < MOST_CANDIDATES) {
        const place = Math.floor((entry - 1) / BANDS);
        const block = this.#blocks[Math.floor(place / BLOCK)];
        const at = (entry - 1) - Math.floor(place / BLOCK) * BLOCK * BANDS;
        if (block.keys[at] === key) {
          candidates++;
          const within = place % BLOCK;
          const found = similarity(sketch, block.sketches, within * HASHES);
          const better = best === undefined || found > best.similarity ||
            (found === best.similarity && place < bestPlace);
          if (found >= this.#least && better) {
            best = { document: block.documents[within], similarity: found };
            bestPlace = place;
          }
        }
        entry = block.next[at];
      }
    }
    return best;
  }

  /** Adds a document that is kept. */
  add(document: number, { bands, sketch }: Signature): void {
    if (this.#size % BLOCK === 0) {
      this.#blocks.push({
        documents: new Uint32Array(BLOCK),
        sketches: new Uint8Array(BLOCK * HASHES),
        keys: new Uint32Array(BLOCK * BANDS),
        next: new Uint32Array(BLOCK * BANDS),
      });
    }
    if ((this.#size + 1) * BANDS > this.#heads.length) this.#grow();
    const place = this.#size++;
    const block = this.#blocks.at(-1)!;
    const within = place % BLOCK;
    block.documents[within] = document;
    block.sketches.set(sketch, within * HASHES);
    block.keys.set(bands, within * BANDS);
    this.#link(place, block);
  }

  #link(place: number, { keys, next }: Block): void {
    const mask = this.#heads.length - 1;
    for (let band = 0; band < BANDS; band++) {
      const at = (place % BLOCK) * BANDS + band;
      const slot = keys[at] & mask;
      next[at] = this.#heads[slot];
      this.#heads[slot] = place * BANDS + band + 1;
    }
  }

  #grow(): void {
    this.#heads = new Uint32Array(2 * this.#heads.length);
    for (let place = 0; place < this.#size; place++) {
      this.#link(place, this.#blocks[Math.floor(place / BLOCK)]);
    }
  }
}
