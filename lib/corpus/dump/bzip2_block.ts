/**
 * One bzip2 block: finding where blocks start, and decoding one. Both are pure
 * functions of bytes, so that Workers can take blocks.
 *
 * A decoder of our own, `kernels/dump/bzip2.ts`: it is faster than libbz2, and
 * says where a block ends, which tells a block from a magic number met by
 * chance. For the bitstream into its blocks see `bzip2.ts`; npm:seek-bzip is
 * the oracle in the tests.
 *
 * @module
 */

import { DumpKernels, isTruncation } from "./dump_kernels.ts";

/** What starts a block: the digits of π. */
export const BLOCK_MAGIC = 0x314159265359;
/** What ends a stream: the digits of √π. */
export const END_MAGIC = 0x177245385090;

/** Decoded bytes (before the last run-length step) of level 1. */
const LEVEL_BYTES = 100_000;
const MAX_CODE_BITS = 20;

/** What stops a decoder that was given only a part of a block. */
export class BlockTruncated extends Error {}

/** A decoded block. */
export interface Block {
  /** What the block holds. */
  readonly output: Uint8Array<ArrayBuffer>;
  /** Its CRC, checked. */
  readonly crc: number;
  /** The bit after its last one, counted as `startBit` was. */
  readonly endBit: number;
}

/**
 * The most bytes a sound block can take: its symbols at 20 bits each, and
 * room for the code tables.
 *
 * @param level 1 … 9, from the stream's header.
 */
export function maxBlockBytes(level: number): number {
  return level * LEVEL_BYTES * MAX_CODE_BITS / 8 + 65_536;
}

/**
 * Byte after the first of a magic → which magic at which bit offset (0 … 7 a
 * block's, 8 … 15 an end's), else NO_CANDIDATE. All sixteen bytes differ.
 */
const NO_CANDIDATE = 255;
const CANDIDATES = new Uint8Array(256).fill(NO_CANDIDATE);
for (let shift = 0; shift < 8; shift++) {
  CANDIDATES[(0x3141 >> shift) & 255] = shift;
  CANDIDATES[(0x1772 >> shift) & 255] = 8 + shift;
}

/**
 * Looks for the next magic number, of a block or of a stream's end, at any bit.
 * A hit is a hint: the same 48 bits may stand inside a block by chance.
 *
 * @param fromBit The first bit at which it may start.
 * @returns The bit at which it starts, or undefined when there is none.
 *
 * @example
 * ```ts
 * import { findMagic } from "./bzip2_block.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new Uint8Array([0x03, 0x14, 0x15, 0x92, 0x65, 0x35, 0x90]);
 * assertEquals(findMagic(bytes, 0), 4);
 * assertEquals(findMagic(bytes, 5), undefined);
 * ```
 */
export function findMagic(
  bytes: Uint8Array,
  fromBit: number,
): number | undefined {
  const last = bytes.length - 6;
  for (let at = Math.max(0, (fromBit >> 3) - 1); at <= last; at++) {
    const candidate = CANDIDATES[bytes[at + 1]];
    if (candidate === NO_CANDIDATE) continue;
    const bit = at * 8 + (candidate & 7);
    const magic = candidate < 8 ? BLOCK_MAGIC : END_MAGIC;
    if (bit >= fromBit && readBits48(bytes, bit) === magic) return bit;
  }
  return undefined;
}

/**
 * Reads 48 bits as one number.
 *
 * @returns The number, or undefined when the bytes end before.
 */
export function readBits48(
  bytes: Uint8Array,
  bit: number,
): number | undefined {
  if (bit + 48 > bytes.length * 8) return undefined;
  return readBits(bytes, bit, 24) * 2 ** 24 + readBits(bytes, bit + 24, 24);
}

/** Reads 32 bits, as of a checksum. */
export function readBits32(bytes: Uint8Array, bit: number): number {
  return readBits(bytes, bit, 16) * 2 ** 16 + readBits(bytes, bit + 16, 16);
}

/** Reads up to 24 bits; those after the end are 0. */
function readBits(
  bytes: Uint8Array,
  bit: number,
  count: number,
): number {
  const at = bit >>> 3;
  const word = (bytes[at] << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 |
    bytes[at + 3]) >>> 0;
  return (word << (bit & 7)) >>> (32 - count);
}

/**
 * Decodes one block and checks its CRC.
 *
 * @param bytes What holds the block; more may follow it.
 * @param startBit Where its magic number stands.
 * @param level 1 … 9, from the stream's header.
 * @throws {BlockTruncated} When the bytes end before the block does.
 * @throws {SyntaxError} When it is no sound block; the message is a reason.
 */
export function decodeBlock(
  bytes: Uint8Array,
  startBit: number,
  level: number,
): Block {
  kernels ??= new DumpKernels();
  // Bits are counted in 32 bits there: from the block's first byte.
  const skipped = startBit >>> 3;
  const block = kernels.decodeBlock({
    bytes: bytes.subarray(skipped, skipped + maxBlockBytes(level)),
    startBit: startBit & 7,
    level,
  });
  if (typeof block === "string") {
    throw isTruncation(block) ? new BlockTruncated() : new SyntaxError(block);
  }
  return {
    output: block.output.slice(),
    crc: block.crc,
    endBit: skipped * 8 + block.endBit,
  };
}

/** Made when the first block is decoded; each thread has its own. */
let kernels: DumpKernels | undefined;
