/**
 * Where a dump is read from, the places in it, and the slow and sure way to
 * read it: a line of stages, bytes to XML to pages, that knows every form of
 * XML and words what is wrong with the data.
 *
 * @module
 */

import { type BlockPlace, decodeBzip2 } from "./bzip2.ts";
import { decodeText, decompress } from "./dump_input.ts";
import { type DumpItem, readPages } from "./dump_pages.ts";

/** Where a dump is read from, as often as needed. */
export interface DumpSource {
  /** Reads from a byte on to the end. */
  read(offset: number): AsyncIterable<Uint8Array<ArrayBuffer>>;
}

/** A place between two pages, from which reading can go on. */
export interface DumpPlace {
  /** The bit of the file from which to decode. */
  readonly bit: number;
  /** The level of the stream of bzip2 there. */
  readonly level?: number;
  /** The combined CRC of the blocks before in that stream. */
  readonly combined?: number;
  /** How many bytes of XML stand between that bit and the place. */
  readonly skip: number;
}

/** The block that a place is in; undefined where the dump is not compressed. */
export function blockOf(
  { bit, level, combined }: DumpPlace,
): BlockPlace | undefined {
  return level === undefined || combined === undefined
    ? undefined
    : { bit, level, combined };
}

/**
 * The stages from the bytes of a whole dump to its pages.
 *
 * @param bytes The dump, `.xml` or `.xml.bz2`.
 */
export function pagesOf(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<DumpItem> {
  return readPages(decodeText(decompress(bytes)));
}

/**
 * The pages from a place on.
 *
 * @param header What the dump begins with: the pages are nothing without it.
 */
export function pagesFrom(
  source: DumpSource,
  from: DumpPlace,
  header: string,
): AsyncGenerator<DumpItem> {
  const chunks = source.read(Math.floor(from.bit / 8));
  const block = blockOf(from);
  const bytes = block === undefined ? chunks : decodeBzip2(chunks, block);
  return readPages(decodeText(after(bytes, from.skip, header)));
}

/** What follows the first bytes, with something else before it. */
async function* after(
  chunks: AsyncIterable<Uint8Array>,
  skip: number,
  before: string,
): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(before);
  for await (const chunk of chunks) {
    const skipped = Math.min(skip, chunk.length);
    skip -= skipped;
    if (skipped < chunk.length) yield chunk.subarray(skipped);
  }
}
