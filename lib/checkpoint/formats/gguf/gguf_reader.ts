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

import { type ByteSource, malformed } from "../../encoding/byte_source.ts";
import {
  byteLengthOf,
  ELEMENT_TYPES,
  type ElementTypeName,
} from "../../encoding/elements.ts";
import {
  type ArchitectureName,
  architectureOf,
  ARCHITECTURES,
} from "../../../model/architecture.ts";
import type { GgufLayout, GgufTensor } from "../../../model/foreign.ts";
import { countOf } from "../../encoding/tensor_encoding.ts";
import { NORMS, OUTER } from "./gguf_model.ts";
import {
  checkPlaces,
  type FileTensor,
  type FileTensors,
  MAX_NAME,
  MAX_TENSORS,
  partsOf,
  plainTensor,
  turnedTensor,
  valuesOf,
} from "../../encoding/tensor_file.ts";

/** What a file begins with: "GGUF". */
export const GGUF_MAGIC = 0x46554747;

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
const VALUE_SIZES: Readonly<Record<number, number>> = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  7: 1,
  10: 8,
  11: 8,
  12: 8,
};
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
    throw malformed(source, `its version is ${version}, not 2 or 3`);
  }
  const tensorCount = cursor.uint64(), keyCount = cursor.uint64();
  if (tensorCount > MAX_TENSORS || keyCount > MAX_KEYS) {
    throw malformed(
      source,
      `it has ${tensorCount} tensors and ${keyCount} keys, more than can be`,
    );
  }
  const fields = readFields(cursor, keyCount);
  const architecture = ARCHITECTURES.find((name) =>
    name === fields.get(ARCHITECTURE)
  );
  const layout = architecture && layoutOf(architecture);
  if (architecture === undefined || layout === undefined) {
    const known = ARCHITECTURES.filter(layoutOf);
    throw malformed(
      source,
      `it is of the architecture ${fields.get(ARCHITECTURE) ?? "?"}; ` +
        `${known.join(", ")} can be used`,
    );
  }
  const tensors = readTensors(cursor, tensorCount, alignmentOf(source, fields));
  const headSize = Number(fields.get(`${architecture}.wkv.head_size`));
  return officialTensors(source, tensors, { architecture, layout, headSize });
}

function layoutOf(architecture: ArchitectureName): GgufLayout | undefined {
  return architectureOf({ architecture }).official?.gguf;
}

/** The texts and unsigned numbers among a file's keys. */
function readFields(
  cursor: Cursor,
  count: number,
): Map<string, string | number> {
  const fields = new Map<string, string | number>();
  for (let i = 0; i < count; i++) {
    const key = cursor.text(MAX_NAME), type = cursor.uint32();
    if (fields.has(key)) cursor.fail(`it has ${key} twice`);
    if (key === ARCHITECTURE && type === TEXT) {
      fields.set(key, cursor.text(MAX_NAME));
    } else if (type === UINT32) {
      fields.set(key, cursor.uint32());
    } else {
      skipValue(cursor, type);
    }
  }
  return fields;
}

function skipValue(cursor: Cursor, type: number): void {
  if (type === TEXT) return cursor.skipText();
  if (type !== LIST) return cursor.skip(sizeOf(cursor, type));
  const element = cursor.uint32(), count = cursor.uint64();
  if (element !== TEXT) return cursor.skip(count * sizeOf(cursor, element));
  if (count > MAX_TEXTS) cursor.fail(`a list has ${count} texts`);
  for (let i = 0; i < count; i++) cursor.skipText();
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
  cursor: Cursor,
  count: number,
  alignment: number,
): FileTensors {
  const { source } = cursor;
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

function readTensor(cursor: Cursor): {
  name: string;
  shape: number[];
  type: ElementTypeName;
  offset: number;
  length: number;
} {
  const name = cursor.text(MAX_NAME), extents = cursor.uint32();
  if (extents < 1 || extents > 4) cursor.fail(`${name} has ${extents} extents`);
  const shape = Array.from({ length: extents }, () => cursor.uint64())
    .reverse(); // the file has the fastest first
  const code = cursor.uint32();
  const type = TENSOR_TYPES[code] ??
    cursor.fail(`${name} is of a type unknown here, ${code}`);
  const length = valuesOf(shape);
  if (length === undefined || shape.at(-1)! % ELEMENT_TYPES[type].values) {
    cursor.fail(`${name} cannot have the shape [${shape}]`);
  }
  const offset = cursor.uint64();
  return { name, shape, type, offset, length: byteLengthOf(type, length) };
}

/** Undoes what llama.cpp's converter did. */
function officialTensors(
  source: ByteSource,
  stored: FileTensors,
  { architecture, layout, headSize }: {
    readonly architecture: string;
    readonly layout: GgufLayout;
    readonly headSize: number;
  },
): FileTensors {
  const outer = new Map(OUTER.map(([official, name]) => [name, official]));
  const inner = new Map(
    [...NORMS, ...layout.tensors].map((row) => [row[1], row]),
  );
  const tensors = new Map<string, FileTensor>();
  for (const [name, tensor] of stored) {
    const [, layer, part] = name.match(/^blk\.(\d{1,3})\.(.+)$/) ?? [];
    const official = outer.get(name), row = inner.get(part ?? "");
    const block = `blocks.${Number(layer)}.`;
    if (official !== undefined) {
      tensors.set(official, tensor);
    } else if (row === undefined) {
      throw malformed(source, `${name} is a weight that ${architecture} lacks`);
    } else if (typeof row[0] === "string") {
      const whole = inForm(source, name, { tensor, form: row[2], headSize });
      tensors.set(block + row[0], whole);
    } else {
      const parts = partsOf(tensor, row[0].length);
      if (parts === undefined) throw malformed(source, `${name} is not six`);
      row[0].forEach((own, i) => tensors.set(block + own, parts[i]));
    }
  }
  return tensors;
}

/** Undoes the form in which a weight is stored. */
function inForm(
  source: ByteSource,
  name: string,
  { tensor, form, headSize }: {
    readonly tensor: FileTensor;
    readonly form: GgufTensor[2];
    readonly headSize: number;
  },
): FileTensor {
  if (form === undefined) return tensor;
  if (form === "turned") {
    if (tensor.shape.length === 2) return turnedTensor(tensor);
    throw malformed(source, `${name} is no matrix`);
  }
  const width = countOf(tensor.shape);
  return width % headSize === 0
    ? { ...tensor, shape: [width / headSize, headSize] }
    : tensor; // what it is shows when its shape is checked
}

/** Reads a file from its start to where the values are. */
class Cursor {
  readonly source: ByteSource;
  at = 0;
  #window = new Uint8Array(0);
  #start = 0;

  constructor(source: ByteSource) {
    this.source = source;
  }

  uint32(): number {
    return this.#view(4).getUint32(0, true);
  }

  /** A 64-bit number; one that is larger than can be counted fails. */
  uint64(): number {
    const value = Number(this.#view(8).getBigUint64(0, true));
    return Number.isSafeInteger(value)
      ? value
      : this.fail("a number is too large");
  }

  text(most: number): string {
    const length = this.uint64();
    if (length > most) this.fail(`a name has ${length} bytes`);
    const { buffer, byteOffset } = this.#view(length);
    return new TextDecoder().decode(new Uint8Array(buffer, byteOffset, length));
  }

  skipText(): void {
    this.skip(this.uint64());
  }

  skip(length: number): void {
    if (length > this.source.length - this.at) this.fail("it is cut short");
    this.at += length;
  }

  fail(reason: string): never {
    throw malformed(this.source, `${reason} (byte ${this.at})`);
  }

  /** The next bytes, few of them. */
  #view(length: number): DataView {
    const start = this.at;
    this.skip(length);
    if (start < this.#start || this.at > this.#start + this.#window.length) {
      const size = Math.min(2 ** 16, this.source.length - start);
      this.#window = new Uint8Array(size);
      this.#start = start;
      this.source.read(this.#window, start);
    }
    return new DataView(this.#window.buffer, start - this.#start, length);
  }
}
