/**
 * Where each unit of a normalised text comes from in the text as it was given.
 *
 * The normaliser tells nobody what it did. So the text is halved, again and
 * again, wherever the normalised halves joined are the normalised whole, down
 * to pieces that did not change or cannot be halved; of the latter every unit
 * comes from the whole piece.
 *
 * @module
 */

import type { PTBRNormalizer } from "../normalizer.ts";

/** A normalised text and its origin. */
export interface Alignment {
  /** The normalised text. */
  readonly text: string;
  /** Where the origin of each of its UTF-16 units begins in the given text. */
  readonly starts: Uint32Array;
  /** Where it ends. */
  readonly ends: Uint32Array;
}

/** How far from the middle a place to halve at is looked for. */
const REACH = 4;
/** And how far one between two ASCII characters, which nearly always does. */
const ASCII_REACH = 32;

/**
 * Normalises a text and remembers where everything came from. Takes time in
 * proportion to the length and to the logarithm of the longest line's.
 *
 * @param text Any text.
 * @param normalizer What to bring it to.
 * @returns The normalised text with its origin.
 *
 * @example
 * ```ts
 * import { align } from "./alignment.ts";
 * import { PTBRNormalizer } from "../normalizer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { text, starts, ends } = align("pÃ£o\r\n", new PTBRNormalizer());
 * assertEquals(text, "pão\n");
 * assertEquals([...starts], [0, 1, 3, 4]);
 * assertEquals([...ends], [1, 3, 4, 6]);
 * ```
 */
export function align(text: string, normalizer: PTBRNormalizer): Alignment {
  const normal = normalizer.normalize(text);
  const alignment = {
    text: normal,
    starts: new Uint32Array(normal.length),
    ends: new Uint32Array(normal.length),
  };
  const aligner = new Aligner(normalizer, alignment);
  // Lines normalise each by itself.
  for (let start = 0; start < text.length;) {
    const end = text.indexOf("\n", start) + 1 || text.length;
    const line = text.slice(start, end);
    aligner.add(line, normalizer.normalize(line), start);
    start = end;
  }
  return alignment;
}

class Aligner {
  readonly #normalizer: PTBRNormalizer;
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;
  /** How many units have their origin. */
  #done = 0;

  constructor(normalizer: PTBRNormalizer, { starts, ends }: Alignment) {
    this.#normalizer = normalizer;
    this.#starts = starts;
    this.#ends = ends;
  }

  /** Takes the next piece, what it became and where it stands. */
  add(piece: string, normal: string, from: number): void {
    if (normal === "") return;
    if (piece === normal) {
      for (let i = 0; i < normal.length; i++) {
        this.#starts[this.#done] = from + i;
        this.#ends[this.#done++] = from + i + 1;
      }
      return;
    }
    for (const cut of cutsOf(piece)) {
      const [left, right] = [piece.slice(0, cut), piece.slice(cut)];
      const normalLeft = this.#normalizer.normalize(left);
      if (!normal.startsWith(normalLeft)) continue;
      const normalRight = this.#normalizer.normalize(right);
      if (normalLeft + normalRight !== normal) continue;
      this.add(left, normalLeft, from);
      this.add(right, normalRight, from + cut);
      return;
    }
    this.#starts.fill(from, this.#done, this.#done + normal.length);
    this.#done += normal.length;
    this.#ends.fill(
      from + piece.length,
      this.#done - normal.length,
      this.#done,
    );
  }
}

/** Places to try to halve a piece at, all of them near its middle. */
function* cutsOf(piece: string): Generator<number> {
  const middle = piece.length >> 1;
  for (let i = 0; i <= ASCII_REACH; i++) {
    for (const cut of [middle + i, middle - i]) {
      if (isAscii(piece, cut - 1) && isAscii(piece, cut)) {
        yield cut;
        i = ASCII_REACH;
        break;
      }
    }
  }
  for (let i = 0; i <= REACH; i++) {
    for (const cut of [middle + i, middle - i]) {
      if (cut > 0 && cut < piece.length && !splitsPair(piece, cut)) yield cut;
    }
  }
}

/** Whether a printable ASCII character stands at `at`. */
function isAscii(text: string, at: number): boolean {
  const code = text.charCodeAt(at); // NaN where there is none
  return code >= 0x20 && code < 0x7f;
}

function splitsPair(text: string, at: number): boolean {
  return (text.charCodeAt(at - 1) & 0xfc00) === 0xd800 &&
    (text.charCodeAt(at) & 0xfc00) === 0xdc00;
}
