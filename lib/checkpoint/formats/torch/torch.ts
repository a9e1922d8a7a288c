/**
 * PyTorch's files of weights (`.pth`): a zip of a pickle, which names the
 * tensors, and of their storages, a file each.
 *
 * @module
 */

import {
  type ByteSource,
  malformed,
  type Span,
} from "../../encoding/byte_source.ts";
import { byteLengthOf, readElements } from "../../encoding/elements.ts";
import {
  type FileTensor,
  type FileTensors,
  MAX_NAME,
  MAX_TENSORS,
  valuesOf,
} from "../../encoding/tensor_file.ts";
import { parsePickle, PickledTensor } from "./pickle.ts";
import { readZip } from "./zip.ts";

/** Bytes of the pickle; a model of 256 layers has one or two million. */
const MAX_PICKLE = 2 ** 23;
/**
 * Tensors may share storages, as tied embeddings do; but all of them together
 * hold no more than so many times the file.
 */
const MAX_SHARING = 4;

/**
 * Reads a file's structure.
 *
 * @param source The file; it must stay open for values to be read.
 * @returns The tensors by their names.
 * @throws {SyntaxError} When it is malformed, or holds anything but f64, f32,
 * f16 and bf16 tensors by name, or those among what a trainer keeps.
 */
export function readTorch(source: ByteSource): FileTensors {
  const entries = readZip(source);
  const name = entries.keys().find((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (name === undefined) {
    throw malformed(source, "it is a zip, but not of PyTorch's: no data.pkl");
  }
  const folder = name.slice(0, -"data.pkl".length);
  checkByteOrder(source, entries.get(`${folder}byteorder`));
  const tensors = new Map<string, FileTensor>();
  let bytes = 0;
  for (const [key, value] of weightsIn(source, entries.get(name)!)) {
    if (typeof key !== "string" || key.length > MAX_NAME) {
      throw malformed(source, "a tensor's name is none");
    }
    if (!(value instanceof PickledTensor)) {
      throw malformed(source, `${key} is no tensor; only weights are read`);
    }
    const place = entries.get(`${folder}data/${value.storage.key}`);
    tensors.set(key, tensorOf(source, value, { name: key, place }));
    bytes += byteLengthOf(value.storage.type, valuesOf(value.shape)!);
  }
  if (tensors.size > MAX_TENSORS || bytes > MAX_SHARING * source.length) {
    throw malformed(source, "its tensors are many more than it holds");
  }
  return tensors;
}

/** What trainers call the map of weights among what else they keep. */
const NESTED = ["state_dict", "model_state_dict", "model", "module"];

/** The map of weights: the whole pickle, or what a trainer has put it in. */
function weightsIn(
  source: ByteSource,
  place: Span,
): ReadonlyMap<unknown, unknown> {
  let map = pickleOf(source, place);
  const isTensor = (value: unknown) => value instanceof PickledTensor;
  for (let depth = 0; depth < 3 && !map.values().some(isTensor); depth++) {
    const inner = NESTED.map((name) => map.get(name))
      .find((value) => value instanceof Map);
    if (inner === undefined) break;
    map = inner;
  }
  return map;
}

function pickleOf(
  source: ByteSource,
  place: Span,
): ReadonlyMap<unknown, unknown> {
  if (place.length > MAX_PICKLE) {
    throw malformed(source, `its pickle has ${place.length} bytes`);
  }
  const bytes = new Uint8Array(place.length);
  source.read(bytes, place.offset);
  try {
    const value = parsePickle(bytes);
    if (value instanceof Map) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw malformed(source, error.message);
  }
  throw malformed(source, "it holds no map of weights");
}

/** Files from before PyTorch 2.1 do not say; they are little-endian. */
function checkByteOrder(source: ByteSource, place: Span | undefined): void {
  if (place === undefined) return;
  const bytes = new Uint8Array(Math.min(place.length, 16));
  source.read(bytes, place.offset);
  if (new TextDecoder().decode(bytes) !== "little") {
    throw malformed(source, "its numbers are not little-endian");
  }
}

/** Checks a tensor against its storage. */
function tensorOf(
  source: ByteSource,
  { storage, offset, shape, strides }: PickledTensor,
  { name, place }: { name: string; place: Span | undefined },
): FileTensor {
  const { type } = storage;
  const length = valuesOf(shape);
  if (length === undefined) throw malformed(source, `${name} has no shape`);
  if (place?.length !== byteLengthOf(type, storage.length)) {
    throw malformed(source, `the storage of ${name} is not as it should be`);
  }
  const last = shape.reduce((at, n, i) => at + (n - 1) * strides[i], offset);
  if (!Number.isSafeInteger(last) || last >= storage.length) {
    throw malformed(source, `${name} lies beyond its storage`);
  }
  if (length > storage.length) {
    throw malformed(source, `${name} has values more than once`);
  }
  const stretch = {
    type,
    offset: place.offset + byteLengthOf(type, offset),
    length: last - offset + 1,
  };
  return {
    shape,
    type,
    read: () => {
      const values = readElements(source, stretch, name);
      return isDense(shape, strides)
        ? values
        : gathered(values, { shape, strides, length });
    },
  };
}

/** Whether the values stand one after another. */
function isDense(
  shape: readonly number[],
  strides: readonly number[],
): boolean {
  let next = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] > 1 && strides[i] !== next) return false;
    next *= shape[i];
  }
  return true;
}

/** The values in the order of their indices. */
function gathered(
  values: Float32Array,
  { shape, strides, length }: {
    readonly shape: readonly number[];
    readonly strides: readonly number[];
    readonly length: number;
  },
): Float32Array {
  const result = new Float32Array(length);
  const index = shape.map(() => 0);
  for (let i = 0, from = 0; i < length; i++) {
    result[i] = values[from];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= shape[axis] * strides[axis];
      index[axis] = 0;
    }
  }
  return result;
}
