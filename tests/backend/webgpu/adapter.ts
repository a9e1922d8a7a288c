/**
 * Whether there is anything to run the WebGPU tests on.
 *
 * @module
 */

import { WebGpuBackend } from "../../../lib/backend/webgpu/webgpu_backend.ts";

/** Why the tests are skipped; undefined when they run. */
export const noAdapter: string | undefined = await WebGpuBackend
  .create({ software: true })
  .then((backend) => void backend[Symbol.dispose](), (error) => {
    const { message } = error as Error;
    return `skipped: ${message}`;
  });
