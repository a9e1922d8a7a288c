/**
 * What the commands that compute have in common: choosing the backend.
 *
 * @module
 */

import type { Backend } from "../backend/backend.ts";
import { CpuBackend } from "../backend/cpu/cpu_backend.ts";
import { ReferenceBackend } from "../backend/reference.ts";
import { WebGpuBackend } from "../backend/webgpu/webgpu_backend.ts";
import { text } from "./command.ts";

/** The flags of the commands that compute, beside the common ones. */
export const ENGINE_OPTIONS = {
  blas: text("auto|none|PATH", "matrix products by a C BLAS, or by our own", {
    defaultValue: "auto",
  }),
} as const;

/**
 * Starts the backend that the options ask for.
 *
 * @param options The parsed options of a command.
 * @returns A running backend; dispose of it to stop its threads.
 */
export async function openBackend(
  { backend, threads, blas }: {
    backend: "auto" | "cpu" | "webgpu" | "reference";
    threads?: number;
    blas: string;
  },
): Promise<Backend> {
  switch (backend) {
    case "reference":
      return new ReferenceBackend();
    case "webgpu":
      // Asked for by name, so a software adapter will do.
      return await WebGpuBackend.create({ software: true });
    default:
      return await CpuBackend.create({ threads, blas });
  }
}
