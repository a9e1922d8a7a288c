/**
 * Writes GGUF version 3, the container of llama.cpp: typed keys and values,
 * the tensors' names and places, then their values, all little-endian.
 *
 * What the keys and names are is `gguf_model.ts` and `gguf_tokenizer.ts`.
 *
 * @module
 */

import { AtomicFile } from "../../../files.ts";
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

const VALUE_TYPES = {
  uint32: 4,
  int32: 5,
  float32: 6,
  bool: 7,
  string: 8,
} as const;
const ARRAY = 9;
const TENSOR_TYPES = { F32: 0, F16: 1, Q8_0: 8 } as const;

/**
 * Writes a file, whole or not at all.
 *
 * @param path Where it shall stand.
 * @param fields Its keys.
 * @param tensors In their order; values are asked for one tensor at a time.
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
): Promise<number> {
  const header = layOut(fields, tensors);
  await using file = await AtomicFile.create(path);
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
  const bytes = new ByteWriter();
  bytes.uint32(MAGIC);
  bytes.uint32(VERSION);
  bytes.uint64(tensors.length);
  bytes.uint64(fields.size);
  for (const [key, value] of fields) {
    bytes.string(key);
    writeValue(bytes, value);
  }
  const names = new Set<string>();
  let offset = 0;
  for (const tensor of tensors) {
    const { name, shape, type } = tensor;
    if (names.has(name) || new TextEncoder().encode(name).length > MAX_NAME) {
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
    bytes.string(name);
    bytes.uint32(shape.length);
    // ggml names the fastest extent first.
    for (const extent of shape.toReversed()) bytes.uint64(extent);
    bytes.uint32(TENSOR_TYPES[type]);
    bytes.uint64(offset);
    offset += aligned(encodedLength(tensor));
  }
  bytes.pad(aligned(bytes.length) - bytes.length);
  return bytes.finish();
}

function writeValue(bytes: ByteWriter, { type, value }: GgufValue): void {
  switch (type) {
    case "int32[]":
      bytes.uint32(ARRAY);
      bytes.uint32(VALUE_TYPES.int32);
      bytes.uint64(value.length);
      for (const element of value) bytes.int32(element);
      return;
    case "string[]":
      bytes.uint32(ARRAY);
      bytes.uint32(VALUE_TYPES.string);
      bytes.uint64(value.length);
      for (const element of value) bytes.string(element);
      return;
  }
  bytes.uint32(VALUE_TYPES[type]);
  switch (type) {
    case "string":
      return bytes.string(value);
    case "bool":
      return bytes.uint8(value ? 1 : 0);
    default:
      return bytes[type](value);
  }
}

function aligned(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}

/** Bytes that grow at their end; little-endian, as every machine that Deno runs on. */
class ByteWriter {
  readonly #pieces: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  uint8(value: number): void {
    this.#add(Uint8Array.of(value));
  }

  uint32(value: number): void {
    this.#add(Uint32Array.of(value));
  }

  int32(value: number): void {
    this.#add(Int32Array.of(value));
  }

  uint64(value: number): void {
    this.#add(BigUint64Array.of(BigInt(value)));
  }

  float32(value: number): void {
    this.#add(Float32Array.of(value));
  }

  /** Its length, then its bytes. */
  string(value: string): void {
    const text = new TextEncoder().encode(value);
    this.uint64(text.length);
    this.#add(text);
  }

  /** So many zeros. */
  pad(length: number): void {
    this.#add(new Uint8Array(length));
  }

  finish(): Uint8Array {
    const bytes = new Uint8Array(this.#length);
    let at = 0;
    for (const piece of this.#pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }

  #add({ buffer, byteOffset, byteLength }: ArrayBufferView): void {
    this.#pieces.push(new Uint8Array(buffer, byteOffset, byteLength));
    this.#length += byteLength;
  }
}
