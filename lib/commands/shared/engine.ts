/**
 * What the commands that compute have in common: choosing the backend.
 *
 * @module
 */

import type { Backend } from "../../backend/backend.ts";
import { CpuBackend } from "../../backend/cpu/cpu_backend.ts";
import { ReferenceBackend } from "../../backend/reference/reference_backend.ts";
import { WebGpuBackend } from "../../backend/webgpu/webgpu_backend.ts";
import { choice, text, THREADS, type Values } from "./options.ts";
import type { Output } from "./output.ts";
import { readTuning } from "./tuning_file.ts";

/** The flags of the commands that compute. */
export const ENGINE_OPTIONS = {
  backend: choice(
    ["auto", "cpu", "webgpu", "reference"],
    "where to compute; auto takes a GPU where one answers, else the CPU",
    { default: "auto" },
  ),
  ...THREADS,
  blas: text("auto|none|PATH", "matrix products by a C BLAS, or by our own", {
    default: "auto",
  }),
  "blas-core": text(
    "auto|NAME",
    "OpenBLAS's kernels: its own choice, or such as Haswell (default: as OPENBLAS_CORETYPE says)",
  ),
} as const;

/** What the options of a command say of the backend. */
export type EngineOptions = Values<typeof ENGINE_OPTIONS>;

/** A running backend, and why it is this one. */
export interface Choice {
  /** Dispose of it to stop its threads or give its device back. */
  readonly backend: Backend;
  /** Why it was chosen, in a few words. */
  readonly reason: string;
  /** What would make it faster, where that is known. */
  readonly hint?: string;
}

/**
 * Starts the backend that the options ask for.
 *
 * @param options The parsed options of a command.
 * @param output Where it is said when a GPU was not tuned for; for long work.
 * @returns A running backend; dispose of it to stop its threads.
 */
export async function openBackend(
  options: EngineOptions,
  output?: Output,
): Promise<Backend> {
  const { backend, hint } = await chooseBackend(options);
  if (hint !== undefined) output?.note(hint);
  return backend;
}

/**
 * As {@linkcode openBackend}, with the reason for the choice: `auto` is WebGPU
 * on a hardware adapter, else the CPU.
 *
 * @param options The parsed options of a command.
 * @param hasGpu Whether it is worth while to ask for an adapter.
 */
export async function chooseBackend(
  options: EngineOptions,
  hasGpu: boolean = mayHaveGpu(),
): Promise<Choice> {
  switch (options.backend) {
    case "reference":
      return { backend: new ReferenceBackend(), reason: "asked for" };
    case "webgpu":
      // Asked for by name, so a software adapter will do.
      return { ...await openWebGpu(true), reason: "asked for" };
    case "cpu":
      return { backend: await openCpu(options), reason: "asked for" };
  }
  try {
    if (!hasGpu) throw new Error("the system shows no GPU");
    const opened = await openWebGpu(false);
    return { ...opened, reason: "a hardware adapter answered" };
  } catch (error) {
    const reason = (error as Error).message
      .replace(/^Cannot start the webgpu backend: /, "");
    return { backend: await openCpu(options), reason };
  }
}

function openCpu(options: EngineOptions): Promise<CpuBackend> {
  return CpuBackend.create({ ...options, blasCore: options["blas-core"] });
}

/** A backend that multiplies as was found best on this adapter. */
async function openWebGpu(
  software: boolean,
): Promise<{ backend: WebGpuBackend; hint?: string }> {
  const backend = await WebGpuBackend.create({ software });
  const { adapter, software: isCpu } = backend.device;
  const { tuning, origin } = await readTuning(backend.device);
  if (tuning !== undefined) backend.tuning = tuning;
  // A CPU in disguise is not worth the trouble.
  const isHinted = tuning === undefined && !isCpu;
  return { backend, hint: isHinted ? `${adapter}: ${origin}` : undefined };
}

/**
 * Whether it is worth while to ask for a hardware adapter. Linux has a file for
 * every GPU; to ask where there is none may take long, and makes some drivers
 * print complaints.
 */
function mayHaveGpu(): boolean {
  if (Deno.build.os !== "linux") return true;
  return ["/dev/dri", "/dev/nvidiactl", "/dev/dxg", "/dev/kgsl-3d0"].some(
    (path) => {
      try {
        Deno.statSync(path);
        return true;
      } catch {
        return false;
      }
    },
  );
}
