/**
 * How files store numbers: plain f64, f32, f16 and bf16, and the blocks of 32 that
 * ggml quantises rows to. Reading gives f32, a piece at a time.
 *
 * A block opens with its scale d, and with its least value m where it has one,
 * as f16; then come the fifth bits of its values, where they have five, and
 * the rest: a byte a value, or a nibble, the low ones first.
 *
 * @module
 */

import { crc32 } from "../../crc32.ts";
import { type ByteSource, malformed, type Span } from "./byte_source.ts";

/** How some values are stored. */
export interface ElementType {
  /** Values of a block; 1 where each stands by itself. */
  readonly values: number;
  /** Bytes of a block. */
  readonly bytes: number;
  /** Turns whole blocks into values. */
  readonly decode: (blocks: Uint8Array, into: Float32Array) => void;
}

/** Values of a quantised block. */
export const BLOCK = 32;

/** See {@linkcode ELEMENT_TYPES}. */
export type ElementTypeName =
  | "F64"
  | "F32"
  | "F16"
  | "BF16"
  | "Q8_0"
  | "Q4_0"
  | "Q4_1"
  | "Q5_0"
  | "Q5_1";

/** The types by the names that safetensors and ggml call them. */
export const ELEMENT_TYPES: Readonly<Record<ElementTypeName, ElementType>> = {
  F64: { values: 1, bytes: 8, decode: decodeFloats(Float64Array) },
  F32: { values: 1, bytes: 4, decode: decodeFloats(Float32Array) },
  F16: { values: 1, bytes: 2, decode: decodeFloats(Float16Array) },
  BF16: { values: 1, bytes: 2, decode: decodeBF16 },
  // x = d · q
  Q8_0: { values: BLOCK, bytes: 34, decode: decodeQ8 },
  // x = d · (q − 8), or d · q + m
  Q4_0: { values: BLOCK, bytes: 18, decode: nibbles({ centre: 8 }) },
  Q4_1: { values: BLOCK, bytes: 20, decode: nibbles({}) },
  // x = d · (q − 16), or d · q + m
  Q5_0: {
    values: BLOCK,
    bytes: 22,
    decode: nibbles({ centre: 16, high: true }),
  },
  Q5_1: { values: BLOCK, bytes: 24, decode: nibbles({ high: true }) },
};

/** Values that stand one after another in a source. */
export interface StoredElements {
  /** How they are stored. */
  readonly type: ElementTypeName;
  /** The first byte. */
  readonly offset: number;
  /** How many values; a multiple of the type's block. */
  readonly length: number;
  /** The CRC-32 of their bytes, where it is known. */
  readonly checksum?: number;
}

/** Values of a piece. */
const PIECE = 2 ** 18;

/**
 * The bytes that values take.
 *
 * @example
 * ```ts
 * import { byteLengthOf } from "./elements.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(byteLengthOf("F16", 3), 6);
 * assertEquals(byteLengthOf("Q8_0", 64), 68);
 * ```
 */
export function byteLengthOf(type: ElementTypeName, length: number): number {
  const { values, bytes } = ELEMENT_TYPES[type];
  return length / values * bytes;
}

/**
 * Whether bytes are those of which a checksum was taken; without one they are
 * taken for it.
 *
 * @param source The file, which holds all of them.
 * @param span Where they stand there, and the checksum.
 *
 * @example
 * ```ts
 * import { holdsChecksum } from "./elements.ts";
 * import { memorySource, Span } from "./byte_source.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const source = memorySource("example", new TextEncoder().encode("123456789"));
 * assertEquals(holdsChecksum(source, new Span(0, 9, 0xcbf43926)), true);
 * assertEquals(holdsChecksum(source, new Span(0, 8, 0xcbf43926)), false);
 * ```
 */
export function holdsChecksum(
  source: ByteSource,
  { offset, length, checksum }: Span,
): boolean {
  if (checksum === undefined) return true;
  const buffer = new Uint8Array(Math.min(4 * PIECE, length));
  let sum = 0;
  for (let at = 0; at < length; at += buffer.length) {
    const bytes = buffer.subarray(0, length - at);
    source.read(bytes, offset + at);
    sum = crc32(bytes, sum);
  }
  return sum === checksum;
}

/**
 * Reads values as f32.
 *
 * @param source The file, which holds all of them.
 * @param elements Where and how they stand there.
 * @param name What errors call them.
 * @throws {SyntaxError} When a value is not finite or is too large for f32, or the
 * checksum is another.
 *
 * @example
 * ```ts
 * import { readElements } from "./elements.ts";
 * import { memorySource } from "./byte_source.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const source = memorySource("example", new Uint8Array([0, 0x3c, 0, 0xc0]));
 * const elements = { type: "F16", offset: 0, length: 2 } as const;
 * assertEquals(readElements(source, elements, "x"), new Float32Array([1, -2]));
 * ```
 */
export function readElements(
  source: ByteSource,
  { type, offset, length, checksum }: StoredElements,
  name: string,
): Float32Array {
  const { decode } = ELEMENT_TYPES[type];
  const values = new Float32Array(length);
  const buffer = new Uint8Array(byteLengthOf(type, Math.min(PIECE, length)));
  let sum = 0;
  for (let at = 0; at < length; at += PIECE) {
    const into = values.subarray(at, at + PIECE);
    const blocks = buffer.subarray(0, byteLengthOf(type, into.length));
    source.read(blocks, offset + byteLengthOf(type, at));
    if (checksum !== undefined) sum = crc32(blocks, sum);
    decode(blocks, into);
  }
  if (checksum !== undefined && sum !== checksum) {
    throw malformed(source, `${name} is damaged: its checksum differs`);
  }
  for (let i = 0; i < length; i++) {
    if (Number.isFinite(values[i])) continue;
    throw malformed(
      source,
      type === "F64" && isFiniteAt(source, offset + byteLengthOf(type, i))
        ? `${name} has values that are too large for f32`
        : `${name} has values that are not finite`,
    );
  }
  return values;
}

/**
 * Reads blocks as they are.
 *
 * @param source The file, which holds all of them.
 * @param elements Where they stand there, and of which type.
 * @param name What errors call them.
 * @throws {SyntaxError} When a scale or a least value is not finite, or the
 * checksum is another.
 */
export function readBlocks(
  source: ByteSource,
  { type, offset, length, checksum }: StoredElements,
  name: string,
): Uint8Array<ArrayBuffer> {
  const { bytes: size } = ELEMENT_TYPES[type];
  const blocks = new Uint8Array(byteLengthOf(type, length));
  source.read(blocks, offset);
  if (checksum !== undefined && crc32(blocks) !== checksum) {
    throw malformed(source, `${name} is damaged: its checksum differs`);
  }
  const view = new DataView(blocks.buffer);
  const hasLeast = type === "Q4_1" || type === "Q5_1";
  for (let at = 0; at < blocks.length; at += size) {
    const scale = view.getFloat16(at, true);
    const least = hasLeast ? view.getFloat16(at + 2, true) : 0;
    if (Number.isFinite(scale + least)) continue;
    throw malformed(source, `${name} has values that are not finite`);
  }
  return blocks;
}

/** Whether a number is finite before it is made an f32. */
function isFiniteAt(source: ByteSource, offset: number): boolean {
  const value = new Float64Array(1);
  source.read(new Uint8Array(value.buffer), offset);
  return Number.isFinite(value[0]);
}

// Below, numbers are little-endian, as on every machine that Deno runs on.

function decodeFloats(
  Floats: typeof Float64Array | typeof Float32Array | typeof Float16Array,
): ElementType["decode"] {
  return ({ buffer, byteOffset }, into) =>
    into.set(new Floats(buffer as ArrayBuffer, byteOffset, into.length));
}

/** The upper half of an f32. */
function decodeBF16(blocks: Uint8Array, into: Float32Array): void {
  const halves = new Uint16Array(
    blocks.buffer,
    blocks.byteOffset,
    into.length,
  );
  const bits = new Uint32Array(into.buffer, into.byteOffset, into.length);
  for (let i = 0; i < bits.length; i++) bits[i] = halves[i] << 16;
}

function decodeQ8(blocks: Uint8Array, into: Float32Array): void {
  const view = new DataView(blocks.buffer, blocks.byteOffset);
  for (let at = 0, to = 0; to < into.length; at += 34, to += BLOCK) {
    const d = view.getFloat16(at, true);
    for (let i = 0; i < BLOCK; i++) into[to + i] = d * view.getInt8(at + 2 + i);
  }
}

/**
 * Blocks of nibbles.
 *
 * @param form `high` where values have a fifth bit, `centre` what is subtracted
 * from them; without it the block has its least value.
 */
function nibbles(
  { centre, high = false }: { centre?: number; high?: boolean },
): ElementType["decode"] {
  const head = centre === undefined ? 4 : 2;
  const start = high ? head + 4 : head;
  const size = start + BLOCK / 2;
  return (blocks, into) => {
    const view = new DataView(blocks.buffer, blocks.byteOffset);
    for (let at = 0, to = 0; to < into.length; at += size, to += BLOCK) {
      const d = view.getFloat16(at, true);
      const m = centre === undefined ? view.getFloat16(at + 2, true) : 0;
      const fifths = high ? view.getUint32(at + head, true) : 0;
      for (let i = 0; i < BLOCK / 2; i++) {
        const pair = view.getUint8(at + start + i);
        const low = pair & 15 | (fifths >>> i & 1) << 4;
        const upper = pair >>> 4 | (fifths >>> (i + 16) & 1) << 4;
        into[to + i] = d * (low - (centre ?? 0)) + m;
        into[to + i + BLOCK / 2] = d * (upper - (centre ?? 0)) + m;
      }
    }
  };
}
