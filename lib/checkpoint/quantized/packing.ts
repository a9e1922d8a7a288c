/**
 * Weights as a file has them to the parts that products are computed with: a
 * block's scale, least value and numbers each go to an array of their own, and
 * nothing is rounded.
 *
 * @module
 */

import type { RWKVConfig } from "../../model/config.ts";
import type { Parameter } from "../../model/parameters.ts";
import { productWeights, type RWKV } from "../../model/rwkv.ts";
import {
  type PackedFormat,
  type PackedParts,
  writePacked,
} from "../../tensor/packed.ts";
import {
  BLOCK,
  ELEMENT_TYPES,
  type ElementTypeName,
} from "../encoding/elements.ts";
import { countOf } from "../encoding/tensor_encoding.ts";
import type { FileTensor, FileTensors } from "../encoding/tensor_file.ts";

/** What each type of number is computed with as. */
const FORMATS: Readonly<Partial<Record<ElementTypeName, PackedFormat>>> = {
  Q8_0: "q8",
  Q5_1: "q5",
  Q5_0: "q5",
  Q4_1: "q5",
  Q4_0: "q4",
  F16: "f16",
  BF16: "bf16",
};

/**
 * How a weight can be stored. Burn's records have the first two; with another
 * one a file is for this program alone.
 */
export const STORED_TYPES = [
  "F32",
  "F16",
  "BF16",
  "Q8_0",
  "Q5_1",
  "Q5_0",
  "Q4_1",
  "Q4_0",
] as const;
/** See {@linkcode STORED_TYPES}. */
export type StoredType = typeof STORED_TYPES[number];

/** Whether weights can be stored so. */
export function isStoredType(type: unknown): type is StoredType {
  return STORED_TYPES.some((known) => known === type);
}

/** Whether a type is blocks. */
export function isBlocks(type: ElementTypeName): boolean {
  return ELEMENT_TYPES[type].values > 1;
}

/**
 * What a matrix is computed with as.
 *
 * @param tensor (outputs, width).
 * @returns Undefined where it becomes f32.
 */
export function packedFormatOf(
  { type, shape, readBlocks }: FileTensor,
): PackedFormat | undefined {
  const [, width, ...more] = shape;
  const fits = more.length === 0 && width % BLOCK === 0;
  return fits && (!isBlocks(type) || readBlocks !== undefined)
    ? FORMATS[type]
    : undefined;
}

/**
 * The parts of a packed matrix.
 *
 * @param tensor One with a {@linkcode packedFormatOf}.
 * @throws {SyntaxError} When a value is not finite.
 */
export function packedPartsOf(tensor: FileTensor): PackedParts {
  const { type } = tensor;
  if (type === "F16") {
    const { buffer } = new Float16Array(tensor.read());
    return { halves: new Uint32Array(buffer) };
  }
  if (type === "BF16") {
    const bits = new Uint32Array(tensor.read().buffer);
    const halves = Uint16Array.from(bits, (word) => word >>> 16);
    return { halves: new Uint32Array(halves.buffer) };
  }
  return unpackedBlocks(type, tensor.readBlocks!(), countOf(tensor.shape));
}

/**
 * Which weights of a model are computed with as a file has them, and how.
 *
 * @param tensors Its weights, as the model has them.
 */
export function packedFormats(
  config: RWKVConfig,
  tensors: FileTensors,
): Map<string, PackedFormat> {
  const formats = new Map<string, PackedFormat>();
  for (const name of productWeights(config)) {
    const tensor = tensors.get(name);
    const format = tensor && packedFormatOf(tensor);
    if (format !== undefined) formats.set(name, format);
  }
  return formats;
}

/**
 * The weights of linear maps that a file has as blocks, and how.
 *
 * @param tensors Its weights, as the model has them.
 */
export function keptBlocks(
  config: RWKVConfig,
  tensors: FileTensors,
): Map<string, StoredType> {
  const kept = new Map<string, StoredType>();
  for (const name of packedFormats(config, tensors).keys()) {
    const { type, readBlocks } = tensors.get(name)!;
    if (readBlocks && isStoredType(type)) kept.set(name, type);
  }
  return kept;
}

/**
 * Copies a file's weights into a model, packed where the model has them so.
 *
 * @param parameters Which of the model's; all unless given.
 */
export function loadWeights(
  { backend, parameters: all }: RWKV,
  tensors: FileTensors,
  parameters: Iterable<Parameter> = all,
): void {
  for (const parameter of parameters) {
    const tensor = tensors.get(parameter.name)!, { packed } = parameter;
    if (packed === undefined) {
      backend.write(parameter.data, tensor.read());
    } else {
      writePacked(backend, packed, packedPartsOf(tensor));
    }
  }
}

/** Blocks taken apart. */
function unpackedBlocks(
  type: ElementTypeName,
  blocks: Uint8Array,
  count: number,
): PackedParts {
  const view = new DataView(
    blocks.buffer,
    blocks.byteOffset,
    blocks.byteLength,
  );
  const { bytes: size } = ELEMENT_TYPES[type];
  const groups = count / BLOCK, hasLeast = type === "Q5_1" || type === "Q4_1";
  const hasFifth = type === "Q5_0" || type === "Q5_1";
  const head = (hasLeast ? 4 : 2) + (hasFifth ? 4 : 0);
  const each = size - head;
  const quants = new Uint8Array(groups * each);
  const scales = new Float32Array(groups), leasts = new Float32Array(groups);
  const fifths = new Uint32Array(groups);
  for (let group = 0, at = 0; group < groups; group++, at += size) {
    const scale = scales[group] = view.getFloat16(at, true);
    if (hasLeast) leasts[group] = view.getFloat16(at + 2, true);
    else if (hasFifth) leasts[group] = -16 * scale;
    if (hasFifth) fifths[group] = view.getUint32(at + head - 4, true);
    quants.set(blocks.subarray(at + head, at + size), group * each);
  }
  const words = new Uint32Array(quants.buffer);
  return FORMATS[type] === "q5"
    ? { quants: words, fifths, scales, leasts }
    : { quants: words, scales };
}
