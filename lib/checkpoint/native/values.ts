/**
 * The values of tensors on their way to and from a file, a piece at a time and
 * turned where the file has a matrix the other way round. Numbers are
 * little-endian, as on every machine that Deno runs on.
 *
 * @module
 */

import { DTYPES, type StoredTensor } from "../formats/burn/burn.ts";
import { LazyBytes } from "./msgpack_writer.ts";
import type { ByteSource } from "./msgpack_reader.ts";

/** Values of a piece. */
const PIECE = 2 ** 18;

/**
 * The bytes of values that are fetched when it is their turn to be written.
 *
 * @param length How many values.
 * @param fetch Gives them.
 * @param turn The extents (rows, columns) of a matrix to be written as
 * (columns, rows); absent to write the values as they come.
 */
export function lazyValues(
  length: number,
  fetch: () => Promise<Float32Array>,
  turn?: readonly number[],
): LazyBytes {
  return new LazyBytes(4 * length, async function* () {
    const values = await fetch();
    const pieces = turn ? turnedPieces(values, turn) : plainPieces(values);
    for (const piece of pieces) {
      yield new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength);
    }
  });
}

function* plainPieces(values: Float32Array): Generator<Float32Array> {
  for (let at = 0; at < values.length; at += PIECE) {
    yield values.subarray(at, at + PIECE);
  }
}

function* turnedPieces(
  values: Float32Array,
  [rows, columns]: readonly number[],
): Generator<Float32Array> {
  const step = Math.max(1, Math.floor(PIECE / rows));
  const piece = new Float32Array(Math.min(step, columns) * rows);
  for (let first = 0; first < columns; first += step) {
    const count = Math.min(step, columns - first);
    for (let row = 0; row < rows; row++) {
      const from = row * columns + first;
      for (let i = 0; i < count; i++) piece[i * rows + row] = values[from + i];
    }
    yield piece.subarray(0, count * rows);
  }
}

/**
 * Reads a tensor as f32.
 *
 * @param source The file.
 * @param tensor Where and how it stands there.
 * @param name What errors call it.
 * @param turned Whether a stored (columns, rows) shall become (rows, columns).
 * @throws {SyntaxError} When a value is not finite.
 */
export function readValues(
  source: ByteSource,
  tensor: StoredTensor,
  { name, turned = false }: { name: string; turned?: boolean },
): Float32Array {
  const { shape } = tensor;
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
  if (turned) {
    const [columns, rows] = shape;
    const step = Math.max(1, Math.floor(PIECE / rows));
    let first = 0;
    for (const piece of storedPieces(source, tensor, step * rows)) {
      const count = piece.length / rows;
      for (let row = 0; row < rows; row++) {
        const to = row * columns + first;
        for (let i = 0; i < count; i++) values[to + i] = piece[i * rows + row];
      }
      first += count;
    }
  } else {
    let at = 0;
    for (const piece of storedPieces(source, tensor, PIECE)) {
      values.set(piece, at);
      at += piece.length;
    }
  }
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) {
      throw new SyntaxError(
        `Cannot read ${source.name}: ${name} has values that are not finite`,
      );
    }
  }
  return values;
}

/** Stretches of at most `size` values, each good until the next. */
function* storedPieces(
  source: ByteSource,
  { bytes, dtype }: StoredTensor,
  size: number,
): Generator<Float32Array | Float16Array> {
  const Values = DTYPES[dtype];
  const step = size * Values.BYTES_PER_ELEMENT;
  const buffer = new Uint8Array(Math.min(step, bytes.length));
  for (let at = 0; at < bytes.length; at += step) {
    const piece = buffer.subarray(0, Math.min(step, bytes.length - at));
    source.read(piece, bytes.offset + at);
    yield new Values(
      buffer.buffer,
      0,
      piece.length / Values.BYTES_PER_ELEMENT,
    );
  }
}
