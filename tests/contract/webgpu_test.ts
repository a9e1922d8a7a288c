/** The WebGPU backend against the reference, with both matrix products. */

import { WebGpuBackend } from "../../lib/backend/webgpu/webgpu_backend.ts";
import { noAdapter } from "../backend/webgpu/adapter.ts";
import { contract } from "./contract.ts";

for (const matmul of ["plain"] as const) {
  contract(
    `WebGpuBackend (${matmul} products${noAdapter ? `; ${noAdapter}` : ""})`,
    () => WebGpuBackend.create({ software: true, matmul }),
    noAdapter !== undefined,
  );
}
