/**
 * The file of a dump: read from anywhere, its hash taken on the way.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { assertPlain, openPlain } from "../../files.ts";
import type { DumpSource } from "./dump_source.ts";

const CHUNK_BYTES = 1 << 18;

/** How much of a file has been read, and what it held. */
export interface ReadMark {
  /** Bytes from its start. */
  readonly bytes: number;
  /** SHA-256 of these bytes. */
  readonly sha256: string;
}

/** A dump's file. */
export class DumpFile implements DumpSource {
  /** Its length in bytes when it was opened. */
  readonly size: number;
  readonly #path: string;
  readonly #hash = createHash("sha256");
  #expected?: ReadMark;
  /** Bytes from the start that the hash has taken. */
  #hashed = 0;
  #position = 0;

  private constructor(path: string, size: number) {
    this.#path = path;
    this.size = size;
  }

  /**
   * Looks at a file.
   *
   * @throws {Error} As the system does.
   */
  static async open(path: string): Promise<DumpFile> {
    const info = await Deno.stat(path);
    assertPlain(info);
    return new DumpFile(path, info.size);
  }

  /**
   * Sets what its beginning must hold: reading fails where it does not.
   *
   * @param read What it held when it was read before, if it was.
   */
  expect(read: ReadMark | undefined): void {
    this.#expected = read;
  }

  /** The byte up to which it was last read. */
  get position(): number {
    return this.#position;
  }

  /** What has been read so far. */
  get mark(): ReadMark {
    return { bytes: this.#hashed, sha256: this.#hash.copy().digest("hex") };
  }

  /** Reads what was not read yet, and says what the file holds in all. */
  async whole(): Promise<ReadMark> {
    for await (const _ of this.read(this.#hashed));
    return this.mark;
  }

  /**
   * Reads from a byte on to the end. What comes before and was not read yet is hashed first.
   *
   * @throws {InputChanged} Where the file is not what it was.
   */
  async *read(offset: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    using file = await openPlain(this.#path);
    let at = Math.min(offset, this.#hashed);
    await file.seek(at, Deno.SeekMode.Start);
    for (;;) {
      const buffer = new Uint8Array(CHUNK_BYTES);
      const count = await file.read(buffer);
      if (count === null) return;
      const chunk = buffer.subarray(0, count);
      if (at + count > this.#hashed) {
        this.#take(chunk.subarray(Math.max(0, this.#hashed - at)));
      }
      at += count;
      this.#position = at;
      if (at > offset) yield chunk.subarray(Math.max(0, offset - at + count));
    }
  }

  #take(bytes: Uint8Array): void {
    const missing = (this.#expected?.bytes ?? 0) - this.#hashed;
    if (missing > 0 && bytes.length >= missing) {
      this.#hash.update(bytes.subarray(0, missing));
      this.#hashed += missing;
      if (this.mark.sha256 !== this.#expected!.sha256) {
        throw new InputChanged();
      }
      bytes = bytes.subarray(missing);
    }
    this.#hash.update(bytes);
    this.#hashed += bytes.length;
  }
}

/** Says that a file is not what it was when work on it began. */
export class InputChanged extends Error {
  override readonly message = "it has changed since";
}
