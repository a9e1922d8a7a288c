/**
 * The model files of rwkv.cpp (`.bin`, its docs/FILE_FORMAT.md): six numbers,
 * then each tensor's head, name and values, up to the end.
 *
 * Its converter stores some tensors changed; here they come under their
 * official names with their official values.
 *
 * @module
 */

import { type ByteSource, malformed } from "../encoding/byte_source.ts";
import { architectureOf, ARCHITECTURES } from "../../model/architecture.ts";
import type { RwkvCppLayout } from "../../model/foreign.ts";
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
  partsOf,
  plainTensor,
  turnedTensor,
  valuesOf,
} from "../encoding/tensor_file.ts";

/** What a file begins with, as it stands there: "ggmf" backwards. */
export const RWKV_CPP_MAGIC = 0x67676d66;

const HEADER_SIZE = 24;

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
 * The largest f32 whose -exp() is zero: no decay at all, which the file can
 * say and a logarithm cannot.
 */
const NO_DECAY = -104;

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
  const [magic, version] = integers(source, 0, 6);
  if (magic !== RWKV_CPP_MAGIC || (version !== 100 && version !== 101)) {
    throw malformed(
      source,
      `it is not a file of rwkv.cpp of version 100 or 101 but ${version}`,
    );
  }
  const tensors = new Map<string, FileTensor>();
  for (let at = HEADER_SIZE; at < source.length;) {
    const { name, tensor, end } = readTensor(source, at);
    // Their blocks of that time were others.
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
    at = end;
  }
  return officialTensors(source, tensors);
}

function readTensor(
  source: ByteSource,
  start: number,
): { name: string; tensor: FileTensor; end: number } {
  const [count, nameLength, type] = integers(source, start, 3);
  if (count < 1 || count > 3) {
    throw malformed(source, `a tensor has ${count} extents (byte ${start})`);
  }
  if (nameLength < 1 || nameLength > MAX_NAME) {
    throw malformed(source, `a name has ${nameLength} bytes (byte ${start})`);
  }
  const extents = integers(source, start + 12, count);
  const nameStart = start + 12 + 4 * count;
  const name = textAt(source, nameStart, nameLength);
  const elementType = TYPES[type];
  if (elementType === undefined) {
    throw malformed(source, `${name} is of a type unknown here, ${type}`);
  }
  const shape = extents.toReversed(); // the file has the fastest first
  const length = valuesOf(shape);
  if (length === undefined || extents[0] % ELEMENT_TYPES[elementType].values) {
    throw malformed(source, `${name} cannot have the shape [${shape}]`);
  }
  const offset = nameStart + nameLength;
  const size = byteLengthOf(elementType, length);
  if (size > source.length - offset) throw malformed(source, "it is cut short");
  const place = { type: elementType, offset, shape };
  return {
    name,
    tensor: plainTensor(source, place, name),
    end: offset + size,
  };
}

function integers(
  source: ByteSource,
  offset: number,
  count: number,
): number[] {
  const bytes = bytesAt(source, offset, 4 * count);
  const view = new DataView(bytes.buffer);
  return Array.from({ length: count }, (_, i) => view.getInt32(4 * i, true));
}

function textAt(source: ByteSource, offset: number, length: number): string {
  try {
    return new TextDecoder("utf-8", { fatal: true })
      .decode(bytesAt(source, offset, length));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw malformed(source, `a name is not UTF-8 (byte ${offset})`);
  }
}

function bytesAt(
  source: ByteSource,
  offset: number,
  length: number,
): Uint8Array {
  if (length > source.length - offset) {
    throw malformed(source, "it is cut short");
  }
  const bytes = new Uint8Array(length);
  source.read(bytes, offset);
  return bytes;
}

/** Undoes what the converter did. */
function officialTensors(
  source: ByteSource,
  stored: FileTensors,
): FileTensors {
  const { turned, negativeExponential, fused } = layoutOf(stored);
  const tensors = new Map<string, FileTensor>();
  const add = (name: string, tensor: FileTensor) => {
    if (tensors.has(name)) throw malformed(source, `it has ${name} twice`);
    tensors.set(name, tensor);
  };
  for (const [name, tensor] of stored) {
    if (fused !== undefined && name.endsWith(`.${fused.name}`)) {
      const parts = partsOf(tensor, fused.parts.length);
      if (parts === undefined) throw malformed(source, `${name} is not six`);
      const base = name.slice(0, -fused.name.length);
      parts.forEach((part, i) => add(base + fused.parts[i], part));
    } else if (turned?.test(name) && tensor.shape.length === 2) {
      add(name, turnedTensor(tensor));
    } else if (negativeExponential?.test(name)) {
      add(name, logarithm(tensor));
    } else {
      add(name, tensor);
    }
  }
  return tensors;
}

/** What its architecture has changed there; nothing, where none is known. */
function layoutOf(stored: FileTensors): RwkvCppLayout {
  for (const architecture of ARCHITECTURES) {
    const { official } = architectureOf({ architecture });
    if (official && stored.has(official.mark)) return official.rwkvCpp;
  }
  return {};
}

/** x of what was stored as -exp(x). */
function logarithm(tensor: FileTensor): FileTensor {
  return {
    ...tensor,
    read: () =>
      tensor.read().map((value) => value === 0 ? NO_DECAY : Math.log(-value)),
  };
}
