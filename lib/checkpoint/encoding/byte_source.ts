/**
 * Bytes that can be read anywhere, such as those in memory, and what is said of
 * those that are not what they should be. Files are in `file_source.ts`.
 *
 * @module
 */

import type { FileIdentity } from "../../backend/backend.ts";

/** Bytes that can be read anywhere. */
export interface ByteSource {
  /** What errors call it: `checkpoint "a.mpk"`. */
  readonly name: string;
  /** Bytes in all. */
  readonly length: number;
  /** Of a file, where it stood when it was opened, and which it is. */
  readonly file?: { readonly path: string; readonly identity: FileIdentity };
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

/** Bytes in memory as a {@linkcode ByteSource}, with nothing to be closed. */
export function memorySource(
  name: string,
  bytes: Uint8Array,
): ByteSource & Disposable {
  return {
    name,
    length: bytes.length,
    read: (into, offset) =>
      into.set(bytes.subarray(offset, offset + into.length)),
    [Symbol.dispose]() {},
  };
}

/** The cause of an error about a file that may be whole, and is not read here. */
export const UNSUPPORTED: Error = new Error();

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
