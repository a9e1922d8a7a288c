/**
 * bzip2, decoded as it comes: any number of streams one after the other, in
 * memory that one block bounds, all checksums checked. Blocks themselves are
 * `bzip2_block.ts`'s.
 *
 * @module
 */

import {
  type Block,
  BLOCK_MAGIC,
  BlockTruncated,
  decodeBlock,
  END_MAGIC,
  findMagic,
  maxBlockBytes,
  readBits32,
  readBits48,
} from "./bzip2_block.ts";

/** "BZh" and the level. */
export const HEADER_BYTES = 4;
/** Larger chunks are taken in pieces, so that bit positions stay small. */
const MAX_TAKE = 1 << 20;
/** A magic number and a checksum. */
export const FOOTER_BITS = 48 + 32;

/**
 * Whether bytes begin as bzip2 does.
 *
 * @param bytes The first ones, at least four.
 */
export function isBzip2(bytes: Uint8Array): boolean {
  return bytes.length >= HEADER_BYTES &&
    bytes[0] === 0x42 && bytes[1] === 0x5a && bytes[2] === 0x68 &&
    bytes[3] >= 0x31 && bytes[3] <= 0x39;
}

/** A place between two blocks, from which decoding can go on. */
export interface BlockPlace {
  /** The bit of the compressed data at which the next block starts. */
  readonly bit: number;
  /** The level of its stream, 1 … 9. */
  readonly level: number;
  /** The combined CRC of the stream's blocks before. */
  readonly combined: number;
}

/**
 * The combined CRC of a stream's blocks.
 *
 * @param before The combined CRC of the blocks so far.
 * @param crc The next block's.
 */
export function combineCrc(before: number, crc: number): number {
  return ((before << 1 | before >>> 31) ^ crc) >>> 0;
}

/**
 * Decodes bzip2, one block at a time.
 *
 * @param chunks The compressed bytes, cut anywhere.
 * @param place Where to start; the chunks then start at the byte that holds
 * its bit.
 * @returns The decoded bytes, a block at a time.
 * @throws {SyntaxError} At data that is not bzip2, is damaged, is cut off or
 * is followed by something else; the message says at which byte.
 */
export async function* decodeBzip2(
  chunks: AsyncIterable<Uint8Array>,
  place?: BlockPlace,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  await using input = new BitInput(chunks, place?.bit);
  let level = place?.level;
  let combined = place?.combined ?? 0;
  do {
    if (level === undefined) {
      level = await readHeader(input);
      combined = 0;
    }
    for (;;) {
      await input.need(FOOTER_BITS);
      const magic = readBits48(input.bytes, input.bit);
      if (magic === END_MAGIC) break;
      if (magic !== BLOCK_MAGIC) throw input.error("no block starts");
      const block = await nextBlock(input, level);
      combined = combineCrc(combined, block.crc);
      yield block.output;
    }
    const bit = input.bit + 48;
    const expected = readBits32(input.bytes, bit);
    if (expected !== combined) throw input.error("bad checksum of the stream");
    input.skipTo(Math.ceil((input.bit + FOOTER_BITS) / 8) * 8);
    level = undefined;
  } while (await input.fill(HEADER_BYTES));
}

/** Reads "BZh" and the level. */
async function readHeader(input: BitInput): Promise<number> {
  const first = input.offset === 0;
  await input.fill(HEADER_BYTES);
  const header = input.bytes.subarray(input.bit / 8);
  if (!isBzip2(header)) {
    throw header.length === 0
      ? new SyntaxError("Cannot decode bzip2: there is no data")
      : input.error(first ? "this is not bzip2" : "trailing garbage");
  }
  input.skipTo(input.bit + HEADER_BYTES * 8);
  return header[3] - 0x30;
}

/**
 * Decodes the block at the input's position. The next magic number tells when
 * enough of it is there; where it ends, the decoder says. So a magic number
 * that stands inside the block by chance costs a second attempt, no more.
 */
async function nextBlock(input: BitInput, level: number): Promise<Block> {
  let ahead = FOOTER_BITS; // where to look for a magic number, from the block
  for (;;) {
    let found = findMagic(input.bytes, input.bit + ahead);
    while (
      found === undefined &&
      input.bytes.length - (input.bit >> 3) < maxBlockBytes(level)
    ) {
      ahead = Math.max(ahead, input.bytes.length * 8 - 47 - input.bit);
      if (!await input.more()) break;
      found = findMagic(input.bytes, input.bit + ahead);
    }
    try {
      const block = decodeBlock(input.bytes, input.bit, level);
      input.skipTo(block.endBit);
      return block;
    } catch (error) {
      if (!(error instanceof BlockTruncated)) {
        throw input.error(error instanceof Error ? error.message : `${error}`);
      }
      if (found === undefined) {
        throw input.error(
          input.ended ? "cut off inside the block" : "bad block",
        );
      }
      // Looking twice as far each time keeps hostile input linear.
      ahead = (found - input.bit) * 2;
    }
  }
}

/** Compressed bytes around a position, taken as they are needed. */
export class BitInput implements AsyncDisposable {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #buffer = new Uint8Array(1 << 16);
  #length = 0;
  /** Bytes received from the source that were not yet taken. */
  #waiting: Uint8Array = new Uint8Array();
  /** The offset in the input of the first of `bytes`. */
  #start = 0;
  /** Whether there is no more to come. */
  ended = false;
  /** The next bit to read, counted from the start of `bytes`. */
  bit = 0;

  /**
   * @param chunks The bytes, cut anywhere.
   * @param firstBit Where to start; the chunks start at the byte that holds it.
   */
  constructor(chunks: AsyncIterable<Uint8Array>, firstBit: number = 0) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#start = Math.floor(firstBit / 8);
    this.bit = firstBit % 8;
  }

  /** What is there. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /** The position as a byte of the whole input. */
  get offset(): number {
    return this.#start + (this.bit >> 3);
  }

  /** Moves on, and forgets what lies behind. */
  skipTo(bit: number): void {
    const behind = bit >> 3;
    // Moving seldom keeps the cost of moving linear.
    if (behind * 2 > this.#length) {
      this.#buffer.copyWithin(0, behind, this.#length);
      this.#length -= behind;
      this.#start += behind;
      bit -= behind * 8;
    }
    this.bit = bit;
  }

  /** Takes one more piece; false when there is none. */
  async more(): Promise<boolean> {
    if (this.#waiting.length === 0) {
      const { done, value } = await this.#chunks.next();
      if (done) {
        this.ended = true;
        return false;
      }
      this.#waiting = value;
    }
    const value = this.#waiting.subarray(0, MAX_TAKE);
    this.#waiting = this.#waiting.subarray(MAX_TAKE);
    if (this.#length + value.length > this.#buffer.length) {
      const larger = new Uint8Array((this.#length + value.length) * 2);
      larger.set(this.bytes);
      this.#buffer = larger;
    }
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
    return true;
  }

  /** Takes pieces until `count` bytes lie ahead; false when none lie ahead. */
  async fill(count: number): Promise<boolean> {
    while (this.#length * 8 < this.bit + count * 8 && await this.more());
    return this.#length * 8 > this.bit;
  }

  /** Makes sure that so many bits lie ahead. */
  async need(bits: number): Promise<void> {
    await this.fill(Math.ceil((bits + 7) / 8));
    if (this.#length * 8 < this.bit + bits) throw this.error("cut off");
  }

  /** An error that says where. */
  error(reason: string): SyntaxError {
    return new SyntaxError(
      `Cannot decode bzip2: ${reason} at byte ${this.offset}`,
    );
  }

  /** Ends the source. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#chunks.return?.();
  }
}
