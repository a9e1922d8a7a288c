/**
 * Writes GGUF version 3, the container of llama.cpp: typed keys and values,
 * the tensors' names and places, then their values, all little-endian.
 *
 * What the keys and names are is `gguf_model.ts` and `gguf_tokenizer.ts`.
 *
 * @module
 */

import { AtomicFile, type WriteOptions } from "../../../files.ts";
import {
  encodedLength,
  encodedPieces,
  type OutgoingTensor,
} from "../../encoding/tensor_encoding.ts";

/** A value of a key. */
export type GgufValue =
  | { readonly type: "uint32" | "int32" | "float32"; readonly value: number }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "int32[]"; readonly value: readonly number[] }
  | { readonly type: "string[]"; readonly value: readonly string[] };

/** Keys and their values, in the file's order. */
export type GgufFields = ReadonlyMap<string, GgufValue>;

const MAGIC = 0x46554747; // "GGUF"
const VERSION = 3;
/** Tensors start at multiples of this: the format's default. */
const ALIGNMENT = 32;
/** ggml keeps a name in 64 bytes with a zero at its end. */
const MAX_NAME = 63;
const MAX_DIMENSIONS = 4;

/** The format's number of each type, and the array that lays it out. */
const NUMBERS = {
  uint32: [4, Uint32Array],
  int32: [5, Int32Array],
  float32: [6, Float32Array],
  bool: [7, Uint8Array],
} as const;
const STRING = 8;
const ARRAY = 9;
const ENCODER = new TextEncoder();
const TENSOR_TYPES = {
  ...{ F32: 0, F16: 1, BF16: 30 },
  ...{ Q4_0: 2, Q4_1: 3, Q5_0: 6, Q5_1: 7, Q8_0: 8 },
} as const;

/**
 * Writes a file, whole or not at all.
 *
 * @param path Where it shall stand.
 * @param fields Its keys.
 * @param tensors In their order; values are asked for one tensor at a time.
 * @param options What may end the work.
 * @returns Bytes of the file.
 * @throws {RangeError} For tensors that the format cannot hold.
 * @throws {Error} When the system refuses; nothing is left behind.
 *
 * @example
 * ```ts
 * import { writeGguf } from "./gguf_writer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const path = await Deno.makeTempDir() + "/model.gguf";
 * const fields = new Map([
 *   ["general.name", { type: "string", value: "Sol" } as const],
 * ]);
 * const values = () => Float32Array.of(1, 2, 3);
 * const length = await writeGguf(path, fields, [
 *   { name: "a.weight", shape: [3], type: "F32", values },
 * ]);
 * const bytes = await Deno.readFile(path);
 * assertEquals(bytes.length, length);
 * assertEquals(new TextDecoder().decode(bytes.subarray(0, 4)), "GGUF");
 * ```
 */
export async function writeGguf(
  path: string,
  fields: GgufFields,
  tensors: readonly OutgoingTensor[],
  options: WriteOptions = {},
): Promise<number> {
  const header = layOut(fields, tensors);
  await using file = await AtomicFile.create(path, options);
  await file.write(header);
  let length = header.length;
  for (const tensor of tensors) {
    for (const piece of encodedPieces(tensor)) await file.write(piece);
    const end = encodedLength(tensor);
    const padding = aligned(end) - end;
    await file.write(new Uint8Array(padding));
    length += end + padding;
  }
  await file.commit();
  return length;
}

/** All before the first tensor, its padding included. */
function layOut(
  fields: GgufFields,
  tensors: readonly OutgoingTensor[],
): Uint8Array {
  const pieces = [...header(fields, tensors)];
  const length = pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const bytes = new Uint8Array(aligned(length));
  let at = 0;
  for (const { buffer, byteOffset, byteLength } of pieces) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return bytes;
}

// Numbers are little-endian, as every machine that Deno runs on has them.

function* header(
  fields: GgufFields,
  tensors: readonly OutgoingTensor[],
): Generator<ArrayBufferView> {
  yield Uint32Array.of(MAGIC, VERSION);
  yield uint64(tensors.length, fields.size);
  for (const [key, value] of fields) {
    yield string(key);
    yield* valued(value);
  }
  const names = new Set<string>();
  let offset = 0;
  for (const tensor of tensors) {
    const { name, shape, type } = tensor;
    if (names.has(name) || ENCODER.encode(name).length > MAX_NAME) {
      throw new RangeError(
        `Cannot write ${name}: the name is taken, or too long for GGUF`,
      );
    }
    if (shape.length < 1 || shape.length > MAX_DIMENSIONS) {
      throw new RangeError(
        `Cannot write ${name}: GGUF has no tensors of ${shape.length} extents`,
      );
    }
    names.add(name);
    yield string(name);
    yield Uint32Array.of(shape.length);
    yield uint64(...shape.toReversed()); // ggml names the fastest extent first
    yield Uint32Array.of(TENSOR_TYPES[type]);
    yield uint64(offset);
    offset += aligned(encodedLength(tensor));
  }
}

/** A value after its type. */
function* valued({ type, value }: GgufValue): Generator<ArrayBufferView> {
  switch (type) {
    case "string":
      yield Uint32Array.of(STRING);
      yield string(value);
      break;
    case "string[]":
      yield Uint32Array.of(ARRAY, STRING);
      yield uint64(value.length);
      for (const text of value) yield string(text);
      break;
    case "int32[]":
      yield Uint32Array.of(ARRAY, NUMBERS.int32[0]);
      yield uint64(value.length);
      yield Int32Array.from(value);
      break;
    default: {
      const [code, Layout] = NUMBERS[type];
      yield Uint32Array.of(code);
      yield Layout.of(Number(value));
    }
  }
}

/** Its length, then its bytes. */
function string(text: string): Uint8Array {
  const bytes = ENCODER.encode(text);
  const framed = new Uint8Array(8 + bytes.length);
  new DataView(framed.buffer).setBigUint64(0, BigInt(bytes.length), true);
  framed.set(bytes, 8);
  return framed;
}

function uint64(...values: number[]): BigUint64Array {
  return BigUint64Array.from(values, BigInt);
}

function aligned(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}
