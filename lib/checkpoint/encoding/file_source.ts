/**
 * Files as bytes that can be read anywhere.
 *
 * @module
 */

import { openPlain, reasonOf } from "../../files.ts";
import { placeOf } from "../../placing.ts";
import type { ByteSource } from "./byte_source.ts";

/** An open file as a {@linkcode ByteSource}. */
export class FileSource implements ByteSource, Disposable {
  readonly length: number;
  readonly file?: ByteSource["file"];
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
