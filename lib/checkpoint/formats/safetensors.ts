/**
 * safetensors: eight bytes that say how long the header is, the header (JSON:
 * type, shape and place of each tensor by name), and the values.
 *
 * Nothing is taken on trust: the header is bounded and parsed strictly, and
 * the tensors must fill the rest of the file without a gap or an overlap.
 *
 * @module
 */

import {
  type ByteSource,
  malformed,
  UNSUPPORTED,
} from "../encoding/byte_source.ts";
import { byteLengthOf } from "../encoding/elements.ts";
import {
  checkPlaces,
  type FileTensor,
  type FileTensors,
  MAX_NAME,
  plainTensor,
  valuesOf,
} from "../encoding/tensor_file.ts";
import { parseStrictJson, type StrictJson } from "./strict_json.ts";

/** The types that are read and written here. */
export const SAFETENSORS_TYPES = ["F64", "F32", "F16", "BF16"] as const;
/** See {@linkcode SAFETENSORS_TYPES}. */
export type SafetensorsType = typeof SAFETENSORS_TYPES[number];

/** What the header says of a tensor. */
export interface SafetensorsEntry {
  /** How its values are stored. */
  readonly dtype: SafetensorsType;
  /** Its extents. */
  readonly shape: readonly number[];
  /** Its first byte and the one after its last, counted from the header's end. */
  readonly data_offsets: readonly [start: number, end: number];
}

/** The header's name for its map of texts. */
export const METADATA_KEY = "__metadata__";

/** Bytes of a header; a model of 256 layers needs one million. */
export const MAX_HEADER_SIZE = 2 ** 23;

/** Values in a header: ten for each of 25,000 tensors. */
const MAX_VALUES = 2 ** 18;

/** A file's content. */
export interface Safetensors {
  /** The tensors by their names. */
  readonly tensors: FileTensors;
  /** The texts of `__metadata__`. */
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * Reads a file's header.
 *
 * @param source The file; it must stay open for values to be read.
 * @throws {SyntaxError} When it is malformed, or has a tensor of another type
 * than f32, f16 and bf16.
 *
 * @example
 * ```ts
 * import { memorySource } from "../encoding/byte_source.ts";
 * import { readSafetensors } from "./safetensors.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const entry = { dtype: "F32", shape: [1, 2], data_offsets: [0, 8] };
 * const header = new TextEncoder().encode(JSON.stringify({ x: entry }));
 * const bytes = new Uint8Array(8 + header.length + 8);
 * new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
 * bytes.set(header, 8);
 * const { tensors } = readSafetensors(memorySource("example", bytes));
 * assertEquals(tensors.get("x")?.shape, [1, 2]);
 * assertEquals(tensors.get("x")?.read(), new Float32Array(2));
 * ```
 */
export function readSafetensors(source: ByteSource): Safetensors {
  const { header, start } = readHeader(source);
  const entries = [...header].filter(([name]) => name !== METADATA_KEY);
  const tensors = new Map<string, FileTensor>();
  const places = entries.map(([name, value]) => {
    if (name.length > MAX_NAME) {
      throw malformed(source, `a name is longer than ${MAX_NAME} characters`);
    }
    const { dtype, shape, data_offsets: [from, to] } = entryOf(
      source,
      name,
      value,
    );
    const offset = start + from;
    tensors.set(
      name,
      plainTensor(source, { type: dtype, offset, shape }, name),
    );
    return { name, offset, length: to - from };
  });
  checkPlaces(source, places, { start, end: source.length });
  const used = places.reduce((sum, { length }) => sum + length, 0);
  if (used !== source.length - start) {
    throw malformed(source, "its tensors do not fill it");
  }
  return { tensors, metadata: metadataOf(source, header.get(METADATA_KEY)) };
}

function readHeader(source: ByteSource): {
  header: ReadonlyMap<string, StrictJson>;
  start: number;
} {
  if (source.length < 8) throw malformed(source, "it is cut short");
  const head = new Uint8Array(8);
  source.read(head, 0);
  const size = new DataView(head.buffer).getBigUint64(0, true);
  if (size > MAX_HEADER_SIZE) {
    throw malformed(
      source,
      `its header has ${size} bytes, the most is ${MAX_HEADER_SIZE}`,
    );
  }
  const start = 8 + Number(size);
  if (start > source.length) throw malformed(source, "it is cut short");
  const bytes = new Uint8Array(Number(size));
  source.read(bytes, 8);
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(bytes);
    const header = parseStrictJson(text, {
      depth: 3,
      values: MAX_VALUES,
    });
    if (header instanceof Map) return { header, start };
    throw new SyntaxError("it is not an object");
  } catch (error) {
    const reason = error instanceof SyntaxError
      ? error.message
      : "it is not UTF-8";
    throw malformed(source, `its header cannot be read: ${reason}`);
  }
}

/** Checks what the header says of one tensor. */
function entryOf(
  source: ByteSource,
  name: string,
  value: StrictJson,
): SafetensorsEntry {
  const fields = value instanceof Map ? value : new Map<string, StrictJson>();
  const dtype = SAFETENSORS_TYPES.find((type) => type === fields.get("dtype"));
  if (dtype === undefined) {
    const found = `${fields.get("dtype") ?? "nothing"}`.slice(0, 20);
    throw malformed(
      source,
      `${name} is stored as ${found}, not as ${SAFETENSORS_TYPES.join(", ")}`,
      fields.has("dtype") ? UNSUPPORTED : undefined,
    );
  }
  const shape = fields.get("shape");
  const length = valuesOf(shape);
  if (length === undefined) throw malformed(source, `${name} has no shape`);
  const offsets = fields.get("data_offsets");
  const [from, to] = Array.isArray(offsets) ? offsets : [];
  if (
    !Array.isArray(offsets) || offsets.length !== 2 ||
    !Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 0 ||
    to - from !== byteLengthOf(dtype, length)
  ) {
    throw malformed(
      source,
      `${name} is not at a place of ${byteLengthOf(dtype, length)} bytes`,
    );
  }
  return { dtype, shape: shape as number[], data_offsets: [from, to] };
}

function metadataOf(
  source: ByteSource,
  value: StrictJson | undefined,
): ReadonlyMap<string, string> {
  if (value === undefined) return new Map();
  const isText = (field: StrictJson) => typeof field === "string";
  if (value instanceof Map && value.values().every(isText)) return value;
  throw malformed(source, `${METADATA_KEY} is not a map of texts`);
}
