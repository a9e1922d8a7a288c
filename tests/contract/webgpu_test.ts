/** The WebGPU backend against the reference, with both matrix products. */

import { PLAIN } from "../../lib/backend/webgpu/matmul.ts";
import { WebGpuBackend } from "../../lib/backend/webgpu/webgpu_backend.ts";
import { noAdapter } from "../backend/webgpu/adapter.ts";
import { contract } from "./contract.ts";
import { SMALL } from "./webgpu_tunings.ts";

const PRODUCTS = { plain: PLAIN, tiled: { tilings: [SMALL], busy: 16 } };

for (const [name, tuning] of Object.entries(PRODUCTS)) {
  contract(
    `WebGpuBackend (${name} products${noAdapter ? `; ${noAdapter}` : ""})`,
    () => WebGpuBackend.create({ software: true, tuning }),
    noAdapter !== undefined,
  );
}
