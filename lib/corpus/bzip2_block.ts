/**
 * One bzip2 block: finding where blocks start, and decoding one. Both are pure
 * functions of bytes, so that Workers can take blocks.
 *
 * A decoder of our own rather than npm:seek-bzip, which is the oracle in the
 * tests: that one does not say where a block ends, which is what tells a block
 * from a magic number met by chance, and takes 1.4 times as long. For the
 * bitstream into its blocks see `bzip2.ts`.
 *
 * @module
 */

/** What starts a block: the digits of π. */
export const BLOCK_MAGIC = 0x314159265359;
/** What ends a stream: the digits of √π. */
export const END_MAGIC = 0x177245385090;

/** Decoded bytes (before the last run-length step) of level 1. */
const LEVEL_BYTES = 100_000;
const MAX_CODE_BITS = 20;
/** Codes up to this long are decoded by one table look-up. */
const FAST_BITS = 10;
/** Symbols that share a Huffman table. */
const GROUP_SIZE = 50;
/** A run longer than any block; the weights of its digits double. */
const MAX_RUN_WEIGHT = 1 << 21;

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
 * @param bytes Where to look.
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
 * @param bytes Where from.
 * @param bit The first of them.
 * @returns The number, or undefined when the bytes end before.
 */
export function readBits48(
  bytes: Uint8Array,
  bit: number,
): number | undefined {
  if (bit + 48 > bytes.length * 8) return undefined;
  return readBits(bytes, bit, 24) * 2 ** 24 + readBits(bytes, bit + 24, 24);
}

/** Reads up to 24 bits; those after the end are 0. */
export function readBits(
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
 * @returns What it holds and where it ends.
 * @throws {BlockTruncated} When the bytes end before the block does.
 * @throws {SyntaxError} When it is no sound block; the message is a reason.
 */
export function decodeBlock(
  bytes: Uint8Array,
  startBit: number,
  level: number,
): Block {
  const reader = new BitReader(bytes, startBit + 48);
  try {
    const crc = (reader.read(16) << 16 | reader.read(16)) >>> 0;
    if (reader.read(1) === 1) {
      throw new SyntaxError(
        "randomised blocks (bzip2 0.9.0) are not supported",
      );
    }
    const origin = reader.read(24);
    const symbols = readSymbols(reader, level * LEVEL_BYTES);
    if (reader.overrun) throw new BlockTruncated();
    if (origin >= symbols.length) throw new SyntaxError("bad block origin");
    const output = undoSort(symbols, origin);
    if (crcOf(output) !== crc) throw new SyntaxError("bad block checksum");
    return { output, crc, endBit: reader.bit };
  } catch (error) {
    // What was read past the end proves nothing about the block.
    throw reader.overrun ? new BlockTruncated() : error;
  }
}

/** Reads bits, most significant first; zeros past the end. */
class BitReader {
  readonly #bytes: Uint8Array;
  #at: number;
  #buffer = 0;
  #count = 0;

  constructor(bytes: Uint8Array, bit: number) {
    this.#bytes = bytes;
    this.#at = bit >>> 3;
    this.read(bit & 7);
  }

  /** Whether bits were taken that are not there. */
  get overrun(): boolean {
    return this.bit > this.#bytes.length * 8;
  }

  /** The next bit's position. */
  get bit(): number {
    return this.#at * 8 - this.#count;
  }

  /** The next `count` bits (at most 24), left where they are. */
  peek(count: number): number {
    while (this.#count < count) {
      if (this.#at > this.#bytes.length + 8) throw new BlockTruncated();
      this.#buffer = this.#buffer << 8 | (this.#bytes[this.#at++] ?? 0);
      this.#count += 8;
    }
    return this.#buffer >>> (this.#count - count) & ((1 << count) - 1);
  }

  skip(count: number): void {
    this.#count -= count;
  }

  read(count: number): number {
    const value = this.peek(count);
    this.#count -= count;
    return value;
  }
}

/** Reads the symbols of a block; the low byte of each word is one of them. */
function readSymbols(reader: BitReader, capacity: number): Uint32Array {
  const used = readUsedBytes(reader);
  const endSymbol = used.length + 1;
  const tables = reader.read(3);
  if (tables < 2 || tables > 6) throw new SyntaxError("bad table count");
  const selectors = readSelectors(reader, tables);
  const codes = Array.from(
    { length: tables },
    () => new HuffmanCode(readCodeLengths(reader, used.length + 2)),
  );
  const symbols = new Uint32Array(capacity);
  let length = 0, run = 0, weight = 1;
  for (const selector of selectors) {
    const code = codes[selector];
    for (let i = 0; i < GROUP_SIZE; i++) {
      const symbol = code.read(reader);
      if (symbol <= 1) { // a digit of a run length, in bijective base 2
        if (weight > MAX_RUN_WEIGHT) throw new SyntaxError("bad run length");
        run += weight << symbol;
        weight <<= 1;
        continue;
      }
      if (run > 0) {
        if (length + run > capacity) throw new SyntaxError("block too long");
        symbols.fill(used[0], length, length += run);
        run = 0;
        weight = 1;
      }
      if (symbol === endSymbol) return symbols.subarray(0, length);
      if (length === capacity) throw new SyntaxError("block too long");
      symbols[length++] = moveToFront(used, symbol - 1);
    }
  }
  throw new SyntaxError("block without an end");
}

/** The byte values that occur, ascending: the first move-to-front list. */
function readUsedBytes(reader: BitReader): Uint8Array {
  const rows = reader.read(16);
  const used: number[] = [];
  for (let row = 0; row < 16; row++) {
    if ((rows & 0x8000 >> row) === 0) continue;
    const columns = reader.read(16);
    for (let column = 0; column < 16; column++) {
      if ((columns & 0x8000 >> column) !== 0) used.push(row * 16 + column);
    }
  }
  if (used.length === 0) throw new SyntaxError("block without symbols");
  return Uint8Array.from(used);
}

/** Which table each group of symbols uses, move-to-front coded in unary. */
function readSelectors(reader: BitReader, tables: number): Uint8Array {
  const selectors = new Uint8Array(reader.read(15));
  const order = Uint8Array.from({ length: tables }, (_, i) => i);
  for (let i = 0; i < selectors.length; i++) {
    let position = 0;
    while (reader.read(1) === 1) {
      if (++position >= tables) throw new SyntaxError("bad table selector");
    }
    selectors[i] = moveToFront(order, position);
  }
  return selectors;
}

function moveToFront(list: Uint8Array, position: number): number {
  const value = list[position];
  // Most moves are short: a loop beats copyWithin there.
  if (position < 32) {
    for (let i = position; i > 0; i--) {
      list[i] = list[i - 1];
    }
  } else list.copyWithin(1, 0, position);
  list[0] = value;
  return value;
}

/** How long each symbol's code is, coded as differences. */
function readCodeLengths(reader: BitReader, symbols: number): Uint8Array {
  const lengths = new Uint8Array(symbols);
  let length = reader.read(5);
  for (let symbol = 0; symbol < symbols; symbol++) {
    while (reader.read(1) === 1) {
      length += reader.read(1) === 0 ? 1 : -1;
      if (length < 1 || length > MAX_CODE_BITS) break;
    }
    if (length < 1 || length > MAX_CODE_BITS) {
      throw new SyntaxError("bad code length");
    }
    lengths[symbol] = length;
  }
  return lengths;
}

/** A canonical Huffman code. */
class HuffmanCode {
  /** First FAST_BITS bits → symbol * 32 + code length; 0 for longer codes. */
  readonly #fast = new Uint16Array(1 << FAST_BITS);
  /** By length: the first code that is longer. */
  readonly #limit = new Int32Array(MAX_CODE_BITS + 1);
  /** By length: what to add to a code for its place in `#sorted`. */
  readonly #offset = new Int32Array(MAX_CODE_BITS + 1);
  /** Symbols by code. */
  readonly #sorted: Uint16Array;

  constructor(lengths: Uint8Array) {
    this.#sorted = new Uint16Array(lengths.length);
    let code = 0, place = 0;
    for (let length = 1; length <= MAX_CODE_BITS; length++, code <<= 1) {
      this.#offset[length] = place - code;
      for (let symbol = 0; symbol < lengths.length; symbol++) {
        if (lengths[symbol] !== length) continue;
        this.#sorted[place++] = symbol;
        if (length <= FAST_BITS) {
          const spread = FAST_BITS - length;
          this.#fast.fill(
            symbol << 5 | length,
            code << spread,
            (code + 1) << spread,
          );
        }
        code++;
      }
      if (code > 1 << length) throw new SyntaxError("bad Huffman code");
      this.#limit[length] = code;
    }
  }

  read(reader: BitReader): number {
    const fast = this.#fast[reader.peek(FAST_BITS)];
    if (fast !== 0) {
      reader.skip(fast & 31);
      return fast >>> 5;
    }
    const bits = reader.peek(MAX_CODE_BITS);
    for (let length = FAST_BITS + 1; length <= MAX_CODE_BITS; length++) {
      const code = bits >>> (MAX_CODE_BITS - length);
      if (code < this.#limit[length]) {
        reader.skip(length);
        return this.#sorted[code + this.#offset[length]];
      }
    }
    throw new SyntaxError("bad Huffman code");
  }
}

/** Undoes the Burrows-Wheeler transform, then the first run-length coding. */
function undoSort(
  symbols: Uint32Array,
  origin: number,
): Uint8Array<ArrayBuffer> {
  const next = new Uint32Array(256);
  for (const symbol of symbols) next[symbol]++;
  for (let value = 0, sum = 0; value < 256; value++) {
    [next[value], sum] = [sum, sum + next[value]];
  }
  // Above each byte goes the place of the one that follows it in the text.
  for (let i = 0; i < symbols.length; i++) {
    symbols[next[symbols[i] & 255]++] |= i << 8;
  }
  let output = new Uint8Array(symbols.length + (symbols.length >> 2) + 256);
  let length = 0, repeats = 0, previous = -1;
  let place = symbols[origin] >>> 8;
  for (let i = 0; i < symbols.length; i++) {
    const entry = symbols[place];
    const byte = entry & 255;
    place = entry >>> 8;
    if (length + 256 > output.length) {
      const larger = new Uint8Array(output.length * 2);
      larger.set(output);
      output = larger;
    }
    if (repeats === 4) { // four equal bytes: this one says how many more
      output.fill(previous, length, length += byte);
      repeats = 0;
      previous = -1;
    } else {
      repeats = byte === previous ? repeats + 1 : 1;
      previous = byte;
      output[length++] = byte;
    }
  }
  return output.subarray(0, length);
}

/** The CRC-32 of bzip2: polynomial 0x04C11DB7, most significant bit first. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) {
    crc = crc << 1 ^ (crc < 0 ? 0x04c11db7 : 0);
  }
  return crc >>> 0;
});

function crcOf(bytes: Uint8Array): number {
  let crc = -1;
  for (let i = 0; i < bytes.length; i++) {
    crc = crc << 8 ^ CRC_TABLE[crc >>> 24 ^ bytes[i]];
  }
  return ~crc >>> 0;
}
