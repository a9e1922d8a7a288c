/**
 * From the bytes of a dump to its text: bzip2 where the bytes say so, then
 * UTF-8, or UTF-16 where a byte order mark says so.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { encodingOf } from "../../text_encoding.ts";
import { decodeBzip2, isBzip2 } from "./bzip2.ts";

/** How many bytes tell bzip2's header and a byte order mark. */
const HEAD_BYTES = 4;
/** How many bytes are decoded to text at a time. */
const TEXT_BYTES = 1 << 16;

/** Decodes bzip2 and lets anything else through. */
export async function* decompress(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const { head, rest } = await split(chunks);
  yield* isBzip2(head) ? decodeBzip2(rest) : rest;
}

/**
 * Decodes UTF-8 or UTF-16 and refuses what is neither, rather than put
 * replacement characters where data was damaged.
 *
 * @example
 * ```ts
 * import { decodeText } from "./dump_input.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const utf16 = Uint8Array.fromHex("fffee3006f00");
 * const text = await Array.fromAsync(decodeText(ReadableStream.from([utf16])));
 * assertEquals(text.join(""), "ão");
 * ```
 */
export async function* decodeText(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<string> {
  const { head, rest } = await split(chunks);
  const encoding = encodingOf(head);
  const decoder = new TextDecoder(encoding, { fatal: true });
  try {
    for await (const chunk of rest) {
      for (let at = 0; at < chunk.length; at += TEXT_BYTES) {
        const part = chunk.subarray(at, at + TEXT_BYTES);
        yield decoder.decode(part, { stream: true });
      }
    }
    yield decoder.decode();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new SyntaxError(
      `Cannot read the text: it is not valid ${encoding.toUpperCase()}`,
      { cause: error },
    );
  }
}

/** The first bytes, and an iterable of all of them. */
async function split(
  chunks: AsyncIterable<Uint8Array>,
): Promise<{ head: Uint8Array; rest: AsyncIterable<Uint8Array> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array();
  while (head.length < HEAD_BYTES) {
    const { done, value } = await iterator.next();
    if (done) break;
    head = Buffer.concat([head, value]);
  }
  return {
    head,
    rest: (async function* () {
      try {
        if (head.length > 0) yield head;
        for (;;) {
          const { done, value } = await iterator.next();
          if (done) return;
          yield value;
        }
      } finally {
        await iterator.return?.();
      }
    })(),
  };
}
