/**
 * The WebGPU backend: every op as one or a few kernel calls. The kernels are in
 * `kernels/wgsl`; `rwkv7.ts` calls those of RWKV-7 that go along heads.
 *
 * Calls are encoded and return; what gathers is submitted by the next read or
 * write. Sums over rows or chunks are made in two passes whose order follows
 * from the shape, never by atomics, so that two runs on one device give the same
 * bits. A call whose memories are larger than the device can bind is made in
 * parts. The class has one method for each of the interface's, which makes it
 * long.
 *
 * @module
 */

import {
  type AdamWOptions,
  type Backend,
  type Dropout,
  type HeadRowShape,
  type HeadShape,
  type Indices,
  type MatmulOptions,
  type Memory,
  type RowShape,
  type SequenceShape,
  wkv7ScratchLength,
  wkv7StatesLength,
} from "../backend.ts";
import { checkSampling, type SamplingOptions } from "../sampling.ts";
import { CALLS_PER_SUBMIT, Commands, type Counts } from "./commands.ts";
import { type Device, type DeviceOptions, openDevice } from "./device.ts";
import type { Kernel } from "./kernels.ts";
import {
  PLAIN,
  planOf,
  type Product,
  shardsOf,
  spansOf,
  type Tuning,
  UNTUNED,
} from "./matmul.ts";
import { Arena, WebGpuIndices, WebGpuMemory } from "./memory.ts";
import { type KernelTime, Profiler } from "./profile.ts";
import { Rwkv7Kernels } from "./rwkv7.ts";
import {
  checkExtents,
  chunkedBy,
  chunksOf,
  folded,
  piecesOf,
  SLICE_STEP,
  thresholdOf,
  VALUES,
} from "./shapes.ts";
import { Readback } from "./sync.ts";

/** Values in a partial sum; as in kernels/wgsl/sum.wgsl. */
const CHUNK = 4096;

/** Most rows of a product with bᵀ that are done as matrix-vector products. */
const FEW_ROWS = 4;

/** Columns of a workgroup of `kernels/wgsl/matvec.wgsl`. */
const VECTOR_COLUMNS = 4;

/** The largest float: a gradient's norm is never above it. */
const LARGEST = 3.4028234663852886e38;

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
 * backend.squaredReluForward(y, x);
 * assertEquals(await backend.read(y), new Float32Array([0, 9]));
 * ```
 */
export class WebGpuBackend implements Backend {
  readonly name = "webgpu";
  readonly description: string;
  /** The device, for profilers and tests. */
  readonly device: Device;
  /** How matrices are multiplied from now on. */
  tuning: Tuning;
  readonly #arena: Arena;
  readonly #commands: Commands;
  readonly #readback: Readback;
  readonly #profiler?: Profiler;
  /** Most values of a binding. */
  readonly #limit: number;
  /** Stands for memories that a call does without; no kernel touches it. */
  readonly #nothing: WebGpuMemory;
  readonly #rwkv7: Rwkv7Kernels;
  #scratch: WebGpuMemory;

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
    this.#commands = new Commands(device, limit, this.#profiler);
    this.#readback = new Readback(device, this.#commands);
    this.tuning = tuning ?? (device.software ? PLAIN : UNTUNED);
    this.#limit = Math.floor(limit / 4 / SLICE_STEP) * SLICE_STEP;
    this.#nothing = this.#arena.reserve(1);
    this.#scratch = this.#arena.reserve(CHUNK);
    this.description = `webgpu: ${device.adapter}`;
    this.#rwkv7 = new Rwkv7Kernels({
      commands: this.#commands,
      limit: this.#limit,
      // Drivers that are CPUs compile long sources slowly.
      unrolled: !device.software,
      nothing: this.#nothing,
      scratchOf: (length) => this.#scratchOf(length),
      columnSum: (...sum) => this.#columnSum(...sum),
    });
  }

  /**
   * Finds an adapter and opens a device on it.
   *
   * @throws {Error} When there is none that the kernels can run on; says why.
   */
  static async create(options: WebGpuOptions = {}): Promise<WebGpuBackend> {
    const backend = new WebGpuBackend(await openDevice(options), options);
    if (!options.awaitReads) await backend.#readback.probe(backend.#scratch);
    await backend.#profiler?.calibrate(backend.#readWords);
    return backend;
  }

  /** Gives the device and all memory back. */
  [Symbol.dispose](): void {
    this.device[Symbol.dispose]();
  }

  /** Bytes of device memory reserved. */
  get bytesUsed(): number {
    return this.#arena.bytes;
  }

  /** What was done so far: calls, submissions, and what was made for them. */
  get counts(): WebGpuCounts {
    const { buffers, reads, bytes: bytesRead } = this.#readback;
    return {
      ...this.#commands.counts,
      buffers: this.#arena.buffers + buffers,
      reads,
      bytesRead,
    };
  }

  /**
   * What each kernel took since this was asked last, the longest first; needs
   * the option `timestamps`.
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
    this.#of(memory, start + length);
    return (memory as WebGpuMemory).part(start, length);
  }

  write(memory: Memory, values: Float32Array): void {
    const { buffer, offset } = this.#of(memory, values.length);
    this.device.check();
    this.#commands.flush(); // calls so far see what was there before
    const bytes = values as Float32Array<ArrayBuffer>;
    this.device.gpu.queue.writeBuffer(buffer.gpu, offset, bytes);
  }

  writeIndices(indices: Indices, ids: ArrayLike<number>): void {
    const to = this.#idsOf(indices, ids.length);
    this.device.check();
    to.host.set(ids);
    to.chosenBelow = undefined;
    this.#upload(to.memory, to.host);
    if (to.links !== undefined) this.#upload(to.links, to.linksOfIds());
  }

  async read(memory: Memory): Promise<Float32Array> {
    return await this.#readback.read(this.#of(memory, memory.length));
  }

  async readIndices(indices: readonly Indices[]): Promise<Uint32Array[]> {
    const memories = indices.map((each) =>
      this.#idsOf(each, each.length).memory
    );
    return await this.#readback.readIds(memories);
  }

  fill(out: Memory, value: number): void {
    this.#byValue("fill", [out], out.length, [value]);
  }

  add(out: Memory, x: Memory): void {
    this.#byValue("add", [out, x], out.length);
  }

  sum(out: Memory, x: Memory, scale: number): void {
    this.#sumBy(out, x, scale, false);
  }

  sumOfSquares(out: Memory, x: Memory): void {
    this.#sumBy(out, x, 1, true);
  }

  /** Workgroups add up chunks, one workgroup their sums. */
  #sumBy(out: Memory, x: Memory, scale: number, squared: boolean): void {
    const to = this.#of(out, 1);
    const from = this.#of(x, x.length);
    const chunks = Math.ceil(x.length / CHUNK);
    const partials = this.#scratchOf(chunks);
    const step = Math.max(CHUNK, Math.floor(this.#limit / CHUNK) * CHUNK);
    for (let start = 0; start < x.length; start += step) {
      const length = Math.min(step, x.length - start);
      this.#commands.dispatch(
        "sum",
        [partials, from.part(start, length)],
        [length, Number(squared), start / CHUNK],
        folded(Math.ceil(length / CHUNK)),
      );
    }
    this.#commands.dispatch("sumPartials", [to, partials], [chunks, scale], [
      1,
      1,
      1,
    ]);
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
    checkExtents(m, k, n);
    const { transposeA = false, transposeB = false, accumulate = false } =
      options;
    const to = this.#of(out, m * n);
    const fromA = this.#of(a, m * k), fromB = this.#of(b, k * n);
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
    const { m, k, n, transposeA, transposeB, accumulate } = product;
    const { aStride, bStride, outStride } = product;
    if (m <= FEW_ROWS && transposeB && !transposeA) {
      const constants = {
        ALIGNED: [k, aStride, bStride].every((extent) => extent % 4 === 0),
        SINGLE: m === 1,
      };
      this.#commands.dispatch(
        "matvec",
        [out, a, b],
        [m, k, n, aStride, bStride, outStride, Number(accumulate)],
        folded(Math.ceil(n / VECTOR_COLUMNS)),
        { key: Object.values(constants).join(" "), constants },
      );
      return;
    }
    const { kernel, grid, part, specialization } = planOf(
      product,
      this.tuning,
    );
    const parts = grid[2], values = m * n;
    const partials = parts > 1 ? this.#scratchOf(parts * values) : undefined;
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

  embeddingForward(
    y: Memory,
    weight: Memory,
    ids: Indices,
    { rows, width }: RowShape,
  ): void {
    checkExtents(rows, width);
    const vocabulary = Math.floor(weight.length / width);
    const from = this.#idsOf(ids, rows);
    from.check(0, rows, vocabulary);
    const to = this.#of(y, rows * width),
      table = this.#of(weight, vocabulary * width);
    const length = rows * width;
    const grid = folded(Math.ceil(length / VALUES));
    for (const [first, count] of piecesOf(this.#limit, vocabulary, width)) {
      const bound = table.part(first * width, count * width);
      this.#commands.dispatch(
        "embeddingForward",
        [
          to,
          bound,
          from.memory,
        ],
        [length, width, first, count],
        grid,
      );
    }
  }

  embeddingBackward(
    dWeight: Memory,
    dy: Memory,
    ids: Indices,
    { rows, width }: RowShape,
  ): void {
    checkExtents(rows, width);
    const vocabulary = Math.floor(dWeight.length / width);
    const from = this.#idsOf(ids, rows);
    from.check(0, rows, vocabulary);
    const d = this.#of(dy, rows * width),
      table = this.#of(dWeight, vocabulary * width);
    if (from.links === undefined) {
      from.links = this.#arena.reserve(from.length);
      this.#upload(from.links, from.linksOfIds());
    }
    for (const [first, count] of piecesOf(this.#limit, vocabulary, width)) {
      const bound = table.part(first * width, count * width);
      this.#commands.dispatch(
        "embeddingBackward",
        [
          bound,
          d,
          from.memory,
          from.links,
        ],
        [rows, width, first, count],
        folded(rows),
      );
    }
  }

  layerNormForward(
    y: Memory,
    stats: Memory,
    x: Memory,
    weight: Memory,
    bias: Memory,
    { rows, width }: RowShape,
  ): void {
    checkExtents(rows, width);
    const to = this.#of(y, rows * width), toStats = this.#of(stats, 2 * rows);
    const from = this.#of(x, rows * width);
    const w = this.#of(weight, width), b = this.#of(bias, width);
    for (const [start, count] of piecesOf(this.#limit, rows, width, 2)) {
      this.#commands.dispatch(
        "layerNormForward",
        [
          to.part(start * width, count * width),
          toStats.part(2 * start, 2 * count),
          from.part(start * width, count * width),
          w,
          b,
        ],
        [count, width],
        folded(count),
      );
    }
  }

  layerNormBackward(
    dx: Memory,
    dWeight: Memory,
    dBias: Memory,
    dy: Memory,
    x: Memory,
    stats: Memory,
    weight: Memory,
    { rows, width }: RowShape,
  ): void {
    checkExtents(rows, width);
    const to = this.#of(dx, rows * width), d = this.#of(dy, rows * width);
    const from = this.#of(x, rows * width), w = this.#of(weight, width);
    const fromStats = this.#of(stats, 2 * rows);
    const toWeight = this.#of(dWeight, width), toBias = this.#of(dBias, width);
    for (const [start, count] of piecesOf(this.#limit, rows, width, 2)) {
      const part = (memory: WebGpuMemory) =>
        memory.part(start * width, count * width);
      const partStats = fromStats.part(2 * start, 2 * count);
      this.#commands.dispatch(
        "layerNormBackward",
        [
          part(to),
          part(d),
          part(from),
          partStats,
          w,
        ],
        [count, width],
        folded(count),
      );
      const { chunk, chunks, grid } = chunksOf(count, width);
      const partials = this.#scratchOf(2 * chunks * width);
      this.#commands.dispatch(
        "layerNormBackwardParameters",
        [
          partials,
          part(d),
          part(from),
          partStats,
        ],
        [count, width, chunk],
        grid,
      );
      this.#columnSum(toWeight, partials, chunks, 2 * width, 0);
      this.#columnSum(toBias, partials, chunks, 2 * width, width);
    }
  }

  /** out += Σ partials[first …], a row of them every `stride` values. */
  #columnSum(
    out: WebGpuMemory,
    partials: WebGpuMemory,
    rows: number,
    stride: number,
    first: number,
  ): void {
    const { length } = out;
    this.#commands.dispatch("columnSum", [out, partials], [
      length,
      rows,
      stride,
      first,
    ], folded(Math.ceil(length / VALUES)));
  }

  tokenShiftForward(
    y: Memory,
    x: Memory,
    mix: Memory,
    state: Memory | undefined,
    shape: SequenceShape,
  ): void {
    this.#shiftForward(y, x, mix, state, shape, false);
  }

  /** @param ofPrevious Whether `mix` weighs the token before. */
  #shiftForward(
    y: Memory,
    x: Memory,
    mix: Memory,
    state: Memory | undefined,
    { batch, time, width }: SequenceShape,
    ofPrevious: boolean,
  ): void {
    checkExtents(batch, time, width);
    const values = batch * time * width;
    const to = this.#of(y, values), from = this.#of(x, values);
    const m = this.#of(mix, width);
    const before = state && this.#of(state, batch * width);
    for (
      const [start, count] of piecesOf(this.#limit, batch, time * width, width)
    ) {
      const part = (memory: WebGpuMemory) =>
        memory.part(start * time * width, count * time * width);
      const length = count * time * width;
      this.#commands.dispatch("tokenShiftForward", [
        part(to),
        part(from),
        m,
        before?.part(start * width, count * width) ?? this.#nothing,
      ], [
        length,
        time,
        width,
        Number(before !== undefined),
        Number(ofPrevious),
      ], folded(Math.ceil(length / VALUES)));
    }
  }

  tokenShiftBackward(
    dx: Memory,
    dMix: Memory | undefined,
    dy: Memory,
    x: Memory,
    mix: Memory,
    shape: SequenceShape,
  ): void {
    this.#shiftBackward(dx, dMix, dy, x, mix, shape, false);
  }

  /** @param ofPrevious Whether `mix` weighs the token before. */
  #shiftBackward(
    dx: Memory,
    dMix: Memory | undefined,
    dy: Memory,
    x: Memory,
    mix: Memory,
    { batch, time, width }: SequenceShape,
    ofPrevious: boolean,
  ): void {
    checkExtents(batch, time, width);
    const values = batch * time * width;
    const to = this.#of(dx, values), d = this.#of(dy, values);
    const from = this.#of(x, values), m = this.#of(mix, width);
    const toMix = dMix && this.#of(dMix, width);
    for (const [start, count] of piecesOf(this.#limit, batch, time * width)) {
      const part = (memory: WebGpuMemory) =>
        memory.part(start * time * width, count * time * width);
      const length = count * time * width;
      this.#commands.dispatch("tokenShiftBackward", [part(to), part(d), m], [
        length,
        time,
        width,
        Number(ofPrevious),
      ], folded(Math.ceil(length / VALUES)));
      if (toMix === undefined) continue;
      const { chunk, chunks, grid } = chunksOf(count * time, width);
      const partials = this.#scratchOf(chunks * width);
      this.#commands.dispatch(
        "tokenShiftBackwardMix",
        [
          partials,
          part(d),
          part(from),
        ],
        [count * time, time, width, chunk, Number(ofPrevious)],
        grid,
      );
      this.#columnSum(toMix, partials, chunks, width, 0);
    }
  }

  lastToken(
    state: Memory,
    x: Memory,
    { batch, time, width }: SequenceShape,
  ): void {
    checkExtents(batch, time, width);
    const to = this.#of(state, batch * width);
    const from = this.#of(x, batch * time * width);
    for (
      const [start, count] of piecesOf(this.#limit, batch, time * width, width)
    ) {
      const length = count * width;
      this.#commands.dispatch(
        "lastToken",
        [
          to.part(start * width, length),
          from.part(start * time * width, length * time),
        ],
        [length, time, width],
        folded(Math.ceil(length / VALUES)),
      );
    }
  }

  wkvForward(
    y: Memory,
    k: Memory,
    v: Memory,
    decay: Memory,
    bonus: Memory,
    state: Memory | undefined,
    { batch, time, width }: SequenceShape,
  ): void {
    checkExtents(batch, time, width);
    const values = batch * time * width;
    const to = this.#of(y, values);
    const keys = this.#of(k, values), fromV = this.#of(v, values);
    const w = this.#of(decay, width), u = this.#of(bonus, width);
    const at = state && this.#of(state, 3 * batch * width);
    for (
      const [start, count] of piecesOf(this.#limit, batch, time * width, width)
    ) {
      const part = (memory: WebGpuMemory) =>
        memory.part(start * time * width, count * time * width);
      this.#commands.dispatch("wkvForward", [
        part(to),
        part(keys),
        part(fromV),
        w,
        u,
        at?.part(3 * start * width, 3 * count * width) ?? this.#nothing,
      ], [
        count * width,
        time,
        width,
        Number(at !== undefined),
      ], ...chunkedBy(count * width, time));
    }
  }

  wkvBackward(
    dk: Memory,
    dv: Memory,
    dDecay: Memory | undefined,
    dBonus: Memory | undefined,
    dy: Memory,
    y: Memory,
    k: Memory,
    v: Memory,
    decay: Memory,
    bonus: Memory,
    scratch: Memory,
    { batch, time, width }: SequenceShape,
  ): void {
    checkExtents(batch, time, width);
    const values = batch * time * width;
    const [toK, toV, d, out, keys, fromV] = [dk, dv, dy, y, k, v]
      .map((memory) => this.#of(memory, values));
    const w = this.#of(decay, width), u = this.#of(bonus, width);
    const between = this.#of(scratch, 2 * values);
    const toDecay = dDecay && this.#of(dDecay, width);
    const toBonus = dBonus && this.#of(dBonus, width);
    for (
      const [start, count] of piecesOf(this.#limit, batch, 2 * time * width)
    ) {
      const first = start * time * width, length = count * time * width;
      const part = (memory: WebGpuMemory) => memory.part(first, length);
      const partBetween = between.part(2 * first, 2 * length);
      const partials = this.#scratchOf(2 * count * width);
      const parameters = [count * width, time, width];
      const chunked = chunkedBy(count * width, time);
      this.#commands.dispatch(
        "wkvBackwardParameters",
        [
          partBetween,
          partials,
          ...[d, out, keys, fromV].map(part),
          w,
          u,
        ],
        parameters,
        ...chunked,
      );
      this.#commands.dispatch(
        "wkvBackward",
        [
          part(toK),
          part(toV),
          partBetween,
          ...[out, keys, fromV].map(part),
          w,
          u,
        ],
        parameters,
        ...chunked,
      );
      if (toDecay) this.#columnSum(toDecay, partials, count, 2 * width, 0);
      if (toBonus) this.#columnSum(toBonus, partials, count, 2 * width, width);
    }
  }

  tokenLerpForward(
    ys: readonly Memory[],
    x: Memory,
    mixes: readonly Memory[],
    state: Memory | undefined,
    shape: SequenceShape,
  ): void {
    for (const [n, mix] of mixes.entries()) {
      this.#shiftForward(ys[n], x, mix, state, shape, true);
    }
  }

  tokenLerpBackward(
    dx: Memory,
    dMixes: readonly Memory[],
    dys: readonly Memory[],
    x: Memory,
    mixes: readonly Memory[],
    shape: SequenceShape,
  ): void {
    for (const [n, mix] of mixes.entries()) {
      this.#shiftBackward(dx, dMixes[n], dys[n], x, mix, shape, true);
    }
  }

  wkv7InputForward(
    y: Memory,
    key: Memory,
    decay: Memory,
    rate: Memory,
    decayBias: Memory,
    rateBias: Memory,
    keyScale: Memory,
    keyRate: Memory,
    shape: HeadRowShape,
  ): void {
    const { rows, width } = shape;
    this.#rwkv7.inputForward(
      this.#of(y, 4 * rows * width),
      this.#all({ key, decay, rate }, rows * width),
      this.#all({ decayBias, rateBias, keyScale, keyRate }, width),
      shape,
    );
  }

  wkv7InputBackward(
    dKey: Memory,
    dDecay: Memory,
    dRate: Memory,
    dDecayBias: Memory,
    dRateBias: Memory,
    dKeyScale: Memory,
    dKeyRate: Memory,
    dy: Memory,
    key: Memory,
    decay: Memory,
    rate: Memory,
    decayBias: Memory,
    rateBias: Memory,
    keyScale: Memory,
    keyRate: Memory,
    shape: HeadRowShape,
  ): void {
    const { rows, width } = shape;
    this.#rwkv7.inputBackward(
      {
        ...this.#all({ key: dKey, decay: dDecay, rate: dRate }, rows * width),
        ...this.#all({
          decayBias: dDecayBias,
          rateBias: dRateBias,
          keyScale: dKeyScale,
          keyRate: dKeyRate,
        }, width),
      },
      this.#of(dy, 4 * rows * width),
      this.#all({ key, decay, rate }, rows * width),
      this.#all({ decayBias, rateBias, keyScale, keyRate }, width),
      shape,
    );
  }

  valueResidualForward(
    y: Memory,
    v: Memory,
    first: Memory,
    share: Memory,
    bias: Memory,
    { rows, width }: RowShape,
  ): void {
    checkExtents(rows, width);
    const b = this.#of(bias, width);
    const whole = [y, v, first, share]
      .map((memory) => this.#of(memory, rows * width));
    for (const [start, count] of piecesOf(this.#limit, rows, width)) {
      const length = count * width;
      this.#commands.dispatch(
        "valueResidualForward",
        [...whole.map((memory) => memory.part(start * width, length)), b],
        [length, width],
        folded(Math.ceil(length / VALUES)),
      );
    }
  }

  valueResidualBackward(
    dv: Memory,
    dFirst: Memory,
    dShare: Memory,
    dBias: Memory,
    dy: Memory,
    v: Memory,
    first: Memory,
    share: Memory,
    bias: Memory,
    { rows, width }: RowShape,
  ): void {
    checkExtents(rows, width);
    const b = this.#of(bias, width), toBias = this.#of(dBias, width);
    const whole = [dv, dFirst, dShare, dy, v, first, share]
      .map((memory) => this.#of(memory, rows * width));
    for (const [start, count] of piecesOf(this.#limit, rows, width)) {
      const length = count * width;
      const [toV, toFirst, toShare, d, own, others, shares] = whole
        .map((memory) => memory.part(start * width, length));
      this.#commands.dispatch(
        "valueResidualBackward",
        [toV, toFirst, d, shares, b],
        [length, width],
        folded(Math.ceil(length / VALUES)),
      );
      const { chunk, chunks, grid } = chunksOf(count, width);
      const partials = this.#scratchOf(chunks * width);
      this.#commands.dispatch(
        "valueResidualBackwardShare",
        [toShare, partials, d, own, others, shares, b],
        [count, width, chunk],
        grid,
      );
      this.#columnSum(toBias, partials, chunks, width, 0);
    }
  }

  wkv7Forward(
    y: Memory,
    r: Memory,
    input: Memory,
    v: Memory,
    state: Memory | undefined,
    states: Memory | undefined,
    shape: HeadShape,
  ): void {
    const { batch, time, width, headSize } = shape;
    const values = batch * time * width;
    this.#rwkv7.forward(
      this.#of(y, values),
      {
        ...this.#all({ r, v }, values),
        input: this.#of(input, 4 * values),
      },
      state && this.#of(state, batch * width * headSize),
      states && this.#of(states, wkv7StatesLength(shape)),
      shape,
    );
  }

  wkv7Backward(
    dr: Memory,
    dInput: Memory,
    dv: Memory,
    dy: Memory,
    r: Memory,
    input: Memory,
    v: Memory,
    states: Memory,
    scratch: Memory,
    shape: HeadShape,
  ): void {
    const values = shape.batch * shape.time * shape.width;
    this.#rwkv7.backward(
      {
        ...this.#all({ r: dr, v: dv }, values),
        input: this.#of(dInput, 4 * values),
      },
      this.#of(dy, values),
      {
        ...this.#all({ r, v }, values),
        input: this.#of(input, 4 * values),
      },
      {
        states: this.#of(states, wkv7StatesLength(shape)),
        scratch: this.#of(scratch, wkv7ScratchLength(shape)),
      },
      shape,
    );
  }

  wkv7OutputForward(
    y: Memory,
    x: Memory,
    r: Memory,
    input: Memory,
    v: Memory,
    gate: Memory,
    weight: Memory,
    bias: Memory,
    bonus: Memory,
    shape: HeadRowShape,
  ): void {
    const values = shape.rows * shape.width;
    this.#rwkv7.outputForward(
      this.#of(y, values),
      {
        ...this.#all({ x, r, v, gate }, values),
        input: this.#of(input, 4 * values),
      },
      this.#all({ weight, bias, bonus }, shape.width),
      shape,
    );
  }

  wkv7OutputBackward(
    dx: Memory,
    dr: Memory,
    dInput: Memory,
    dv: Memory,
    dGate: Memory,
    dWeight: Memory,
    dBias: Memory,
    dBonus: Memory,
    dy: Memory,
    x: Memory,
    r: Memory,
    input: Memory,
    v: Memory,
    gate: Memory,
    weight: Memory,
    bias: Memory,
    bonus: Memory,
    shape: HeadRowShape,
  ): void {
    const { rows, width } = shape;
    this.#rwkv7.outputBackward(
      {
        ...this.#all({ x: dx, r: dr, v: dv, gate: dGate }, rows * width),
        ...this.#all({ weight: dWeight, bias: dBias, bonus: dBonus }, width),
        input: this.#of(dInput, 4 * rows * width),
      },
      this.#of(dy, rows * width),
      {
        ...this.#all({ x, r, v, gate }, rows * width),
        input: this.#of(input, 4 * rows * width),
      },
      this.#all({ weight, bias, bonus }, width),
      shape,
    );
  }

  tanhForward(y: Memory, x: Memory): void {
    this.#byValue("tanhForward", [y, x], y.length);
  }

  tanhBackward(dx: Memory, dy: Memory, y: Memory): void {
    this.#byValue("tanhBackward", [dx, dy, y], dx.length);
  }

  sigmoidForward(y: Memory, x: Memory): void {
    this.#byValue("sigmoidForward", [y, x], y.length);
  }

  sigmoidBackward(dx: Memory, dy: Memory, y: Memory): void {
    this.#byValue("sigmoidBackward", [dx, dy, y], dx.length);
  }

  squaredReluForward(y: Memory, x: Memory): void {
    this.#byValue("squaredReluForward", [y, x], y.length);
  }

  squaredReluBackward(dx: Memory, dy: Memory, x: Memory): void {
    this.#byValue("squaredReluBackward", [dx, dy, x], dx.length);
  }

  sigmoidGateForward(y: Memory, r: Memory, v: Memory): void {
    this.#byValue("sigmoidGateForward", [y, r, v], y.length);
  }

  sigmoidGateBackward(
    dr: Memory,
    dv: Memory,
    dy: Memory,
    r: Memory,
    v: Memory,
  ): void {
    this.#byValue("sigmoidGateBackward", [dr, dv, dy, r, v], dy.length);
  }

  softmaxGateForward(y: Memory, k: Memory, v: Memory, shape: RowShape): void {
    this.#byRow("softmaxGateForward", [y, k, v], shape);
  }

  softmaxGateBackward(
    dk: Memory,
    dv: Memory,
    dy: Memory,
    k: Memory,
    v: Memory,
    shape: RowShape,
  ): void {
    this.#byRow("softmaxGateBackward", [dk, dv, dy, k, v], shape);
  }

  residualForward(
    y: Memory,
    x: Memory,
    branch: Memory,
    dropout: Dropout,
  ): void {
    this.#byValueDropping("residualForward", [y, x, branch], dropout);
  }

  residualBackward(
    dx: Memory,
    dBranch: Memory,
    dy: Memory,
    dropout: Dropout,
  ): void {
    this.#byValueDropping("residualBackward", [dx, dBranch, dy], dropout);
  }

  crossEntropy(
    losses: Memory,
    logits: Memory,
    targets: Indices,
    shape: RowShape & {
      readonly firstTarget: number;
      readonly gradientScale?: number;
    },
  ): void {
    const { rows, width, firstTarget, gradientScale } = shape;
    checkExtents(rows, width);
    const ids = this.#idsOf(targets, firstTarget + rows);
    ids.check(firstTarget, rows, width);
    const to = this.#of(losses, rows), z = this.#of(logits, rows * width);
    for (const [start, count] of piecesOf(this.#limit, rows, width, 1)) {
      this.#commands.dispatch("crossEntropy", [
        to.part(start, count),
        z.part(start * width, count * width),
        ids.memory,
      ], [
        count,
        width,
        firstTarget + start,
        Number(gradientScale !== undefined),
        gradientScale ?? 0,
      ], folded(count));
    }
  }

  sample(
    ids: Indices,
    logits: Memory,
    keys: Indices,
    shape: RowShape & SamplingOptions & { readonly position: number },
  ): void {
    const { rows, width, position, topK = width, topP } = shape;
    checkExtents(rows, width);
    const temperature = checkSampling(shape, width);
    const to = this.#idsOf(ids, rows), own = this.#idsOf(keys, rows);
    const from = this.#of(logits, rows * width);
    to.chosenBelow = width;
    for (const [start, count] of piecesOf(this.#limit, rows, width, 1)) {
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

  adamW(
    parameters: Memory,
    gradients: Memory,
    firstMoments: Memory,
    secondMoments: Memory,
    squaredNorm: Memory,
    options: AdamWOptions,
  ): void {
    const { learningRate, beta1, beta2, step, clipNorm = Infinity } = options;
    const { length } = parameters;
    const norm = this.#of(squaredNorm, 1);
    const flat = [parameters, gradients, firstMoments, secondMoments]
      .map((memory) => this.#of(memory, length));
    for (const [start, count] of piecesOf(this.#limit, length, 1)) {
      this.#commands.dispatch("adamW", [
        ...flat.map((memory) => memory.part(start, count)),
        norm,
      ], [
        count,
        Math.min(clipNorm, LARGEST),
        beta1,
        1 - beta1,
        beta2,
        1 - beta2,
        learningRate / (1 - beta1 ** step),
        1 / (1 - beta2 ** step),
        options.epsilon,
        learningRate * options.weightDecay,
      ], folded(Math.ceil(count / VALUES)));
    }
  }

  /** Runs a kernel on memories of equal length, a thread a value. */
  #byValue(
    kernel: Kernel,
    memories: readonly Memory[],
    length: number,
    parameters: readonly number[] = [],
  ): void {
    const whole = memories.map((memory) => this.#of(memory, length));
    for (const [start, count] of piecesOf(this.#limit, length, 1)) {
      this.#commands.dispatch(
        kernel,
        whole.map((memory) => memory.part(start, count)),
        [count, ...parameters],
        folded(Math.ceil(count / VALUES)),
      );
    }
  }

  /** As `#byValue`, for kernels that drop values by their position. */
  #byValueDropping(
    kernel: Kernel,
    memories: readonly Memory[],
    dropout: Dropout,
  ): void {
    const { length } = memories[0];
    const whole = memories.map((memory) => this.#of(memory, length));
    const threshold = thresholdOf(dropout), scale = 1 / (1 - dropout.rate);
    for (const [start, count] of piecesOf(this.#limit, length, 1)) {
      this.#commands.dispatch(
        kernel,
        whole.map((memory) => memory.part(start, count)),
        [count, start, dropout.key, threshold, scale],
        folded(Math.ceil(count / VALUES)),
      );
    }
  }

  /** Runs a kernel on memories of (rows, width), a workgroup a row. */
  #byRow(
    kernel: Kernel,
    memories: readonly Memory[],
    { rows, width }: RowShape,
  ): void {
    checkExtents(rows, width);
    const whole = memories.map((memory) => this.#of(memory, rows * width));
    for (const [start, count] of piecesOf(this.#limit, rows, width)) {
      this.#commands.dispatch(
        kernel,
        whole.map((memory) => memory.part(start * width, count * width)),
        [count, width],
        folded(count),
      );
    }
  }

  /** Memory for use within one call; what it holds does not outlast that. */
  #scratchOf(length: number): WebGpuMemory {
    if (this.#scratch.length < length) {
      this.#scratch = this.#arena.reserve(2 ** Math.ceil(Math.log2(length)));
    }
    return this.#scratch;
  }

  #upload({ buffer, offset }: WebGpuMemory, ids: Uint32Array): void {
    this.#commands.flush();
    const bytes = ids as Uint32Array<ArrayBuffer>;
    this.device.gpu.queue.writeBuffer(buffer.gpu, offset, bytes);
  }

  /** As `#of`, of several memories that hold equally many. */
  #all<K extends string>(
    memories: Record<K, Memory>,
    length: number,
  ): Record<K, WebGpuMemory> {
    const entries = Object.entries<Memory>(memories);
    return Object.fromEntries(
      entries.map(([name, memory]) => [name, this.#of(memory, length)]),
    ) as Record<K, WebGpuMemory>;
  }

  /** The first values of a memory, which must hold so many. */
  #of(memory: Memory, length: number): WebGpuMemory {
    if (!(memory instanceof WebGpuMemory) || memory.arena !== this.#arena) {
      throw new TypeError("Cannot compute: a memory is of another backend");
    }
    if (memory.length < length) {
      throw new RangeError(
        `Cannot compute: a memory holds ${memory.length} values, not ${length}`,
      );
    }
    return memory.part(0, length);
  }

  #idsOf(indices: Indices, length: number): WebGpuIndices {
    if (
      !(indices instanceof WebGpuIndices) ||
      indices.memory.arena !== this.#arena
    ) {
      throw new TypeError("Cannot compute: indices are of another backend");
    }
    if (indices.length < length) {
      throw new RangeError(
        `Cannot compute: indices hold ${indices.length} ids, not ${length}`,
      );
    }
    return indices;
  }
}
