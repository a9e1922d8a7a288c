/**
 * Any file of text as a stream of UTF-8, which all that read text read: the
 * bytes of `.txt`, `.md` and `.jsonl` as they are, the lines of pages and books,
 * the rows of tables as lines of JSON; each of them plain or packed.
 *
 * @module
 */

import { cannotRead, openPlain } from "../../files.ts";
import { packingOf, textFormOf } from "../../input_files.ts";
import { readEpub } from "./epub.ts";
import { MOST_PAGE_BYTES, readPage } from "./html_text.ts";
import { readParquet } from "./parquet_rows.ts";
import { bytesInMemory, openBytes } from "./random_bytes.ts";
import { unpack } from "./unpack.ts";

/** A file of text, and where in it a document's text is. */
export interface TextSourceFile {
  /** Where it is. */
  readonly path: string;
  /** The field of JSON, or the column of a table; `text` unless given. */
  readonly textField?: string;
}

/** Bytes that are read one after the other. */
export interface TextSource extends AsyncDisposable {
  /** Reads some into a buffer; null at the end. */
  read(into: Uint8Array): Promise<number | null>;
}

/** How much is read at once where something else decides what comes of it. */
const READ_SIZE = 2 ** 18;
/** What has to be unpacked into memory, as parts of it are read by their places. */
const MOST_IN_MEMORY = 2 ** 28;

/** Whether what is read of a file are its own bytes. */
export function isPlainText(path: string): boolean {
  const form = textFormOf(path);
  return packingOf(path) === undefined &&
    ["text", "markdown", "lines"].includes(form);
}

/**
 * Opens a file of text.
 *
 * @param file The file; what it is its name tells.
 * @param from The first byte to read, of the text that the file becomes.
 * @throws {Error} When it cannot be read, here or later, with the reason alone.
 *
 * @example
 * ```ts
 * import { openText } from "./text_source.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const path = await Deno.makeTempDir() + "/a.html";
 * await Deno.writeTextFile(path, "<h1>Ol&aacute;</h1><p>Bom dia.");
 * await using source = await openText({ path });
 * const bytes = new Uint8Array(100);
 * const length = await source.read(bytes);
 * const text = new TextDecoder().decode(bytes.subarray(0, length!));
 * assertEquals(text, "Olá\nBom dia.\n");
 * ```
 */
export async function openText(
  file: TextSourceFile,
  from = 0,
): Promise<TextSource> {
  if (isPlainText(file.path)) {
    const plain = await openPlain(file.path);
    await plain.seek(from, Deno.SeekMode.Start);
    return {
      read: (into) => plain.read(into),
      [Symbol.asyncDispose]: () => Promise.resolve(plain.close()),
    };
  }
  const source = new PieceSource(textOf(file));
  await source.skip(from);
  return source;
}

/**
 * All the text of a file, which has to be in memory as a whole.
 *
 * @param maxBytes A longer one is refused.
 * @throws {Error} When it cannot be read, with the reason alone.
 */
export async function readAllText(
  file: TextSourceFile,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  return await gathered(textOf(file), maxBytes);
}

/**
 * The bytes of a file that is to be read in another way than as text, unpacked.
 *
 * @param maxBytes A longer one is refused.
 * @throws {Error} When it cannot be read.
 */
export async function readUnpacked(
  path: string,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await gathered(contentOf(path), maxBytes);
  } catch (error) {
    throw cannotRead(path, error);
  }
}

/** The text of a file in pieces. */
async function* textOf(
  { path, textField = "text" }: TextSourceFile,
): AsyncGenerator<Uint8Array> {
  const form = textFormOf(path), packing = packingOf(path);
  if (form === "table" || form === "book") {
    using bytes = packing === undefined
      ? await openBytes(path)
      : bytesInMemory(await gathered(contentOf(path), MOST_IN_MEMORY));
    yield* form === "table" ? readParquet(bytes, textField) : readEpub(bytes);
  } else if (form === "page") {
    const bytes = await gathered(contentOf(path), MOST_PAGE_BYTES);
    const { paragraphs } = readPage(bytes);
    if (paragraphs.length === 0) return;
    yield new TextEncoder().encode(`${paragraphs.join("\n")}\n`);
  } else yield* contentOf(path);
}

/** A file's bytes, unpacked. */
async function* contentOf(path: string): AsyncGenerator<Uint8Array> {
  const packing = packingOf(path);
  const bytes = bytesOf(path);
  yield* packing === undefined ? bytes : unpack(bytes, packing);
}

async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  using file = await openPlain(path);
  for (;;) {
    const buffer = new Uint8Array(READ_SIZE);
    const read = await file.read(buffer);
    if (read === null) return;
    yield buffer.subarray(0, read);
  }
}

async function gathered(
  pieces: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  let all = new Uint8Array(READ_SIZE), length = 0;
  for await (const piece of pieces) {
    if (length + piece.length > maxBytes) {
      throw new RangeError(`it has more than ${maxBytes} bytes`);
    }
    if (length + piece.length > all.length) {
      const more = new Uint8Array(2 * (length + piece.length));
      more.set(all.subarray(0, length));
      all = more;
    }
    all.set(piece, length);
    length += piece.length;
  }
  return all.subarray(0, length);
}

/** Pieces, read as a file is. */
class PieceSource implements TextSource {
  readonly #pieces: AsyncGenerator<Uint8Array>;
  #piece: Uint8Array = new Uint8Array();

  constructor(pieces: AsyncGenerator<Uint8Array>) {
    this.#pieces = pieces;
  }

  async read(into: Uint8Array): Promise<number | null> {
    if (!await this.#more()) return null;
    const some = this.#piece.subarray(0, into.length);
    into.set(some);
    this.#piece = this.#piece.subarray(some.length);
    return some.length;
  }

  /** Passes over bytes; no error where there are fewer. */
  async skip(length: number): Promise<void> {
    for (let left = length; left > 0 && await this.#more();) {
      const some = Math.min(left, this.#piece.length);
      this.#piece = this.#piece.subarray(some);
      left -= some;
    }
  }

  async #more(): Promise<boolean> {
    while (this.#piece.length === 0) {
      const { done, value } = await this.#pieces.next();
      if (done) return false;
      this.#piece = value;
    }
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pieces.return(undefined);
  }
}
