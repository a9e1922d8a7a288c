/**
 * The WebAssembly module of the kernels.
 *
 * @module
 */

import { MODULE } from "../../../kernels/simd/module.ts";
import { fromBase64 } from "../../base64.ts";
import { KERNELS } from "./jobs.ts";

/** A kernel on the slice [start, end) of its items; `job` is an address. */
export type KernelFunction = (start: number, end: number, job: number) => void;

/** One thread's instance of the module. */
export interface KernelInstance {
  /** By number; of `matmul`, none. */
  readonly kernels: readonly KernelFunction[];
  /** The matrix product of one tile; see `kernels/simd/gemm.ts`. */
  readonly gemm: (job: number) => void;
  /** Sets bytes from an address on to 0. */
  readonly clear: (address: number, bytes: number) => void;
  /** Bytes of scratch that `gemm` needs, per thread; they begin with its job. */
  readonly gemmScratchBytes: number;
  /** Says where this thread's `packedScratchBytes` are. */
  readonly useScratch: (address: number) => void;
  /** Bytes of scratch that products with packed weights need, per thread. */
  readonly packedScratchBytes: number;
}

/**
 * Compiles the module, once for all threads.
 *
 * @throws {Error} Where the runtime's WebAssembly lacks what the kernels use.
 */
export function compileKernels(): WebAssembly.Module {
  const bytes = fromBase64(MODULE);
  if (!WebAssembly.validate(bytes)) {
    throw new Error(
      "Cannot start the cpu backend: this runtime's WebAssembly lacks " +
        "relaxed SIMD or threads (Deno 2.9 has both)",
    );
  }
  return new WebAssembly.Module(bytes);
}

/** Instantiates the module over the shared memory. */
export function instantiateKernels(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
): KernelInstance {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const numberOf = (name: string) =>
    (exports[name] as WebAssembly.Global).value;
  return {
    kernels: KERNELS.map((name) => exports[name] as KernelFunction),
    gemm: exports.gemm as KernelInstance["gemm"],
    clear: exports.clear as KernelInstance["clear"],
    gemmScratchBytes: numberOf("gemmScratchBytes"),
    useScratch: exports.useScratch as KernelInstance["useScratch"],
    packedScratchBytes: numberOf("packedScratchBytes"),
  };
}
