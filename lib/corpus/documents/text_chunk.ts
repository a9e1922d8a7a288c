/**
 * A piece of a text file, wherever it was read; `text_chunks.ts` reads files.
 *
 * @module
 */

/** A piece of a text file, cut where a line ends. */
export interface TextChunk {
  /** The file's name, for messages. */
  readonly name: string;
  /** UTF-8 text without a byte-order mark. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /**
   * Whether the file is one document, whatever blank lines it has; what its name
   * tells unless given.
   */
  readonly whole?: boolean;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The text of a piece.
 *
 * @throws {SyntaxError} When it is not UTF-8.
 *
 * @example
 * ```ts
 * import { decodeChunk } from "./text_chunk.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("ação");
 * assertEquals(decodeChunk({ name: "a.txt", bytes }), "ação");
 * ```
 */
export function decodeChunk({ name, bytes }: TextChunk): string {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new SyntaxError(
      `Cannot read "${name}": it is not UTF-8 text; clean-corpus converts it`,
    );
  }
}
