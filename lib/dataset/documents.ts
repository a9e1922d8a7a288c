/**
 * Pieces of text files to documents: the whole of a file, or every block
 * between blank lines.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import {
  decodeChunk,
  type TextChunk,
} from "../corpus/documents/text_chunks.ts";
import { isOneDocument } from "../input_files.ts";
import { countKept, decodeKeeping } from "./broken_utf8.ts";

/** One document. */
export interface TextDocument {
  /** Its lines, joined by `\n`, without a last one. */
  readonly text: string;
  /** Its length in the file, in bytes, blank lines left out. */
  readonly sourceBytes: number;
  /** Whether it goes on with the work that the document before it is part of. */
  readonly continues?: boolean;
}

/**
 * The longest document, in UTF-16 units. A longer one, such as a file of a
 * sentence a line, becomes several, cut where lines end.
 */
export const LONGEST_DOCUMENT = 2 ** 24;

/**
 * Splits pieces of files into documents. Memory: a piece and a document.
 *
 * @param chunks As `readTextChunks()` gives them.
 * @param options With `keepBytes`, what is not UTF-8 is kept, as `decodeKeeping()`
 * does; otherwise it is an error.
 * @returns The documents in order; none is blank.
 * @throws {SyntaxError} When a file is not UTF-8 and bytes are not kept.
 *
 * @example
 * ```ts
 * import { splitDocuments } from "./documents.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("Um.\nDois.\n\n\nTrês.\n");
 * const texts: string[] = [];
 * for await (const { text } of splitDocuments([{ name: "a.txt", bytes }])) {
 *   texts.push(text);
 * }
 * assertEquals(texts, ["Um.\nDois.", "Três."]);
 * ```
 */
export async function* splitDocuments(
  chunks: AsyncIterable<TextChunk> | Iterable<TextChunk>,
  { keepBytes = false }: { readonly keepBytes?: boolean } = {},
): AsyncGenerator<TextDocument> {
  let builder: DocumentBuilder | undefined;
  for await (const chunk of chunks) {
    if (builder?.name !== chunk.name) {
      if (builder !== undefined) yield* builder.end();
      builder = new DocumentBuilder(chunk);
    }
    yield* builder.push(
      keepBytes ? decodeKeeping(chunk.bytes) : decodeChunk(chunk),
    );
  }
  if (builder !== undefined) yield* builder.end();
}

/** Gathers the lines of one file's documents. */
class DocumentBuilder {
  readonly name: string;
  readonly #whole: boolean;
  #lines: string[] = [];
  #length = 0;
  #continues = false;
  // A line that the last piece did not end.
  #open = "";

  constructor({ name, whole = isOneDocument(name) }: TextChunk) {
    this.name = name;
    this.#whole = whole;
  }

  *push(text: string): Generator<TextDocument> {
    let start = 0;
    for (
      let end = text.indexOf("\n");
      end >= 0;
      end = text.indexOf("\n", start)
    ) {
      yield* this.#line(this.#open + text.slice(start, end));
      this.#open = "";
      start = end + 1;
    }
    this.#open += text.slice(start);
    if (this.#open.length > LONGEST_DOCUMENT) {
      yield* this.#line(this.#open);
      this.#open = "";
    }
  }

  *end(): Generator<TextDocument> {
    yield* this.#line(this.#open);
    this.#open = "";
    yield* this.#document(false);
  }

  *#line(line: string): Generator<TextDocument> {
    if (line.endsWith("\r")) line = line.slice(0, -1);
    if (line.trim() === "") {
      if (!this.#whole) return yield* this.#document(false);
      if (this.#lines.length === 0) return;
    }
    this.#lines.push(line);
    this.#length += line.length + 1;
    if (this.#length > LONGEST_DOCUMENT) yield* this.#document(true);
  }

  *#document(goesOn: boolean): Generator<TextDocument> {
    // In a whole file blank lines at the end can be left.
    while (this.#lines.at(-1)?.trim() === "") this.#lines.pop();
    if (this.#lines.length > 0) {
      const text = this.#lines.join("\n");
      const sourceBytes = sourceLength(text);
      yield this.#continues
        ? { text, sourceBytes, continues: true }
        : { text, sourceBytes };
    }
    this.#lines = [];
    this.#length = 0;
    this.#continues = goesOn;
  }
}

/** How many bytes a text has in its file: a byte that was kept is one. */
function sourceLength(text: string): number {
  // Escaped, it counts as three.
  return Buffer.byteLength(text) - 2 * countKept(text);
}
