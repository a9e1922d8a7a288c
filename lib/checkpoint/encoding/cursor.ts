/**
 * Reads a file from its start on, a few bytes at a time. Numbers are
 * little-endian.
 *
 * @module
 */

import { type ByteSource, malformed } from "./byte_source.ts";

/** Bytes read at once: room for MessagePack's longest string and its head. */
const WINDOW = 2 ** 16 + 8;

/** A place in a file; every step is held against the bytes that are left. */
export class Cursor {
  /** The next byte. */
  at = 0;
  readonly #source: ByteSource;
  readonly #buffer = new Uint8Array(WINDOW);
  /** The stretch of the source from `#start` that is in the buffer. */
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

  /** Bytes that are left. */
  get left(): number {
    return this.#source.length - this.at;
  }

  /** Some bytes, fewer than a window; good until the next step. */
  bytes(length: number): Uint8Array {
    const bytes = this.peek(0, length);
    this.at += length;
    return bytes;
  }

  /** The same without a step, of the bytes `ahead` of here. */
  peek(ahead: number, length: number): Uint8Array {
    if (ahead + length > this.left) this.fail("it is cut short");
    const start = this.at + ahead;
    const end = this.#start + this.#window.length;
    if (start < this.#start || start + length > end) {
      const left = this.#source.length - start;
      this.#window = this.#buffer.subarray(0, Math.min(left, WINDOW));
      this.#start = start;
      this.#source.read(this.#window, start);
    }
    const from = start - this.#start;
    return this.#window.subarray(from, from + length);
  }

  /** Steps over bytes. */
  skip(length: number): void {
    if (length > this.left) this.fail("it is cut short");
    this.at += length;
  }

  /** Says what is wrong, and where. */
  fail(reason: string, cause?: Error): never {
    throw malformed(this.#source, `${reason} (byte ${this.at})`, cause);
  }

  #view(length: number): DataView {
    const { buffer, byteOffset } = this.bytes(length);
    return new DataView(buffer, byteOffset, length);
  }
}
