/**
 * What was predicted and what it cost, added up: the numbers that every figure
 * of a report is made of.
 *
 * @module
 */

/** What was predicted, and what it cost. */
export interface Cost {
  /** Σ -ln p, in nats. */
  readonly nats: number;
  /** Tokens predicted; 0 of what knows no tokens. */
  readonly tokens: number;
  /** Bytes of text they stand for. */
  readonly bytes: number;
}

/**
 * Where parts of a document begin, in bytes before a token: a figure for each
 * says what a model has of a longer context.
 */
export const POSITIONS: readonly number[] = [
  0,
  256,
  1024,
  4096,
  16_384,
  65_536,
  262_144,
];

/** What a document cost. */
export interface DocumentCost extends Cost {
  /**
   * The same by parts, as many as {@linkcode POSITIONS}; absent of what has one
   * figure for a document.
   */
  readonly parts?: readonly Cost[];
}

/** Adds up one document, token by token. */
export class DocumentCounter {
  /** Bytes before the next token. */
  #at = 0;
  #part = 0;
  readonly #nats = new Float64Array(POSITIONS.length);
  readonly #tokens = new Float64Array(POSITIONS.length);
  readonly #bytes = new Float64Array(POSITIONS.length);

  /**
   * Counts the next token.
   *
   * @param nats What it cost.
   * @param bytes What it stands for.
   */
  add(nats: number, bytes: number): void {
    while (this.#at >= POSITIONS[this.#part + 1]) this.#part++;
    this.#nats[this.#part] += nats;
    this.#tokens[this.#part]++;
    this.#bytes[this.#part] += bytes;
    this.#at += bytes;
  }

  /**
   * What it was.
   *
   * @param bytes The length of its text, which is what its tokens stand for
   * unless the tokenizer changes text.
   */
  end(bytes: number): DocumentCost {
    const parts = POSITIONS.map((_, i) => ({
      nats: this.#nats[i],
      tokens: this.#tokens[i],
      bytes: this.#bytes[i],
    }));
    const { nats, tokens } = sumOf(parts);
    return { nats, tokens, bytes, parts };
  }
}

/** Costs as one. */
export function sumOf(costs: Iterable<Cost>): Cost {
  let nats = 0, tokens = 0, bytes = 0;
  for (const cost of costs) {
    nats += cost.nats;
    tokens += cost.tokens;
    bytes += cost.bytes;
  }
  return { nats, tokens, bytes };
}

/**
 * Bits spent on each byte.
 *
 * @example
 * ```ts
 * import { bitsPerByteOf } from "./cost.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const cost = { nats: 8 * Math.LN2, tokens: 2, bytes: 4 };
 * assertEquals(bitsPerByteOf(cost), 2);
 * ```
 */
export function bitsPerByteOf({ nats, bytes }: Cost): number {
  return nats / Math.LN2 / bytes;
}
