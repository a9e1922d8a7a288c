/**
 * Products with packed weights beside those with f32, in turns on one backend:
 * how many times the speed of f32 each format has, by the number of rows, in the
 * best of the rounds. Weights are as a model of the size has them: the widths of its linear maps, and its
 * head.
 *
 *     deno run --allow-read --allow-ffi bench/cpu/packed.ts
 *       [--sizes mini,85m] [--rows 1,8,64,128,512] [--formats q8,q5,q4,f16,bf16]
 *       [--threads 2] [--rounds 30] [--blas auto]
 *
 * @module
 */

import { CpuBackend } from "../../lib/backend/cpu/cpu_backend.ts";
import { DENO_HOST } from "../../lib/backend/cpu/deno_host.ts";
import { type ModelSize, RWKVConfig } from "../../lib/model/config.ts";
import {
  allocatePacked,
  multiplyPacked,
  type PackedFormat,
  type PackedMatrix,
  writePacked,
} from "../../lib/tensor/packed.ts";
import { readOptions, rowOf } from "../shared.ts";

const options = readOptions({
  sizes: "mini,85m",
  rows: "1,8,64,128,512",
  formats: "q8,q5,q4,f16,bf16",
  threads: String(navigator.hardwareConcurrency),
  rounds: "30",
  blas: "auto",
});
const formats = options.formats.split(",") as PackedFormat[];
const WIDTHS = [-6, 12, 5, 9, ...formats.map(() => 7)];

using backend = await CpuBackend.create({
  host: DENO_HOST,
  threads: Number(options.threads),
  blas: options.blas,
});
console.log(backend.description);
console.log(rowOf(WIDTHS, ["size", "weight", "rows", "GF/s f32", ...formats]));

/** Weights whose values do not matter, but are numbers. */
function packedOf(format: PackedFormat, shape: readonly number[]) {
  const matrix = allocatePacked(backend, format, shape);
  const values = Object.entries(matrix.parts).map(([name, { length }]) => [
    name,
    name === "scales" || name === "leasts"
      ? new Float32Array(length).fill(1 / 256)
      : new Uint32Array(length).fill(0x2b8d1a3c),
  ]);
  writePacked(backend, matrix, Object.fromEntries(values));
  return matrix;
}

/** Milliseconds of each call, the best of all rounds. */
function bestOf(calls: readonly (() => void)[], times: number): number[] {
  const best = calls.map(() => Infinity);
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const [i, call] of calls.entries()) {
      const start = performance.now();
      for (let n = 0; n < times; n++) call();
      best[i] = Math.min(best[i], (performance.now() - start) / times);
    }
  }
  return best;
}

for (const size of options.sizes.split(",")) {
  const { dModel, dFfn, vocabSize } = RWKVConfig.ofSize(size as ModelSize);
  const shapes = [[dModel, dModel], [dFfn, dModel], [dModel, dFfn]];
  for (const [outputs, width] of [...shapes, [vocabSize, dModel]]) {
    const weights = backend.alloc(outputs * width);
    backend.write(weights, new Float32Array(outputs * width).fill(1 / 256));
    const packed: PackedMatrix[] = formats.map((format) =>
      packedOf(format, [outputs, width])
    );
    for (const rows of options.rows.split(",").map(Number)) {
      const x = backend.alloc(rows * width), y = backend.alloc(rows * outputs);
      backend.write(x, new Float32Array(rows * width).fill(0.5));
      const shape = { rows, width, outputs };
      const flops = 2 * rows * width * outputs;
      const times = Math.max(1, Math.round(1e8 / flops));
      const plain = () =>
        backend.matmul(y, x, weights, { m: rows, k: width, n: outputs }, {
          transposeB: true,
        });
      const calls = packed.map((matrix) => () =>
        multiplyPacked(backend, y, x, matrix, shape)
      );
      const [base, ...best] = bestOf([plain, ...calls], times);
      console.log(rowOf(WIDTHS, [
        size,
        `${outputs}x${width}`,
        String(rows),
        (flops / base / 1e6).toFixed(0),
        ...best.map((each) => (base / each).toFixed(2)),
      ]));
    }
  }
}
