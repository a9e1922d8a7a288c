/**
 * The WebGPU backend: memory, the matrix product and the choice of tokens; the ops
 * of the table are called in `op_calls.ts`. The kernels are in `kernels/wgsl`.
 *
 * Calls are encoded and return; what gathers is submitted by the next read or
 * write. A call whose memories are larger than the device can bind is made in
 * parts.
 *
 * @module
 */

import type {
  Backend,
  Indices,
  MatmulOptions,
  Memory,
  MemoryPart,
  RowShape,
} from "../backend.ts";
import type { ArgumentsOf, MemoriesOf, OpName } from "../ops.ts";
import { type AnyMemories, type AnySettings, checkExtents } from "../plan.ts";
import { checkSampling, type SamplingOptions } from "../sampling.ts";
import { CALLS_PER_SUBMIT, Commands, type Counts } from "./commands.ts";
import { type Device, type DeviceOptions, openDevice } from "./device.ts";
import {
  PLAIN,
  planOf,
  type Product,
  shardsOf,
  spansOf,
  type Tuning,
  UNTUNED,
} from "./matmul.ts";
import { Arena, Scratch, WebGpuIndices, type WebGpuMemory } from "./memory.ts";
import { OpCalls } from "./op_calls.ts";
import { type KernelTime, Profiler } from "./profile.ts";
import { paperDevice, type Recorder } from "./recording.ts";
import { folded, piecesOf, SLICE_STEP, VALUES } from "./shapes.ts";
import type { Specialization } from "./specialize.ts";
import { Readback } from "./sync.ts";

/** Values for use within a call that are enough for most. */
const SCRATCH_VALUES = 4096;

/** Most rows of a product that are done as products of vectors and a matrix. */
const FEW_ROWS = 4;

/** Columns of a workgroup of `kernels/wgsl/matvec.wgsl`, and of `vecmat.wgsl`. */
const MATVEC_COLUMNS = 4, VECMAT_COLUMNS = 16;

/** Settings of {@linkcode WebGpuBackend.create}. */
export interface WebGpuOptions extends DeviceOptions {
  /** How matrices are multiplied. By default what suits such adapters. */
  readonly tuning?: Tuning;
  /** Most bytes a call may bind at once, where less than the device's limit. */
  readonly bindingLimit?: number;
  /** Most bytes to reserve, where less than the device has. */
  readonly memoryLimit?: number;
  /** Await the map of every read, also where `sync.ts` would not have to. */
  readonly awaitReads?: boolean;
  /** Is told of every call and what it moves. */
  readonly recorder?: Recorder;
  /**
   * Join the calls of one row (`joining.ts`), and leave zeros out that what adds to
   * them can set, as is done by default.
   */
  readonly joining?: boolean;
}

/** What a backend has done so far, for tests and benchmarks. */
export interface WebGpuCounts extends Counts {
  /** Device buffers made, those that reads go through among them. */
  readonly buffers: number;
  /** Reads, each of which waited for the device. */
  readonly reads: number;
  /** Bytes that they brought. */
  readonly bytesRead: number;
}

/**
 * Kernels in WGSL on a GPU.
 *
 * @example
 * ```ts ignore
 * import { WebGpuBackend } from "./webgpu_backend.ts";
 * import { assertEquals } from "@std/assert";
 *
 * using backend = await WebGpuBackend.create();
 * const x = backend.alloc(2), y = backend.alloc(2);
 * backend.write(x, new Float32Array([-1, 3]));
 * backend.run("squaredReluForward", { y, x });
 * assertEquals(await backend.read(y), new Float32Array([0, 9]));
 * ```
 */
export class WebGpuBackend implements Backend {
  readonly name = "webgpu";
  readonly description: string;
  /**
   * The device, for profilers and tests.
   *
   * @internal
   */
  readonly device: Device;
  /** How matrices are multiplied from now on. */
  tuning: Tuning;
  readonly #arena: Arena;
  readonly #commands: Commands;
  readonly #readback: Readback;
  readonly #profiler?: Profiler;
  /** Most values of a binding. */
  readonly #limit: number;
  readonly #scratch: Scratch;
  readonly #ops: OpCalls;

  private constructor(
    device: Device,
    options: WebGpuOptions,
  ) {
    const { tuning, bindingLimit = Infinity, memoryLimit } = options;
    const { maxStorageBufferBindingSize } = device.gpu.limits;
    const limit = Math.min(maxStorageBufferBindingSize, bindingLimit);
    this.device = device;
    this.#arena = new Arena(device, memoryLimit);
    this.#profiler = options.timestamps
      ? new Profiler(device, this.#arena, CALLS_PER_SUBMIT)
      : undefined;
    const profiler = this.#profiler, { recorder, joining } = options;
    const settings = { profiler, recorder, joining };
    this.#commands = new Commands(device, limit, settings);
    this.#readback = new Readback(device, this.#commands);
    this.tuning = tuning ?? (device.software ? PLAIN : UNTUNED);
    this.#limit = Math.floor(limit / 4 / SLICE_STEP) * SLICE_STEP;
    this.#scratch = new Scratch(this.#arena, SCRATCH_VALUES);
    this.description = `webgpu: ${device.adapter}`;
    this.#ops = new OpCalls({
      commands: this.#commands,
      arena: this.#arena,
      scratch: this.#scratch,
      limit: this.#limit,
      // Drivers that are CPUs compile long sources slowly.
      unrolled: !device.software,
      linksOf: (ids) => this.#linksOf(ids),
    });
  }

  /**
   * Finds an adapter and opens a device on it.
   *
   * @throws {Error} When there is none that the kernels can run on; says why.
   */
  static async create(options: WebGpuOptions = {}): Promise<WebGpuBackend> {
    const backend = new WebGpuBackend(await openDevice(options), options);
    if (!options.awaitReads) {
      await backend.#readback.probe(
        backend.#scratch.of(SCRATCH_VALUES),
      );
    }
    await backend.#profiler?.calibrate(backend.#readWords);
    return backend;
  }

  /**
   * A backend whose calls only a recorder sees: what a GPU would do is counted
   * where there is none.
   *
   * @internal
   */
  static onPaper(options: WebGpuOptions): WebGpuBackend {
    return new WebGpuBackend(paperDevice(), options);
  }

  /** Gives the device and all memory back. */
  [Symbol.dispose](): void {
    this.device[Symbol.dispose]();
  }

  /** Bytes of device memory reserved. */
  get bytesUsed(): number {
    return this.#arena.bytes;
  }

  /**
   * What was done so far: calls, submissions, and what was made for them.
   *
   * @internal
   */
  get counts(): WebGpuCounts {
    const reading = this.#readback.counts;
    const buffers = this.#arena.buffers + reading.buffers;
    return { ...this.#commands.counts, ...reading, buffers };
  }

  /**
   * What each kernel took since this was asked last, the longest first; needs
   * the option `timestamps`.
   *
   * @internal
   */
  async profile(): Promise<KernelTime[]> {
    if (this.#profiler === undefined) {
      throw new TypeError("Cannot profile: the option timestamps was not set");
    }
    this.#commands.flush();
    return await this.#profiler.times(this.#readWords);
  }

  readonly #readWords = async (memory: WebGpuMemory): Promise<Uint32Array> =>
    (await this.#readback.readIds([memory]))[0];

  alloc(length: number): Memory {
    this.device.check();
    return this.#arena.reserve(length);
  }

  allocIndices(length: number): Indices {
    this.device.check();
    return new WebGpuIndices(this.#arena.reserve(length));
  }

  slice(memory: Memory, start: number, length: number): Memory {
    if (start % SLICE_STEP !== 0 || start < 0 || length < 0) {
      throw new RangeError(
        `Cannot slice a memory at ${start}: not a multiple of ${SLICE_STEP}`,
      );
    }
    return this.#arena.own(memory, start + length, "a slice", "the memory")
      .part(start, length);
  }

  write(memory: Memory, values: Float32Array, start = 0): void {
    const { buffer, offset } = this.#arena
      .own(memory, start + values.length, "a copy", "the memory");
    this.device.check();
    this.#commands.flush(); // calls so far see what was there before
    const bytes = values as Float32Array<ArrayBuffer>;
    this.device.gpu.queue.writeBuffer(buffer.gpu, offset + 4 * start, bytes);
  }

  writeIndices(indices: Indices, ids: ArrayLike<number>): void {
    const to = this.#arena
      .ownIds(indices, ids.length, "a copy", "the memory");
    this.device.check();
    to.host.set(ids);
    to.chosenBelow = undefined;
    this.#upload(to.memory, to.host);
    if (to.links !== undefined) this.#upload(to.links, to.linksOfIds());
  }

  async read(
    memory: Memory,
    { start, length, into }: MemoryPart = { start: 0, length: memory.length },
  ): Promise<Float32Array> {
    const own = this.#arena
      .own(memory, start + length, "a copy", "the memory");
    const values = await this.#readback.read(own.part(start, length));
    if (into === undefined) return values;
    into.set(values);
    return into;
  }

  async readIndices(indices: readonly Indices[]): Promise<Uint32Array[]> {
    const memories = indices.map((each) =>
      this.#arena.ownIds(each, 0, "a copy", "the memory").memory
    );
    return await this.#readback.readIds(memories);
  }

  run<O extends OpName>(
    op: O,
    memories: MemoriesOf<O>,
    ...settings: ArgumentsOf<O>
  ): void {
    this.#ops.run(op, memories as AnyMemories, settings[0] as AnySettings);
  }

  /** The device finds out by itself what needs nothing of each other. */
  together<T>(calls: () => T): T {
    return calls();
  }

  matmul(
    out: Memory,
    a: Memory,
    b: Memory,
    shape: { readonly m: number; readonly k: number; readonly n: number },
    options: MatmulOptions = {},
  ): void {
    const { m, k, n } = shape;
    checkExtents("matmul", m, k, n);
    const { transposeA = false, transposeB = false, accumulate = false } =
      options;
    const to = this.#arena.own(out, m * n, "matmul", "out");
    const fromA = this.#arena.own(a, m * k, "matmul", "a");
    const fromB = this.#arena.own(b, k * n, "matmul", "b");
    const product = {
      m,
      k,
      n,
      transposeA,
      transposeB,
      accumulate,
      aStride: transposeA ? m : k,
      bStride: transposeB ? k : n,
      outStride: n,
    };
    for (const shard of shardsOf(product, this.#limit)) {
      const { a, b, out } = spansOf(shard);
      this.#multiply(
        to.part(shard.outStart, out),
        fromA.part(shard.aStart, a),
        fromB.part(shard.bStart, b),
        shard,
      );
    }
  }

  #multiply(
    out: WebGpuMemory,
    a: WebGpuMemory,
    b: WebGpuMemory,
    product: Product,
  ): void {
    const { m, k, n, transposeA, accumulate } = product;
    const { aStride, bStride, outStride } = product;
    if (m <= FEW_ROWS && !transposeA) {
      this.#multiplyRows(out, a, b, product);
      return;
    }
    const { kernel, grid, part, specialization } = planOf(
      product,
      this.tuning,
    );
    const parts = grid[2], values = m * n;
    const partials = parts > 1 ? this.#scratch.of(parts * values) : undefined;
    const added = Number(accumulate);
    this.#commands.dispatch(
      kernel,
      [partials ?? out, a, b],
      partials
        ? [m, k, n, aStride, bStride, n, 0, part]
        : [m, k, n, aStride, bStride, outStride, added, part],
      grid,
      specialization,
    );
    if (partials === undefined) return;
    this.#commands.dispatch(
      "matmulSum",
      [out, partials],
      [values, n, outStride, parts, added],
      folded(Math.ceil(values / VALUES)),
    );
  }

  /** A product of few rows of a, for which b is read once. */
  #multiplyRows(
    out: WebGpuMemory,
    a: WebGpuMemory,
    b: WebGpuMemory,
    product: Product,
  ): void {
    const { m, k, n, transposeB, accumulate } = product;
    const { aStride, bStride, outStride } = product;
    const single = m === 1;
    const aligned = [k, aStride, bStride].every((extent) => extent % 4 === 0);
    const constants: Specialization["constants"] = transposeB
      ? { ALIGNED: aligned, SINGLE: single }
      : { SINGLE: single };
    const columns = transposeB ? MATVEC_COLUMNS : VECMAT_COLUMNS;
    this.#commands.dispatch(
      transposeB ? "matvec" : "vecmat",
      [out, a, b],
      [m, k, n, aStride, bStride, outStride, Number(accumulate)],
      folded(Math.ceil(n / columns)),
      { key: Object.values(constants).join(" "), constants },
    );
  }

  sample(
    ids: Indices,
    logits: Memory,
    keys: Indices,
    shape: RowShape & SamplingOptions & { readonly position: number },
  ): void {
    const { rows, width, position, topK = width, topP } = shape;
    checkExtents("sample", rows, width);
    const temperature = checkSampling(shape, width);
    const to = this.#arena.ownIds(ids, rows, "sample", "ids");
    const own = this.#arena.ownIds(keys, rows, "sample", "keys");
    const from = this.#arena.own(logits, rows * width, "sample", "logits");
    to.chosenBelow = width;
    for (
      const [start, count] of piecesOf(this.#limit, rows, width, [width, 1])
    ) {
      this.#commands.dispatch("sample", [
        to.memory.part(start, count),
        from.part(start * width, count * width),
        own.memory,
      ], [
        count,
        width,
        temperature,
        Math.min(topK, width),
        Number(topP !== undefined),
        topP ?? 1,
        start,
        position,
      ], folded(count));
    }
    // The device makes this token while the next one's calls are encoded.
    this.#commands.flush();
  }

  /** For each row the next with its id; see `embedding.wgsl`. */
  #linksOf(ids: WebGpuIndices): WebGpuMemory {
    if (ids.links === undefined) {
      ids.links = this.#arena.reserve(ids.length);
      this.#upload(ids.links, ids.linksOfIds());
    }
    return ids.links;
  }

  #upload({ buffer, offset }: WebGpuMemory, ids: Uint32Array): void {
    this.#commands.flush();
    const bytes = ids as Uint32Array<ArrayBuffer>;
    this.device.gpu.queue.writeBuffer(buffer.gpu, offset, bytes);
  }
}
