/**
 * The CPU backend: every op as one or two jobs of the thread pool over the
 * shared memory. The kernels are in `kernels/simd`, matrix products in
 * `gemm.ts`.
 *
 * Every call has done its work when it returns, but for products inside
 * `together`, which end with it. A job is split along an axis that no sum runs
 * over, and matrix products into tiles that follow from the shape, so that
 * results are the same bits for any number of threads. It has one method for
 * each of the interface's, which makes it long.
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
  MAX_LERPS,
  type Memory,
  type RowShape,
  type SequenceShape,
  wkv7ScratchLength,
  wkv7StatesLength,
} from "../backend.ts";
import { uniformAt } from "../../random.ts";
import {
  checkSampling,
  choose,
  NO_TOKEN,
  type SamplingOptions,
} from "../sampling.ts";
import {
  type BlasChoice,
  type BlasSearch,
  chooseCore,
  findBlas,
} from "./blas.ts";
import { adviseHugePages } from "./huge_pages.ts";
import { outputsOf, tilingOf } from "./gemm.ts";
import { CpuIndices, CpuMemory, SharedMemory } from "./memory.ts";
import { Pool } from "./pool.ts";

/** Values that stay together: jobs below it are not worth sharing. */
const VALUES = 4096;

/** Columns or channels that stay together: one cache line. */
const COLUMNS = 16;

/** Columns that such a product with b as it is sums up in registers. */
const COLUMN_BLOCK = 32;

/** Values in a partial sum; as in kernels/simd/vector.ts. */
const CHUNK = 16384;

/** Slices start at multiples of it, so that they stay aligned. */
const SLICE_STEP = 64;

/** Most rows of a product that are done as vectors, for which b is read once. */
const FEW_ROWS = 4;

/** Most threads that a pool may have. */
export const MAX_THREADS = 64;

/** Settings of {@linkcode CpuBackend.create}. */
export interface CpuOptions {
  /** 1 to 64; by default one a core. */
  readonly threads?: number;
  /** "auto" (default), "none" for the SIMD kernel, or a library's path. */
  readonly blas?: BlasChoice;
  /** OpenBLAS's kernels; see {@linkcode chooseCore}. Absent: unchanged. */
  readonly blasCore?: string;
}

/**
 * Shared memory, a pool of threads, SIMD kernels, and a BLAS where found.
 *
 * @example
 * ```ts
 * import { CpuBackend } from "./cpu_backend.ts";
 * import { assertEquals } from "@std/assert";
 *
 * using backend = await CpuBackend.create({ threads: 2, blas: "none" });
 * const x = backend.alloc(2), y = backend.alloc(2);
 * backend.write(x, new Float32Array([-1, 3]));
 * backend.squaredReluForward(y, x);
 * assertEquals(await backend.read(y), new Float32Array([0, 9]));
 * ```
 */
export class CpuBackend implements Backend {
  readonly name = "cpu";
  readonly description: string;
  /** What the search for a BLAS found, for `doctor`. */
  readonly blas: BlasSearch;
  readonly #shared: SharedMemory;
  readonly #pool: Pool;
  #partials = { address: 0, chunks: 0 };
  /** How many calls of `together` are under way; products then wait. */
  #together = 0;
  /** RWKV-7's states that are nobody's, and weights of tokens. */
  #work = { address: 0, values: 0 };

  private constructor(shared: SharedMemory, pool: Pool, blas: BlasSearch) {
    this.#shared = shared;
    this.#pool = pool;
    this.blas = blas;
    const { threads } = pool;
    this.description = `cpu: ${threads} thread${threads === 1 ? "" : "s"}, ` +
      describe(blas);
  }

  /**
   * Reserves the memory, finds a BLAS and starts the threads.
   *
   * @throws {RangeError} When `threads` is out of range.
   * @throws {Error} When the BLAS asked for cannot be used, or a thread cannot
   * start.
   */
  static async create(options: CpuOptions = {}): Promise<CpuBackend> {
    const cores = Math.min(navigator.hardwareConcurrency, MAX_THREADS);
    const { threads = cores, blas: choice = "auto" } = options;
    if (!Number.isInteger(threads) || threads < 1 || threads > MAX_THREADS) {
      throw new RangeError(
        `Cannot start the cpu backend: threads must be from 1 to ` +
          `${MAX_THREADS}, not ${threads}`,
      );
    }
    if (options.blasCore !== undefined) chooseCore(options.blasCore);
    const blas = findBlas(choice);
    const shared = new SharedMemory();
    adviseHugePages(shared.memory, shared.capacity);
    const pool = await Pool.start(shared, threads, blas.blas);
    return new CpuBackend(shared, pool, blas);
  }

  /** Ends the threads. */
  [Symbol.dispose](): void {
    this.#pool[Symbol.dispose]();
  }

  /** How many threads share the work. */
  get threads(): number {
    return this.#pool.threads;
  }

  /** Bytes of memory handed out. */
  get bytesUsed(): number {
    return this.#shared.used;
  }

  alloc(length: number): Memory {
    return new CpuMemory(
      this.#shared,
      this.#shared.reserve(4 * length),
      length,
    );
  }

  allocIndices(length: number): Indices {
    const address = this.#shared.reserve(4 * length);
    return new CpuIndices(this.#shared, address, length);
  }

  slice(memory: Memory, start: number, length: number): Memory {
    const address = this.#at(memory, start + length);
    if (start % SLICE_STEP !== 0 || start < 0 || length < 0) {
      throw new RangeError(
        `Cannot slice a memory at ${start}: not a multiple of ${SLICE_STEP}`,
      );
    }
    return new CpuMemory(this.#shared, address + 4 * start, length);
  }

  write(memory: Memory, values: Float32Array): void {
    this.#shared.f32.set(values, this.#at(memory, values.length) / 4);
  }

  writeIndices(indices: Indices, ids: ArrayLike<number>): void {
    this.#shared.u32.set(ids, this.#idsAt(indices, ids.length) / 4);
  }

  read(memory: Memory): Promise<Float32Array> {
    const start = this.#at(memory, 0) / 4;
    const values = this.#shared.f32.slice(start, start + memory.length);
    return Promise.resolve(values);
  }

  readIndices(indices: readonly Indices[]): Promise<Uint32Array[]> {
    return Promise.resolve(indices.map((each) => {
      const start = this.#idsAt(each, each.length) / 4;
      return this.#shared.u32.slice(start, start + each.length);
    }));
  }

  fill(out: Memory, value: number): void {
    const { length } = out;
    this.#pool.run("fill", length, VALUES, this.#at(out, length), value);
  }

  add(out: Memory, x: Memory): void {
    const { length } = out;
    this.#pool.run(
      "add",
      length,
      VALUES,
      this.#at(out, length),
      this.#at(x, length),
    );
  }

  sum(out: Memory, x: Memory, scale: number): void {
    this.#sumBy("sum", out, x, scale);
  }

  sumOfSquares(out: Memory, x: Memory): void {
    this.#sumBy("sumOfSquares", out, x, 1);
  }

  /** Chunks are summed by the threads, the sums of chunks here, in order. */
  #sumBy(
    kernel: "sum" | "sumOfSquares",
    out: Memory,
    x: Memory,
    scale: number,
  ): void {
    const { length } = x;
    const target = this.#at(out, 1) / 4, from = this.#at(x, length);
    const chunks = Math.ceil(length / CHUNK);
    if (chunks > this.#partials.chunks) {
      this.#partials = { address: this.#shared.reserve(16 * chunks), chunks };
    }
    const { address } = this.#partials;
    this.#pool.run(kernel, chunks, 1, address, from, length);
    let total = 0;
    for (let i = 0; i < chunks; i++) total += this.#shared.f64[address / 8 + i];
    this.#shared.f32[target] += scale * total;
  }

  together<T>(calls: () => T): T {
    this.#together++;
    try {
      return calls();
    } finally {
      if (--this.#together === 0) this.#pool.flush();
    }
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
    const { transposeA = false, transposeB = false } = options;
    const c = this.#at(out, m * n);
    const fromA = this.#at(a, m * k), fromB = this.#at(b, k * n);
    const accumulate = Number(options.accumulate ?? false);
    if (m <= FEW_ROWS && !transposeA) {
      const shape = [m, k, n, accumulate];
      const [kernel, grain] = transposeB
        ? ["gemv", outputsOf(n)] as const
        : ["gemvTransposed", COLUMN_BLOCK] as const;
      this.#multiply(kernel, n, grain, c, fromA, fromB, ...shape);
      return;
    }
    const { tiles, rows, columns } = tilingOf(m, n);
    this.#multiply(
      "matmul",
      tiles,
      1,
      c,
      fromA,
      fromB,
      m,
      k,
      n,
      Number(transposeA),
      Number(transposeB),
      accumulate,
      rows,
      columns,
    );
  }

  #multiply(
    kernel: "gemv" | "gemvTransposed" | "matmul",
    items: number,
    grain: number,
    ...args: number[]
  ): void {
    if (this.#together > 0) this.#pool.add(kernel, items, grain, ...args);
    else this.#pool.run(kernel, items, grain, ...args);
  }

  embeddingForward(
    y: Memory,
    weight: Memory,
    ids: Indices,
    { rows, width }: RowShape,
  ): void {
    checkExtents(rows, width);
    this.#checkIds(ids, 0, rows, Math.floor(weight.length / width));
    this.#pool.run(
      "embeddingForward",
      rows,
      1,
      this.#at(y, rows * width),
      this.#at(weight, width),
      this.#idsAt(ids, rows),
      width,
    );
  }

  embeddingBackward(
    dWeight: Memory,
    dy: Memory,
    ids: Indices,
    { rows, width }: RowShape,
  ): void {
    checkExtents(rows, width);
    this.#checkIds(ids, 0, rows, Math.floor(dWeight.length / width));
    this.#pool.run(
      "embeddingBackward",
      width,
      COLUMNS,
      this.#at(dWeight, width),
      this.#at(dy, rows * width),
      this.#idsAt(ids, rows),
      rows,
      width,
    );
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
    this.#pool.run(
      "layerNormForward",
      rows,
      1,
      this.#at(y, rows * width),
      this.#at(stats, 2 * rows),
      this.#at(x, rows * width),
      this.#at(weight, width),
      this.#at(bias, width),
      width,
    );
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
    const fromDy = this.#at(dy, rows * width);
    const fromX = this.#at(x, rows * width);
    const fromStats = this.#at(stats, 2 * rows);
    this.#pool.add(
      "layerNormBackwardParameters",
      width,
      COLUMNS,
      this.#at(dWeight, width),
      this.#at(dBias, width),
      fromDy,
      fromX,
      fromStats,
      rows,
      width,
    );
    this.#pool.run(
      "layerNormBackward",
      rows,
      1,
      this.#at(dx, rows * width),
      fromDy,
      fromX,
      fromStats,
      this.#at(weight, width),
      width,
    );
  }

  tokenShiftForward(
    y: Memory,
    x: Memory,
    mix: Memory,
    state: Memory | undefined,
    { batch, time, width }: SequenceShape,
  ): void {
    checkExtents(batch, time, width);
    const rows = batch * time;
    this.#pool.run(
      "tokenShiftForward",
      rows,
      1,
      this.#at(y, rows * width),
      this.#at(x, rows * width),
      this.#at(mix, width),
      this.#maybeAt(state, batch * width),
      time,
      width,
    );
  }

  tokenShiftBackward(
    dx: Memory,
    dMix: Memory | undefined,
    dy: Memory,
    x: Memory,
    mix: Memory,
    { batch, time, width }: SequenceShape,
  ): void {
    checkExtents(batch, time, width);
    const rows = batch * time;
    const fromDy = this.#at(dy, rows * width);
    if (dMix !== undefined) {
      this.#pool.add(
        "tokenShiftBackwardMix",
        width,
        COLUMNS,
        this.#at(dMix, width),
        fromDy,
        this.#at(x, rows * width),
        rows,
        time,
        width,
      );
    }
    this.#pool.run(
      "tokenShiftBackward",
      rows,
      1,
      this.#at(dx, rows * width),
      fromDy,
      this.#at(mix, width),
      time,
      width,
    );
  }

  lastToken(
    state: Memory,
    x: Memory,
    { batch, time, width }: SequenceShape,
  ): void {
    checkExtents(batch, time, width);
    const to = this.#at(state, batch * width) / 4;
    const from = this.#at(x, batch * time * width) / 4;
    for (let b = 0; b < batch; b++) {
      const end = from + (b + 1) * time * width;
      this.#shared.f32.copyWithin(to + b * width, end - width, end);
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
    this.#pool.run(
      "wkvForward",
      width,
      COLUMNS,
      this.#at(y, values),
      this.#at(k, values),
      this.#at(v, values),
      this.#at(decay, width),
      this.#at(bonus, width),
      this.#maybeAt(state, 3 * batch * width),
      batch,
      time,
      width,
    );
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
    this.#pool.run(
      "wkvBackward",
      width,
      COLUMNS,
      this.#at(dk, values),
      this.#at(dv, values),
      this.#maybeAt(dDecay, width),
      this.#maybeAt(dBonus, width),
      this.#at(dy, values),
      this.#at(y, values),
      this.#at(k, values),
      this.#at(v, values),
      this.#at(decay, width),
      this.#at(bonus, width),
      this.#at(scratch, 2 * values),
      batch,
      time,
      width,
    );
  }

  tokenLerpForward(
    ys: readonly Memory[],
    x: Memory,
    mixes: readonly Memory[],
    state: Memory | undefined,
    { batch, time, width }: SequenceShape,
  ): void {
    checkExtents(batch, time, width);
    const rows = batch * time;
    this.#pool.run(
      "tokenLerpForward",
      rows,
      1,
      ...this.#allAt(ys, rows * width),
      ...this.#allAt(mixes, width),
      this.#at(x, rows * width),
      this.#maybeAt(state, batch * width),
      time,
      width,
    );
  }

  tokenLerpBackward(
    dx: Memory,
    dMixes: readonly Memory[],
    dys: readonly Memory[],
    x: Memory,
    mixes: readonly Memory[],
    { batch, time, width }: SequenceShape,
  ): void {
    checkExtents(batch, time, width);
    const rows = batch * time;
    this.#pool.run(
      "tokenLerpBackward",
      width,
      COLUMNS,
      this.#at(dx, rows * width),
      ...this.#allAt(dMixes, width),
      ...this.#allAt(dys, rows * width),
      ...this.#allAt(mixes, width),
      this.#at(x, rows * width),
      rows,
      time,
      width,
    );
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
    { rows, width, headSize }: HeadRowShape,
  ): void {
    checkHeads(width, headSize, rows);
    const values = rows * width;
    this.#pool.run(
      "wkv7InputForward",
      rows,
      1,
      this.#at(y, 4 * values),
      this.#at(key, values),
      this.#at(decay, values),
      this.#at(rate, values),
      this.#at(decayBias, width),
      this.#at(rateBias, width),
      this.#at(keyScale, width),
      this.#at(keyRate, width),
      width,
      headSize,
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
    { rows, width, headSize }: HeadRowShape,
  ): void {
    checkHeads(width, headSize, rows);
    const values = rows * width;
    this.#pool.run(
      "wkv7InputBackward",
      width / headSize,
      1,
      this.#at(dKey, values),
      this.#at(dDecay, values),
      this.#at(dRate, values),
      this.#at(dDecayBias, width),
      this.#at(dRateBias, width),
      this.#at(dKeyScale, width),
      this.#at(dKeyRate, width),
      this.#at(dy, 4 * values),
      this.#at(key, values),
      this.#at(decay, values),
      this.#at(rate, values),
      this.#at(decayBias, width),
      this.#at(rateBias, width),
      this.#at(keyScale, width),
      this.#at(keyRate, width),
      rows,
      width,
      headSize,
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
    const values = rows * width;
    this.#pool.run(
      "valueResidualForward",
      rows,
      1,
      this.#at(y, values),
      this.#at(v, values),
      this.#at(first, values),
      this.#at(share, values),
      this.#at(bias, width),
      width,
    );
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
    const values = rows * width;
    this.#pool.run(
      "valueResidualBackward",
      width,
      COLUMNS,
      this.#at(dv, values),
      this.#at(dFirst, values),
      this.#at(dShare, values),
      this.#at(dBias, width),
      this.#at(dy, values),
      this.#at(v, values),
      this.#at(first, values),
      this.#at(share, values),
      this.#at(bias, width),
      rows,
      width,
    );
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
    checkHeads(width, headSize, batch, time);
    const values = batch * time * width, stateValues = batch * width * headSize;
    this.#pool.run(
      "wkv7Forward",
      batch * width / headSize,
      1,
      this.#at(y, values),
      this.#at(r, values),
      this.#at(input, 4 * values),
      this.#at(v, values),
      state === undefined
        ? this.#workOf(stateValues)
        : this.#at(state, stateValues),
      Number(state === undefined),
      this.#maybeAt(states, wkv7StatesLength(shape)),
      time,
      width,
      headSize,
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
    const { batch, time, width, headSize } = shape;
    checkHeads(width, headSize, batch, time);
    const values = batch * time * width;
    this.#pool.run(
      "wkv7Backward",
      batch * width / headSize,
      1,
      this.#at(dr, values),
      this.#at(dInput, 4 * values),
      this.#at(dv, values),
      this.#at(dy, values),
      this.#at(r, values),
      this.#at(input, 4 * values),
      this.#at(v, values),
      this.#at(states, wkv7StatesLength(shape)),
      this.#at(scratch, wkv7ScratchLength(shape)),
      time,
      width,
      headSize,
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
    { rows, width, headSize }: HeadRowShape,
  ): void {
    checkHeads(width, headSize, rows);
    const values = rows * width;
    this.#pool.run(
      "wkv7OutputForward",
      rows,
      1,
      this.#at(y, values),
      this.#at(x, values),
      this.#at(r, values),
      this.#at(input, 4 * values),
      this.#at(v, values),
      this.#at(gate, values),
      this.#at(weight, width),
      this.#at(bias, width),
      this.#at(bonus, width),
      width,
      headSize,
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
    { rows, width, headSize }: HeadRowShape,
  ): void {
    checkHeads(width, headSize, rows);
    const values = rows * width;
    this.#pool.run(
      "wkv7OutputBackward",
      width / headSize,
      1,
      this.#at(dx, values),
      this.#at(dr, values),
      this.#at(dInput, 4 * values),
      this.#at(dv, values),
      this.#at(dGate, values),
      this.#at(dWeight, width),
      this.#at(dBias, width),
      this.#at(dBonus, width),
      this.#at(dy, values),
      this.#at(x, values),
      this.#at(r, values),
      this.#at(input, 4 * values),
      this.#at(v, values),
      this.#at(gate, values),
      this.#at(weight, width),
      this.#at(bias, width),
      this.#at(bonus, width),
      rows,
      width,
      headSize,
    );
  }

  tanhForward(y: Memory, x: Memory): void {
    const { length } = y;
    this.#pool.run(
      "tanhForward",
      length,
      VALUES,
      this.#at(y, length),
      this.#at(x, length),
    );
  }

  tanhBackward(dx: Memory, dy: Memory, y: Memory): void {
    const { length } = dx;
    this.#pool.run(
      "tanhBackward",
      length,
      VALUES,
      this.#at(dx, length),
      this.#at(dy, length),
      this.#at(y, length),
    );
  }

  sigmoidForward(y: Memory, x: Memory): void {
    const { length } = y;
    this.#pool.run(
      "sigmoidForward",
      length,
      VALUES,
      this.#at(y, length),
      this.#at(x, length),
    );
  }

  sigmoidBackward(dx: Memory, dy: Memory, y: Memory): void {
    const { length } = dx;
    this.#pool.run(
      "sigmoidBackward",
      length,
      VALUES,
      this.#at(dx, length),
      this.#at(dy, length),
      this.#at(y, length),
    );
  }

  squaredReluForward(y: Memory, x: Memory): void {
    const { length } = y;
    this.#pool.run(
      "squaredReluForward",
      length,
      VALUES,
      this.#at(y, length),
      this.#at(x, length),
    );
  }

  squaredReluBackward(dx: Memory, dy: Memory, x: Memory): void {
    const { length } = dx;
    this.#pool.run(
      "squaredReluBackward",
      length,
      VALUES,
      this.#at(dx, length),
      this.#at(dy, length),
      this.#at(x, length),
    );
  }

  sigmoidGateForward(y: Memory, r: Memory, v: Memory): void {
    const { length } = y;
    this.#pool.run(
      "sigmoidGateForward",
      length,
      VALUES,
      this.#at(y, length),
      this.#at(r, length),
      this.#at(v, length),
    );
  }

  sigmoidGateBackward(
    dr: Memory,
    dv: Memory,
    dy: Memory,
    r: Memory,
    v: Memory,
  ): void {
    const { length } = dy;
    this.#pool.run(
      "sigmoidGateBackward",
      length,
      VALUES,
      this.#at(dr, length),
      this.#at(dv, length),
      this.#at(dy, length),
      this.#at(r, length),
      this.#at(v, length),
    );
  }

  softmaxGateForward(
    y: Memory,
    k: Memory,
    v: Memory,
    { rows, width }: RowShape,
  ): void {
    checkExtents(rows, width);
    this.#pool.run(
      "softmaxGateForward",
      rows,
      1,
      this.#at(y, rows * width),
      this.#at(k, rows * width),
      this.#at(v, rows * width),
      width,
    );
  }

  softmaxGateBackward(
    dk: Memory,
    dv: Memory,
    dy: Memory,
    k: Memory,
    v: Memory,
    { rows, width }: RowShape,
  ): void {
    checkExtents(rows, width);
    this.#pool.run(
      "softmaxGateBackward",
      rows,
      1,
      this.#at(dk, rows * width),
      this.#at(dv, rows * width),
      this.#at(dy, rows * width),
      this.#at(k, rows * width),
      this.#at(v, rows * width),
      width,
    );
  }

  residualForward(
    y: Memory,
    x: Memory,
    branch: Memory,
    dropout: Dropout,
  ): void {
    const { length } = y;
    this.#pool.run(
      "residualForward",
      length,
      VALUES,
      this.#at(y, length),
      this.#at(x, length),
      this.#at(branch, length),
      dropout.key,
      thresholdOf(dropout),
      1 / (1 - dropout.rate),
    );
  }

  residualBackward(
    dx: Memory,
    dBranch: Memory,
    dy: Memory,
    dropout: Dropout,
  ): void {
    const { length } = dy;
    this.#pool.run(
      "residualBackward",
      length,
      VALUES,
      this.#at(dx, length),
      this.#at(dBranch, length),
      this.#at(dy, length),
      dropout.key,
      thresholdOf(dropout),
      1 / (1 - dropout.rate),
    );
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
    this.#checkIds(targets, firstTarget, rows, width);
    this.#pool.run(
      "crossEntropy",
      rows,
      1,
      this.#at(losses, rows),
      this.#at(logits, rows * width),
      this.#idsAt(targets, firstTarget + rows) + 4 * firstTarget,
      width,
      Number(gradientScale !== undefined),
      gradientScale ?? 0,
    );
  }

  /** The largest logit and the weights by kernels, the choice in TypeScript. */
  sample(
    ids: Indices,
    logits: Memory,
    keys: Indices,
    shape: RowShape & SamplingOptions & { readonly position: number },
  ): void {
    const { rows, width, position, ...options } = shape;
    checkExtents(rows, width);
    const temperature = checkSampling(options, width);
    const to = this.#idsAt(ids, rows), from = this.#at(logits, rows * width);
    const firstKey = this.#idsAt(keys, rows) / 4;
    this.#pool.run("argmax", rows, 1, to, from, width);
    if (temperature === 0) return;
    const work = this.#workOf(rows * width);
    const args = [work, from, to, width, temperature];
    this.#pool.run("softmaxWeights", rows, 1, ...args);
    for (let row = 0; row < rows; row++) {
      if (this.#shared.u32[to / 4 + row] === NO_TOKEN) continue;
      const valuesAt = (address: number) => {
        const start = address / 4 + row * width;
        return this.#shared.f32.subarray(start, start + width);
      };
      const [z, weights] = [valuesAt(from), valuesAt(work)];
      const uniform = uniformAt(this.#shared.u32[firstKey + row], position);
      const id = choose(z, weights, options, uniform);
      this.#shared.u32[to / 4 + row] = id;
    }
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
    const norm = Math.sqrt(this.#shared.f32[this.#at(squaredNorm, 1) / 4]);
    if (!Number.isFinite(norm)) return this.fill(gradients, 0);
    this.#pool.run(
      "adamW",
      length,
      VALUES,
      this.#at(parameters, length),
      this.#at(gradients, length),
      this.#at(firstMoments, length),
      this.#at(secondMoments, length),
      norm > clipNorm ? clipNorm / norm : 1,
      beta1,
      1 - beta1,
      beta2,
      1 - beta2,
      learningRate / (1 - beta1 ** step),
      1 / (1 - beta2 ** step),
      options.epsilon,
      learningRate * options.weightDecay,
    );
  }

  /** The address of a memory that must hold so many values. */
  #at(memory: Memory, length: number): number {
    if (!(memory instanceof CpuMemory) || memory.owner !== this.#shared) {
      throw new TypeError("Cannot compute: a memory is of another backend");
    }
    if (memory.length < length) {
      throw new RangeError(
        `Cannot compute: a memory holds ${memory.length} values, not ${length}`,
      );
    }
    return memory.address;
  }

  /** The addresses of 1 to 6 memories, then 0 for those that are not there. */
  #allAt(memories: readonly Memory[], length: number): number[] {
    if (memories.length < 1 || memories.length > MAX_LERPS) {
      throw new RangeError(
        `Cannot compute: ${memories.length} token shifts, not 1 to ${MAX_LERPS}`,
      );
    }
    return Array.from(
      { length: MAX_LERPS },
      (_, i) => this.#maybeAt(memories.at(i), length),
    );
  }

  #workOf(values: number): number {
    if (values > this.#work.values) {
      this.#work = { address: this.#shared.reserve(4 * values), values };
    }
    return this.#work.address;
  }

  /** The address, or 0 for none. */
  #maybeAt(memory: Memory | undefined, length: number): number {
    return memory === undefined ? 0 : this.#at(memory, length);
  }

  #idsAt(indices: Indices, length: number): number {
    if (!(indices instanceof CpuIndices) || indices.owner !== this.#shared) {
      throw new TypeError("Cannot compute: indices are of another backend");
    }
    if (indices.length < length) {
      throw new RangeError(
        `Cannot compute: indices hold ${indices.length} ids, not ${length}`,
      );
    }
    return indices.address;
  }

  /** A kernel would read or write anywhere for an id beyond its table. */
  #checkIds(
    indices: Indices,
    first: number,
    count: number,
    limit: number,
  ): void {
    const at = this.#idsAt(indices, first + count) / 4 + first;
    const ids = this.#shared.u32;
    for (let i = at; i < at + count; i++) {
      if (ids[i] >= limit) {
        throw new RangeError(
          `Cannot compute: token id ${ids[i]} is not below ${limit}`,
        );
      }
    }
  }
}

function describe({ blas }: BlasSearch): string {
  if (blas === undefined) return "SIMD kernels";
  return blas.core === undefined
    ? blas.library
    : `${blas.library} (${blas.core})`;
}

function checkExtents(...extents: number[]): void {
  for (const extent of extents) {
    if (!Number.isInteger(extent) || extent < 1) {
      throw new RangeError(
        `Cannot compute: the shape has an extent of ${extent}`,
      );
    }
  }
}

/** A head's size divides the width, beside whole extents. */
function checkHeads(width: number, headSize: number, ...extents: number[]) {
  checkExtents(width, headSize, ...extents);
  if (width % headSize !== 0) {
    throw new RangeError(
      `Cannot compute: heads of ${headSize} do not fill ${width} channels`,
    );
  }
}

/** Elements whose 24 hash bits are below it are dropped. */
function thresholdOf({ rate }: Dropout): number {
  if (!(rate >= 0 && rate < 1)) {
    throw new RangeError(`Cannot drop a share of ${rate}: not in [0, 1)`);
  }
  return Math.ceil(rate * 2 ** 24);
}
