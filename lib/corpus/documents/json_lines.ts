/**
 * The texts of a `.jsonl` file, for commands that take a broken line for a
 * mistake: each line an object whose `text` is one document.
 *
 * @module
 */

import { cannotRead } from "../../files.ts";
import { LONGEST, readDocuments } from "./document_reader.ts";
import { decodeDocument, type Fault } from "./document_text.ts";

const FORMAT = { json: true, textField: "text" };

const REASONS: Readonly<Partial<Record<Fault, string>>> = {
  too_long: `has more than ${LONGEST} bytes`,
  not_utf8: "is not UTF-8 text",
  not_json: "is not JSON",
  no_text: 'is no object with a "text"',
};

/**
 * Reads the documents of a file.
 *
 * @returns Their texts in order, without blank lines, which divide documents
 * in text files; none is blank.
 * @throws {SyntaxError} When a line cannot be read; it is named.
 * @throws {Error} When the file cannot be read.
 *
 * @example
 * ```ts
 * import { readJsonLines } from "./json_lines.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const path = await Deno.makeTempDir() + "/a.jsonl";
 * await Deno.writeTextFile(path, '{"text": "Um.\\n\\nDois."}\n{"text": ""}\n');
 * assertEquals(await Array.fromAsync(readJsonLines(path)), ["Um.\nDois."]);
 * ```
 */
export async function* readJsonLines(path: string): AsyncGenerator<string> {
  const files = [{ path, documents: "jsonl" as const }];
  for await (const { offset, bytes } of readDocuments(files)) {
    const { text, fault } = decodeDocument(bytes, FORMAT);
    if (text === undefined) {
      const line = await lineAt(path, offset);
      throw new SyntaxError(
        `Cannot read "${path}": line ${line} ${REASONS[fault!]}`,
      );
    }
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    if (lines.length > 0) yield lines.join("\n");
  }
}

/**
 * The number of the line that has a file's byte, from 1.
 *
 * @param path The file.
 * @param offset Where the byte is.
 * @throws {Error} When it cannot be read.
 */
export async function lineAt(path: string, offset: number): Promise<number> {
  let line = 1, left = offset;
  try {
    const file = await Deno.open(path);
    for await (const bytes of file.readable) {
      const before = bytes.subarray(0, left);
      for (const byte of before) if (byte === 0x0a) line++;
      left -= before.length;
      if (left === 0) break;
    }
  } catch (error) {
    throw cannotRead(path, error);
  }
  return line;
}
