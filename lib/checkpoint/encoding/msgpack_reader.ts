/**
 * MessagePack from outside, safely: the structure is scanned before anything
 * is built from it, with every count and length held against the bytes that
 * are left. Binary data stays in the file and comes out as {@linkcode Span}s,
 * to be read when it is needed; what remains is small and goes to
 * `@msgpack/msgpack`.
 *
 * Memory is a few megabytes whatever the file holds, and time is linear in
 * what is not binary.
 *
 * @module
 */

import { crc32 } from "../../crc32.ts";
import { decode, ExtensionCodec } from "npm:@msgpack/msgpack@3.1.3";
import { type ByteSource, malformed, Span } from "./byte_source.ts";
import { Cursor } from "./cursor.ts";
import {
  CHECKSUMS,
  MAX_DEPTH,
  MAX_SKELETON,
  MAX_TEXT,
  MAX_VALUES,
  SPAN_SIZE,
} from "./msgpack_writer.ts";

/**
 * Reads one MessagePack value that fills its source.
 *
 * @param source Where it stands.
 * @returns The tree, with a {@linkcode Span} for each binary. Where the file
 * ends in checksums, all but the binaries is held against them here, and each
 * binary's is in its span.
 * @throws {SyntaxError} For anything but one whole value of strings, numbers,
 * booleans, nils, binaries, arrays and maps with string keys, or one that is
 * damaged.
 *
 * @example
 * ```ts
 * import { memorySource, Span } from "./byte_source.ts";
 * import { readMsgpack } from "./msgpack_reader.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new Uint8Array([0x92, 7, 0xc4, 2, 1, 2]); // [7, binary]
 * const tree = readMsgpack(memorySource("example", bytes));
 * assertEquals(tree, [7, new Span(4, 2)]);
 * ```
 */
export function readMsgpack(source: ByteSource): unknown {
  const scanner = new Scanner(source);
  const skeleton = scanner.scan();
  const sums = checksumsOf(source, scanner);
  try {
    return decode(skeleton, {
      extensionCodec: spansWith(sums),
      maxStrLength: MAX_TEXT,
      maxBinLength: 16, // the extensions below
      maxArrayLength: MAX_VALUES,
      maxMapLength: MAX_VALUES,
      maxExtLength: 16,
    });
  } catch (error) {
    // Such as a key "__proto__".
    const [line] = (error as Error).message.split("\n", 1);
    throw new SyntaxError(`Cannot read ${source.name}: ${line}`);
  }
}

/** In the skeleton a binary is an extension of 16 bytes: offset, length. */
const SPAN_TYPE = 1;

/** Makes spans of these extensions, with their checksums by their offsets. */
function spansWith(sums: ReadonlyMap<number, number>): ExtensionCodec {
  const codec = new ExtensionCodec();
  codec.register({
    type: SPAN_TYPE,
    encode: () => null,
    decode: ({ buffer, byteOffset }) => {
      const view = new DataView(buffer, byteOffset);
      const offset = view.getFloat64(0);
      return new Span(offset, view.getFloat64(8), sums.get(offset));
    },
  });
  return codec;
}

/**
 * The checksums of the binaries by their offsets, as the end of a file has them.
 *
 * @throws {SyntaxError} When they are not as many as the binaries, or that of
 * the rest is another.
 */
function checksumsOf(
  source: ByteSource,
  { binaries, lastKey, structure }: Scanner,
): Map<number, number> {
  const last = binaries.at(-1);
  if (last === undefined || lastKey !== CHECKSUMS) return new Map();
  const bytes = new Uint8Array(last.length);
  if (bytes.length !== 4 * binaries.length) {
    throw malformed(source, "it is damaged: its checksums are not as many");
  }
  source.read(bytes, last.offset);
  const sums = new Uint32Array(bytes.buffer);
  if (sums.at(-1) !== structure) {
    throw malformed(source, "it is damaged: its checksum differs");
  }
  return new Map(
    binaries.slice(0, -1).map(({ offset }, i) => [offset, sums[i]]),
  );
}

/** What a first byte announces. */
interface Form {
  readonly kind: "scalar" | "text" | "binary" | "array" | "map";
  /** Bytes of a scalar; bytes or elements of a short text, array or map. */
  readonly size: number;
  /** Bytes of the field that holds the size instead. */
  readonly field: number;
}

const FORMS: readonly (Form | undefined)[] = Array.from(
  { length: 256 },
  (_, head) => formOf(head),
);

function formOf(head: number): Form | undefined {
  const fixed = (kind: Form["kind"], size: number) => ({
    kind,
    size,
    field: 0,
  });
  const sized = (kind: Form["kind"], field: number) => ({
    kind,
    size: 0,
    field,
  });
  if (head < 0x80 || head >= 0xe0) return fixed("scalar", 0);
  if (head < 0x90) return fixed("map", head & 15);
  if (head < 0xa0) return fixed("array", head & 15);
  if (head < 0xc0) return fixed("text", head & 31);
  if (head === 0xc0 || head === 0xc2 || head === 0xc3) {
    return fixed("scalar", 0);
  }
  if (head >= 0xc4 && head <= 0xc6) return sized("binary", 1 << (head - 0xc4));
  if (head === 0xca || head === 0xcb) return fixed("scalar", 4 << (head & 1));
  // Both float heads are behind us, so 0xcc … 0xd3 are the integers.
  if (head >= 0xcc && head <= 0xd3) return fixed("scalar", 1 << (head & 3));
  if (head >= 0xd9 && head <= 0xdb) return sized("text", 1 << (head - 0xd9));
  if (head === 0xdc || head === 0xdd) return sized("array", 2 << (head & 1));
  if (head === 0xde || head === 0xdf) return sized("map", 2 << (head & 1));
  return undefined; // 0xc1 and the extensions
}

/** Copies everything but the binaries, checking as it goes. */
class Scanner {
  readonly #cursor: Cursor;
  #values = 0;
  #skeleton = new Uint8Array(4096);
  #length = 0;
  #sum = 0;
  #key?: string;
  /** Where the binaries are, in their order. */
  readonly binaries: Span[] = [];
  /** The key before the last binary, where that was the last value. */
  lastKey?: string;
  /** The CRC-32 of all before the last binary that is in none. */
  structure = 0;

  constructor(source: ByteSource) {
    this.#cursor = new Cursor(source);
  }

  scan(): Uint8Array {
    if (this.#cursor.left === 0) this.#fail("it is empty");
    this.#value(1);
    const rest = this.#cursor.left;
    if (rest > 0) this.#fail(`${rest} bytes follow its end`);
    return this.#skeleton.subarray(0, this.#length);
  }

  #value(depth: number): void {
    const [head] = this.#cursor.peek(0, 1);
    const form = FORMS[head];
    if (form === undefined) {
      this.#fail(`0x${head.toString(16)} starts no value`);
    }
    const { kind, field } = form;
    const size = field === 0 ? form.size : this.#integer(1, field);
    if (kind === "binary") {
      this.#binary(1 + field, size);
    } else if (kind === "scalar" || kind === "text") {
      if (size > MAX_TEXT) this.#fail(`a string has ${size} bytes`);
      this.#copy(1 + field + size);
    } else {
      if (depth > MAX_DEPTH) {
        this.#fail(`containers are nested deeper than ${MAX_DEPTH}`);
      }
      const isMap = kind === "map";
      this.#count(isMap ? 2 * size : size);
      this.#copy(1 + field);
      for (let i = 0; i < size; i++) {
        if (isMap) this.#readKey();
        this.#value(depth + 1);
      }
    }
  }

  #readKey(): void {
    const [head] = this.#cursor.peek(0, 1);
    if (FORMS[head]?.kind !== "text") this.#fail("a key is not a string");
    const start = this.#length;
    this.#value(MAX_DEPTH);
    const key = this.#skeleton.subarray(start + 1, this.#length);
    this.#key = key.length === CHECKSUMS.length
      ? new TextDecoder().decode(key)
      : undefined;
  }

  /** Every element takes a byte at least, so more cannot be true. */
  #count(values: number): void {
    this.#values += values;
    if (values > this.#cursor.left) this.#fail("it is cut short");
    if (this.#values > MAX_VALUES) {
      this.#fail(`it has more than ${MAX_VALUES} values`);
    }
  }

  /** Steps over a binary, leaving its place in the skeleton. */
  #binary(head: number, length: number): void {
    const offset = this.#cursor.at + head;
    this.structure = this.#sum;
    this.#sum = crc32(this.#cursor.peek(0, head), this.#sum);
    this.binaries.push(new Span(offset, length));
    this.lastKey = this.#key;
    this.#cursor.skip(head + length);
    const extension = new Uint8Array(SPAN_SIZE);
    extension[0] = 0xd8; // fixext 16: a byte of type, 16 of data
    extension[1] = SPAN_TYPE;
    const view = new DataView(extension.buffer);
    view.setFloat64(2, offset);
    view.setFloat64(10, length);
    this.#append(extension);
  }

  #copy(length: number): void {
    const bytes = this.#cursor.bytes(length);
    this.#sum = crc32(bytes, this.#sum);
    this.lastKey = undefined;
    this.#append(bytes);
  }

  #append(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > MAX_SKELETON) {
      this.#fail(`it has more than ${MAX_SKELETON} bytes that are not binary`);
    }
    if (length > this.#skeleton.length) {
      const larger = new Uint8Array(2 * length);
      larger.set(this.#skeleton);
      this.#skeleton = larger;
    }
    this.#skeleton.set(bytes, this.#length);
    this.#length = length;
  }

  #integer(ahead: number, width: number): number {
    let value = 0;
    for (const byte of this.#cursor.peek(ahead, width)) {
      value = value * 256 + byte;
    }
    return value;
  }

  #fail(reason: string): never {
    this.#cursor.fail(reason);
  }
}
