/**
 * Packed files as streams of what is in them: gzip, Zstandard, bzip2 and xz, any
 * number of them one behind the other. What is cut off, damaged or followed by
 * something else is an error.
 *
 * Memory: what the format refers back to (bzip2: a block, xz: 64 MiB, Zstandard:
 * 128 MiB at most), however much comes out.
 *
 * @module
 */

import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import xz from "npm:xz-decompress@0.2.3";
import { decodeBzip2 } from "../dump/bzip2.ts";
import type { Packing } from "../../input_files.ts";
import { decodeZstd } from "./zstd.ts";

/**
 * What is packed so many times over is no text, beyond the first bytes: gzip
 * itself stops at some 1030 times, others do not.
 */
const MOST_TIMES = 200;
const FREE_BYTES = 2 ** 26;

/**
 * Unpacks a file.
 *
 * @param chunks Its bytes, cut anywhere.
 * @param packing How it is packed.
 * @returns What is in it, in pieces.
 * @throws {SyntaxError} When it is not packed so, damaged, cut off or followed
 * by something else.
 * @throws {RangeError} When it becomes more than 200 times as long, beyond 64
 * MiB, or needs more memory than is given.
 *
 * @example
 * ```ts
 * import { unpack } from "./unpack.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { body } = new Response("bom dia");
 * const packed = body!.pipeThrough(new CompressionStream("gzip"));
 * const [text] = await Array.fromAsync(unpack(packed, "gz"));
 * assertEquals(new TextDecoder().decode(text), "bom dia");
 * ```
 */
export async function* unpack(
  chunks: AsyncIterable<Uint8Array>,
  packing: Packing,
): AsyncGenerator<Uint8Array> {
  let packed = 0, unpacked = 0;
  async function* counted(): AsyncGenerator<Uint8Array, void> {
    for await (const chunk of chunks) {
      packed += chunk.length;
      yield chunk;
    }
  }
  const source = counted();
  try {
    for await (const piece of DECODERS[packing](source)) {
      unpacked += piece.length;
      if (unpacked > FREE_BYTES && unpacked > MOST_TIMES * packed) {
        throw new RangeError(
          `it becomes more than ${MOST_TIMES} times as long unpacked`,
        );
      }
      yield piece;
    }
  } catch (error) {
    if (packed === 0) throw new SyntaxError("it has no data");
    throw error;
  } finally {
    await source.return(); // also where a decoder has left it
  }
}

type Decoder = (
  chunks: AsyncIterable<Uint8Array>,
) => AsyncIterable<Uint8Array>;

const DECODERS: Readonly<Record<Packing, Decoder>> = {
  gz: decodeGzip,
  zst: decodeZstd,
  bz2: decodeBzip,
  xz: decodeXz,
};

async function* decodeGzip(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const decoder = createGunzip();
  let failure: unknown;
  const flowing = pipeline(Readable.from(chunks), decoder)
    .catch((error) => failure = error);
  try {
    yield* decoder as AsyncIterable<Uint8Array>;
  } catch (error) {
    await flowing;
    throw gzipError(failure ?? error);
  } finally {
    decoder.destroy();
    await flowing;
  }
}

/** What zlib means by its codes; other errors come from where bytes come from. */
function gzipError(error: unknown): unknown {
  const { code, message } = error as { code?: string; message?: string };
  if (code === "Z_BUF_ERROR") return new SyntaxError("it is cut off");
  if (code !== "Z_DATA_ERROR") return error;
  return new SyntaxError(
    message === "incorrect header check"
      ? "it is no gzip data, or something else follows them"
      : "it is damaged",
    { cause: error },
  );
}

/** The decoder of dumps, whose errors say where in a dump it was. */
async function* decodeBzip(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* decodeBzip2(chunks);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const { message } = error;
    const reason = message.includes("this is not bzip2")
      ? "it is no bzip2 data"
      : message.includes("trailing garbage")
      ? "something else follows its data"
      : message.includes("cut off")
      ? "it is cut off"
      : "it is damaged";
    throw new SyntaxError(reason, { cause: error });
  }
}

/** What XZ Embedded, which is inside the package, means by its numbers. */
const XZ_ERRORS: Readonly<Record<string, string>> = {
  3: "it asks for more than 64 MiB to be unpacked",
  4: "it asks for more than 64 MiB to be unpacked",
  5: "it is no xz data, or something else follows them",
  6: "it uses what only the xz program reads: xz -d and xz pack it anew",
  7: "it is damaged",
  8: "it is cut off",
};

async function* decodeXz(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const reader = new xz.XzReadableStream(
    ReadableStream.from(chunks) as ReadableStream<Uint8Array>,
  ).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      if (value.length > 0) yield value;
    }
  } catch (error) {
    const { message } = error as Error;
    const number = /failed with error code (\d)/.exec(message)?.[1];
    if (number !== undefined) {
      throw new SyntaxError(XZ_ERRORS[number] ?? "it is damaged", {
        cause: error,
      });
    }
    // The package trips over an end where bytes should be.
    throw error instanceof TypeError ? new SyntaxError("it is cut off") : error;
  } finally {
    await reader.cancel().catch(() => {});
  }
}
