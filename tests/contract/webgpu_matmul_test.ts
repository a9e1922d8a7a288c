/**
 * The products that the tuning chooses among, against the reference, and that
 * each gives the same bits twice. Drivers that
 * are CPUs take a second to compile one, so here each meets each kind of shape
 * once, with one way of transposing; `deno task test-long` tries them all.
 */

import { assert } from "@std/assert";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { CANDIDATES, nameOf } from "../../lib/backend/webgpu/tuning.ts";
import { WebGpuBackend } from "../../lib/backend/webgpu/webgpu_backend.ts";
import { gpuTest } from "../backend/webgpu/adapter.ts";
import { assertClose, run, sameBits } from "./case.ts";
import { productCase } from "./cases/matmul.ts";

const LONG = Deno.env.has("PTBR_SLM_TEST_LONG");

/** Odd; with edges, but in whole fours; without edges; in parts. */
const SHAPES = [
  [131, 45, 70],
  [132, 36, 68],
  [256, 64, 128],
  [33, 600, 39],
] as const;

const TRANSPOSES = [[false, true], [false, false], [true, false], [true, true]];

/** By shape, the ways of transposing. */
const CASES = SHAPES.map((shape) =>
  TRANSPOSES.map(([transposeA, transposeB], i) =>
    productCase(shape, { transposeA, transposeB, accumulate: i % 2 === 0 })
  )
);

for (const [candidate, tiling] of CANDIDATES.entries()) {
  const tuning = { tilings: [tiling], busy: 8 };
  gpuTest(
    `matmul() ${nameOf(tuning)} does what the reference does`,
    async () => {
      using backend = await WebGpuBackend.create({ software: true, tuning });
      for (const [shape, cases] of CASES.entries()) {
        for (const [way, one] of cases.entries()) {
          const turn = (candidate + shape) % cases.length;
          if (!LONG && way !== turn) continue;
          const want = await run(new ReferenceBackend("f64"), one);
          const got = await run(backend, one);
          assertClose(got.out, want.out, one.tolerance, one.name);
          const again = await run(backend, one);
          assert(sameBits(again.out, got.out), `${one.name}: other bits`);
        }
      }
    },
  );
}
