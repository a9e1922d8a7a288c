/**
 * Shaped views of device memory.
 *
 * @module
 */

import type { Memory } from "../backend/backend.ts";

/** What an op may read, and where it may leave the gradient of it. */
export interface Operand {
  /** Row-major extents. */
  readonly shape: readonly number[];
  /** Values. */
  readonly data: Memory;
  /** dLoss/dData, always added to; absent for a constant. */
  readonly grad?: Memory;
}

/** An operand that takes part in training. */
export interface Tensor extends Operand {
  /** dLoss/dData, always added to. */
  readonly grad: Memory;
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

/** (batch, time, width) of an activation. */
export function sequenceOf(
  { shape }: Operand,
): { batch: number; time: number; width: number } {
  if (shape.length !== 3) {
    throw new TypeError(
      `Cannot read (${shape}) as (batch, time, width): it has ${shape.length} extents`,
    );
  }
  const [batch, time, width] = shape;
  return { batch, time, width };
}

/** Throws unless two operands have the same shape. */
export function assertSameShape(op: string, a: Operand, b: Operand): void {
  if (
    a.shape.length !== b.shape.length ||
    a.shape.some((extent, axis) => extent !== b.shape[axis])
  ) {
    throw new RangeError(
      `Cannot apply ${op}: the shapes (${a.shape}) and (${b.shape}) differ`,
    );
  }
}
