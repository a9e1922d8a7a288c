/**
 * Bytes of which any part can be read: of a file, or of what was unpacked into
 * memory.
 *
 * @module
 */

import { openPlain } from "../../files.ts";

/** Bytes that are read by their places. */
export interface RandomBytes extends Disposable {
  /** How many there are. */
  readonly size: number;
  /**
   * Reads some.
   *
   * @throws {SyntaxError} Where there are fewer.
   */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * Opens a file.
 *
 * @throws {Error} When it cannot be opened, with the reason alone.
 */
export async function openBytes(path: string): Promise<RandomBytes> {
  const file = await openPlain(path);
  const { size } = await file.stat();
  return {
    size,
    async read(offset, length) {
      if (offset + length > size) throw new SyntaxError("it is cut off");
      const bytes = new Uint8Array(length);
      await file.seek(offset, Deno.SeekMode.Start);
      for (let filled = 0; filled < length;) {
        const read = await file.read(bytes.subarray(filled));
        if (read === null) throw new SyntaxError("it is cut off");
        filled += read;
      }
      return bytes;
    },
    [Symbol.dispose]: () => file.close(),
  };
}

/** Bytes that are in memory. */
export function bytesInMemory(all: Uint8Array): RandomBytes {
  return {
    size: all.length,
    read(offset, length) {
      return offset + length > all.length
        ? Promise.reject(new SyntaxError("it is cut off"))
        : Promise.resolve(
          new Uint8Array(all.subarray(offset, offset + length)),
        );
    },
    [Symbol.dispose]: () => {},
  };
}
