/**
 * Finding out how an adapter multiplies best: each candidate makes a few products
 * of the shapes that training is made of, and the quickest are kept. A matter of
 * seconds, done once for an adapter; the commands keep what was found in a file.
 *
 * @module
 */

import { toHex } from "../../base64.ts";
import type { MatmulOptions, Memory } from "../backend.ts";
import { kernelNamed } from "./kernels.ts";
import { PLAIN, type Tiling, type Tuning, UNTUNED } from "./matmul.ts";
import { moduleOf } from "./source.ts";
import type { WebGpuBackend } from "./webgpu_backend.ts";

/**
 * What is tried. None takes more than 256 threads or 16 KiB in a workgroup.
 *
 * A thread that makes 8x8 reads a quarter of a value for each multiplication and
 * needs some 100 registers, one that makes 4x4 half a value and 40; a greater
 * depth has fewer barriers, reading ahead more registers; 64 threads wait for
 * each other less than 256 do.
 */
export const CANDIDATES: readonly Tiling[] = [
  { tile: 128, depth: 16, side: 8, ahead: true },
  { tile: 128, depth: 16, side: 8, ahead: false },
  { tile: 128, depth: 8, side: 8, ahead: true },
  { tile: 64, depth: 16, side: 8, ahead: true },
  { tile: 64, depth: 16, side: 4, ahead: true },
  { tile: 64, depth: 32, side: 4, ahead: false },
  { tile: 32, depth: 16, side: 4, ahead: true },
];

/** Numbers of tiles below which k is cut into parts. */
const BUSY = [32, 64, 128, 256, 512];

/** Shortest time that is believed, in ms: waiting may take 11 by itself. */
const SHORTEST = 60;

/** How often the speed of products is measured; the median counts. */
const ROUNDS = 3;

/** Most products in a measurement. */
const MOST_PRODUCTS = 4096;

/** Side of the square products, on GPUs and on CPUs. */
const SIDE = 2048, SOFTWARE_SIDE = 256;

/** What {@linkcode tune} found out. */
export interface TuningReport {
  /** The choice. */
  readonly tuning: Tuning;
  /** Of square products, by `nameOf` each candidate: 10⁹ operations a second. */
  readonly speeds: Readonly<Record<string, number>>;
}

/** The three products of a linear layer: forward, to its input, its weight. */
const LAYER = [
  { transposeB: true },
  {},
  { transposeA: true, accumulate: true },
] as const;

/** Settings of {@linkcode tune}. */
export interface TuneOptions {
  /** What is tried beside products in registers alone. */
  readonly candidates?: readonly Tiling[];
  /** Side of the square products. */
  readonly side?: number;
  /** Ends the work between candidates; the tuning is then what was tried. */
  readonly signal?: AbortSignal;
  /** Told of each candidate's speed, as in the report. */
  readonly onProgress?: (name: string, speed: number) => void;
}

/**
 * Tries the candidates, and leaves the backend with the best.
 *
 * @param backend One of its own: what is reserved here stays reserved.
 * @param options By default all candidates, at a side that suits the adapter.
 */
export async function tune(
  backend: WebGpuBackend,
  options: TuneOptions = {},
): Promise<TuningReport> {
  const { candidates = CANDIDATES, side = sideFor(backend) } = options;
  const speeds: Record<string, number> = {};
  let large: Tiling | undefined;
  let fastest = 0;
  const square = new Product({ m: side, k: side, n: side }, backend);
  for (const tiling of [undefined, ...candidates]) {
    options.signal?.throwIfAborted();
    backend.tuning = { tilings: tiling ? [tiling] : [], busy: 1 };
    const speed = await speedOf(square, side);
    const name = nameOf(backend.tuning);
    speeds[name] = speed;
    options.onProgress?.(name, speed);
    if (speed <= fastest) continue;
    fastest = speed;
    large = tiling;
  }
  backend.tuning = PLAIN;
  if (large !== undefined) {
    const few = new Product({ m: side / 8, k: side, n: side / 8 }, backend);
    backend.tuning = await tuneForFew(backend, few, [
      large,
      ...candidates.filter(({ tile }) => tile < large.tile),
    ], options.signal);
  }
  return { tuning: backend.tuning, speeds };
}

/**
 * The tiling for products with few tiles of the large one, and how many are few:
 * by the gradient of a small model's weight, where sums are long.
 */
async function tuneForFew(
  backend: WebGpuBackend,
  product: Product,
  [large, ...smaller]: readonly Tiling[],
  signal?: AbortSignal,
): Promise<Tuning> {
  let best: Tuning = { tilings: [large], busy: UNTUNED.busy };
  let shortest = Infinity;
  for (const small of [undefined, ...smaller]) {
    const tilings = small ? [large, small] : [large];
    for (const busy of BUSY) {
      signal?.throwIfAborted();
      backend.tuning = { tilings, busy };
      const time = await product.measure(LAYER[2]);
      if (time >= shortest) continue;
      shortest = time;
      best = backend.tuning;
    }
  }
  return best;
}

/**
 * How fast a backend makes the products of training.
 *
 * @param backend One of its own: what is reserved here stays reserved.
 * @returns 10⁹ operations a second, a multiplication and an addition being two.
 */
export async function measureProducts(backend: WebGpuBackend): Promise<number> {
  const side = sideFor(backend);
  const square = new Product({ m: side, k: side, n: side }, backend);
  const speeds: number[] = [];
  // A driver may compile on first use, and clocks rise with the work.
  for (let round = 0; round < ROUNDS; round++) {
    speeds.push(await speedOf(square, side));
  }
  return speeds.sort((a, b) => a - b)[ROUNDS >> 1];
}

async function speedOf(square: Product, side: number): Promise<number> {
  let time = 0;
  for (const options of LAYER) time += await square.measure(options);
  return LAYER.length * 2 * side ** 3 / time / 1e6;
}

/** A tuning in a few words: "128x128x16 ahead, 64x64x16 by 4". */
export function nameOf({ tilings }: Tuning): string {
  if (tilings.length === 0) return "in registers alone";
  return tilings.map(({ tile, depth, side, ahead }) =>
    `${tile}x${tile}x${depth} by ${side}x${side}${ahead ? " ahead" : ""}`
  ).join(", ");
}

/** Different for kernels that may be of different speed. */
export async function kernelsVersion(): Promise<string> {
  const sources = ["matmulTiled", "matmulPlain", "matmulSum"]
    .map((name) => moduleOf(kernelNamed(name)));
  const bytes = new TextEncoder().encode(sources.join());
  const hash = await crypto.subtle.digest("SHA-256", bytes);
  return toHex(new Uint8Array(hash, 0, 8));
}

function sideFor({ device }: WebGpuBackend): number {
  return device.software ? SOFTWARE_SIDE : SIDE;
}

/** A product and its memories. */
class Product {
  readonly #backend: WebGpuBackend;
  readonly #shape: { m: number; k: number; n: number };
  readonly #memories: readonly Memory[];

  constructor(
    shape: { m: number; k: number; n: number },
    backend: WebGpuBackend,
  ) {
    const { m, k, n } = shape;
    this.#backend = backend;
    this.#shape = shape;
    this.#memories = [m * n, m * k, k * n].map((length) =>
      backend.alloc(length)
    );
  }

  /** Milliseconds of one of them. */
  async measure(options: MatmulOptions): Promise<number> {
    await this.#make(1, options); // compiles
    for (let count = 1;; count *= 4) {
      const time = await this.#make(count, options);
      if (time >= SHORTEST || count >= MOST_PRODUCTS) return time / count;
    }
  }

  async #make(count: number, options: MatmulOptions): Promise<number> {
    const backend = this.#backend;
    const [out, a, b] = this.#memories;
    const start = performance.now();
    for (let i = 0; i < count; i++) {
      backend.matmul(out, a, b, this.#shape, options);
    }
    await backend.read(backend.slice(out, 0, 1));
    return performance.now() - start;
  }
}
