/**
 * Kernels as compiled pipelines, each made once for every way it is specialised
 * and bound.
 *
 * The modules say all there is to know: `@binding` lines give the layout of the
 * memories, in the order in which a call names them, and the fields of
 * `Parameters` how its numbers are stored.
 *
 * @module
 */

import { COMMON } from "../../../kernels/wgsl/mod.ts";
import type { Device } from "./device.ts";
import { JOINED_WORDS, type JoinedModule, joinedSource } from "./joined.ts";
import { kernelNamed } from "./kernels.ts";
import { entryPointOf, type Kernel, moduleOf, settingOf } from "./source.ts";
import { type Specialization, specialize } from "./specialize.ts";

/** Bytes of parameters that a kernel may have. */
export const PARAMETER_BYTES = 64;

/** What a source says of its bindings and parameters. */
export interface Signature {
  /** For each memory, whether the kernel writes it. */
  readonly writes: readonly boolean[];
  /** For each parameter, whether it is an f32 (otherwise a u32). */
  readonly floats: readonly boolean[];
}

/** A pipeline and the bind groups made for it. */
export interface Program extends Signature {
  /** The compiled kernel. */
  readonly pipeline: GPUComputePipeline;
  /** Its memories, then its parameters at a dynamic offset. */
  readonly layout: GPUBindGroupLayout;
  /** By the memories bound. */
  readonly groups: GroupNode;
  /** Bytes of its parameters. */
  readonly parameterBytes: number;
}

/** Several kernels as one. */
export interface JoinedProgram extends Program {
  /** For each binding, its buffer. */
  readonly bindings: readonly number[];
}

/** Bind groups by the first memory bound, then by the second, and so on. */
export interface GroupNode {
  /** The group of the memories up to here. */
  group?: GPUBindGroup;
  /** Nodes for one more memory, by its id. */
  readonly next: Map<number, GroupNode>;
}

/** One kernel in one specialisation, in up to two ways of binding it. */
export interface KernelPrograms extends Signature {
  /** Every memory bound as the source says. */
  readonly separate: () => Program;
  /** All memories bound for writing, for when one buffer is read and written. */
  readonly shared: () => Program;
}

/** The pipelines of one device. */
export class Pipelines {
  readonly #device: Device;
  readonly #kernels = new Map<string, KernelPrograms>();
  readonly #joined = new Map<string, JoinedProgram>();
  #made = 0;

  /** Makes an empty cache. */
  constructor(device: Device) {
    this.#device = device;
  }

  /** Pipelines compiled so far. */
  get made(): number {
    return this.#made;
  }

  /**
   * The programs of a kernel; compiled when first asked for.
   *
   * @param sets Memories that it shall set where it would add to them.
   */
  get(
    kernel: string,
    specialization?: Specialization,
    sets: readonly string[] = [],
  ): KernelPrograms {
    let key = specialization === undefined
      ? kernel
      : `${kernel} ${specialization.key}`;
    if (sets.length > 0) key = `${key} sets ${sets.join(" ")}`;
    let programs = this.#kernels.get(key);
    if (programs === undefined) {
      const source = specialize(
        moduleOf(settingKernel(kernel, sets)),
        specialization?.constants,
      );
      const signature = signatureOf(source);
      programs = {
        ...signature,
        separate: once(() => this.#make(kernel, source, signature, false)),
        shared: once(() => this.#make(kernel, source, signature, true)),
      };
      this.#kernels.set(key, programs);
    }
    return programs;
  }

  /** The program of a joined call; compiled when first asked for. */
  joined(module: JoinedModule): JoinedProgram {
    const { form, threads, members, writes } = module;
    const key = [
      form,
      threads,
      writes,
      ...members.map(({ kernel, specialization, buffers, waits, follows }) =>
        `${kernel} ${specialization?.key} ${buffers} ${waits} ${follows}`
      ),
    ].join(";");
    let program = this.#joined.get(key);
    if (program === undefined) {
      const { code, bindings } = joinedSource(module);
      const signature = {
        writes: bindings.map((buffer) => writes[buffer]),
        floats: [],
      };
      const made = this.#compile(nameOf(members), code, signature, {
        entryPoint: "main",
        shared: false,
        parameterBytes: 4 * JOINED_WORDS,
      });
      program = { ...made, bindings };
      this.#joined.set(key, program);
    }
    return program;
  }

  #make(
    kernel: string,
    source: string,
    signature: Signature,
    shared: boolean,
  ): Program {
    const code = COMMON +
      (shared
        ? source.replaceAll("<storage, read>", "<storage, read_write>")
        : source);
    const entryPoint = entryPointOf(kernelNamed(kernel));
    const parameterBytes = PARAMETER_BYTES;
    return this.#compile(kernel, code, signature, {
      entryPoint,
      shared,
      parameterBytes,
    });
  }

  #compile(
    kernel: string,
    code: string,
    signature: Signature,
    { entryPoint, shared, parameterBytes }: {
      readonly entryPoint: string;
      readonly shared: boolean;
      readonly parameterBytes: number;
    },
  ): Program {
    this.#made++;
    const { gpu } = this.#device;
    return this.#device.guarded(`the kernel ${kernel} does not compile`, () => {
      const layout = gpu.createBindGroupLayout({
        entries: layoutOf(signature, shared),
      });
      const pipeline = gpu.createComputePipeline({
        label: kernel,
        layout: gpu.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: {
          module: gpu.createShaderModule({ label: kernel, code }),
          entryPoint,
        },
      });
      const groups = { next: new Map() };
      return { ...signature, pipeline, layout, groups, parameterBytes };
    });
  }
}

/** A kernel that sets some of its memories. */
function settingKernel(name: string, sets: readonly string[]): Kernel {
  const kernel = kernelNamed(name);
  if (sets.length === 0) return kernel;
  const start = kernel.text.lastIndexOf(`fn ${name}(`);
  const own = settingOf(kernel.text.slice(start), sets);
  return { ...kernel, text: kernel.text.slice(0, start) + own };
}

/** What a joined call is called in profiles and errors. */
export function nameOf(
  members: readonly { readonly kernel: string }[],
): string {
  return members.map(({ kernel }) => kernel).join("+");
}

/**
 * Reads a source's bindings and parameters.
 *
 * @example
 * ```ts
 * import { signatureOf } from "./pipelines.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const signature = signatureOf(`
 * struct Parameters {
 *   length: u32, // values
 *   scale: f32,
 * }
 * @group(0) @binding(0) var<storage, read_write> y: array<f32>;
 * @group(0) @binding(1) var<storage, read> x: array<f32>;
 * @group(0) @binding(2) var<uniform> p: Parameters;`);
 * assertEquals(signature, { writes: [true, false], floats: [false, true] });
 * ```
 */
export function signatureOf(source: string): Signature {
  const bindings = source.matchAll(
    /@binding\((\d+)\) var<storage, (read|read_write)>/g,
  );
  const writes: boolean[] = [];
  for (const [, binding, access] of bindings) {
    writes[Number(binding)] = access === "read_write";
  }
  const [, body] = /struct Parameters \{([^}]*)\}/.exec(source)!;
  const floats = [...body.matchAll(/^\s*\w+: (u32|f32),/gm)]
    .map(([, type]) => type === "f32");
  return { writes, floats };
}

function layoutOf(
  { writes }: Signature,
  shared: boolean,
): GPUBindGroupLayoutEntry[] {
  const visibility = GPUShaderStage.COMPUTE;
  const memories = writes.map((write, binding) => ({
    binding,
    visibility,
    buffer: {
      type: write || shared ? "storage" as const : "read-only-storage" as const,
    },
  }));
  return [...memories, {
    binding: writes.length,
    visibility,
    buffer: { type: "uniform", hasDynamicOffset: true },
  }];
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => made ??= make();
}
