/** The CPU backend against the reference, with both matrix products. */

import { findBlas } from "../../lib/backend/cpu/blas.ts";
import { CpuBackend } from "../../lib/backend/cpu/cpu_backend.ts";
import { DENO_HOST } from "../../lib/backend/cpu/deno_host.ts";
import { contract } from "./contract.ts";

contract(
  "CpuBackend (SIMD)",
  () => CpuBackend.create({ threads: 2, blas: "none" }),
);

const { blas, failures } = findBlas();
contract(
  blas === undefined
    ? `CpuBackend (needs a BLAS; tried ${failures.length})`
    : `CpuBackend (${blas.library})`,
  () => CpuBackend.create({ threads: 2, host: DENO_HOST }),
  blas === undefined,
);
