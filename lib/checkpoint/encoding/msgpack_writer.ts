/**
 * MessagePack onto a sink, piece by piece, so that a file larger than memory
 * can be written. Every value takes its shortest form, and the keys of a map
 * keep their order, as Rust's rmp does it: equal trees give equal bytes.
 *
 * `msgpack_reader.ts` is the way back.
 *
 * @module
 */

import { crc32 } from "../../crc32.ts";

/** Nested containers that are written or read; a checkpoint has nine. */
export const MAX_DEPTH = 32;
/** Values of all containers together, keys included. */
export const MAX_VALUES: number = 2 ** 18;
/** Bytes of a string. */
export const MAX_TEXT: number = 2 ** 16;
/** Bytes of everything that is not binary. */
export const MAX_SKELETON: number = 2 ** 23;

/** Where bytes go, such as an `AtomicFile`. */
export interface ByteSink {
  /** Appends all the bytes; they may be overwritten once it has resolved. */
  write(bytes: Uint8Array): Promise<void>;
}

/** Where binary that is made while it is written begins: a multiple of it. */
const ALIGNMENT = 4;

/** Binary data of a known length that is made while it is written. */
export class LazyBytes {
  /** Binary of `length` bytes that `pieces` makes. */
  constructor(
    /** Bytes in all. */
    readonly length: number,
    /** Makes them, in order. */
    readonly pieces: () => AsyncIterable<Uint8Array>,
  ) {}

  /**
   * The bytes of f32 values, little-endian as on every machine that Deno runs
   * on.
   *
   * @param length How many values.
   * @param fetch Gives them, when it is their turn to be written.
   */
  static ofValues(
    length: number,
    fetch: () => Promise<Float32Array>,
  ): LazyBytes {
    return new LazyBytes(4 * length, async function* () {
      const values = await fetch();
      for (let at = 0; at < values.length; at += PIECE) {
        const { buffer, byteOffset, byteLength } = values.subarray(
          at,
          at + PIECE,
        );
        yield new Uint8Array(buffer, byteOffset, byteLength);
      }
    });
  }
}

/**
 * Stands for the checksums of all that was written before it, as the last field
 * of a file: binary, a CRC-32 of each binary in their order, and behind these
 * one of all other bytes; little-endian.
 */
export class Checksums {}

/** The field that a file's {@linkcode Checksums} are in. */
export const CHECKSUMS = "checksums";

/** What a binary counts for, there, wherever its bytes are. */
export const SPAN_SIZE = 18;

const BUFFER_SIZE = 2 ** 16;
/** Values of a piece. */
const PIECE = 2 ** 18;

/** First bytes of a length or a whole number. */
interface Head {
  /** Below `limit` one byte says it, from here on. */
  readonly fixed: number;
  readonly limit: number;
  /** First bytes where 1, 2, 4 or 8 bytes follow. */
  readonly sizes: readonly (number | undefined)[];
}

const HEADS = {
  whole: { fixed: 0, limit: 128, sizes: [0xcc, 0xcd, 0xce, 0xcf] },
  map: { fixed: 0x80, limit: 16, sizes: [, 0xde, 0xdf] },
  array: { fixed: 0x90, limit: 16, sizes: [, 0xdc, 0xdd] },
  text: { fixed: 0xa0, limit: 32, sizes: [0xd9, 0xda, 0xdb] },
  binary: { fixed: 0, limit: 0, sizes: [0xc4, 0xc5, 0xc6] },
} as const satisfies Record<string, Head>;

/**
 * Writes one value: null, booleans, numbers, strings, `Uint8Array`,
 * {@linkcode LazyBytes} and {@linkcode Checksums} (binary), arrays, and objects as maps with string keys.
 * Fields that are undefined are left out.
 *
 * @param sink Receives the bytes.
 * @param value The tree.
 * @throws {TypeError} For a value of another kind.
 * @throws {RangeError} For what the reader would refuse as too much.
 *
 * @example
 * ```ts
 * import { writeMsgpack } from "./msgpack_writer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes: number[] = [];
 * const write = (piece: Uint8Array) => Promise.resolve(void bytes.push(...piece));
 * await writeMsgpack({ write }, { a: [1, null] });
 * assertEquals(bytes, [0x81, 0xa1, 0x61, 0x92, 1, 0xc0]);
 * ```
 */
export async function writeMsgpack(
  sink: ByteSink,
  value: unknown,
): Promise<void> {
  const writer = new Writer(sink);
  await writer.value(value, 1);
  await writer.flush();
}

class Writer {
  readonly #sink: ByteSink;
  readonly #buffer = new Uint8Array(BUFFER_SIZE);
  readonly #view = new DataView(this.#buffer.buffer);
  #length = 0;
  /** Bytes that have gone to the sink. */
  #written = 0;
  #values = 0;
  #skeleton = 0;
  /** CRC-32 of each binary, and of everything else up to `#summed`. */
  readonly #binaries: number[] = [];
  #structure = 0;
  /** Bytes of the buffer that are summed already. */
  #summed = 0;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  async flush(): Promise<void> {
    if (this.#length === 0) return;
    this.#sumUp();
    this.#summed = 0;
    await this.#sink.write(this.#buffer.subarray(0, this.#length));
    this.#written += this.#length;
    this.#length = 0;
  }

  async value(value: unknown, depth: number): Promise<void> {
    // Nothing below writes more than 9 bytes before it asks for room itself.
    await this.#room(9);
    if (value === null) this.#byte(0xc0);
    else if (typeof value === "boolean") this.#byte(value ? 0xc3 : 0xc2);
    else if (typeof value === "number") this.#number(value);
    else if (typeof value === "string") await this.#text(value);
    else if (value instanceof Checksums) await this.#binary(this.#checksums());
    else if (value instanceof Uint8Array || value instanceof LazyBytes) {
      await this.#binary(value);
    } else if (typeof value !== "object") {
      throw new TypeError(
        `Cannot write MessagePack: a value is ${typeof value}`,
      );
    } else if (depth > MAX_DEPTH) {
      throw tooMuch(`containers nested deeper than ${MAX_DEPTH}`);
    } else if (Array.isArray(value)) {
      this.#count(value.length);
      this.#head(value.length, HEADS.array);
      for (const element of value) await this.value(element, depth + 1);
    } else {
      await this.#map(value, depth);
    }
  }

  async #map(value: object, depth: number): Promise<void> {
    if (Object.getPrototypeOf(value) !== Object.prototype) {
      throw new TypeError(
        `Cannot write MessagePack: a value is a ${value.constructor?.name}`,
      );
    }
    const entries = Object.entries(value).filter(([, v]) => v !== undefined);
    this.#count(2 * entries.length);
    const gap = this.#gapBefore(entries);
    this.#head(entries.length, HEADS.map, gap & 2 ? 1 : undefined);
    for (const [i, [key, field]] of entries.entries()) {
      await this.#room(9);
      await this.#text(key, i === 0 && gap & 1 ? 0 : undefined);
      await this.value(field, depth + 1);
    }
  }

  /** Bytes that are wanting before the binary that a small map begins with. */
  #gapBefore([first, ...others]: readonly [string, unknown][]): number {
    if (!(first?.[1] instanceof LazyBytes)) return 0;
    const [{ length }, binary] = first, limit = HEADS.text.limit;
    if (length >= limit || others.length + 1 >= HEADS.map.limit) return 0;
    const head = binary.length < 2 ** 8 ? 2 : binary.length < 2 ** 16 ? 3 : 5;
    const at = this.#written + this.#length + 1 + 1 + length + head;
    return (ALIGNMENT - at % ALIGNMENT) % ALIGNMENT;
  }

  #number(value: number): void {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
      this.#byte(0xcb);
      this.#view.setFloat64(this.#length, value);
      this.#length += 8;
      this.#grow(8);
    } else if (value >= 0) {
      this.#head(value, HEADS.whole);
    } else if (value >= -32) {
      this.#byte(value & 0xff);
    } else {
      const short = [7, 15, 31].findIndex((bits) => value >= -(2 ** bits));
      const log = short < 0 ? 3 : short;
      this.#byte(0xd0 + log);
      this.#integer(1 << log, value);
    }
  }

  async #text(text: string, width?: number): Promise<void> {
    const bytes = new TextEncoder().encode(text);
    if (bytes.length > MAX_TEXT) {
      throw tooMuch(`a string of ${bytes.length} bytes`);
    }
    this.#head(bytes.length, HEADS.text, width);
    this.#grow(bytes.length);
    await this.#bytes(bytes);
  }

  async #binary(value: Uint8Array | LazyBytes): Promise<void> {
    if (value.length >= 2 ** 32) {
      throw tooMuch(`${value.length} bytes of binary in one value`);
    }
    this.#head(value.length, HEADS.binary);
    this.#grow(SPAN_SIZE);
    this.#sumUp();
    let left = value.length, sum = 0;
    const pieces = value instanceof Uint8Array ? [value] : value.pieces();
    for await (const piece of pieces) {
      left -= piece.length;
      if (left < 0) break;
      sum = crc32(piece, sum);
      await this.#bytes(piece);
      this.#summed = this.#length; // it is no structure
    }
    this.#binaries.push(sum);
    if (left !== 0) {
      throw new RangeError(
        `Cannot write MessagePack: binary of ${value.length} bytes was given ` +
          `${value.length - left}`,
      );
    }
  }

  /** Adds what stands in the buffer to the sum of the structure. */
  #sumUp(): void {
    const bytes = this.#buffer.subarray(this.#summed, this.#length);
    this.#structure = crc32(bytes, this.#structure);
    this.#summed = this.#length;
  }

  #checksums(): Uint8Array {
    this.#sumUp();
    const sums = Uint32Array.of(...this.#binaries, this.#structure);
    return new Uint8Array(sums.buffer);
  }

  /**
   * The head for a length or a whole number: the shortest, or with 2 to the power
   * of `least` bytes after the first.
   */
  #head(
    size: number,
    { fixed, limit, sizes }: Head,
    least?: number,
  ): void {
    if (size < limit && least === undefined) return this.#byte(fixed + size);
    const width = sizes.findIndex((head, i) =>
      head !== undefined && i >= (least ?? 0) && size < 2 ** (8 << i)
    );
    this.#byte(sizes[width]!);
    this.#integer(1 << width, size);
  }

  /** A whole number in `width` bytes, the highest first. */
  #integer(width: number, value: number): void {
    if (width === 8) this.#view.setBigInt64(this.#length, BigInt(value));
    for (let i = 0; i < width && width < 8; i++) {
      this.#buffer[this.#length + i] = value >> (8 * (width - 1 - i));
    }
    this.#length += width;
    this.#grow(width);
  }

  #byte(value: number): void {
    this.#buffer[this.#length++] = value;
    this.#grow(1);
  }

  async #bytes(bytes: Uint8Array): Promise<void> {
    await this.#room(bytes.length);
    if (bytes.length > BUFFER_SIZE) {
      this.#written += bytes.length;
      return await this.#sink.write(bytes);
    }
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  async #room(length: number): Promise<void> {
    if (this.#length + length > BUFFER_SIZE) await this.flush();
  }

  #count(values: number): void {
    this.#values += values;
    if (this.#values > MAX_VALUES) {
      throw tooMuch(`more than ${MAX_VALUES} values`);
    }
  }

  #grow(length: number): void {
    this.#skeleton += length;
    if (this.#skeleton > MAX_SKELETON) {
      throw tooMuch(`more than ${MAX_SKELETON} bytes that are not binary`);
    }
  }
}

function tooMuch(what: string): RangeError {
  return new RangeError(`Cannot write MessagePack: ${what}`);
}
