/**
 * Tensors on their way to other programs' files: 32 and 16-bit floats (both kinds), and the
 * blocks of 8-bit integers that llama.cpp and rwkv.cpp call Q8_0. Encoded a
 * piece at a time, so that no tensor is there twice.
 *
 * Nothing is rounded to infinity: a value that a format cannot hold is an
 * error.
 *
 * @module
 */

import { BLOCK, byteLengthOf, ELEMENT_TYPES } from "./elements.ts";

/** The number formats of exported tensors, see {@linkcode ELEMENT_TYPES}. */
export const EXPORT_TYPES = [
  ...(["F32", "F16", "BF16"] as const),
  ...(["Q8_0", "Q5_1", "Q5_0", "Q4_1", "Q4_0"] as const),
] as const;
/** See {@linkcode EXPORT_TYPES}. */
export type ExportType = typeof EXPORT_TYPES[number];

/** A tensor to be written. */
export interface OutgoingTensor {
  /** What it is called in the file. */
  readonly name: string;
  /** Extents, the slowest first. */
  readonly shape: readonly number[];
  /** How its values are stored. */
  readonly type: ExportType;
  /** Gives the values, when it is their turn. */
  readonly values: () => Float32Array;
  /** Gives the blocks, where it is stored as such. */
  readonly blocks?: () => Uint8Array;
}

/** Values of a piece; whole blocks. */
const PIECE = 2 ** 16;
/** The largest finite 16-bit float. */
const MAX_F16 = 65_504;

/**
 * Bytes of a tensor in the file.
 *
 * @param tensor Which one; its values are not asked for.
 * @throws {RangeError} For Q8_0 whose rows are not whole blocks.
 *
 * @example
 * ```ts
 * import { encodedLength } from "./tensor_encoding.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const values = () => new Float32Array(64);
 * const tensor = { name: "w", shape: [2, 32], values };
 * assertEquals(encodedLength({ ...tensor, type: "F16" }), 128);
 * assertEquals(encodedLength({ ...tensor, type: "Q8_0" }), 68);
 * ```
 */
export function encodedLength({ name, shape, type }: OutgoingTensor): number {
  const { values } = ELEMENT_TYPES[type];
  if (values > 1 && (shape.at(-1) ?? 1) % values !== 0) {
    throw new RangeError(
      `Cannot write ${name} as ${type}: its rows of ${shape.at(-1)} values ` +
        `are not whole blocks of ${values}`,
    );
  }
  return byteLengthOf(type, countOf(shape));
}

/** What writes values as they are, or rounds them as ggml's reference does. */
const ENCODERS = {
  F32: encodeF32,
  F16: encodeF16,
  BF16: encodeBF16,
  Q8_0: encodeQ8,
} as const;

/**
 * A tensor's bytes, piece by piece; each piece is good until the next.
 *
 * @throws {RangeError} For a value that is not finite or too large for the
 * format, and where the values are not as many as the shape says.
 */
export function* encodedPieces(
  tensor: OutgoingTensor,
): Generator<Uint8Array<ArrayBuffer>> {
  const { name, shape, type } = tensor;
  if (tensor.blocks !== undefined) {
    yield new Uint8Array(tensor.blocks());
    return;
  }
  const values = tensor.values();
  if (values.length !== countOf(shape)) {
    throw new RangeError(
      `Cannot write ${name}: it has ${values.length} values, its shape is ` +
        `[${shape.join(", ")}]`,
    );
  }
  const encode = ENCODERS[type as keyof typeof ENCODERS];
  if (encode === undefined) {
    throw new TypeError(`Cannot write ${name} as ${type}: no blocks are given`);
  }
  for (let at = 0; at < values.length; at += PIECE) {
    const piece = values.subarray(at, at + PIECE);
    assertFinite(piece, name);
    yield encode(piece, name);
  }
}

/**
 * A matrix the other way round, or each of several.
 *
 * @param values Their values, row after row.
 * @param shape Rows and columns, after the extents of what there are several of.
 */
export function transposed(
  values: Float32Array,
  shape: readonly number[],
): Float32Array {
  const [rows, columns] = shape.slice(-2), length = rows * columns;
  const turned = new Float32Array(values.length);
  for (let first = 0; first < values.length; first += length) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        turned[first + j * rows + i] = values[first + i * columns + j];
      }
    }
  }
  return turned;
}

/** The extents of what {@linkcode transposed} gives. */
export function turnedShape(shape: readonly number[]): number[] {
  return [...shape.slice(0, -2), ...shape.slice(-2).toReversed()];
}

/** The number of values of a shape. */
export function countOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

function assertFinite(values: Float32Array, name: string): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) {
      throw new RangeError(
        `Cannot write ${name}: it has values that are not finite`,
      );
    }
  }
}

function encodeF32(values: Float32Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new Float32Array(values).buffer);
}

function encodeF16(
  values: Float32Array,
  name: string,
): Uint8Array<ArrayBuffer> {
  const halves = new Float16Array(values);
  for (let i = 0; i < halves.length; i++) {
    if (!Number.isFinite(halves[i])) throw tooLarge(name, "F16", values[i]);
  }
  return new Uint8Array(halves.buffer);
}

/** The upper half of an f32: the nearest, of two as near the even one. */
function encodeBF16(
  values: Float32Array,
  name: string,
): Uint8Array<ArrayBuffer> {
  const bits = new Uint32Array(new Float32Array(values).buffer);
  const halves = new Uint16Array(bits.length);
  for (let i = 0; i < bits.length; i++) {
    halves[i] = (bits[i] + 0x7fff + (bits[i] >>> 16 & 1)) >>> 16;
    // Rounded up beyond the largest finite one.
    if ((halves[i] & 0x7f80) === 0x7f80) {
      throw tooLarge(name, "BF16", values[i]);
    }
  }
  return new Uint8Array(halves.buffer);
}

/**
 * As ggml's reference does it: the scale is the largest magnitude over 127,
 * the quotients are taken in 32 bits and rounded half away from zero.
 */
function encodeQ8(
  values: Float32Array,
  name: string,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(byteLengthOf("Q8_0", values.length));
  const view = new DataView(bytes.buffer);
  for (let from = 0, to = 0; from < values.length; from += BLOCK) {
    let largest = 0;
    for (let i = 0; i < BLOCK; i++) {
      largest = Math.max(largest, Math.abs(values[from + i]));
    }
    const scale = Math.fround(largest / 127);
    if (scale > MAX_F16) throw tooLarge(name, "Q8_0", largest);
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
    view.setFloat16(to, scale, true);
    for (let i = 0; i < BLOCK; i++) {
      const quotient = Math.fround(values[from + i] * inverse);
      const rounded = Math.sign(quotient) * Math.round(Math.abs(quotient));
      view.setInt8(to + 2 + i, rounded);
    }
    to += ELEMENT_TYPES.Q8_0.bytes;
  }
  return bytes;
}

function tooLarge(name: string, type: ExportType, value: number): RangeError {
  return new RangeError(
    `Cannot write ${name} as ${type}: the value ${value} is too large for it; ` +
      "use F32",
  );
}
