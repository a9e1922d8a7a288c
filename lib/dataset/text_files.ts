/**
 * Text files as streams: found in a fixed order, read in pieces of bounded
 * size, cut where lines end.
 *
 * @module
 */

import { reasonOf } from "../files.ts";
import type { TextChunk } from "../corpus/documents/text_chunk.ts";

/** A text file that was found. */
export interface TextFile {
  /** Where it is. */
  readonly path: string;
  /** Its length in bytes. */
  readonly size: number;
}

/** Which files of a folder are text. */
const TEXT_NAME = /\.(txt|md)$/i;
/** How much is read at once, in bytes. */
const READ_SIZE = 2 ** 20;
const LINE_END = 0x0a;
const BLANK = 0x20;

/**
 * Lists the text files at a path.
 *
 * @param path A file of any name, or a folder, searched through for `.txt` and
 * `.md` files.
 * @returns The files, sorted by path.
 * @throws {Error} When the path cannot be read, has no text file or only
 * empty ones.
 *
 * @example
 * ```ts
 * import { listTextFiles } from "./text_files.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(folder + "/b.txt", "b");
 * await Deno.writeTextFile(folder + "/a.md", "a");
 * await Deno.writeTextFile(folder + "/c.json", "{}");
 * const files = await listTextFiles(folder);
 * assertEquals(files.map((file) => file.path.slice(-4)), ["a.md", ".txt"]);
 * ```
 */
export async function listTextFiles(path: string): Promise<TextFile[]> {
  const files: TextFile[] = [];
  try {
    const { isDirectory, size } = await Deno.stat(path);
    if (isDirectory) await collect(path.replace(/(?<=.)[/\\]+$/, ""), files);
    else files.push({ path, size });
  } catch (error) {
    throw new Error(`Cannot read "${path}": ${reasonOf(error)}`, {
      cause: error,
    });
  }
  if (files.length === 0) {
    throw new Error(`Cannot read "${path}": it holds no .txt or .md file`);
  }
  if (files.every(({ size }) => size === 0)) {
    throw new Error(`Cannot read "${path}": it is empty`);
  }
  return files.sort((a, b) => a.path < b.path ? -1 : 1);
}

async function collect(folder: string, files: TextFile[]): Promise<void> {
  for await (const entry of Deno.readDir(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) await collect(path, files);
    else if (TEXT_NAME.test(entry.name)) {
      const { isFile, size } = await Deno.stat(path);
      if (isFile) files.push({ path, size });
    }
  }
}

/**
 * Reads files in turn, in pieces of about a megabyte that end where a line
 * does; a longer line is cut at a blank or, without any, between characters. A
 * byte-order mark at a file's start is left out.
 *
 * @param files The files in order.
 * @returns The pieces. Where they are cut depends on the files alone.
 * @throws {Error} When a file cannot be read.
 */
export async function* readTextChunks(
  files: Iterable<TextFile>,
): AsyncGenerator<TextChunk> {
  for (const { path } of files) {
    try {
      using file = await Deno.open(path);
      for await (const bytes of cutAtLines(file)) yield { name: path, bytes };
    } catch (error) {
      throw new Error(`Cannot read "${path}": ${reasonOf(error)}`, {
        cause: error,
      });
    }
  }
}

async function* cutAtLines(
  file: Deno.FsFile,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let buffer = new Uint8Array(READ_SIZE);
  let filled = 0;
  let first = true;
  for (;;) {
    const read = await file.read(buffer.subarray(filled));
    if (read === null) break;
    filled += read;
    if (first && (filled >= 3)) {
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

function startsWithMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
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
