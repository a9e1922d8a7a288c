/**
 * The CPU backend: every op as a job of the thread pool over the shared memory,
 * a few as something else. The kernels are in `kernels/simd`, the checks of
 * calls in `call.ts`, matrix products in `gemm.ts`.
 *
 * Every call has done its work when it returns, but for products inside
 * `together`, which end with it. A job is split along an axis that no sum runs
 * over, and matrix products into tiles that follow from the shape, so that
 * results are the same bits for any number of threads.
 *
 * @module
 */

import type {
  Backend,
  FileIdentity,
  Indices,
  MappedFile,
  MatmulOptions,
  Memory,
  MemoryPart,
  RowShape,
} from "../backend.ts";
import { uniformAt } from "../../random.ts";
import type { OpName } from "../ops.ts";
import {
  type AnyMemories,
  type AnySettings,
  checkExtents,
  EXTENT,
} from "../plan.ts";
import {
  checkSampling,
  choose,
  NO_TOKEN,
  type SamplingOptions,
} from "../sampling.ts";
import type { BlasChoice, BlasSearch } from "./blas_calls.ts";
import { AXES, type Axis, Call, CPU_OPS } from "./call.ts";
import { outputsOf, tilingOf, UNPACK } from "./gemm.ts";
import type { CpuHost } from "./host.ts";
import { JOB_WORDS, KERNEL, placeOf, SUM_CHUNK } from "./jobs.ts";
import { CpuIndices, CpuMemory, SharedMemory } from "./memory.ts";
import { Pool } from "./pool.ts";
import { webHost } from "./web_host.ts";

/** Columns of an untransposed b that a product of few rows sums in registers. */
const COLUMN_BLOCK = 32;

/** Slices start at multiples of it, so that they stay aligned. */
const SLICE_STEP = 64;

/**
 * Most rows multiplied as vectors: b is read from memory once, and a row has the
 * same bits whatever other rows there are.
 */
const FEW_ROWS = 64;

/** Places of words that are not what the table says; see `run`. */
const STATE = {
  wkv6Forward: placeOf("wkv6Forward", "state"),
  wkv7Forward: placeOf("wkv7Forward", "state"),
};
const DMIX = placeOf("tokenShiftBackward", "dMix");

/** The same of what is left out where the gradients' norm is not finite. */
const UPDATES = {
  adamW: updateWords("adamW"),
  muonDirection: updateWords("muonDirection"),
  muonUpdate: updateWords("muonUpdate"),
  movingAverage: updateWords("movingAverage"),
};

function updateWords(op: OpName) {
  const place = (name: string) => {
    const found = placeOf(op, name);
    return found < 0 ? undefined : found;
  };
  return {
    squaredNorm: place("squaredNorm")!,
    gradients: place("gradients"),
    clipNorm: place("clipNorm"),
  };
}

/** What unpacks the weights of each of these ops. */
const PACKED = {
  linearQ8: KERNEL.unpackQ8,
  linearQ5: KERNEL.unpackQ5,
  linearQ4: KERNEL.unpackQ4,
  linearF16: KERNEL.unpackF16,
  linearBF16: KERNEL.unpackBF16,
} as const;
/** Parts of packed weights, at most. */
const PACKED_PARTS = 4;
type PackedOp = keyof typeof PACKED;

/** What is done for an op that is not one job of its kernel. */
type Special = (backend: CpuBackend, settings: AnySettings) => void;

/** What an op without settings is given. */
const NONE: AnySettings = {};

/** Most threads that a pool may have. */
export const MAX_THREADS = 64;

/** Settings of {@linkcode CpuBackend.create}. */
export interface CpuOptions {
  /** 1 to 64; by default one a core. */
  readonly threads?: number;
  /** "auto" (default), "none" for the SIMD kernel, or a library's path. */
  readonly blas?: BlasChoice;
  /** OpenBLAS's kernels, by its name of a processor. Absent: unchanged. */
  readonly blasCore?: string;
  /**
   * What there is to compute with. By default what any runtime has, Workers and
   * no BLAS; `openBackend` gives all that Deno has.
   */
  readonly host?: CpuHost;
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
 * backend.run("squaredReluForward", { y, x });
 * assertEquals(await backend.read(y), new Float32Array([0, 9]));
 * ```
 */
export class CpuBackend implements Backend {
  readonly name = "cpu";
  readonly description: string;
  /**
   * What the search for a BLAS found, for `doctor`.
   *
   * @internal
   */
  readonly blas: BlasSearch;
  readonly #host: CpuHost;
  readonly #shared: SharedMemory;
  readonly #pool: Pool;
  /** The op that is run. */
  readonly #call: Call;
  /** Words of jobs that are no op's. */
  readonly #words = new Uint32Array(JOB_WORDS);
  readonly #floats = new Float32Array(this.#words.buffer);
  /** Depth of nested calls of `together`; above 0, products wait. */
  #together = 0;
  /** Sums of chunks, RWKV-7's states that are nobody's, weights of tokens. */
  #work = { address: 0, bytes: 0 };

  private constructor(
    host: CpuHost,
    shared: SharedMemory,
    { pool, blas }: { readonly pool: Pool; readonly blas: BlasSearch },
  ) {
    this.#host = host;
    this.#shared = shared;
    this.#pool = pool;
    this.#call = new Call(shared);
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
    const { host = webHost(), blas: choice = "auto", blasCore } = options;
    const { threads = Math.min(host.cores, MAX_THREADS) } = options;
    if (!Number.isInteger(threads) || threads < 1 || threads > MAX_THREADS) {
      throw new RangeError(
        `Cannot start the cpu backend: threads must be from 1 to ` +
          `${MAX_THREADS}, not ${threads}`,
      );
    }
    if (threads > 1 && !host.hasThreads) {
      throw new RangeError(
        "Cannot start the cpu backend: threads must be 1 without Workers, " +
          "and in a page that is not isolated (COOP, COEP)",
      );
    }
    const blas = host.findBlas(choice, blasCore);
    const shared = new SharedMemory();
    host.adviseHugePages(shared.memory, shared.capacity);
    const pool = await Pool.start(shared, threads, blas.blas, host);
    return new CpuBackend(host, shared, { pool, blas });
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
    const address = this.#shared.reserve(4 * length);
    return new CpuMemory(this.#shared, address, length);
  }

  allocIndices(length: number): Indices {
    const address = this.#shared.reserve(4 * length);
    return new CpuIndices(this.#shared, address, length);
  }

  slice(memory: Memory, start: number, length: number): Memory {
    const address = this.#at(memory, start + length, "a slice", "the memory");
    if (start % SLICE_STEP !== 0 || start < 0 || length < 0) {
      throw new RangeError(
        `Cannot slice a memory at ${start}: not a multiple of ${SLICE_STEP}`,
      );
    }
    return new CpuMemory(this.#shared, address + 4 * start, length);
  }

  mapFile(path: string, identity: FileIdentity): MappedFile | undefined {
    const shared = this.#shared, { memory } = shared, { size } = identity;
    const reserve = (bytes: number) => shared.reserve(bytes);
    const place = { memory, reserve };
    const first = this.#host.mapFile?.(path, identity, place);
    if (first === undefined) return undefined;
    return {
      get bytes() {
        return new Uint8Array(shared.f32.buffer, first, size);
      },
      memory: (offset, length) => new CpuMemory(shared, first + offset, length),
      words: (offset, length) => new CpuIndices(shared, first + offset, length),
    };
  }

  write(memory: Memory, values: Float32Array, start = 0): void {
    const end = start + values.length;
    const to = this.#at(memory, end, "a copy", "the memory");
    this.#shared.f32.set(values, to / 4 + start);
  }

  writeIndices(indices: Indices, ids: ArrayLike<number>): void {
    const to = this.#idsAt(indices, ids.length, "a copy", "the memory");
    this.#shared.u32.set(ids, to / 4);
  }

  read(
    memory: Memory,
    { start, length, into }: MemoryPart = { start: 0, length: memory.length },
  ): Promise<Float32Array> {
    const end = start + length;
    const from = this.#at(memory, end, "a copy", "the memory") / 4;
    const values = this.#shared.f32.subarray(from + start, from + end);
    if (into === undefined) return Promise.resolve(values.slice());
    into.set(values);
    return Promise.resolve(into);
  }

  readIndices(indices: readonly Indices[]): Promise<Uint32Array[]> {
    return Promise.resolve(indices.map((each) => {
      const start = this.#idsAt(each, 0, "a copy", "the memory") / 4;
      return this.#shared.u32.slice(start, start + each.length);
    }));
  }

  run(op: OpName, memories: AnyMemories, settings: object = NONE): void {
    const { plan, kernel, axis } = CPU_OPS[op];
    this.#call.take(plan, memories, settings as AnySettings);
    const special = CpuBackend.#SPECIAL.get(op);
    if (special === undefined) this.#share(kernel!, axis);
    else special(this, settings as AnySettings);
  }

  /** Ops that are not one job of their kernel. */
  static readonly #SPECIAL: ReadonlyMap<OpName, Special> = new Map<
    OpName,
    Special
  >([
    ["sum", (backend, { scale }) => backend.#sum(KERNEL.chunkSums, scale!)],
    ["sumOfSquares", (backend) => backend.#sum(KERNEL.chunkSquares, 1)],
    ["lastToken", (backend) => backend.#copyLastToken()],
    ["layerNormBackward", (backend) => {
      backend.#share(KERNEL.layerNormBackwardParameters, AXES.columns, true);
      backend.#share(KERNEL.layerNormBackward, AXES.rows);
    }],
    ["tokenShiftBackward", (backend) => {
      if (backend.#call.words[DMIX] !== 0) {
        backend.#share(KERNEL.tokenShiftBackwardMix, AXES.columns, true);
      }
      backend.#share(KERNEL.tokenShiftBackward, AXES.rows);
    }],
    ["wkv6Forward", (backend) => backend.#runAttention("wkv6Forward")],
    ["wkv7Forward", (backend) => backend.#runAttention("wkv7Forward")],
    ...(Object.keys(UPDATES) as (keyof typeof UPDATES)[]).map((op) =>
      [
        op,
        (backend: CpuBackend, options: AnySettings) =>
          backend.#update(op, options),
      ] as const
    ),
    ...(Object.keys(PACKED) as PackedOp[]).map((op) =>
      [op, (backend: CpuBackend) => backend.#linear(op)] as const
    ),
  ]);

  /** Has the threads share the call's job; `waits`: with the next one. */
  #share(kernel: number, axis: Axis, waits = false): void {
    const { words } = this.#call, items = this.#call.itemsOf(axis);
    if (waits) this.#pool.add(kernel, items, axis.grain, words);
    else this.#pool.run(kernel, items, axis.grain, words);
  }

  /** Chunks are summed by the threads, the sums of chunks here, in order. */
  #sum(kernel: number, scale: number): void {
    const { words } = this.#call;
    const out = words[0], x = words[1], length = words[2];
    const chunks = Math.ceil(length / SUM_CHUNK);
    const partials = this.#workOf(8 * chunks);
    this.#put(partials, x, length);
    this.#pool.run(kernel, chunks, 1, this.#words);
    let total = 0;
    for (let i = 0; i < chunks; i++) {
      total += this.#shared.f64[partials / 8 + i];
    }
    this.#shared.f32[out / 4] += scale * total;
  }

  #copyLastToken(): void {
    const { words, extents } = this.#call, { f32 } = this.#shared;
    const to = words[0] / 4, from = words[1] / 4;
    const batch = extents[EXTENT.batch], width = extents[EXTENT.width];
    const values = extents[EXTENT.time] * width;
    for (let b = 0; b < batch; b++) {
      const end = from + (b + 1) * values;
      f32.copyWithin(to + b * width, end - width, end);
    }
  }

  /** Without a state it begins with zeros, in memory that is nobody's. */
  #runAttention(op: keyof typeof STATE): void {
    const { words, extents } = this.#call, state = STATE[op];
    if (words[state] === 0) {
      const values = extents[EXTENT.batch] * extents[EXTENT.width] *
        extents[EXTENT.headSize];
      words[state] = this.#workOf(4 * values);
      this.#clear(words[state], values);
    }
    this.#share(KERNEL[op], AXES.sequenceHeads);
  }

  /**
   * An update, unless the gradients' norm is not finite: then they are cleared.
   * What they are multiplied by takes the place of their greatest norm.
   */
  #update(
    op: keyof typeof UPDATES,
    { clipNorm: most = Infinity }: AnySettings,
  ): void {
    const { words, floats, extents } = this.#call;
    const { squaredNorm, gradients, clipNorm } = UPDATES[op];
    const norm = Math.sqrt(this.#shared.f32[words[squaredNorm] / 4]);
    if (Number.isFinite(norm)) {
      if (clipNorm !== undefined) {
        floats[clipNorm] = norm > most ? most / norm : 1;
      }
      this.#share(KERNEL[op], AXES.values);
    } else if (gradients !== undefined) {
      this.#clear(words[gradients], extents[EXTENT.length]);
    }
  }

  #clear(address: number, values: number): void {
    this.#put(address, values, 0);
    this.#pool.run(KERNEL.fill, values, AXES.values.grain, this.#words);
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
    checkExtents("matmul", m, k, n);
    const { transposeA = false, transposeB = false } = options;
    const c = this.#at(out, m * n, "matmul", "out");
    const fromA = this.#at(a, m * k, "matmul", "a");
    const fromB = this.#at(b, k * n, "matmul", "b");
    const accumulate = Number(options.accumulate ?? false);
    if (m <= FEW_ROWS && !transposeA) {
      this.#put(c, fromA, fromB, m, k, n, accumulate);
      if (transposeB) this.#multiply(KERNEL.gemv, n, outputsOf(n));
      else this.#multiply(KERNEL.gemvTransposed, n, COLUMN_BLOCK);
      return;
    }
    const { tiles, rows, columns } = tilingOf(m, n);
    const transposed = [Number(transposeA), Number(transposeB)];
    this.#put(c, fromA, fromB, m, k, n, ...transposed);
    this.#words.set([accumulate, rows, columns, n, 0], 8);
    this.#multiply(KERNEL.matmul, tiles, 1);
  }

  #multiply(
    kernel: number,
    items: number,
    grain: number,
    words: Uint32Array = this.#words,
  ): void {
    if (this.#together > 0) this.#pool.add(kernel, items, grain, words);
    else this.#pool.run(kernel, items, grain, words);
  }

  /**
   * A product with packed weights: of few rows by its kernel, of many in tiles
   * whose weights are unpacked first.
   */
  #linear(op: PackedOp): void {
    const { words, extents } = this.#call;
    const m = extents[EXTENT.rows], k = extents[EXTENT.width];
    const n = extents[EXTENT.outputs];
    if (m <= FEW_ROWS) {
      const { grain } = AXES.outputs;
      return this.#multiply(KERNEL[op], n, grain, words);
    }
    const [y, x, ...parts] = words;
    const { tiles, rows, columns } = tilingOf(m, n, { packed: true });
    this.#put(y, x, 0, m, k, n, 0, 1, 0, rows, columns, n);
    this.#words[UNPACK] = PACKED[op];
    this.#words.set(parts.slice(0, PACKED_PARTS), UNPACK + 1);
    this.#multiply(KERNEL.matmul, tiles, 1);
  }

  /** The largest logit and the weights by kernels, the choice in TypeScript. */
  sample(
    ids: Indices,
    logits: Memory,
    keys: Indices,
    shape: RowShape & SamplingOptions & { readonly position: number },
  ): void {
    const { rows, width, position, ...options } = shape;
    checkExtents("sample", rows, width);
    const temperature = checkSampling(options, width);
    const to = this.#idsAt(ids, rows, "sample", "ids");
    const from = this.#at(logits, rows * width, "sample", "logits");
    const firstKey = this.#idsAt(keys, rows, "sample", "keys") / 4;
    this.#put(to, from, width);
    this.#pool.run(KERNEL.argmax, rows, 1, this.#words);
    if (temperature === 0) return;
    const work = this.#workOf(4 * rows * width);
    this.#put(work, from, to, width);
    this.#floats[4] = temperature;
    this.#pool.run(KERNEL.softmaxWeights, rows, 1, this.#words);
    const { f32, u32 } = this.#shared;
    for (let row = 0; row < rows; row++) {
      if (u32[to / 4 + row] === NO_TOKEN) continue;
      const valuesAt = (address: number) => {
        const start = address / 4 + row * width;
        return f32.subarray(start, start + width);
      };
      const [z, weights] = [valuesAt(from), valuesAt(work)];
      const uniform = uniformAt(u32[firstKey + row], position);
      u32[to / 4 + row] = choose(z, weights, options, uniform);
    }
  }

  #at(memory: Memory, needed: number, op: string, name: string): number {
    return this.#shared.addressOf(memory, needed, op, name);
  }

  #idsAt(ids: Indices, needed: number, op: string, name: string): number {
    return this.#shared.idsAt(ids, needed, op, name);
  }

  /** Memory for the time of one call. */
  #workOf(bytes: number): number {
    if (bytes > this.#work.bytes) {
      this.#work = { address: this.#shared.reserve(bytes), bytes };
    }
    return this.#work.address;
  }

  /** Writes the words of a job that is no op's. */
  #put(...values: number[]): void {
    for (let i = 0; i < values.length; i++) this.#words[i] = values[i];
  }
}

function describe({ blas }: BlasSearch): string {
  if (blas === undefined) return "SIMD kernels";
  const { library, core, owner } = blas;
  return library + (core === undefined ? "" : ` (${core})`) +
    (owner === undefined ? "" : ` of ${owner}`);
}
