/**
 * Which works are held out for validation: those that fit into the wanted share
 * of the text, taken in the order of a hash of what they say. So the same text
 * always gives the same parts, a work stays on its side where others come and
 * go, apart from some at the margin, and no copy of one is on both sides.
 *
 * @module
 */

import { hash32 } from "../random.ts";
import type { TextDocument } from "./documents.ts";

/** The parts of a dataset. */
export type SplitName = "train" | "val";

/**
 * A work's place in [0, 1), a hash of its text, or of its first document where
 * it is so long that it becomes several.
 *
 * @param text The document.
 * @returns A multiple of 2⁻³².
 */
export function placeOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash32(hash) * 2 ** -32;
}

/** What is held out. */
export class Holdout {
  /** Its share of the text's bytes. */
  readonly share: number;
  readonly #below: number;
  readonly #also: ReadonlySet<number>;

  /**
   * @param share The share of the text.
   * @param below Works before this place are held out.
   * @param also Places beyond it that are as well.
   */
  constructor(share = 0, below = 0, also: ReadonlySet<number> = new Set()) {
    this.share = share;
    this.#below = below;
    this.#also = also;
  }

  /** Whether the work at a place is held out. */
  has(place: number): boolean {
    return place < this.#below || this.#also.has(place);
  }
}

/** Of more works only the sum of their sizes in intervals of places is kept. */
const MOST_WORKS = 2 ** 20;
/** How many intervals. */
const INTERVALS = 2 ** 16;
/** A share is right when it is so near, as a part of what is wanted. */
const TOLERANCE = 0.01;

/**
 * Chooses what is held out: a share of the text's bytes that is as near to the
 * wanted one as whole works allow. With two different works or more neither
 * side is empty; a single one, or copies of one, are all for training.
 *
 * Memory: 16 bytes a work, at most 20 MB.
 *
 * @param documents The documents in order.
 * @param fraction How much to hold out, in [0, 1).
 * @throws {RangeError} When it is not.
 *
 * @example
 * ```ts
 * import { chooseHoldout, placeOf } from "./split.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const texts = ["um", "dois"];
 * const documents = texts.map((text) => ({ text, sourceBytes: text.length }));
 * const holdout = await chooseHoldout(documents, 0.01);
 * assertEquals(texts.filter((text) => holdout.has(placeOf(text))), ["um"]);
 * ```
 */
export async function chooseHoldout(
  documents: AsyncIterable<TextDocument> | Iterable<TextDocument>,
  fraction: number,
): Promise<Holdout> {
  if (!(fraction >= 0 && fraction < 1)) {
    throw new RangeError(
      `Cannot hold out ${fraction} of the text: it must be from 0 to below 1`,
    );
  }
  if (fraction === 0) return new Holdout();
  const works = new Works();
  for await (const { text, sourceBytes, continues } of documents) {
    if (continues) works.extend(sourceBytes);
    else works.add(placeOf(text), sourceBytes);
  }
  return works.isMany
    ? chooseInterval(works.intervals(), fraction)
    : chooseWorks(works.sorted(), fraction);
}

/** Places, and the bytes of the works at each. */
interface Sizes {
  readonly places: Float64Array;
  readonly bytes: Float64Array;
  readonly total: number;
}

/** Gathers where works are and how long. */
class Works {
  #count = 0;
  #places = new Float64Array(1024);
  #bytes = new Float64Array(1024);
  #intervals?: Float64Array;
  #interval = 0;

  get isMany(): boolean {
    return this.#intervals !== undefined;
  }

  add(place: number, bytes: number): void {
    if (this.#count === MOST_WORKS) this.#intervals ??= this.#gather();
    if (this.#intervals !== undefined) {
      this.#interval = Math.floor(place * INTERVALS);
      this.#intervals[this.#interval] += bytes;
      return;
    }
    if (this.#count === this.#places.length) {
      this.#places = doubled(this.#places);
      this.#bytes = doubled(this.#bytes);
    }
    this.#places[this.#count] = place;
    this.#bytes[this.#count++] = bytes;
  }

  /** Adds to the work that came last. */
  extend(bytes: number): void {
    if (this.#intervals === undefined) this.#bytes[this.#count - 1] += bytes;
    else this.#intervals[this.#interval] += bytes;
  }

  intervals(): Sizes {
    const bytes = this.#intervals!;
    const places = bytes.map((_, i) => i / INTERVALS);
    return { places, bytes, total: sum(bytes) };
  }

  /** The works in the order of their places, copies as one. */
  sorted(): Sizes {
    // 32 bits of place and 20 of number are a whole number that sorts quickly.
    const order = this.#places.subarray(0, this.#count)
      .map((place, i) => place * 2 ** 32 * MOST_WORKS + i).sort();
    const places = new Float64Array(this.#count);
    const bytes = new Float64Array(this.#count);
    let last = -1;
    for (const key of order) {
      const i = key % MOST_WORKS;
      if (last < 0 || places[last] !== this.#places[i]) last++;
      places[last] = this.#places[i];
      bytes[last] += this.#bytes[i];
    }
    return {
      places: places.subarray(0, last + 1),
      bytes: bytes.subarray(0, last + 1),
      total: sum(bytes),
    };
  }

  #gather(): Float64Array {
    const intervals = new Float64Array(INTERVALS);
    for (let i = 0; i < this.#count; i++) {
      intervals[Math.floor(this.#places[i] * INTERVALS)] += this.#bytes[i];
    }
    return intervals;
  }
}

/** The end of the interval that comes nearest to the share. */
function chooseInterval({ bytes, total }: Sizes, fraction: number): Holdout {
  let before = 0, best = new Holdout();
  for (let i = 0; i < bytes.length; i++) {
    before += bytes[i];
    const share = before / total;
    const isNearer = best.share === 0 ||
      Math.abs(share - fraction) < Math.abs(best.share - fraction);
    if (before > 0 && before < total && isNearer) {
      best = new Holdout(share, (i + 1) / INTERVALS);
    }
  }
  return best;
}

/** The works that fit, in order; then one more if that comes nearer. */
function chooseWorks(
  { places, bytes, total }: Sizes,
  fraction: number,
): Holdout {
  const count = places.length, wanted = fraction * total;
  if (count < 2) return new Holdout();
  const misses = () => held < wanted * (1 - TOLERANCE);
  let held = 0, first = 0;
  while (first < count - 1 && held + bytes[first] <= wanted) {
    held += bytes[first++];
  }
  const also = new Set<number>();
  let left = first, right = -1;
  for (let i = first; i < count; i++) {
    if (misses() && held + bytes[i] <= wanted && left < count - 1) {
      also.add(places[i]);
      held += bytes[i];
      left++;
    } else if (right < 0 || bytes[i] < bytes[right]) right = i;
  }
  const isNearer = misses() && bytes[right] < 2 * (wanted - held);
  if (left === 0 || isNearer && left < count - 1) {
    also.add(places[right]);
    held += bytes[right];
  }
  return new Holdout(held / total, places[first], also);
}

function doubled(array: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(2 * array.length);
  larger.set(array);
  return larger;
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
