/**
 * Checks an op's pullback against central differences, in f64, with the op in
 * mid-graph: a random gradient arrives from above, and the inputs' gradients
 * already hold something that must be added to.
 *
 * @module
 */

import { assertAlmostEquals } from "@std/assert";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { Random } from "../../lib/random.ts";
import { Tape } from "../../lib/tensor/tape.ts";
import { sizeOf, type Tensor } from "../../lib/tensor/tensor.ts";

/** Step of the differences; the error is of its square. */
const STEP = 1e-5;
const TOLERANCE = 1e-7;

/** Builds the op from its inputs. */
export type Build = (
  tape: Tape,
  inputs: Record<string, Tensor>,
  backend: ReferenceBackend,
) => Tensor;

/**
 * Throws where a gradient is off.
 *
 * @param shapes The inputs to differentiate by, with their shapes.
 * @param build Runs the op on them.
 */
export function checkGradients(
  shapes: Record<string, readonly number[]>,
  build: Build,
): void {
  const backend = new ReferenceBackend("f64");
  const random = new Random(7, ...Object.values(shapes).flat());
  const fill = (memory: Tensor["data"]) => {
    const values = backend.values(memory);
    for (let i = 0; i < values.length; i++) values[i] = random.normal();
  };
  const inputs: Record<string, Tensor> = {};
  for (const [name, shape] of Object.entries(shapes)) {
    const length = sizeOf(shape);
    inputs[name] = {
      shape,
      data: backend.alloc(length),
      grad: backend.alloc(length),
    };
    fill(inputs[name].data);
    fill(inputs[name].grad);
  }
  const before = Object.fromEntries(
    Object.entries(inputs).map(([name, { grad }]) => [
      name,
      Float64Array.from(backend.values(grad)),
    ]),
  );

  const tape = new Tape(backend);
  const y = build(tape, inputs, backend);
  const upstream = Float64Array.from(
    { length: y.data.length },
    () => random.normal(),
  );
  backend.values(y.grad).set(upstream);
  tape.backward();

  const loss = () => {
    const forward = new Tape(backend, { recording: false });
    const values = backend.values(build(forward, inputs, backend).data);
    return upstream.reduce((sum, up, i) => sum + up * values[i], 0);
  };
  for (const [name, { data, grad }] of Object.entries(inputs)) {
    const values = backend.values(data);
    for (let i = 0; i < values.length; i++) {
      const at = values[i];
      values[i] = at + STEP;
      const above = loss();
      values[i] = at - STEP;
      const below = loss();
      values[i] = at;
      const expected = (above - below) / (2 * STEP);
      const actual = backend.values(grad)[i] - before[name][i];
      assertAlmostEquals(
        actual,
        expected,
        TOLERANCE * (1 + Math.abs(expected)),
        `d${name}[${i}]: ${actual}, by differences ${expected}`,
      );
    }
  }
}
