/**
 * Text on its way into a file, gathered so that not every line is a write.
 *
 * @module
 */

/** So much is gathered before it is written, in UTF-16 units. */
const PIECE = 2 ** 20;

/**
 * Gathers text into larger pieces.
 *
 * @example
 * ```ts
 * import { TextPieces } from "./text_pieces.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const written: string[] = [];
 * const pieces = new TextPieces((piece) => {
 *   written.push(new TextDecoder().decode(piece));
 *   return Promise.resolve();
 * });
 * await pieces.add("um ");
 * await pieces.add("dois");
 * await pieces.flush();
 * assertEquals(written, ["um dois"]);
 * ```
 */
export class TextPieces {
  readonly #write: (piece: Uint8Array) => Promise<void>;
  readonly #encoder = new TextEncoder();
  #texts: string[] = [];
  #length = 0;

  /** @param write Takes a piece. */
  constructor(write: (piece: Uint8Array) => Promise<void>) {
    this.#write = write;
  }

  /** Adds some text. */
  async add(text: string): Promise<void> {
    this.#texts.push(text);
    this.#length += text.length;
    if (this.#length > PIECE) await this.flush();
  }

  /** Writes what is left. */
  async flush(): Promise<void> {
    const piece = this.#encoder.encode(this.#texts.join(""));
    this.#texts = [];
    this.#length = 0;
    await this.#write(piece);
  }
}
