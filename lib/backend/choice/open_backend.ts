/**
 * Chooses where to compute and starts it there.
 *
 * @module
 */

import type { Backend } from "../backend.ts";
import { hasKernelsOfAny, isCoreChosen } from "../cpu/blas.ts";
import { CpuBackend, type CpuOptions } from "../cpu/cpu_backend.ts";
import { DENO_HOST } from "../cpu/deno_host.ts";
import { ReferenceBackend } from "../reference/reference_backend.ts";
import type { Tuning } from "../webgpu/matmul.ts";
import { WebGpuBackend } from "../webgpu/webgpu_backend.ts";
import { quietLoader } from "./quiet_loader.ts";
import { readTuning } from "./tuning_file.ts";

/** What backends are called; `auto` is the best that is there. */
export const BACKEND_NAMES = ["auto", "cpu", "webgpu", "reference"] as const;
/** See {@linkcode BACKEND_NAMES}. */
export type BackendName = typeof BACKEND_NAMES[number];

/** How a backend is started; what is of no use to it is not looked at. */
export interface OpenBackendOptions extends Omit<CpuOptions, "host"> {
  /**
   * Whether an adapter will do that is a CPU in disguise; by itself only where
   * `webgpu` is asked for by name.
   */
  readonly software?: boolean;
  /** How a GPU multiplies; by itself as `tune` found out and the cache says. */
  readonly tuning?: Tuning;
  /** Whether it is worth while to ask for an adapter; found out by itself. */
  readonly hasGpu?: boolean;
}

/** A running backend, and why it is this one. */
export interface BackendChoice {
  /** Dispose of it to stop its threads or give its device back. */
  readonly backend: Backend;
  /** Why it was chosen, in a few words. */
  readonly reason: string;
  /** What would make it faster, where that is known. */
  readonly hint?: BackendHint;
}

/** What would make a backend faster. */
export interface BackendHint {
  /** What it computes on, as the system names it. */
  readonly adapter: string;
  /** What is amiss, in a few words. */
  readonly reason: string;
}

/** The reason of the hint where OpenBLAS does not know the processor. */
export const NO_OWN_KERNELS =
  "it has no kernels for this processor, see deno task doctor";

/**
 * Starts a backend.
 *
 * @param name Which; `auto` takes WebGPU on a hardware adapter, else the CPU.
 * @param options How to start it.
 * @returns A running backend; dispose of it to stop its threads.
 * @throws {RangeError} When there is none of that name, or `threads` is out of
 * range.
 * @throws {Error} When the backend, or the BLAS, asked for cannot be had.
 *
 * @example
 * ```ts
 * import { openBackend } from "./open_backend.ts";
 * import { assertEquals } from "@std/assert";
 *
 * using backend = await openBackend("cpu", { threads: 1, blas: "none" });
 * assertEquals(backend.name, "cpu");
 * ```
 */
export async function openBackend(
  name: BackendName = "auto",
  options: OpenBackendOptions = {},
): Promise<Backend> {
  const { backend } = await chooseBackend(name, options);
  return backend;
}

/**
 * As {@linkcode openBackend}, with the reason for the choice.
 *
 * @param name Which.
 * @param options How to start it.
 */
export async function chooseBackend(
  name: BackendName = "auto",
  options: OpenBackendOptions = {},
): Promise<BackendChoice> {
  if (!BACKEND_NAMES.includes(name)) {
    throw new RangeError(
      `Cannot open backend "${name}": there are ${BACKEND_NAMES.join(", ")}`,
    );
  }
  const { software, hasGpu = mayHaveGpu() } = options;
  switch (name) {
    case "reference":
      return { backend: new ReferenceBackend(), reason: "asked for" };
    case "webgpu": {
      const opened = await openWebGpu({
        ...options,
        software: software ?? true,
      });
      return { ...opened, reason: "asked for" };
    }
    case "cpu":
      return { ...await openCpu(options), reason: "asked for" };
  }
  try {
    if (!hasGpu) throw new Error("the system shows no GPU");
    const opened = await openWebGpu(options);
    return { ...opened, reason: "a hardware adapter answered" };
  } catch (error) {
    const reason = (error as Error).message
      .replace(/^Cannot start the webgpu backend: /, "");
    return { ...await openCpu(options), reason };
  }
}

async function openCpu(
  options: OpenBackendOptions,
): Promise<Pick<BackendChoice, "hint"> & { backend: CpuBackend }> {
  const backend = await CpuBackend.create({ ...options, host: DENO_HOST });
  const { blas } = backend.blas;
  // What somebody has chosen needs no hint.
  const isHinted = blas !== undefined && hasKernelsOfAny(blas) &&
    !isCoreChosen();
  if (!isHinted) return { backend };
  const adapter = `${blas.library} (${blas.core})`;
  return { backend, hint: { adapter, reason: NO_OWN_KERNELS } };
}

/** A backend that multiplies as was found best on this adapter. */
async function openWebGpu(
  { software = false, tuning }: OpenBackendOptions,
): Promise<Pick<BackendChoice, "hint"> & { backend: WebGpuBackend }> {
  using _ = quietLoader();
  const backend = await WebGpuBackend.create({ software, tuning });
  if (tuning !== undefined) return { backend };
  const { adapter, software: isCpu } = backend.device;
  const kept = await readTuning(backend.device);
  if (kept.tuning !== undefined) backend.tuning = kept.tuning;
  // A CPU in disguise is not worth the trouble.
  const isHinted = kept.tuning === undefined && !isCpu;
  const hint = isHinted ? { adapter, reason: kept.origin } : undefined;
  return { backend, hint };
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
