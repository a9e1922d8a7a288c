/**
 * A dump cut into pieces that threads can read apart: two blocks of bzip2, or
 * as much XML. Cuts fall anywhere, in the middle of pages, too.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { scanBlocks, Unscannable } from "./block_scanner.ts";
import { isBzip2 } from "./bzip2.ts";
import {
  BLOCKS_AT_ONCE,
  DumpKernels,
  type PackedBlock,
} from "./dump_kernels.ts";
import { blockOf, type DumpPlace, type DumpSource } from "./dump_source.ts";

/** A piece of a dump that is not compressed, in bytes. */
const XML_PIECE = 2 << 20;
/** A header of more bytes is left to the stages. */
const MAX_HEADER = 16 << 20;

/** The place where a piece starts. */
export type PiecePlace = Omit<DumpPlace, "skip">;

/** A piece of a dump: blocks of bzip2, or XML. */
export interface DumpPiece {
  /** Where it starts. */
  readonly at: PiecePlace;
  /** Blocks that follow one another. */
  readonly blocks?: readonly PackedBlock[];
  /** XML, where there are no blocks. */
  readonly xml?: Uint8Array<ArrayBuffer>;
  /** How many bytes of XML at its start are not wanted. */
  readonly skip: number;
}

/** What a dump begins with. */
export interface DumpHeader {
  /** Everything before the first page. */
  readonly text: string;
  /** Where the first page is. */
  readonly place: DumpPlace;
}

/**
 * Cuts a dump, without looking into it.
 *
 * @throws {Unscannable} Where its blocks cannot be told apart.
 */
export async function* cutDump(
  source: DumpSource,
  from: DumpPlace,
): AsyncGenerator<DumpPiece> {
  const chunks = source.read(Math.floor(from.bit / 8));
  const first = blockOf(from);
  let { skip } = from;
  if (first === undefined) {
    let byte = from.bit / 8;
    for await (const xml of regroup(chunks)) {
      const { length } = xml; // its buffer goes to a thread
      yield { at: { bit: byte * 8 }, xml, skip };
      byte += length;
      skip = 0;
    }
    return;
  }
  let blocks: PackedBlock[] = [];
  let at: PiecePlace = first;
  for await (const { place, ...block } of scanBlocks(chunks, first)) {
    if (blocks.length === 0) at = place;
    blocks.push(block);
    if (blocks.length < BLOCKS_AT_ONCE) continue;
    yield { at, blocks, skip };
    blocks = [];
    skip = 0;
  }
  if (blocks.length > 0) yield { at, blocks, skip };
}

/**
 * Reads what a dump begins with.
 *
 * @returns Undefined where no page comes soon, or the dump is not sound.
 */
export async function readHeader(
  source: DumpSource,
): Promise<DumpHeader | undefined> {
  const kernels = new DumpKernels();
  const read: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const { bytes, at } of decodedPieces(source, kernels)) {
      // The tag may lie across the border.
      const before = read.at(-1)?.slice(-5) ?? new Uint8Array();
      kernels.open([before, bytes]);
      const found = kernels.findPage(0);
      read.push(bytes);
      if (found < kernels.length) {
        const inPiece = found - before.length;
        if (inPiece < 0) return undefined; // as good as never
        const all = Buffer.concat(read).subarray(0, length + inPiece);
        return {
          text: new TextDecoder("utf-8", { fatal: true }).decode(all),
          place: { ...at, skip: inPiece },
        };
      }
      length += bytes.length;
      if (length > MAX_HEADER) return undefined;
    }
  } catch (error) {
    // Neither UTF-8 nor sound: the stages say what it is.
    if (!(error instanceof Unscannable || error instanceof TypeError)) {
      throw error;
    }
  }
  return undefined;
}

/** The XML from the start, with the places from which it was decoded. */
async function* decodedPieces(
  source: DumpSource,
  kernels: DumpKernels,
): AsyncGenerator<{ bytes: Uint8Array; at: PiecePlace }> {
  let head: Uint8Array = new Uint8Array();
  for await (const chunk of source.read(0)) {
    head = Buffer.concat([head, chunk]);
    if (head.length >= 4) break;
  }
  if (!isBzip2(head)) {
    let byte = 0;
    for await (const bytes of source.read(0)) {
      yield { bytes, at: { bit: byte * 8 } };
      byte += bytes.length;
    }
    return;
  }
  for await (const block of scanBlocks(source.read(0))) {
    if (!kernels.openBlocks([block])) return;
    yield { bytes: kernels.copy(0), at: block.place };
  }
}

/** The same bytes in pieces of one size. */
async function* regroup(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let piece = new Uint8Array(XML_PIECE), length = 0;
  for await (let chunk of chunks) {
    while (chunk.length > 0) {
      const part = chunk.subarray(0, XML_PIECE - length);
      piece.set(part, length);
      length += part.length;
      chunk = chunk.subarray(part.length);
      if (length < XML_PIECE) continue;
      yield piece;
      piece = new Uint8Array(XML_PIECE);
      length = 0;
    }
  }
  if (length > 0) yield piece.slice(0, length);
}
