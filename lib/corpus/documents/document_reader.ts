/**
 * Documents as they stand in files, as bytes with their place, so that a reader
 * can go on from any of them. What they say is for `document_text.ts`.
 *
 * Memory: a megabyte and one document, of at most {@linkcode LONGEST} bytes;
 * of a longer one only its place and length are given.
 *
 * @module
 */

import { cannotRead } from "../../files.ts";
import {
  isPlainText,
  openText,
  type TextSource,
  type TextSourceFile,
} from "../formats/text_source.ts";
import { type RuledFile, ruleOf } from "./document_rule.ts";

/** The longest document, in bytes. */
export const LONGEST = 2 ** 24;

/** A document's place. */
export interface Place {
  /** The file's number in its source. */
  readonly file: number;
  /** The first byte of the document in the text that the file becomes. */
  readonly offset: number;
}

/** A document as it was read. */
export interface RawDocument extends Place {
  /** How many bytes it has. */
  readonly length: number;
  /**
   * The document's bytes, valid until the next one is asked for; undefined when
   * they are more than {@linkcode LONGEST}.
   */
  readonly bytes?: Uint8Array;
}

const READ_SIZE = 2 ** 20;
const LINE_END = 0x0a;

/**
 * Reads the documents of files.
 *
 * @param files The files, in order, each with its rule (`document_rule.ts`).
 * @param from Where to begin: at the first document that starts there or after.
 * @throws {Error} When a file cannot be read.
 *
 * @example
 * ```ts
 * import { readDocuments } from "./document_reader.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/a.txt`, "Um.\nDois.\n\n\nTrês.\n");
 * const places: number[][] = [];
 * const files = [{ path: `${folder}/a.txt` }];
 * for await (const { offset, length } of readDocuments(files)) {
 *   places.push([offset, length]);
 * }
 * assertEquals(places, [[0, 9], [12, 6]]);
 * ```
 */
export async function* readDocuments(
  files: readonly RuledFile[],
  from: Place = { file: 0, offset: 0 },
): AsyncGenerator<RawDocument> {
  for (let file = from.file; file < files.length; file++) {
    const { path } = files[file];
    const start = file === from.file ? from.offset : 0;
    try {
      await using source = await openText(files[file], start);
      const scanner = new Scanner(files[file], file, start);
      while (await scanner.fill(source)) yield* scanner.scan();
      yield* scanner.end();
    } catch (error) {
      throw cannotRead(path, error);
    }
  }
}

/** Finds documents in a file's bytes as they come. */
class Scanner {
  readonly #json: boolean;
  readonly #whole: boolean;
  readonly #file: number;
  #buffer = new Uint8Array(2 * READ_SIZE);
  /** Bytes in the buffer, and where in the file they begin. */
  #filled = 0;
  #base: number;
  /** The line that is being read: where it begins and has been searched to. */
  #line: number;
  #searched: number;
  /** Whether the part of the line that was given up held text. */
  #lineHasText = false;
  /** Where the open document begins, and where it ends so far. */
  #start?: number;
  #end = 0;
  #tooLong = false;

  constructor(ruled: RuledFile, file: number, base: number) {
    const rule = ruleOf(ruled);
    this.#json = rule === "jsonl";
    this.#whole = rule === "files";
    this.#file = file;
    this.#base = this.#line = this.#searched = base;
  }

  /** Reads some more; false at the end of the file. */
  async fill(source: TextSource): Promise<boolean> {
    this.#release();
    if (this.#buffer.length - this.#filled < READ_SIZE) {
      const larger = new Uint8Array(2 * this.#buffer.length);
      larger.set(this.#buffer.subarray(0, this.#filled));
      this.#buffer = larger;
    }
    const read = await source.read(this.#buffer.subarray(this.#filled));
    if (read === null) return false;
    this.#filled += read;
    if (this.#base === 0 && this.#line === 0 && startsWithMark(this.#buffer)) {
      this.#line = this.#searched = 3;
    }
    return true;
  }

  /** The documents that end in what has been read. */
  *scan(): Generator<RawDocument> {
    for (;;) {
      const at = this.#buffer.subarray(0, this.#filled)
        .indexOf(LINE_END, this.#searched - this.#base);
      if (at < 0) break;
      yield* this.#endLine(this.#base + at);
      this.#line = this.#searched = this.#base + at + 1;
      this.#lineHasText = false;
    }
    this.#searched = this.#base + this.#filled;
  }

  /** The last document, which no line end need follow. */
  *end(): Generator<RawDocument> {
    yield* this.#endLine(this.#base + this.#filled);
    yield* this.#document();
  }

  *#endLine(end: number): Generator<RawDocument> {
    if (!this.#lineHasText && !this.#hasText(this.#line, end)) {
      if (!this.#whole) yield* this.#document();
      return;
    }
    this.#start ??= this.#line;
    this.#end = end;
    if (this.#json) yield* this.#document();
  }

  *#document(): Generator<RawDocument> {
    if (this.#start === undefined) return;
    const offset = this.#start, length = this.#end - offset;
    const place = { file: this.#file, offset, length };
    if (this.#tooLong || length > LONGEST) yield place;
    else {
      const from = offset - this.#base;
      yield { ...place, bytes: this.#buffer.subarray(from, from + length) };
    }
    this.#start = undefined;
    this.#tooLong = false;
  }

  /** Forgets bytes that are no longer needed, or too many. */
  #release(): void {
    let keep = this.#tooLong ? this.#searched : this.#start ?? this.#line;
    const read = this.#base + this.#filled;
    if (read - keep > LONGEST) {
      if (this.#start === undefined && !this.#hasText(this.#line, read)) {
        this.#line = read; // blanks only, so far
      } else {
        // The document goes on, but its bytes are given up.
        this.#start ??= this.#line;
        this.#tooLong = true;
      }
      keep = read;
    }
    if (this.#tooLong) {
      this.#lineHasText ||= this.#hasText(this.#line, keep);
      this.#line = Math.max(this.#line, keep);
    }
    this.#buffer.copyWithin(0, keep - this.#base, this.#filled);
    this.#filled -= keep - this.#base;
    this.#base = keep;
  }

  /** Whether a part of the file that is in the buffer is not all blanks. */
  #hasText(from: number, to: number): boolean {
    for (let i = from - this.#base; i < to - this.#base; i++) {
      const byte = this.#buffer[i];
      if (byte !== 0x20 && (byte < 0x09 || byte > 0x0d)) return true;
    }
    return false;
  }
}

/** Whether bytes begin with UTF-8's byte-order mark. */
export function startsWithMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

/**
 * Reads documents' bytes again, by their places.
 *
 * @example
 * ```ts
 * import { DocumentFiles } from "./document_reader.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/a.txt`, "Um.\n\nDois.\n");
 * await using files = new DocumentFiles([{ path: `${folder}/a.txt` }]);
 * const bytes = await files.read({ file: 0, offset: 5 }, 5);
 * assertEquals(new TextDecoder().decode(bytes), "Dois.");
 * ```
 */
export class DocumentFiles implements AsyncDisposable {
  readonly #files: readonly TextSourceFile[];
  #open?: OpenFile;

  /** @param files The files in order, as they were when they were read. */
  constructor(files: readonly TextSourceFile[]) {
    this.#files = files;
  }

  /**
   * Reads a document. Of a file whose text is made from what is in it, documents
   * should be asked for in order: it is read anew for one that stands before.
   *
   * @returns The bytes; of a file that is text itself at once, as there may be
   * millions.
   * @throws {Error} When the file cannot be read or has become shorter.
   */
  read(place: Place, length: number): Uint8Array | Promise<Uint8Array> {
    const file = this.#files[place.file];
    return isPlainText(file.path)
      ? this.#readPlain(file.path, place, length)
      : this.#readMade(file, place, length);
  }

  #readPlain(path: string, { file, offset }: Place, length: number) {
    try {
      if (this.#open?.handle === undefined || this.#open.file !== file) {
        this.#open?.handle?.close();
        this.#open = { file, handle: Deno.openSync(path) };
      }
      const { handle } = this.#open;
      handle!.seekSync(offset, Deno.SeekMode.Start);
      const bytes = new Uint8Array(length);
      for (let filled = 0; filled < length;) {
        const read = handle!.readSync(bytes.subarray(filled));
        if (read === null) throw changed();
        filled += read;
      }
      return bytes;
    } catch (error) {
      throw cannotRead(path, error);
    }
  }

  async #readMade(
    made: TextSourceFile,
    { file, offset }: Place,
    length: number,
  ): Promise<Uint8Array> {
    try {
      const isBehind = this.#open?.file === file && this.#open.at! <= offset;
      if (!isBehind) {
        await this[Symbol.asyncDispose]();
        const source = await openText(made, offset);
        this.#open = { file, source, at: offset };
      }
      const open = this.#open!, { source } = open;
      const bytes = new Uint8Array(length), passed = new Uint8Array(READ_SIZE);
      const end = offset + length;
      while (open.at! < end) {
        const into = open.at! < offset
          ? passed.subarray(0, offset - open.at!)
          : bytes.subarray(open.at! - offset);
        const read = await source!.read(into);
        if (read === null) throw changed();
        open.at! += read;
      }
      return bytes;
    } catch (error) {
      throw cannotRead(made.path, error);
    }
  }

  /** Closes the file that is open. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#open?.handle?.close();
    await this.#open?.source?.[Symbol.asyncDispose]();
    this.#open = undefined;
  }
}

/** The file that is open: one that is text itself, or as a stream of text. */
interface OpenFile {
  readonly file: number;
  readonly handle?: Deno.FsFile;
  readonly source?: TextSource;
  /** The next byte of the stream. */
  at?: number;
}

function changed(): Error {
  return new Error("it has been changed meanwhile");
}
