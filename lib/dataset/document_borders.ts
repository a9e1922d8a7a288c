/**
 * Where documents begin in a token file.
 *
 * @module
 */

import { EventTurns } from "../turns.ts";
import type { TokenSequence } from "./windows.ts";

/**
 * Most parts that a file is known by: 8 MiB. Where there are more documents,
 * neighbours are taken together, twice as many each time.
 */
const MOST_PARTS = 2 ** 20;
/** How many tokens are looked at at once. */
const SEARCH_TOKENS = 2 ** 16;

/** How borders are found. */
export interface BorderOptions {
  /** The id that each document ends with. */
  readonly end: number;
  /** Most parts, an even number; 1,048,576 unless given. */
  readonly most?: number;
  /** Looked at on the way. */
  readonly signal?: AbortSignal;
}

/**
 * The documents of a token file or, where they are more than a million, groups
 * of neighbours: where each begins.
 */
export class DocumentBorders {
  /** Where each part begins, and after the last the file's length. */
  readonly starts: Float64Array;
  /** Documents of a part; of the last one perhaps fewer. */
  readonly documents: number;

  private constructor(starts: Float64Array, documents: number) {
    this.starts = starts;
    this.documents = documents;
  }

  /** How many parts there are. */
  get count(): number {
    return this.starts.length - 1;
  }

  /**
   * Reads a file once, about a second a gigabyte.
   *
   * @param sequence The tokens.
   * @param options What documents end with.
   * @throws What reading them throws, and the reason of the signal.
   *
   * @example
   * ```ts
   * import { DocumentBorders } from "./document_borders.ts";
   * import { assertEquals } from "@std/assert";
   *
   * const tokens = Uint16Array.of(1, 7, 2, 1, 8, 9, 2, 1, 5);
   * const borders = await DocumentBorders.find({
   *   path: "a",
   *   length: 9,
   *   read: (at, to) => to.set(tokens.subarray(at, at + to.length)),
   * }, { end: 2 });
   * assertEquals([...borders.starts], [0, 3, 7, 9]);
   * ```
   */
  static async find(
    sequence: TokenSequence,
    { end, most = MOST_PARTS, signal }: BorderOptions,
  ): Promise<DocumentBorders> {
    const { length } = sequence, turns = new EventTurns();
    let starts = [0], documents = 1, since = 0;
    const buffer = new Uint16Array(Math.min(SEARCH_TOKENS, length));
    for (let first = 0; first < length; first += buffer.length) {
      await turns.next();
      signal?.throwIfAborted();
      const tokens = buffer.subarray(0, length - first);
      sequence.read(first, tokens);
      let at = -1;
      while ((at = tokens.indexOf(end, at + 1)) >= 0) {
        const start = first + at + 1;
        // Where both ends of a document are one id, a file begins with it.
        if (start === 1 || start === length || ++since < documents) continue;
        since = 0;
        starts.push(start);
        if (starts.length <= most) continue;
        starts = starts.filter((_, part) => part % 2 === 0); // the last stays
        documents *= 2;
      }
    }
    starts.push(length);
    return new DocumentBorders(Float64Array.from(starts), documents);
  }
}
