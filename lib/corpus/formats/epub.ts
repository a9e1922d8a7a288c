/**
 * Books in EPUB (2 and 3): the pages of HTML that the book's spine puts in order,
 * as text, a paragraph a line.
 *
 * yauzl reads the archive; lengths, checksums and what is in it are checked
 * here. Memory: a page of at most 64 MiB, and the names of the files.
 *
 * @module
 */

import { Readable } from "node:stream";
import { crc32 } from "node:zlib";
import { SaxesParser } from "npm:saxes@6.0.0";
// @ts-types="npm:@types/yauzl@3.4.0"
import {
  type Entry,
  fromRandomAccessReader,
  RandomAccessReader,
  type ZipFile,
} from "npm:yauzl@3.4.0";
import { MOST_PAGE_BYTES, readPage } from "./html_text.ts";
import type { RandomBytes } from "./random_bytes.ts";

/** More files than this are in no book. */
const MOST_FILES = 100_000;
/** How long what describes a book may be, in bytes. */
const MOST_DESCRIPTION = 2 ** 24;
/** How much text a book may become, in bytes: the Bible has some 4 MB. */
const MOST_BOOK = 2 ** 28;
const CONTAINER = "META-INF/container.xml";
const ENCRYPTION = "META-INF/encryption.xml";
const PAGE_TYPE =
  /^(?:application\/xhtml\+xml|text\/html|text\/x-oeb1-document)$/;

/**
 * Reads a book.
 *
 * @param file The book; it is not closed here.
 * @returns The text of its pages, in order, each ending with a line's end.
 * @throws {SyntaxError} When it is no EPUB, damaged, cut off or encrypted.
 * @throws {RangeError} When there is too much in it.
 */
export async function* readEpub(
  file: RandomBytes,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const archive = await Archive.open(file);
  try {
    const encoder = new TextEncoder();
    let length = 0;
    for (const page of await pagesOf(archive)) {
      const { paragraphs } = readPage(
        await archive.read(page, MOST_PAGE_BYTES),
      );
      if (paragraphs.length === 0) continue;
      const bytes = encoder.encode(`${paragraphs.join("\n")}\n`);
      length += bytes.length;
      if (length > MOST_BOOK) {
        throw new RangeError("it has more than 256 MiB of text");
      }
      yield bytes;
    }
  } finally {
    archive.close();
  }
}

/** The names of a book's pages, in the order of reading. */
async function pagesOf(archive: Archive): Promise<string[]> {
  if (!archive.has(CONTAINER)) throw new SyntaxError("it is no EPUB");
  let description: string | undefined;
  const container = await archive.read(CONTAINER, MOST_DESCRIPTION);
  readElements(container, (name, attributes) => {
    if (name === "rootfile") description ??= attributes["full-path"];
  });
  if (description === undefined) throw new SyntaxError("it is no EPUB");
  const files = new Map<string, { place: string; isPage: boolean }>();
  const spine: string[] = [];
  const base = `epub:///${description}`;
  const bytes = await archive.read(description, MOST_DESCRIPTION);
  readElements(bytes, (name, attributes) => {
    const { id, href, idref, properties = "" } = attributes;
    const type = attributes["media-type"] ?? "";
    if (name === "itemref" && idref !== undefined) spine.push(idref);
    if (name !== "item" || id === undefined || href === undefined) return;
    const isContents = properties.split(/\s+/).includes("nav");
    files.set(id, {
      place: placeOf(href, base),
      isPage: PAGE_TYPE.test(type) && !isContents,
    });
  });
  const pages = spine.map((id) => files.get(id))
    .filter((file) => file?.isPage).map((file) => file!.place);
  if (pages.length === 0) throw new SyntaxError("it has no page of text");
  await refuseEncrypted(archive, pages);
  return [...new Set(pages)];
}

/** Where in the archive a file lies that another names. */
function placeOf(href: string, base: string): string {
  const url = URL.parse(href, base);
  if (url === null || url.protocol !== "epub:") {
    throw new SyntaxError("it names files that it has not");
  }
  try {
    return decodeURIComponent(url.pathname.slice(1));
  } catch {
    return url.pathname.slice(1);
  }
}

/** Fonts may be disguised; a book whose pages are encrypted cannot be read. */
async function refuseEncrypted(
  archive: Archive,
  pages: readonly string[],
): Promise<void> {
  if (!archive.has(ENCRYPTION)) return;
  const bytes = await archive.read(ENCRYPTION, MOST_DESCRIPTION);
  readElements(bytes, (name, { URI }) => {
    if (name !== "CipherReference" || URI === undefined) return;
    if (pages.includes(placeOf(URI, "epub:///"))) throw encrypted();
  });
}

function encrypted(): SyntaxError {
  return new SyntaxError("it is encrypted");
}

/** Tells of the elements of XML, by their names without prefixes. */
function readElements(
  bytes: Uint8Array,
  told: (name: string, attributes: Record<string, string>) => void,
): void {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  const text = new TextDecoder(isUtf16 ? "utf-16le" : "utf-8").decode(bytes);
  const parser = new SaxesParser();
  parser.on("error", (error) => {
    throw new SyntaxError("what describes the book is damaged", {
      cause: error,
    });
  });
  parser.on("opentag", ({ name, attributes }) => {
    told(name.replace(/^.*:/, ""), attributes);
  });
  parser.write(text).close();
}

/** How much of a file is asked for at once, in bytes. */
const READ_SIZE = 2 ** 18;

/** Bytes as yauzl wants to read them. */
class BytesReader extends RandomAccessReader {
  readonly #bytes: RandomBytes;

  constructor(bytes: RandomBytes) {
    super();
    this.#bytes = bytes;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    const bytes = this.#bytes;
    async function* pieces() {
      for (let at = start; at < end; at += READ_SIZE) {
        yield await bytes.read(at, Math.min(READ_SIZE, end - at));
      }
    }
    return Readable.from(pieces(), { objectMode: false });
  }
}

/** The files of an archive, by their names. */
class Archive {
  readonly #zip: ZipFile;
  readonly #entries: ReadonlyMap<string, Entry>;

  private constructor(zip: ZipFile, entries: ReadonlyMap<string, Entry>) {
    this.#zip = zip;
    this.#entries = entries;
  }

  /** Reads the names; entries are read only when they are asked for. */
  static async open(file: RandomBytes): Promise<Archive> {
    const zip = await new Promise<ZipFile>((resolve, reject) => {
      const options = { lazyEntries: true, autoClose: false };
      fromRandomAccessReader(
        new BytesReader(file),
        file.size,
        options,
        (error, zip) =>
          error === null || error === undefined
            ? resolve(zip!)
            : reject(archiveError(error)),
      );
    });
    try {
      return new Archive(zip, await entriesOf(zip));
    } catch (error) {
      zip.close();
      throw error;
    }
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  /**
   * Unpacks a file.
   *
   * @param most A longer one is refused before any of it is unpacked.
   */
  async read(name: string, most: number): Promise<Uint8Array> {
    const entry = this.#entries.get(name);
    if (entry === undefined) {
      throw new SyntaxError("it names files that it has not");
    }
    if (entry.isEncrypted()) throw encrypted();
    const { uncompressedSize, crc32: told } = entry;
    if (uncompressedSize > most) {
      throw new RangeError(`it has a file of more than ${most} bytes`);
    }
    const bytes = new Uint8Array(uncompressedSize);
    let length = 0;
    try {
      const stream = await new Promise<AsyncIterable<Uint8Array>>(
        (resolve, reject) =>
          this.#zip.openReadStream(
            entry,
            (error, stream) =>
              error === null || error === undefined
                ? resolve(stream!)
                : reject(error),
          ),
      );
      for await (const chunk of stream) {
        // It has been seen to by yauzl that there is no more.
        bytes.set(chunk, length);
        length += chunk.length;
      }
    } catch (error) {
      throw archiveError(error);
    }
    if (length !== uncompressedSize || crc32(bytes) !== told) {
      throw new SyntaxError("it is damaged");
    }
    return bytes;
  }

  close(): void {
    this.#zip.close();
  }
}

function entriesOf(zip: ZipFile): Promise<Map<string, Entry>> {
  if (zip.entryCount > MOST_FILES) {
    throw new RangeError(`it has more than ${MOST_FILES} files`);
  }
  const entries = new Map<string, Entry>();
  return new Promise((resolve, reject) => {
    zip.on("entry", (entry: Entry) => {
      // Of two of a name readers take the first.
      if (!entries.has(entry.fileName)) entries.set(entry.fileName, entry);
      zip.readEntry();
    });
    zip.on("error", (error: unknown) => reject(archiveError(error)));
    zip.on("end", () => resolve(entries));
    zip.readEntry();
  });
}

/** What the package says in words of its own, or what the system says. */
function archiveError(error: unknown): unknown {
  const { code, message } = error as { code?: string; message?: string };
  if (code?.startsWith("E")) return error;
  return new SyntaxError(
    /end of central directory/i.test(message ?? "")
      ? "it is no EPUB, or cut off"
      : "it is damaged",
    { cause: error },
  );
}
