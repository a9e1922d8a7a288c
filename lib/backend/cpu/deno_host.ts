/**
 * What Deno gives the CPU backend: threads, a BLAS by foreign functions,
 * large pages, and files without reading them.
 *
 * @module
 */

import { chooseCore, findBlas } from "./blas.ts";
import { mapFile } from "./file_mapping.ts";
import type { CpuHost } from "./host.ts";
import { adviseHugePages } from "./huge_pages.ts";
import { openBlasFor, startWorker } from "./worker.ts";

/**
 * The machine as Deno shows it.
 *
 * @example
 * ```ts
 * import { CpuBackend } from "./cpu_backend.ts";
 * import { DENO_HOST } from "./deno_host.ts";
 * import { assertEquals } from "@std/assert";
 *
 * using backend = await CpuBackend.create({
 *   threads: 2,
 *   blas: "none",
 *   host: DENO_HOST,
 * });
 * assertEquals(backend.threads, 2);
 * ```
 */
export const DENO_HOST: CpuHost = {
  cores: navigator.hardwareConcurrency,
  hasThreads: true,
  findBlas(choice, core) {
    if (core !== undefined) chooseCore(core);
    return findBlas(choice);
  },
  openBlas: openBlasFor,
  adviseHugePages,
  mapFile,
  startThread: startWorker,
};
