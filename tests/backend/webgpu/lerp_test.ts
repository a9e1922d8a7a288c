/** Gradients of token lerps, made three at a time where their mixes lie side by side. */

import { assertEquals } from "@std/assert";
import type { Backend } from "../../../lib/backend/backend.ts";
import { ReferenceBackend } from "../../../lib/backend/reference/reference_backend.ts";
import { WebGpuBackend } from "../../../lib/backend/webgpu/webgpu_backend.ts";
import { Random } from "../../../lib/random.ts";
import { assertClose } from "../../contract/case.ts";
import { gpuTest } from "./adapter.ts";

/** Rows in several chunks, of which some begin within a sequence. */
const SHAPE = { batch: 2, time: 45, width: 64 };

/** Three and one left over. */
const LERPS = 4;

const ROWS = SHAPE.batch * SHAPE.time * SHAPE.width;

/** dx and the gradients of the mixes. */
async function gradientsOn(
  backend: Backend,
  { hasState, apart }: { readonly hasState: boolean; readonly apart: number },
): Promise<Float32Array[]> {
  const random = new Random(3);
  const normal = (length: number) => {
    const memory = backend.alloc(length);
    const values = Float32Array.from({ length }, () => random.normal());
    backend.write(memory, values);
    return memory;
  };
  const { batch, width } = SHAPE;
  const dx = normal(ROWS), x = normal(ROWS), state = normal(batch * width);
  const dys = Array.from({ length: LERPS }, () => normal(ROWS));
  const all = normal(LERPS * apart), dAll = normal(LERPS * apart);
  const partsOf = (memory: typeof all) =>
    dys.map((_, i) => backend.slice(memory, i * apart, width));
  backend.run("tokenLerpBackward", {
    dx,
    dMixes: partsOf(dAll),
    dys,
    mixes: partsOf(all),
    x,
    ...hasState ? { state } : {},
  }, SHAPE);
  return [await backend.read(dx), await backend.read(dAll)];
}

for (const hasState of [false, true]) {
  for (const apart of [SHAPE.width, 2 * SHAPE.width]) {
    gpuTest(
      `token lerps' gradients, ${
        hasState ? "with" : "without"
      } a state, every ${apart}`,
      async () => {
        const names: string[] = [];
        using backend = await WebGpuBackend.create({
          software: true,
          recorder: ({ kernel }) => void names.push(kernel),
        });
        const got = await gradientsOn(backend, { hasState, apart });
        const reference = new ReferenceBackend("f64");
        const want = await gradientsOn(reference, { hasState, apart });
        for (const [i, name] of ["dx", "dMixes"].entries()) {
          assertClose(got[i], want[i], 1e-5, name);
        }
        const single = ["tokenShiftBackward", "columnSum"];
        const three = ["tokenLerpBackward3", "columnSum"];
        assertEquals(
          names.filter((name) => name !== "fill"),
          apart === SHAPE.width
            ? [...three, ...single]
            : Array.from({ length: LERPS }, () => single).flat(),
        );
      },
    );
  }
}
