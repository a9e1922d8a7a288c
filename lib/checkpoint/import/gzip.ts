/**
 * A gzip file as a source that can be read anywhere: it is inflated into a
 * scratch file, which is gone when the source is closed.
 *
 * @module
 */

import { reasonOf, temporaryName } from "../../files.ts";
import { type ByteSource, malformed } from "../encoding/byte_source.ts";
import { FileSource } from "../encoding/file_source.ts";

/**
 * Weights hardly shrink, so a file that grows more than this, a few megabytes
 * aside, is none of weights.
 */
const MAX_GROWTH = 16;
const ALLOWANCE = 2 ** 26;

/** So little at a time, since it may become a thousand times as much at once. */
const PIECE = 2 ** 12;

/**
 * Inflates a file.
 *
 * @param folder Where the scratch file may be; it is made where needed.
 * @returns The inflated bytes, under the same name in errors; dispose of it.
 * @throws {SyntaxError} When it is no gzip, cut short, or inflates to more
 * than a file of weights could.
 * @throws {Error} When the system refuses.
 */
export async function inflateGzip(
  source: ByteSource,
  folder: string,
): Promise<ByteSource & Disposable> {
  const { file, path } = await scratchFile(folder);
  // Without a name it is gone with the process, however that ends; Windows
  // lets go of a name only when the file is closed.
  const isNamed = !removed(path);
  try {
    await inflate(source, file, path);
    const inflated = new FileSource(source.name, file);
    return {
      name: inflated.name,
      length: inflated.length,
      read: (into, offset) => inflated.read(into, offset),
      [Symbol.dispose]() {
        inflated[Symbol.dispose]();
        if (isNamed) removed(path);
      },
    };
  } catch (error) {
    file.close();
    if (isNamed) removed(path);
    throw error;
  }
}

async function scratchFile(
  folder: string,
): Promise<{ file: Deno.FsFile; path: string }> {
  try {
    await Deno.mkdir(folder, { recursive: true });
    const path = temporaryName(`${folder}/inflated`);
    const options = { createNew: true, read: true, write: true };
    return { file: await Deno.open(path, options), path };
  } catch (error) {
    throw new Error(`Cannot write in "${folder}": ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

/** Removes a file, where the system lets it go. */
function removed(path: string): boolean {
  try {
    Deno.removeSync(path);
    return true;
  } catch {
    return false;
  }
}

async function inflate(
  source: ByteSource,
  file: Deno.FsFile,
  path: string,
): Promise<void> {
  const most = ALLOWANCE + MAX_GROWTH * source.length;
  let length = 0;
  const pieces = ReadableStream.from(piecesOf(source))
    .pipeThrough(new DecompressionStream("gzip"));
  try {
    for await (const piece of pieces) {
      length += piece.length;
      if (length > most) {
        throw new SyntaxError(`it inflates beyond ${most} bytes`);
      }
      for (let at = 0; at < piece.length;) {
        at += file.writeSync(piece.subarray(at));
      }
    }
  } catch (error) {
    // What the stream throws for bytes that are no gzip.
    if (error instanceof TypeError || error instanceof SyntaxError) {
      throw malformed(source, reasonOf(error));
    }
    throw new Error(`Cannot write "${path}": ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

function* piecesOf(source: ByteSource): Generator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < source.length; at += PIECE) {
    const piece = new Uint8Array(Math.min(PIECE, source.length - at));
    source.read(piece, at);
    yield piece;
  }
}
