/**
 * Products with packed weights: a row is what it is alone, and threads change
 * nothing.
 */

import { assert, assertEquals } from "@std/assert";
import { CpuBackend } from "../../../lib/backend/cpu/cpu_backend.ts";
import { Random } from "../../../lib/random.ts";
import {
  allocatePacked,
  multiplyPacked,
  type PackedFormat,
  writePacked,
} from "../../../lib/tensor/packed.ts";

const OUTPUTS = 37, WIDTH = 96, ROWS = 7;

for (const format of ["q8", "q5", "q4", "f16", "bf16"] as const) {
  Deno.test(`a row has the same bits whatever other rows there are: ${format}`, async () => {
    using backend = await CpuBackend.create({ threads: 2, blas: "none" });
    const random = new Random(3);
    const matrix = allocatePacked(backend, format, [OUTPUTS, WIDTH]);
    writePacked(backend, matrix, partsOf(format, random));
    const values = Float32Array.from(
      { length: ROWS * WIDTH },
      () => random.normal(),
    );
    const x = backend.alloc(ROWS * WIDTH), y = backend.alloc(ROWS * OUTPUTS);
    backend.write(x, values);
    const shape = { width: WIDTH, outputs: OUTPUTS };
    multiplyPacked(backend, y, x, matrix, { rows: ROWS, ...shape });
    const together = await backend.read(y);
    for (let row = 0; row < ROWS; row++) {
      backend.write(x, values.subarray(row * WIDTH, (row + 1) * WIDTH));
      multiplyPacked(backend, y, x, matrix, { rows: 1, ...shape });
      assertEquals(
        await backend.read(y, { start: 0, length: OUTPUTS }),
        together.slice(row * OUTPUTS, (row + 1) * OUTPUTS),
      );
    }
  });
}

/** More rows than are multiplied as they are: the weights are unpacked first. */
const MANY_ROWS = 70;

for (const format of ["q8", "q5", "q4", "f16", "bf16"] as const) {
  Deno.test(`many rows have the same bits on one and two threads: ${format}`, async () => {
    const [one, two] = [await productOn(1), await productOn(2)];
    assertEquals(one, two);
    assert(one.every(Number.isFinite) && one.some((value) => value !== 0));

    async function productOn(threads: number): Promise<Float32Array> {
      using backend = await CpuBackend.create({ threads, blas: "none" });
      const random = new Random(5), width = 256, outputs = 1200;
      const matrix = allocatePacked(backend, format, [outputs, width]);
      writePacked(
        backend,
        matrix,
        partsOf(format, random, outputs * width),
      );
      const x = backend.alloc(MANY_ROWS * width);
      backend.write(
        x,
        Float32Array.from({ length: x.length }, () => random.normal()),
      );
      const y = backend.alloc(MANY_ROWS * outputs);
      const shape = { rows: MANY_ROWS, width, outputs };
      multiplyPacked(backend, y, x, matrix, shape);
      return await backend.read(y);
    }
  });
}

function partsOf(
  format: PackedFormat,
  random: Random,
  count = OUTPUTS * WIDTH,
) {
  const groups = count / 32;
  const normal = (length: number) =>
    Float32Array.from({ length }, () => random.normal());
  const words = (length: number) =>
    Uint32Array.from({ length }, () => random.next());
  const halves = new Uint32Array(
    format === "f16"
      ? new Float16Array(normal(count)).buffer
      : Uint16Array.from(
        new Uint32Array(normal(count).buffer),
        (word) => word >>> 16,
      ).buffer,
  );
  return {
    quants: words(groups * (format === "q8" ? 8 : 4)),
    fifths: words(groups),
    scales: normal(groups),
    leasts: normal(groups),
    halves,
  };
}
