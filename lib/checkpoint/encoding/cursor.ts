/**
 * Reads a file from its start on, a few bytes at a time. Numbers are
 * little-endian.
 *
 * @module
 */

import { type ByteSource, malformed } from "./byte_source.ts";

/** Bytes that are read at once. */
const WINDOW = 2 ** 16;

/** A place in a file; every step is held against the bytes that are left. */
export class Cursor {
  /** The next byte. */
  at = 0;
  readonly #source: ByteSource;
  #window = new Uint8Array(0);
  #start = 0;

  /** Starts at the first byte of a file. */
  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** A number of 32 bits. */
  uint32(): number {
    return this.#view(4).getUint32(0, true);
  }

  /** A signed number of 32 bits. */
  int32(): number {
    return this.#view(4).getInt32(0, true);
  }

  /** A number of 64 bits; one that is larger than can be counted fails. */
  uint64(): number {
    const value = Number(this.#view(8).getBigUint64(0, true));
    return Number.isSafeInteger(value)
      ? value
      : this.fail("a number is too large");
  }

  /** Some bytes, fewer than a window; good until the next step. */
  bytes(length: number): Uint8Array {
    const { buffer, byteOffset } = this.#view(length);
    return new Uint8Array(buffer, byteOffset, length);
  }

  /** Steps over bytes. */
  skip(length: number): void {
    if (length > this.#source.length - this.at) this.fail("it is cut short");
    this.at += length;
  }

  /** Says what is wrong, and where. */
  fail(reason: string): never {
    throw malformed(this.#source, `${reason} (byte ${this.at})`);
  }

  #view(length: number): DataView<ArrayBuffer> {
    const start = this.at;
    this.skip(length);
    if (start < this.#start || this.at > this.#start + this.#window.length) {
      const size = Math.min(WINDOW, this.#source.length - start);
      this.#window = new Uint8Array(size);
      this.#start = start;
      this.#source.read(this.#window, start);
    }
    return new DataView(
      this.#window.buffer as ArrayBuffer,
      start - this.#start,
      length,
    );
  }
}
