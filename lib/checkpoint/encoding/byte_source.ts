/**
 * Bytes that can be read anywhere, of a file or in memory, and what is said of
 * those that are not what they should be.
 *
 * @module
 */

import { openPlain, reasonOf } from "../../files.ts";
import { placeOf } from "../../placing.ts";

/** Bytes that can be read anywhere. */
export interface ByteSource {
  /** What errors call it: `checkpoint "a.mpk"`. */
  readonly name: string;
  /** Bytes in all. */
  readonly length: number;
  /** Fills `into` from the bytes at `offset`, all of which exist. */
  read(into: Uint8Array, offset: number): void;
}

/** Where binary data stands in its source. */
export class Span {
  /** `length` bytes from `offset`. */
  constructor(
    /** The first byte. */
    readonly offset: number,
    /** How many bytes. */
    readonly length: number,
    /** The CRC-32 they had when they were written, where the file says so. */
    readonly checksum?: number,
  ) {}
}

/** Bytes in memory as a {@linkcode ByteSource}. */
export function memorySource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    length: bytes.length,
    read: (into, offset) =>
      into.set(bytes.subarray(offset, offset + into.length)),
  };
}

/** What the system knows a file by, whatever its name. */
export type FileIdentity = Pick<Deno.FileInfo, "dev" | "ino" | "size">;

/** An open file as a {@linkcode ByteSource}. */
export class FileSource implements ByteSource, Disposable {
  readonly length: number;
  /** Where it stood when it was opened, if it has a name, and which it is. */
  readonly file?: { readonly path: string; readonly identity: FileIdentity };
  readonly #file: Deno.FsFile;

  /**
   * An open file, which is closed with this.
   *
   * @param name What errors call it.
   * @param path Its own name, where it has one.
   */
  constructor(readonly name: string, file: Deno.FsFile, path?: string) {
    this.#file = file;
    const { dev, ino, size } = file.statSync();
    this.length = size;
    if (path !== undefined) this.file = { path, identity: { dev, ino, size } };
  }

  /**
   * Opens a file; dispose of it to close it.
   *
   * @param what What errors call it before its path.
   * @throws {Error} When the system refuses, or it is not a plain file.
   */
  static async open(path: string, what: string): Promise<FileSource> {
    const name = `${what} "${path}"`;
    try {
      return new FileSource(name, await openPlain(path), placeOf(path));
    } catch (error) {
      throw new Error(`Cannot read ${name}: ${reasonOf(error)}`, {
        cause: error,
      });
    }
  }

  /** Fills `into` before it returns, so that reads never mix. */
  read(into: Uint8Array, offset: number): void {
    let at = 0;
    try {
      this.#file.seekSync(offset, Deno.SeekMode.Start);
      while (at < into.length) {
        const count = this.#file.readSync(into.subarray(at));
        if (count === null) throw new Error("it became shorter meanwhile");
        at += count;
      }
    } catch (error) {
      throw new Error(`Cannot read ${this.name}: ${reasonOf(error)}`, {
        cause: error,
      });
    }
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/** The cause of an error about a file that may be whole, and is not read here. */
export const UNSUPPORTED = new Error();

/**
 * What is wrong with a file, short and safe for a terminal whatever it holds.
 *
 * @param cause The error that says so, where there is one.
 */
export function malformed(
  source: ByteSource,
  reason: string,
  cause?: Error,
): SyntaxError {
  const shown = reason.slice(0, 300).replaceAll(/\p{Cc}/gu, "?");
  return new SyntaxError(`Cannot read ${source.name}: ${shown}`, { cause });
}

/**
 * An error as a sentence about its file, where its message is the reason alone;
 * a fault of our own stays as it is.
 */
export function malformedBy(source: ByteSource, error: unknown): unknown {
  if (!(error instanceof SyntaxError || error instanceof RangeError)) {
    return error;
  }
  return malformed(source, error.message.replace(/^Cannot /, "cannot "), error);
}
