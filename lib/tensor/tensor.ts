/**
 * Shaped views of device memory.
 *
 * @module
 */

import type { Memory, RowShape, SequenceShape } from "../backend/backend.ts";
import type { PackedMatrix } from "./packed.ts";

/** What an op may read, and where it may leave the gradient of it. */
export interface Operand {
  /** Row-major extents. */
  readonly shape: readonly number[];
  /** Values. */
  readonly data: Memory;
  /** dLoss/dData, always added to; absent for a constant. */
  readonly grad?: Memory;
  /** What stands in the place of values where they are packed. */
  readonly packed?: PackedMatrix;
}

/** An operand that takes part in training. */
export interface Tensor extends Operand {
  /** dLoss/dData, always added to. */
  readonly grad: Memory;
  /**
   * Whether nobody asks for the gradient, as training leaves the values as they
   * are: an op need not compute it.
   */
  readonly isFrozen?: boolean;
}

/** A matrix of weights, and what is learnt beside it where it is frozen. */
export interface Weight extends Tensor {
  /** A low-rank addition to it. */
  readonly lora?: Lora;
}

/** scale · B·A, which is added to a matrix (out, in). */
export interface Lora {
  /** A: (rank, in). */
  readonly a: Tensor;
  /** B: (out, rank). */
  readonly b: Tensor;
  /** (rank, rank): the scale on its diagonal; absent where that is 1. */
  readonly scale?: Tensor;
}

/**
 * The number of values of a shape.
 *
 * @example
 * ```ts
 * import { sizeOf } from "./tensor.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(sizeOf([2, 3, 4]), 24);
 * ```
 */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** The width of a row: the last extent. */
export function widthOf({ shape }: Operand): number {
  return shape[shape.length - 1];
}

/** The number of rows: all extents but the last, multiplied. */
export function rowsOf({ shape }: Operand): number {
  return sizeOf(shape.slice(0, -1));
}

/** Both of them: an activation as rows. */
export function rowShapeOf(x: Operand): RowShape {
  return { rows: rowsOf(x), width: widthOf(x) };
}

/** (batch, time, width) of an activation. */
export function sequenceOf({ shape }: Operand): SequenceShape {
  if (shape.length !== 3) {
    throw new TypeError(
      `Cannot read (${shape}) as (batch, time, width): it has ${shape.length} extents`,
    );
  }
  const [batch, time, width] = shape;
  return { batch, time, width };
}

/** Throws unless operands have the same shape. */
export function assertSameShape(op: string, ...operands: Operand[]): void {
  const [{ shape }] = operands;
  for (const { shape: other } of operands) {
    if (
      shape.length !== other.length ||
      shape.some((extent, axis) => extent !== other[axis])
    ) {
      throw new RangeError(
        `Cannot apply ${op}: the shapes (${shape}) and (${other}) differ`,
      );
    }
  }
}
