/** The same bits for any number of threads. */

import { assert } from "@std/assert";
import { findBlas } from "../../../lib/backend/cpu/blas.ts";
import { CpuBackend } from "../../../lib/backend/cpu/cpu_backend.ts";
import { DENO_HOST } from "../../../lib/backend/cpu/deno_host.ts";
import { run, sameBits } from "../../contract/case.ts";
import { CASES } from "../../contract/cases.ts";
import { productCase } from "../../contract/cases/matmul.ts";

/** Products of several tiles, with uneven edges. */
const TILED = [[512, 64, 256], [300, 257, 1500], [2100, 40, 130]]
  .map((shape) => productCase(shape, { transposeB: true }, 0));

function sameForAnyThreads(name: string, blas: string, ignore = false): void {
  Deno.test({
    name: `CpuBackend (${name}) gives the same bits with 1, 2, 3 and 4 threads`,
    ignore,
    sanitizeResources: false, // a BLAS is never closed
    fn: async () => {
      using one = await CpuBackend.create({
        threads: 1,
        blas,
        host: DENO_HOST,
      });
      using two = await CpuBackend.create({
        threads: 2,
        blas,
        host: DENO_HOST,
      });
      using three = await CpuBackend.create({
        threads: 3,
        blas,
        host: DENO_HOST,
      });
      using four = await CpuBackend.create({
        threads: 4,
        blas,
        host: DENO_HOST,
      });
      for (const [op, cases] of Object.entries({ ...CASES, tiled: TILED })) {
        for (const each of cases) {
          const want = await run(one, each);
          for (const backend of [two, three, four]) {
            const got = await run(backend, each);
            for (const output of each.outputs) {
              assert(
                sameBits(got[output], want[output]),
                `${op} ${each.name}: ${output} with ${backend.threads} threads`,
              );
            }
          }
        }
      }
    },
  });
}

sameForAnyThreads("SIMD", "none");

const { blas, failures } = findBlas();
sameForAnyThreads(
  blas?.library ?? `needs a BLAS; tried ${failures.length}`,
  "auto",
  blas === undefined,
);
