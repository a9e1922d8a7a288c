/**
 * Linear maps without bias, stored either way round.
 *
 * @module
 */

import type { Backend, Memory } from "../backend/backend.ts";
import { multiplyPacked } from "../tensor/packed.ts";
import type { Tape } from "../tensor/tape.ts";
import {
  type Lora,
  type Operand,
  rowShapeOf,
  type Tensor,
  type Weight,
} from "../tensor/tensor.ts";

/**
 * y = x · wᵀ: a linear layer.
 *
 * @param x (..., in).
 * @param w (out, in); with what is learnt beside it, if anything; packed for
 * inference only.
 * @returns (..., out).
 */
export function linear(tape: Tape, x: Tensor, w: Weight): Tensor {
  // dx = dy·w,  dw = dyᵀ·x
  const y = multiply(tape, x, w, "linear");
  if (w.lora !== undefined) addLora(tape, y, x, w.lora);
  return y;
}

/** y += scale · (x · aᵀ) · bᵀ, so that w + scale · b·a is never made. */
function addLora(tape: Tape, y: Tensor, x: Tensor, { a, b, scale }: Lora) {
  const inner = linear(tape, x, a);
  if (scale === undefined) {
    tape.later(() => addLinear(tape, y, inner, b));
    return;
  }
  tape.later(() => {
    const scaled = linear(tape, inner, scale);
    tape.later(() => addLinear(tape, y, scaled, b));
  });
}

/** y += x · wᵀ, to a y that nothing has used. */
function addLinear(tape: Tape, y: Tensor, x: Tensor, w: Tensor): void {
  const { backend } = tape, { rows, width: k } = rowShapeOf(x);
  const [n] = w.shape, shape = { m: rows, k, n };
  const accumulate = true;
  backend.matmul(y.data, x.data, w.data, shape, {
    transposeB: true,
    accumulate,
  });
  // y is given back by what made it, which comes later on the way back.
  tape.record([], () => {
    const dx = tape.claimGrad(x), dy = y.grad;
    backend.matmul(dx.grad, dy, w.data, { m: rows, k: n, n: k }, {
      accumulate: dx.accumulate,
    });
    backend.matmul(w.grad, dy, x.data, { m: n, k: rows, n: k }, {
      transposeA: true,
      accumulate,
    });
  });
}

/**
 * y = x · w: a map stored (in, out), as low-rank branches are.
 *
 * @param x (..., in).
 * @param w (in, out).
 * @returns (..., out).
 */
export function project(tape: Tape, x: Tensor, w: Tensor): Tensor {
  // dx = dy·wᵀ,  dw = xᵀ·dy
  return multiply(tape, x, w, "project");
}

/**
 * y = x · wᵀ into a memory.
 *
 * @param w (out, in), packed or not.
 */
export function multiplyInto(
  backend: Backend,
  y: Memory,
  x: Memory,
  w: Operand,
  rows: number,
): void {
  const [outputs, width] = w.shape;
  if (w.packed !== undefined) {
    multiplyPacked(backend, y, x, w.packed, { rows, width, outputs });
  } else {
    const shape = { m: rows, k: width, n: outputs };
    backend.matmul(y, x, w.data, shape, { transposeB: true });
  }
}

function multiply(
  tape: Tape,
  x: Tensor,
  w: Tensor,
  op: "linear" | "project",
): Tensor {
  const transposed = op === "linear";
  const [out, width] = transposed ? w.shape : [w.shape[1], w.shape[0]];
  const { rows, width: given } = rowShapeOf(x);
  if (given !== width) {
    throw new RangeError(
      `Cannot apply ${op}: x has rows of ${given}, w takes ${width}`,
    );
  }
  const { backend } = tape;
  if (transposed) tape.onLinear?.(x, w);
  const y = tape.tensor(...x.shape.slice(0, -1), out);
  if (transposed) multiplyInto(backend, y.data, x.data, w, rows);
  else backend.matmul(y.data, x.data, w.data, { m: rows, k: width, n: out });
  tape.record(y, () => {
    const { grad, accumulate } = tape.claimGrad(x);
    const dy = y.grad;
    backend.together(() => {
      backend.matmul(grad, dy, w.data, { m: rows, k: out, n: width }, {
        transposeB: !transposed,
        accumulate,
      });
      if (w.isFrozen) return;
      const [left, right] = transposed ? [dy, x.data] : [x.data, dy];
      const [m, n] = w.shape;
      backend.matmul(w.grad, left, right, { m, k: rows, n }, {
        transposeA: true,
        accumulate: true,
      });
    });
  });
  return y;
}
