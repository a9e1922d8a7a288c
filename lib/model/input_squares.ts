/**
 * How large the inputs of each linear map are on some text: by that, errors of
 * weights count when they are rounded.
 *
 * @module
 */

import { Tape } from "../tensor/tape.ts";
import type { Operand } from "../tensor/tensor.ts";
import { Parameter } from "./parameters.ts";
import type { RWKV } from "./rwkv.ts";

/** Sums of one map's inputs. */
interface Sums {
  readonly squares: Float64Array;
  rows: number;
}

/**
 * The mean squares of the inputs of every linear map, by its weight's name.
 *
 * @param model One that is not trained now.
 * @param windows Token ids, each from a fresh state.
 * @param onWindow Told before each; what it throws ends the work.
 *
 * @example
 * ```ts
 * import { ReferenceBackend } from "../backend/reference/reference_backend.ts";
 * import { RWKVConfig } from "./config.ts";
 * import { inputSquares } from "./input_squares.ts";
 * import { RWKV } from "./rwkv.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const config = new RWKVConfig({ vocabSize: 10, dModel: 8, dFfn: 16 });
 * const model = new RWKV(config, new ReferenceBackend());
 * model.initialize(42);
 * const squares = await inputSquares(model, [[1, 2, 3]]);
 * assertEquals(squares.get("blocks.0.ffn.value.weight")?.length, 16);
 * ```
 */
export async function inputSquares(
  model: RWKV,
  windows: Iterable<readonly number[]>,
  onWindow: () => void | Promise<void> = () => {},
): Promise<Map<string, Float32Array>> {
  const { backend } = model;
  const sums = new Map<string, Sums>();
  const tape = new Tape(backend, { recording: false });
  for (const window of windows) {
    await onWindow();
    const ids = backend.allocIndices(window.length);
    backend.writeIndices(ids, window);
    const reads: Promise<void>[] = [];
    const add = (x: Operand, name: string) =>
      reads.push(
        backend.read(x.data).then((values) =>
          addSquares(sums, name, values, x.shape.at(-1)!)
        ),
      );
    tape.onLinear = (x, w) => {
      if (w instanceof Parameter) add(x, w.name);
    };
    const hidden = model.forward(tape, ids, { batch: 1, time: window.length });
    add(hidden, "head.weight");
    await Promise.all(reads);
    tape.reset();
  }
  return new Map(
    [...sums].map(([name, { squares, rows }]) =>
      [name, Float32Array.from(squares, (sum) => sum / rows)] as const
    ),
  );
}

function addSquares(
  all: Map<string, Sums>,
  name: string,
  values: Float32Array,
  width: number,
): void {
  let sums = all.get(name);
  if (sums === undefined) {
    all.set(name, sums = { squares: new Float64Array(width), rows: 0 });
  }
  const { squares } = sums;
  for (let i = 0; i < values.length; i++) squares[i % width] += values[i] ** 2;
  sums.rows += values.length / width;
}
