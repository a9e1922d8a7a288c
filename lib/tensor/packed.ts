/**
 * Matrices of packed weights: their formats, their memory, and products with
 * them. What the words mean is in the ops' rows.
 *
 * @module
 */

import type {
  Backend,
  Indices,
  Memory,
  ProductShape,
} from "../backend/backend.ts";
import type { OpName } from "../backend/ops.ts";
import { lengthOf, PLANS } from "../backend/plan.ts";

/** What weights can be packed as. */
export type PackedFormat = "q8" | "q5" | "q4" | "f16" | "bf16";

/** The op of each format. */
const OPS_OF = {
  q8: "linearQ8",
  q5: "linearQ5",
  q4: "linearQ4",
  f16: "linearF16",
  bf16: "linearBF16",
} as const satisfies Record<PackedFormat, OpName>;

/** The parts of a packed matrix by the names of its op's row. */
export type PackedParts = Readonly<Record<string, Float32Array | Uint32Array>>;

/** A packed matrix (outputs, width) on a backend. */
export interface PackedMatrix {
  /** How it is packed. */
  readonly format: PackedFormat;
  /** Its memories by the names of its op's row. */
  readonly parts: Readonly<Record<string, Memory | Indices>>;
}

/** Tells a packed matrix from the memory of one that is not. */
export function isPacked(
  weight: Memory | PackedMatrix,
): weight is PackedMatrix {
  return "format" in weight;
}

/**
 * Reserves a packed matrix.
 *
 * @param backend Where it lives.
 * @param shape (outputs, width), the width a multiple of 32.
 */
export function allocatePacked(
  backend: Backend,
  format: PackedFormat,
  [outputs, width]: readonly number[],
): PackedMatrix {
  const op = OPS_OF[format], shape = { rows: 1, width, outputs };
  const parts: Record<string, Memory | Indices> = {};
  for (const { name, access, holds } of PLANS[op].fields) {
    if (access !== "read" || name === "x") continue;
    const length = lengthOf(op, name, shape);
    parts[name] = holds === "words"
      ? backend.allocIndices(length)
      : backend.alloc(length);
  }
  return { format, parts };
}

/** Copies a packed matrix in. */
export function writePacked(
  backend: Backend,
  matrix: PackedMatrix,
  values: PackedParts,
): void {
  for (const [name, part] of Object.entries(matrix.parts)) {
    const given = values[name];
    if (given instanceof Float32Array) backend.write(part, given);
    else backend.writeIndices(part, given);
  }
}

/** y (rows, outputs) = x (rows, width) · wᵀ. */
export function multiplyPacked(
  backend: Backend,
  y: Memory,
  x: Memory,
  { format, parts }: PackedMatrix,
  shape: ProductShape,
): void {
  backend.run(OPS_OF[format], { y, x, ...parts } as never, shape as never);
}
