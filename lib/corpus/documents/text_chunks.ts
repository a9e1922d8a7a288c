/**
 * Text files as pieces of bounded size, as the word counter and the dataset
 * take them. Of lines of JSON they are what the same documents would be with
 * blank lines between them.
 *
 * @module
 */

import { cannotRead } from "../../files.ts";
import { startsWithMark } from "./document_reader.ts";
import { openText, type TextSource } from "../formats/text_source.ts";
import { type RuledFile, ruleOf } from "./document_rule.ts";
import { readJsonLines } from "./json_lines.ts";
import type { TextChunk } from "./text_chunk.ts";

export { decodeChunk, type TextChunk } from "./text_chunk.ts";

/** How much is read at once, in bytes. */
const READ_SIZE = 2 ** 20;
const LINE_END = 0x0a;
const BLANK = 0x20;

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
 * import { takeBytes } from "./text_chunks.ts";
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
  for await (const chunk of chunks) {
    const { bytes } = chunk;
    const room = limit - taken;
    if (bytes.length > room) {
      const end = cutBefore(bytes, room, taken > 0);
      if (end > 0) yield { ...chunk, bytes: bytes.slice(0, end) };
      return;
    }
    yield chunk;
    taken += bytes.length;
    if (taken === limit) return;
  }
}

/** Where to cut within the first `room` bytes. */
function cutBefore(bytes: Uint8Array, room: number, some: boolean): number {
  const line = bytes.lastIndexOf(LINE_END, room - 1) + 1;
  if (line > 0 || some) return line;
  const blank = bytes.lastIndexOf(BLANK, room - 1);
  if (blank > 0) return blank;
  let end = room;
  while (end > 0 && (bytes[end] & 0xc0) === 0x80) end--;
  return end;
}

/**
 * Reads files in turn, in pieces of about a megabyte that end where a line
 * does; a longer line is cut at a blank or, without any, between characters. A
 * byte-order mark at a file's start is left out. Objects become documents with a
 * blank line between them.
 *
 * @param files The files in order, each with its rule (`document_rule.ts`).
 * @returns The pieces. Where they are cut depends on the files alone.
 * @throws {SyntaxError} When a line of JSON cannot be read.
 * @throws {Error} When a file cannot be read.
 */
export async function* readTextChunks(
  files: Iterable<RuledFile>,
): AsyncGenerator<TextChunk> {
  for (const ruled of files) {
    const { path } = ruled, rule = ruleOf(ruled);
    if (rule === "jsonl") {
      yield* readObjects(ruled);
      continue;
    }
    try {
      await using file = await openText(ruled);
      const whole = rule === "files";
      for await (const bytes of cutAtLines(file)) {
        yield { name: path, bytes, whole };
      }
    } catch (error) {
      throw cannotRead(path, error);
    }
  }
}

/** The documents of lines of JSON as a text file has them. */
async function* readObjects(file: RuledFile): AsyncGenerator<TextChunk> {
  const { path } = file;
  const encoder = new TextEncoder();
  let text = "", first = true;
  for await (const document of readJsonLines(file)) {
    text += first ? `${document}\n` : `\n${document}\n`;
    first = false;
    if (text.length < READ_SIZE) continue;
    yield { name: path, bytes: encoder.encode(text), whole: false };
    text = "";
  }
  if (text === "") return;
  yield { name: path, bytes: encoder.encode(text), whole: false };
}

async function* cutAtLines(
  file: TextSource,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let buffer = new Uint8Array(READ_SIZE);
  let filled = 0;
  let first = true;
  for (;;) {
    const read = await file.read(buffer.subarray(filled));
    if (read === null) break;
    filled += read;
    if (first && filled >= 3) {
      if (startsWithMark(buffer)) {
        buffer.copyWithin(0, 3, filled);
        filled -= 3;
      }
      first = false;
    }
    if (filled < buffer.length) continue;
    const end = endOfLine(buffer);
    const rest = buffer.subarray(end);
    const next = new Uint8Array(READ_SIZE);
    next.set(rest);
    yield buffer.slice(0, end);
    buffer = next;
    filled = rest.length;
  }
  if (filled > 0) yield buffer.slice(0, filled);
}

/** Where to cut a full buffer. */
function endOfLine(bytes: Uint8Array): number {
  const line = bytes.lastIndexOf(LINE_END) + 1;
  if (line > 0) return line;
  const blank = bytes.lastIndexOf(BLANK);
  if (blank > 0) return blank;
  let end = bytes.length;
  // The last character may be incomplete: its first byte stays for the rest.
  do end--; while (end > bytes.length - 4 && (bytes[end] & 0xc0) === 0x80);
  return end;
}
