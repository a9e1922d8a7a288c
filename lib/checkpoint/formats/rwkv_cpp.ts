/**
 * The model files of rwkv.cpp (`.bin`, its docs/FILE_FORMAT.md): six numbers,
 * then each tensor's head, name and values, up to the end.
 *
 * Its converter stores some tensors changed; here they come under their
 * official names with their official values.
 *
 * @module
 */

import { architectureOf, ARCHITECTURES } from "../../model/architecture.ts";
import type { ForeignWeight } from "../../model/foreign.ts";
import { type ByteSource, malformed } from "../encoding/byte_source.ts";
import { Cursor } from "../encoding/cursor.ts";
import {
  byteLengthOf,
  ELEMENT_TYPES,
  type ElementTypeName,
} from "../encoding/elements.ts";
import {
  type FileTensor,
  type FileTensors,
  MAX_NAME,
  MAX_TENSORS,
  plainTensor,
  valuesOf,
} from "../encoding/tensor_file.ts";
import { officialTensors } from "./foreign_weights.ts";
import { RWKV_CPP_MAGIC } from "./magics.ts";

/** ggml's numbers for the types that rwkv.cpp still reads. */
const TYPES: Readonly<Record<number, ElementTypeName>> = {
  0: "F32",
  1: "F16",
  2: "Q4_0",
  3: "Q4_1",
  7: "Q5_0",
  8: "Q5_1",
  9: "Q8_0",
};

/**
 * Reads a file's structure.
 *
 * @param source The file; it must stay open for values to be read.
 * @returns The tensors by their official names.
 * @throws {SyntaxError} When it is malformed.
 *
 * @example
 * ```ts
 * import { memorySource } from "../encoding/byte_source.ts";
 * import { readRwkvCpp } from "./rwkv_cpp.ts";
 * import { assertEquals } from "@std/assert";
 *
 * // Version 101, one token of one channel; a tensor of one value called "x".
 * const numbers = [0x67676d66, 101, 1, 1, 1, 0, 1, 1, 0, 1];
 * const bytes = new Uint8Array(4 * numbers.length + 5);
 * bytes.set(new Uint8Array(new Int32Array(numbers).buffer));
 * bytes[40] = "x".charCodeAt(0);
 * const tensors = readRwkvCpp(memorySource("example", bytes));
 * assertEquals(tensors.get("x")?.read(), new Float32Array(1));
 * ```
 */
export function readRwkvCpp(source: ByteSource): FileTensors {
  const cursor = new Cursor(source);
  const [magic, version] = integers(cursor, 6);
  if (magic !== RWKV_CPP_MAGIC || (version !== 100 && version !== 101)) {
    throw malformed(
      source,
      `it is not a file of rwkv.cpp of version 100 or 101 but ${version}`,
    );
  }
  const tensors = new Map<string, FileTensor>();
  while (cursor.at < source.length) {
    const { name, tensor } = readTensor(source, cursor);
    // Blocks of version 100 are not laid out as ggml has them now.
    if (version === 100 && ELEMENT_TYPES[tensor.type].values > 1) {
      throw malformed(
        source,
        "it was quantised by an early rwkv.cpp; quantise the model again",
      );
    }
    if (tensors.has(name)) throw malformed(source, `it has ${name} twice`);
    if (tensors.size >= MAX_TENSORS) {
      throw malformed(source, `it has more than ${MAX_TENSORS} tensors`);
    }
    tensors.set(name, tensor);
  }
  return officialTensors(source, tensors, {
    block: "blocks",
    weights: weightsOf(tensors),
    nameOf: (name) => name,
  });
}

function readTensor(
  source: ByteSource,
  cursor: Cursor,
): { name: string; tensor: FileTensor } {
  const [count, nameLength, code] = integers(cursor, 3);
  if (count < 1 || count > 3) cursor.fail(`a tensor has ${count} extents`);
  if (nameLength < 1 || nameLength > MAX_NAME) {
    cursor.fail(`a name has ${nameLength} bytes`);
  }
  const shape = integers(cursor, count).reverse(); // the file has the fastest first
  const name = textOf(cursor, nameLength);
  const type = TYPES[code] ??
    cursor.fail(`${name} is of a type unknown here, ${code}`);
  const length = valuesOf(shape);
  if (length === undefined || shape.at(-1)! % ELEMENT_TYPES[type].values) {
    cursor.fail(`${name} cannot have the shape [${shape}]`);
  }
  const offset = cursor.at;
  cursor.skip(byteLengthOf(type, length));
  return { name, tensor: plainTensor(source, { type, offset, shape }, name) };
}

function integers(cursor: Cursor, count: number): number[] {
  return Array.from({ length: count }, () => cursor.int32());
}

function textOf(cursor: Cursor, length: number): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(
      cursor.bytes(length),
    );
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    cursor.fail("a name is not UTF-8");
  }
}

/** What rwkv.cpp holds otherwise of the architecture that a file has. */
function weightsOf(stored: FileTensors): readonly ForeignWeight[] {
  for (const architecture of ARCHITECTURES) {
    const { official } = architectureOf({ architecture });
    if (official && stored.has(official.mark)) return official.rwkvCpp;
  }
  return [];
}
