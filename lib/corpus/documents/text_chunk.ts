/**
 * Pieces of text files, as readers hand them to the word counter and to the
 * dataset.
 *
 * @module
 */

/** A piece of a text file, cut where a line ends. */
export interface TextChunk {
  /** The file's name, for messages. */
  readonly name: string;
  /** UTF-8 text without a byte-order mark. */
  readonly bytes: Uint8Array<ArrayBuffer>;
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
      `Cannot read "${name}": it is not UTF-8 text; convert it first`,
    );
  }
}

/**
 * The front of a text, cut where a line ends; a longer line is cut at a blank
 * or, without any, between characters.
 *
 * @param chunks Pieces of one text; no more are asked for than are needed.
 * @param limit How many bytes to take at most.
 * @returns The pieces, the last one perhaps shorter.
 *
 * @example
 * ```ts
 * import { takeBytes } from "./text_chunk.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("um\ndois\n");
 * const [chunk] = await Array.fromAsync(takeBytes([{ name: "a", bytes }], 5));
 * assertEquals(new TextDecoder().decode(chunk.bytes), "um\n");
 * ```
 */
export async function* takeBytes(
  chunks: AsyncIterable<TextChunk> | Iterable<TextChunk>,
  limit: number,
): AsyncGenerator<TextChunk> {
  if (limit <= 0) return;
  let taken = 0;
  for await (const { name, bytes } of chunks) {
    const room = limit - taken;
    if (bytes.length > room) {
      const end = cutBefore(bytes, room, taken > 0);
      if (end > 0) yield { name, bytes: bytes.slice(0, end) };
      return;
    }
    yield { name, bytes };
    taken += bytes.length;
    if (taken === limit) return;
  }
}

/** Where to cut within the first `room` bytes. */
function cutBefore(bytes: Uint8Array, room: number, some: boolean): number {
  const line = bytes.lastIndexOf(0x0a, room - 1) + 1;
  if (line > 0 || some) return line;
  const blank = bytes.lastIndexOf(0x20, room - 1);
  if (blank > 0) return blank;
  let end = room;
  while (end > 0 && (bytes[end] & 0xc0) === 0x80) end--;
  return end;
}
