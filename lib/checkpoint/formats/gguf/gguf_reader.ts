/**
 * Reads GGUF versions 2 and 3, the container of llama.cpp, for the models in it
 * that are known here: typed keys and values, the tensors' names and places,
 * then their values. `gguf_model.ts` says how such a model lies there.
 *
 * Every count and length is held against the bytes that are left, and of the
 * keys few are kept; a tokenizer among them is stepped over.
 *
 * @module
 */

import {
  type ByteSource,
  malformed,
  UNSUPPORTED,
} from "../../encoding/byte_source.ts";
import { Cursor } from "../../encoding/cursor.ts";
import {
  byteLengthOf,
  ELEMENT_TYPES,
  type ElementTypeName,
} from "../../encoding/elements.ts";
import {
  checkPlaces,
  type FileTensor,
  type FileTensors,
  MAX_NAME,
  MAX_TENSORS,
  plainTensor,
  valuesOf,
} from "../../encoding/tensor_file.ts";
import { officialTensors } from "../foreign_weights.ts";
import { GGUF_LAYOUTS, NORMS, OUTER } from "./gguf_model.ts";

/** ggml's numbers of the types that can be read. */
const TENSOR_TYPES: Readonly<Record<number, ElementTypeName>> = {
  0: "F32",
  1: "F16",
  2: "Q4_0",
  3: "Q4_1",
  6: "Q5_0",
  7: "Q5_1",
  8: "Q8_0",
  30: "BF16",
};

/** Bytes of a value by its type's number; texts and lists are not here. */
const VALUE_SIZES = [1, 1, 2, 2, 4, 4, 4, 1, , , 8, 8, 8] as const;
const UINT32 = 4, TEXT = 8, LIST = 9;

const ARCHITECTURE = "general.architecture";
const ALIGNMENT = "general.alignment";

/** Keys of a file; llama.cpp's own has some 40. */
const MAX_KEYS = 4096;
/** Texts of a list: two for each of 65,536 ids, and more than enough. */
const MAX_TEXTS = 2 ** 20;
/** Where tensors start when no key says it. */
const DEFAULT_ALIGNMENT = 32;

/**
 * Reads a file's structure.
 *
 * @param source The file; it must stay open for values to be read.
 * @returns The tensors by their official names.
 * @throws {SyntaxError} When it is malformed, or of another architecture.
 */
export function readGguf(source: ByteSource): FileTensors {
  const cursor = new Cursor(source);
  cursor.skip(4); // by which it was recognised
  const version = cursor.uint32();
  if (version !== 2 && version !== 3) {
    throw malformed(
      source,
      `its version is ${version}, not 2 or 3`,
      UNSUPPORTED,
    );
  }
  const tensorCount = cursor.uint64(), keyCount = cursor.uint64();
  if (tensorCount > MAX_TENSORS || keyCount > MAX_KEYS) {
    throw malformed(
      source,
      `it has ${tensorCount} tensors and ${keyCount} keys, more than can be`,
    );
  }
  const fields = readFields(cursor, keyCount);
  const architecture = `${fields.get(ARCHITECTURE) ?? "?"}`;
  const layout = GGUF_LAYOUTS.get(architecture);
  if (layout === undefined) {
    const known = [...GGUF_LAYOUTS.keys()].join(", ");
    throw malformed(
      source,
      `it is of the architecture ${architecture}; ${known} can be used`,
      UNSUPPORTED,
    );
  }
  const tensors = readTensors(source, cursor, {
    count: tensorCount,
    alignment: alignmentOf(source, fields),
  });
  const outer = new Map(OUTER.map(([official, name]) => [name, official]));
  return officialTensors(source, tensors, {
    block: "blk",
    weights: [...NORMS, ...layout.weights],
    nameOf: (name) =>
      outer.get(name) ??
        cursor.fail(`${name} is a weight that ${architecture} lacks`),
    headSize: Number(fields.get(`${architecture}.wkv.head_size`)),
  });
}

/** The texts and unsigned numbers among a file's keys. */
function readFields(
  cursor: Cursor,
  count: number,
): Map<string, string | number> {
  const fields = new Map<string, string | number>();
  for (let i = 0; i < count; i++) {
    const key = textOf(cursor), type = cursor.uint32();
    if (fields.has(key)) cursor.fail(`it has ${key} twice`);
    if (key === ARCHITECTURE && type === TEXT) {
      fields.set(key, textOf(cursor));
    } else if (type === UINT32) {
      fields.set(key, cursor.uint32());
    } else {
      skipValue(cursor, type);
    }
  }
  return fields;
}

/** The name that stands next, after its length. */
function textOf(cursor: Cursor): string {
  const length = cursor.uint64();
  if (length > MAX_NAME) cursor.fail(`a name has ${length} bytes`);
  return new TextDecoder().decode(cursor.bytes(length));
}

function skipValue(cursor: Cursor, type: number): void {
  if (type === TEXT) return cursor.skip(cursor.uint64());
  if (type !== LIST) return cursor.skip(sizeOf(cursor, type));
  const element = cursor.uint32(), count = cursor.uint64();
  if (element !== TEXT) return cursor.skip(count * sizeOf(cursor, element));
  if (count > MAX_TEXTS) cursor.fail(`a list has ${count} texts`);
  for (let i = 0; i < count; i++) cursor.skip(cursor.uint64());
}

function sizeOf(cursor: Cursor, type: number): number {
  return VALUE_SIZES[type] ?? cursor.fail(`a value is of the type ${type}`);
}

function alignmentOf(
  source: ByteSource,
  fields: ReadonlyMap<string, string | number>,
): number {
  const alignment = Number(fields.get(ALIGNMENT) ?? DEFAULT_ALIGNMENT);
  const isPower = Number.isInteger(Math.log2(alignment));
  if (isPower && alignment >= 8 && alignment <= 2 ** 16) return alignment;
  throw malformed(source, `its alignment is ${alignment}`);
}

/** The tensors by llama.cpp's names. */
function readTensors(
  source: ByteSource,
  cursor: Cursor,
  { count, alignment }: { readonly count: number; readonly alignment: number },
): FileTensors {
  const infos = [];
  for (let i = 0; i < count; i++) infos.push(readTensor(cursor));
  const start = Math.ceil(cursor.at / alignment) * alignment;
  const tensors = new Map<string, FileTensor>();
  const places = infos.map(({ name, shape, type, offset, length }) => {
    if (tensors.has(name)) throw malformed(source, `it has ${name} twice`);
    if (offset % alignment !== 0) {
      throw malformed(source, `${name} does not lie at a multiple`);
    }
    const place = { type, shape, offset: start + offset };
    tensors.set(name, plainTensor(source, place, name));
    return { name, offset: place.offset, length };
  });
  checkPlaces(source, places, { start, end: source.length });
  return tensors;
}

function readTensor(cursor: Cursor) {
  const name = textOf(cursor), extents = cursor.uint32();
  if (extents < 1 || extents > 4) cursor.fail(`${name} has ${extents} extents`);
  const shape = Array.from({ length: extents }, () => cursor.uint64())
    .reverse(); // the file has the fastest first
  const code = cursor.uint32();
  const type = TENSOR_TYPES[code] ??
    cursor.fail(`${name} is of a type unknown here, ${code}`, UNSUPPORTED);
  const length = valuesOf(shape);
  if (length === undefined || shape.at(-1)! % ELEMENT_TYPES[type].values) {
    cursor.fail(`${name} cannot have the shape [${shape}]`);
  }
  const offset = cursor.uint64();
  return { name, shape, type, offset, length: byteLengthOf(type, length) };
}
