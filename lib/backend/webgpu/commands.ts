/**
 * The queue of kernel calls: encoded one after the other into one compute pass,
 * submitted when somebody wants to read or write memory, or when many have
 * gathered.
 *
 * @module
 */

import type { Device } from "./device.ts";
import { JOINED_WORDS } from "./joined.ts";
import { Joiner } from "./joiner.ts";
import { type Call, type Group, overlaps } from "./joining.ts";
import { kernelNamed } from "./kernels.ts";
import { mebibytes, type WebGpuMemory } from "./memory.ts";
import type { Profiler } from "./profile.ts";
import {
  type GroupNode,
  type KernelPrograms,
  nameOf,
  Pipelines,
  type Program,
} from "./pipelines.ts";
import { type Recorder, sumOf, type Work, workOf } from "./recording.ts";
import { bindingsOf, type Kernel } from "./source.ts";
import type { Specialization } from "./specialize.ts";

/** Dynamic offsets are multiples of it on every device. */
const SLOT_BYTES = 256;
const SLOT_WORDS = SLOT_BYTES / 4;

/** Slots that a joined call takes. */
const JOINED_SLOTS = JOINED_WORDS / SLOT_WORDS;

/** Calls in one submission; the device starts while the next are encoded. */
export const CALLS_PER_SUBMIT = 512;

/**
 * Bind groups kept, some hundred bytes each. A training step of the largest model
 * needs a few thousand; beyond this many they are all made anew.
 */
const MOST_GROUPS = 65536;

/** Workgroups along x, y and z. */
export type Grid = readonly [x: number, y: number, z: number];

/** What was done so far, for tests and profiles. */
export interface Counts {
  /** Kernel calls. */
  readonly dispatches: number;
  /** Submissions. */
  readonly submits: number;
  /** Pipelines compiled. */
  readonly pipelines: number;
  /** Bind groups made. */
  readonly bindGroups: number;
}

/** No memories. */
const NONE: readonly string[] = [];

/** A group of calls, ready to be encoded. */
interface JoinedCall {
  readonly name: string;
  readonly program: Program;
  readonly group: GPUBindGroup;
  readonly words: Uint32Array;
  readonly grid: Grid;
  readonly work: Work;
}

/** Encodes and submits kernel calls. */
export class Commands {
  readonly #device: Device;
  readonly #pipelines: Pipelines;
  readonly #bindingLimit: number;
  readonly #slots: GPUBuffer;
  readonly #words = new Uint32Array(SLOT_WORDS * CALLS_PER_SUBMIT);
  readonly #floats = new Float32Array(this.#words.buffer);
  /** Where each call's parameters are: Deno takes an array of these slowly. */
  readonly #offsets = Uint32Array.from(
    { length: CALLS_PER_SUBMIT },
    (_, call) => call * SLOT_BYTES,
  );
  readonly #profiler?: Profiler;
  readonly #recorder?: Recorder;
  readonly #programs = new Set<Program>();
  #encoder?: GPUCommandEncoder;
  #pass?: GPUComputePassEncoder;
  #current?: Program;
  #calls = 0;
  #dispatches = 0;
  #submits = 0;
  #bindGroups = 0;
  #keptGroups = 0;
  readonly #joining: boolean;
  readonly #joiner?: Joiner<JoinedCall>;
  /** Fills with zeros that nothing has touched yet. */
  readonly #zeros: Call[] = [];

  /**
   * Makes an empty queue.
   *
   * @param device Where the kernels run.
   * @param bindingLimit Most bytes of a memory that a call may name.
   * @param options A profiler measures the calls, each in a pass of its own; a
   * recorder is told of them; calls of one row are joined, and zeros
   * left out that what adds to them can set, unless `joining` is false.
   */
  constructor(
    device: Device,
    bindingLimit: number,
    { profiler, recorder, joining = true }: {
      profiler?: Profiler;
      recorder?: Recorder;
      joining?: boolean;
    } = {},
  ) {
    this.#device = device;
    this.#profiler = profiler;
    this.#recorder = recorder;
    this.#bindingLimit = bindingLimit;
    this.#joining = joining;
    this.#joiner = joining ? new Joiner(bindingLimit) : undefined;
    this.#pipelines = new Pipelines(device);
    this.#slots = device.gpu.createBuffer({
      size: this.#words.byteLength,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
  }

  /** What was done so far. */
  get counts(): Counts {
    this.#makeZeros();
    this.#makeGroup();
    return {
      dispatches: this.#dispatches,
      submits: this.#submits,
      pipelines: this.#pipelines.made,
      bindGroups: this.#bindGroups,
    };
  }

  /**
   * Adds a call to the queue.
   *
   * @param kernel What to run.
   * @param memories In the order of the kernel's bindings.
   * @param parameters In the order of the kernel's `Parameters`.
   * @param grid How many workgroups.
   * @param specialization Values for the kernel's constants.
   * @throws {Error} When the device has failed.
   * @throws {RangeError} When a memory is larger than can be bound.
   */
  dispatch(
    kernel: string,
    memories: readonly WebGpuMemory[],
    parameters: readonly number[],
    grid: Grid,
    specialization?: Specialization,
  ): void {
    this.#device.check();
    const call = { kernel, memories, parameters, grid, specialization };
    if (this.#joining && kernel === "fill" && parameters[1] === 0) {
      this.#settleZeros(memories);
      this.#zeros.push({
        ...call,
        memories: [...memories],
        parameters: [...parameters],
      });
      return;
    }
    const sets = this.#zeros.length > 0
      ? this.#settleZeros(memories, kernelNamed(kernel))
      : NONE;
    this.#queue(call, sets);
  }

  /**
   * Makes the zeros that a call touches, but for those that it can set instead.
   *
   * @returns The names of the memories that it shall set.
   */
  #settleZeros(
    memories: readonly WebGpuMemory[],
    kernel?: Kernel,
  ): readonly string[] {
    const sets: string[] = [];
    const zeros = this.#zeros;
    for (let i = zeros.length - 1; i >= 0; i--) {
      const [zero] = zeros[i].memories;
      const touched = memories.filter((memory) => overlaps(memory, zero));
      if (touched.length === 0) continue;
      const [fill] = zeros.splice(i, 1);
      const isWhole = touched.length === 1 && touched[0] === zero &&
        fill.parameters[0] === zero.length;
      const name = kernel && isWhole
        ? bindingsOf(kernel)[memories.indexOf(zero)]
        : undefined;
      if (name !== undefined && kernel?.once.includes(name)) sets.push(name);
      else this.#queue(fill, NONE);
    }
    return sets.sort();
  }

  #queue(call: Call, sets: readonly string[]): void {
    const { kernel, specialization } = call;
    const programs = this.#pipelines.get(kernel, specialization, sets);
    if (this.#joiner !== undefined) {
      if (sets.length === 0 && this.#joiner.hold(call, programs)) return;
      this.#makeGroup();
      if (sets.length === 0 && this.#joiner.hold(call, programs)) return;
    }
    this.#makeOne(call, programs, sets);
  }

  /** Encodes what waits for company. */
  #makeGroup(): void {
    const kept = this.#joiner?.release();
    if (kept === undefined) return;
    const { members } = kept.group;
    if (members.length === 1) {
      const [{ kernel, specialization }] = members;
      this.#makeOne(members[0], this.#pipelines.get(kernel, specialization));
      return;
    }
    const { name, program, group, words, grid, work } = kept.made ??= this
      .#prepare(kept.group);
    if (this.#calls + JOINED_SLOTS > CALLS_PER_SUBMIT) this.#submit();
    this.#words.set(words, this.#calls * SLOT_WORDS);
    this.#encode(name, program, group, grid);
    this.#calls += JOINED_SLOTS;
    this.#recorder?.({ kernel: name, ...work });
  }

  /** Makes what a group needs to be encoded. */
  #prepare(group: Group): JoinedCall {
    const { members } = group;
    const { module, buffers, words, grid } = group.plan();
    const program = this.#pipelines.joined(module);
    const memories = program.bindings.map((binding) => {
      const { gpu } = buffers[binding];
      return members[0].memories[0].arena.name(
        buffers[binding],
        0,
        gpu.size / 4,
      );
    });
    const works = members.map(({ kernel, memories, parameters }) =>
      workOf(kernel, memories, parameters)
    );
    return {
      name: nameOf(members),
      program,
      group: this.#groupOf(program, memories),
      words,
      grid,
      work: sumOf(works),
    };
  }

  #makeOne(
    { kernel, memories, parameters, grid }: Call,
    programs: KernelPrograms,
    sets: readonly string[] = NONE,
  ): void {
    const program = readsWhatItWrites(programs, memories)
      ? programs.shared()
      : programs.separate();
    const group = this.#groupOf(program, memories);
    if (this.#calls === CALLS_PER_SUBMIT) this.#submit();
    this.#store(program, parameters);
    this.#encode(kernel, program, group, grid);
    this.#calls++;
    if (this.#recorder === undefined) return;
    const work = workOf(kernel, memories, parameters, { sets });
    this.#recorder({ kernel, ...work });
  }

  #encode(
    kernel: string,
    program: Program,
    group: GPUBindGroup,
    grid: Grid,
  ): void {
    const pass = this.#pass ??= this.#begin(kernel);
    if (this.#current !== program) {
      pass.setPipeline(program.pipeline);
      this.#current = program;
    }
    pass.setBindGroup(0, group, this.#offsets, this.#calls, 1);
    pass.dispatchWorkgroups(grid[0], grid[1], grid[2]);
    if (this.#profiler !== undefined) {
      pass.end();
      this.#pass = this.#current = undefined;
    }
    this.#dispatches++;
  }

  /** Submits what has gathered. */
  flush(): void {
    this.#makeZeros();
    this.#makeGroup();
    this.#submit();
  }

  #makeZeros(): void {
    for (const fill of this.#zeros.splice(0)) this.#queue(fill, NONE);
  }

  #submit(): void {
    if (this.#encoder === undefined) return;
    const { queue } = this.#device.gpu;
    this.#pass?.end();
    this.#profiler?.end(this.#encoder);
    // The queue writes these after the calls submitted before have read theirs.
    const words = this.#words.subarray(0, this.#calls * SLOT_WORDS);
    queue.writeBuffer(this.#slots, 0, words);
    queue.submit([this.#encoder.finish()]);
    this.#encoder = this.#pass = this.#current = undefined;
    this.#calls = 0;
    this.#submits++;
  }

  #begin(kernel: string): GPUComputePassEncoder {
    this.#encoder ??= this.#device.gpu.createCommandEncoder();
    return this.#profiler?.begin(this.#encoder, kernel) ??
      this.#encoder.beginComputePass();
  }

  #store({ floats }: Program, parameters: readonly number[]): void {
    const start = this.#calls * SLOT_WORDS;
    for (let i = 0; i < parameters.length; i++) {
      const words = floats[i] ? this.#floats : this.#words;
      words[start + i] = parameters[i];
    }
  }

  #groupOf(
    program: Program,
    memories: readonly WebGpuMemory[],
  ): GPUBindGroup {
    // A map a memory: quicker than a key made of all their names.
    let node: GroupNode | undefined = program.groups;
    for (let i = 0; i < memories.length && node !== undefined; i++) {
      node = node.next.get(memories[i].id);
    }
    return node?.group ?? this.#newGroup(program, memories);
  }

  #newGroup(
    program: Program,
    memories: readonly WebGpuMemory[],
  ): GPUBindGroup {
    if (this.#keptGroups === MOST_GROUPS) {
      for (const { groups } of this.#programs) groups.next.clear();
      this.#programs.clear();
      this.#keptGroups = 0;
    }
    this.#programs.add(program);
    this.#keptGroups++;
    let node = program.groups;
    for (const { id } of memories) {
      const next: GroupNode = node.next.get(id) ?? { next: new Map() };
      node.next.set(id, next);
      node = next;
    }
    return node.group = this.#bind(program, memories);
  }

  #bind(program: Program, memories: readonly WebGpuMemory[]): GPUBindGroup {
    const entries: GPUBindGroupEntry[] = memories.map(
      ({ buffer, offset, length }, binding) => {
        // Whole vectors of four; every block ends on such a boundary.
        const size = Math.max(16, Math.ceil(length / 4) * 16);
        if (4 * length > this.#bindingLimit) {
          throw new RangeError(
            `Cannot compute: a call takes ${
              mebibytes(4 * length)
            } MiB at once and ` +
              `the adapter at most ${mebibytes(this.#bindingLimit)} MiB; ` +
              `use a smaller batch or shorter sequences`,
          );
        }
        return { binding, resource: { buffer: buffer.gpu, offset, size } };
      },
    );
    this.#bindGroups++;
    return this.#device.gpu.createBindGroup({
      layout: program.layout,
      entries: [...entries, {
        binding: memories.length,
        resource: { buffer: this.#slots, size: program.parameterBytes },
      }],
    });
  }
}

/** WebGPU refuses to bind one buffer for reading and for writing at once. */
function readsWhatItWrites(
  { writes }: KernelPrograms,
  memories: readonly WebGpuMemory[],
): boolean {
  for (let i = 0; i < memories.length; i++) {
    if (writes[i]) continue;
    for (let j = 0; j < memories.length; j++) {
      if (writes[j] && memories[i].buffer === memories[j].buffer) return true;
    }
  }
  return false;
}
