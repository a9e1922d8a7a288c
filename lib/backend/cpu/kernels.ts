/**
 * The kernels that a job can name, and their WebAssembly module.
 *
 * @module
 */

import { MODULE } from "../../../kernels/simd/module.ts";

/** In the order of their numbers. `matmul` is not a kernel: see `gemm.ts`. */
export const KERNELS = [
  "adamW",
  "add",
  "argmax",
  "crossEntropy",
  "embeddingBackward",
  "embeddingForward",
  "fill",
  "gemv",
  "gemvTransposed",
  "layerNormBackward",
  "layerNormBackwardParameters",
  "layerNormForward",
  "residualBackward",
  "residualForward",
  "sigmoidBackward",
  "sigmoidForward",
  "sigmoidGateBackward",
  "sigmoidGateForward",
  "softmaxGateBackward",
  "softmaxGateForward",
  "softmaxWeights",
  "squaredReluBackward",
  "squaredReluForward",
  "sum",
  "sumOfSquares",
  "tanhBackward",
  "tanhForward",
  "tokenLerpBackward",
  "tokenLerpForward",
  "tokenShiftBackward",
  "tokenShiftBackwardMix",
  "tokenShiftForward",
  "valueResidualBackward",
  "valueResidualForward",
  "wkv7Backward",
  "wkv7Forward",
  "wkv7InputBackward",
  "wkv7InputForward",
  "wkv7OutputBackward",
  "wkv7OutputForward",
  "wkvBackward",
  "wkvForward",
] as const;

/** A kernel of {@linkcode KERNELS}, or the tiled matrix product. */
export type Kernel = typeof KERNELS[number] | "matmul";

/** The number of `matmul` in a job. */
export const MATMUL: number = KERNELS.length;

/** The numbers of kernels that threads also know by name. */
export const FILL: number = KERNELS.indexOf("fill");
export const GEMV: number = KERNELS.indexOf("gemv");

/** The number by which a job names a kernel. */
export const KERNEL_NUMBERS: ReadonlyMap<Kernel, number> = new Map(
  [...KERNELS, "matmul" as const].map((kernel, number) => [kernel, number]),
);

/** The kernel of a number. */
export function nameOf(number: number): Kernel {
  return number === MATMUL ? "matmul" : KERNELS[number];
}

/** A kernel on the slice [start, end) of its items. */
export type KernelFunction = (
  start: number,
  end: number,
  ...parameters: number[]
) => void;

/** The matrix product of one tile; see `kernels/simd/gemm.ts`. */
export type GemmFunction = (
  m: number,
  k: number,
  n: number,
  c: number,
  cRow: number,
  a: number,
  aRow: number,
  aDepth: number,
  b: number,
  bColumn: number,
  bDepth: number,
  accumulate: number,
  scratch: number,
) => void;

/** One thread's instance of the module. */
export interface KernelInstance {
  /** By number. */
  readonly kernels: readonly KernelFunction[];
  /** The matrix product. */
  readonly gemm: GemmFunction;
  /** Bytes of scratch that `gemm` needs, per thread. */
  readonly gemmScratchBytes: number;
}

/**
 * Compiles the module, once for all threads.
 *
 * @throws {Error} Where the runtime's WebAssembly lacks what the kernels use.
 */
export function compileKernels(): WebAssembly.Module {
  const bytes = Uint8Array.fromBase64(MODULE);
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
  return {
    kernels: KERNELS.map((name) => exports[name] as KernelFunction),
    gemm: exports.gemm as GemmFunction,
    gemmScratchBytes: (exports.gemmScratchBytes as WebAssembly.Global).value,
  };
}
