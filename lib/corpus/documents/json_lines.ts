/**
 * The texts of a `.jsonl` or `.parquet` file, for commands that take a broken line for a
 * mistake: each line an object whose `text` is one document.
 *
 * @module
 */

import { cannotRead } from "../../files.ts";
import { openText, type TextSourceFile } from "../formats/text_source.ts";
import { LONGEST, readDocuments } from "./document_reader.ts";
import { decodeDocument, type Fault } from "./document_text.ts";

const READ_SIZE = 2 ** 18;

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
 * const texts = await Array.fromAsync(readJsonLines({ path }));
 * assertEquals(texts, ["Um.\nDois."]);
 * ```
 */
export async function* readJsonLines(
  file: TextSourceFile,
): AsyncGenerator<string> {
  const { path, textField = "text" } = file;
  const files = [{ ...file, documents: "jsonl" as const }];
  for await (const { offset, bytes } of readDocuments(files)) {
    const { text, fault } = decodeDocument(bytes, { json: true, textField });
    if (text === undefined) {
      const line = await lineAt(file, offset);
      throw new SyntaxError(
        `Cannot read "${path}": line ${line} ${REASONS[fault!]}`,
      );
    }
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    if (lines.length > 0) yield lines.join("\n");
  }
}

/**
 * The number of the line that has a byte of a file's text, from 1.
 *
 * @param file The file.
 * @param offset Where the byte is.
 * @throws {Error} When it cannot be read.
 */
export async function lineAt(
  file: TextSourceFile,
  offset: number,
): Promise<number> {
  const buffer = new Uint8Array(READ_SIZE);
  let line = 1;
  try {
    await using source = await openText(file);
    for (let left = offset; left > 0;) {
      const read = await source.read(buffer.subarray(0, left));
      if (read === null) break;
      for (const byte of buffer.subarray(0, read)) if (byte === 0x0a) line++;
      left -= read;
    }
  } catch (error) {
    throw cannotRead(file.path, error);
  }
  return line;
}
