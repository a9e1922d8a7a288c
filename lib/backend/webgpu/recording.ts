/**
 * What the calls of kernels move and compute, counted without a device: the
 * backend runs as it would on a GPU, on one that is only paper.
 *
 * What is counted is what a call cannot do without: every memory that it binds,
 * once for reading and once for writing, as far as it touches it. What caches
 * have to give again is not, nor what a tile of a product reads twice.
 *
 * @module
 */

import { Device } from "./device.ts";
import { kernelNamed } from "./kernels.ts";
import type { WebGpuMemory } from "./memory.ts";
import { bindingsOf, type Kernel } from "./source.ts";

/** What a call moves and computes. */
export interface Work {
  /** Bytes that are read. */
  readonly read: number;
  /** Bytes that are written. */
  readonly written: number;
  /** Additions and multiplications of products and attentions. */
  readonly operations: number;
}

/** A call as it was recorded. */
export interface RecordedCall extends Work {
  /** Which kernel; those of a joined call with a plus between them. */
  readonly kernel: string;
}

/** Is told of every call. */
export type Recorder = (call: RecordedCall) => void;

/** Kernels that touch no more of a memory than another one holds. */
const AS_LONG_AS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  embeddingForward: { weight: "y" },
  embeddingBackward: { dWeight: "dy" },
  lastToken: { x: "state" },
};

/**
 * Operations of an attention a value that it puts out: of a head's N channels
 * per row of the state, or of a channel.
 */
const ATTENTIONS: Readonly<Record<string, (headSize: number) => number>> = {
  wkvForward: () => 16,
  wkvBackwardParameters: () => 24,
  wkvBackward: () => 24,
  wkv6Forward: (n) => 7 * n,
  wkv6Backward: (n) => 20 * n,
  wkv7Forward: (n) => 9 * n,
  // States made anew, then dr, dw, dk, dv, dh, dκ, da and dS.
  wkv7Backward: (n) => 27 * n,
};

const PRODUCTS = ["matmulPlain", "matmulTiled", "matvec", "vecmat"];

/**
 * What a call of a kernel moves and computes.
 *
 * @param memories In the order of the kernel's bindings.
 * @param parameters In the order of the kernel's `Parameters`.
 * @param options The head size of attentions; memories that it sets where it would
 * add to them.
 */
export function workOf(
  name: string,
  memories: readonly WebGpuMemory[],
  parameters: readonly number[],
  { headSize = 64, sets = [] }: {
    readonly headSize?: number;
    readonly sets?: readonly string[];
  } = {},
): Work {
  if (PRODUCTS.includes(name)) return workOfProduct(memories, parameters);
  if (name === "matmulSum") {
    const [values, , , parts, accumulate] = parameters;
    const read = 4 * values * (parts + accumulate);
    return { read, written: 4 * values, operations: 0 };
  }
  const kernel = kernelNamed(name);
  if (kernel.pattern === "whole") { // the choice of tokens
    const [to, ...from] = memories.map(({ length }) => 4 * length);
    const read = from.reduce((sum, bytes) => sum + bytes, 0);
    return { read, written: to, operations: 0 };
  }
  const work = workOfOp(kernel, memories, headSize);
  const names = bindingsOf(kernel);
  const unread = sets.map((name) => 4 * memories[names.indexOf(name)].length);
  return { ...work, read: unread.reduce((sum, each) => sum - each, work.read) };
}

/** What several calls move and compute, added up. */
export function sumOf(works: readonly Work[]): Work {
  const sum = { read: 0, written: 0, operations: 0 };
  for (const { read, written, operations } of works) {
    sum.read += read;
    sum.written += written;
    sum.operations += operations;
  }
  return sum;
}

/** Of (out, a, b); what is cut along k leaves a sum a part. */
function workOfProduct(
  [, a, b]: readonly WebGpuMemory[],
  [m, k, n, , , , accumulate, part = k]: readonly number[],
): Work {
  const sums = 4 * m * n;
  return {
    read: 4 * (a.length + b.length) + sums * accumulate,
    written: sums * Math.ceil(k / part),
    operations: 2 * m * n * k,
  };
}

function workOfOp(
  kernel: Kernel,
  memories: readonly WebGpuMemory[],
  headSize: number,
): Work {
  const names = bindingsOf(kernel);
  const lengthOf = (name: string) => memories[names.indexOf(name)].length;
  let read = 0, written = 0;
  for (const [i, name] of names.entries()) {
    const other = AS_LONG_AS[kernel.name]?.[name];
    const bytes = 4 * (other ? lengthOf(other) : memories[i].length);
    const isWritten = i < names.length - kernel.reads.length;
    if (isWritten) written += bytes;
    if (!isWritten || readsBack(kernel, name)) read += bytes;
  }
  const each = ATTENTIONS[kernel.name]?.(headSize) ?? 0;
  return { read, written, operations: each * outputsOf(kernel, memories) };
}

/** Values of the first output, of an attention's gradients those of dr or dk. */
function outputsOf(kernel: Kernel, memories: readonly WebGpuMemory[]): number {
  const length = memories[0]?.length ?? 0;
  return kernel.name === "wkvBackwardParameters" ? length / 2 : length;
}

/** Whether a kernel also reads what it writes: in `y[i] += x` or `f(y[i])`. */
function readsBack({ text, name: kernel }: Kernel, name: string): boolean {
  const own = text.slice(text.lastIndexOf(`fn ${kernel}(`));
  const stores = new RegExp(`^\\s*${name}\\[.*?\\] = `, "gm");
  return new RegExp(`\\b${name}\\[`).test(own.replaceAll(stores, ""));
}

/** As large as GPUs usually have it. */
const PAPER_LIMITS = {
  maxBufferSize: 2 ** 32,
  maxStorageBufferBindingSize: 2 ** 31,
  maxStorageBuffersPerShaderStage: 8,
};

/**
 * A device that computes nothing and takes no memory; what is read of it is
 * zero.
 *
 * @example
 * ```ts
 * import { paperDevice } from "./recording.ts";
 * import { assertEquals } from "@std/assert";
 *
 * using device = paperDevice();
 * assertEquals(device.adapter, "paper");
 * ```
 */
export function paperDevice(): Device {
  const pass = {
    setPipeline() {},
    setBindGroup() {},
    dispatchWorkgroups() {},
    end() {},
  };
  const encoder = {
    beginComputePass: () => pass,
    copyBufferToBuffer() {},
    finish: () => ({}),
  };
  const gpu = {
    limits: PAPER_LIMITS,
    lost: new Promise(() => {}),
    queue: { writeBuffer() {}, submit() {} },
    addEventListener() {},
    pushErrorScope() {},
    popErrorScope: () => Promise.resolve(null),
    createBuffer: ({ size }: GPUBufferDescriptor) => ({
      size,
      mapAsync: () => Promise.resolve(),
      getMappedRange: (_start: number, bytes: number) => new ArrayBuffer(bytes),
      unmap() {},
      destroy() {},
    }),
    createBindGroup: () => ({}),
    createBindGroupLayout: () => ({}),
    createPipelineLayout: () => ({}),
    createShaderModule: () => ({}),
    createComputePipeline: () => ({}),
    createCommandEncoder: () => encoder,
    destroy() {},
  };
  const info = {
    vendor: "",
    architecture: "",
    device: "",
    description: "paper",
  };
  return new Device(gpu as unknown as GPUDevice, {
    limits: PAPER_LIMITS,
    info,
  } as unknown as GPUAdapter);
}
