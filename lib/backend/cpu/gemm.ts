/**
 * Matrix products in tiles of the output, and those of a few rows in blocks.
 *
 * Tiles and blocks follow from the shape alone and each is computed by one call
 * of one thread, so that the result has the same bits for any number of threads,
 * with the BLAS as with the SIMD kernel.
 *
 * @module
 */

import { type Blas, type Product, sgemm, sgemv } from "./blas_calls.ts";
import { KERNEL } from "./jobs.ts";
import type { KernelInstance } from "./kernels.ts";

/** Largest and smallest tile; below that, packing costs more than it gives. */
const MAX_ROWS = 256, MAX_COLUMNS = 1024, MIN_ROWS = 128, MIN_COLUMNS = 128;

/** Enough tiles to keep several threads evenly busy. */
const ENOUGH_TILES = 8;

/** Of n outputs of a matrix-vector product, how many are computed at once. */
export function outputsOf(n: number): number {
  return n < 8192 ? 32 : 128;
}

/**
 * Rows shorter than that are left to the SIMD kernel, which reads them one after
 * the other; a BLAS reads several at a time, which memory likes less when they
 * are short.
 */
const BLAS_ROW = 512;

/** Whether {@linkcode multiplyVectors} is for such a job. */
export function takesVectors({ blas }: Multiplier, job: Uint32Array): boolean {
  return blas !== undefined && job[4] >= BLAS_ROW;
}

/** Tile sizes are multiples of it: what kernels hold in registers. */
const STEP = 8;

/**
 * Most columns of a tile by packed weights, and terms of its sums that are added
 * up at once: so many weights, unpacked, stay in a core's own cache.
 */
const UNPACKED_COLUMNS = 256, UNPACKED_DEPTH = 512;

/** How an output is cut. */
export interface Tiling {
  /** Rows of a tile; the last may have fewer. */
  readonly rows: number;
  /** Columns of a tile; the last may have fewer. */
  readonly columns: number;
  /** Number of tiles. */
  readonly tiles: number;
}

/**
 * Cuts an (m, n) output.
 *
 * @param m Its rows, and `n` its columns.
 * @param options `packed`: whether the weights are unpacked tile by tile.
 *
 * @example
 * ```ts
 * import { tilingOf } from "./gemm.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(tilingOf(3, 5), { rows: 8, columns: 8, tiles: 1 });
 * ```
 */
export function tilingOf(
  m: number,
  n: number,
  { packed = false }: { readonly packed?: boolean } = {},
): Tiling {
  const most = packed ? UNPACKED_COLUMNS : MAX_COLUMNS;
  let down = Math.ceil(m / MAX_ROWS), across = Math.ceil(n / most);
  while (down * across < ENOUGH_TILES) {
    const rows = m / down, columns = n / across;
    if (
      columns >= 2 * MIN_COLUMNS && (columns >= rows || rows < 2 * MIN_ROWS)
    ) {
      across *= 2;
    } else if (rows >= 2 * MIN_ROWS) {
      down *= 2;
    } else {
      break;
    }
  }
  const rows = stepped(m / down), columns = stepped(n / across);
  const tiles = Math.ceil(m / rows) * Math.ceil(n / columns);
  return { rows, columns, tiles };
}

function stepped(size: number): number {
  return Math.ceil(size / STEP) * STEP;
}

/** Words that the SIMD kernel reads of a tile; as `GEMM` in jobs.ts. */
export const TILE_WORDS = 12;

/** What takes packed weights apart, and how many bytes of each part a value has. */
export const UNPACKING: ReadonlyMap<number, readonly number[]> = new Map([
  [KERNEL.unpackQ8, [1, 1 / 8]],
  [KERNEL.unpackQ5, [1 / 2, 1 / 8, 1 / 8, 1 / 8]],
  [KERNEL.unpackQ4, [1 / 2, 1 / 8]],
  [KERNEL.unpackF16, [2]],
  [KERNEL.unpackBF16, [2]],
]);

/** Where the words of a product have the kernel that unpacks b, or 0. */
export const UNPACK = 12;

/** Words that are kept for a kernel that unpacks. */
export const UNPACK_WORDS = 16;

/** What a thread multiplies with. */
export interface Multiplier
  extends Pick<KernelInstance, "gemm" | "clear" | "kernels"> {
  /** Address of this thread's scratch for `gemm`, used where there is no BLAS. */
  readonly scratch: number;
  /** The first {@linkcode TILE_WORDS} words of it. */
  readonly tile: Uint32Array;
  /** Address of its scratch for unpacked weights. */
  readonly packed: number;
  /** The first {@linkcode UNPACK_WORDS} words of it. */
  readonly unpacking: Uint32Array;
  /** The library used instead, if one was found. */
  readonly blas: Blas | undefined;
  /** Machine address of the shared memory, for the BLAS. */
  readonly base: number;
}

/**
 * Computes the tiles [start, end) of a product.
 *
 * @param job out, a, b (addresses), m, k, n, transposeA, transposeB,
 * accumulate (0 or 1), rows and columns of a tile, values from one row of out to
 * the next, and the kernel that unpacks b, or 0; then b's parts.
 */
export function multiplyTiles(
  multiplier: Multiplier,
  start: number,
  end: number,
  job: Uint32Array,
): void {
  const out = job[0], a = job[1], b = job[2];
  const m = job[3], k = job[4], n = job[5];
  const transposeA = job[6] !== 0, transposeB = job[7] !== 0;
  const accumulate = job[8] !== 0, rows = job[9], columns = job[10];
  const ldc = job[11];
  const lda = transposeA ? m : k, ldb = transposeB ? k : n;
  const down = Math.ceil(m / rows);
  for (let tile = start; tile < end; tile++) {
    // Down first: neighbours share their columns of b.
    const i = (tile % down) * rows, j = Math.floor(tile / down) * columns;
    const product: Product = {
      m: Math.min(rows, m - i),
      k,
      n: Math.min(columns, n - j),
      c: out + 4 * (i * ldc + j),
      a: a + 4 * (transposeA ? i : i * k),
      b: b + 4 * (transposeB ? j * k : j),
      ...{ ldc, lda, ldb, transposeA, transposeB, accumulate },
    };
    if (job[UNPACK] === 0) multiply(multiplier, product);
    else multiplyUnpacked(multiplier, product, j, job);
  }
}

/**
 * Computes a tile by packed weights: some of them are unpacked to where they
 * stay in cache, and multiplied by all rows of the tile.
 *
 * @param first The tile's first column.
 */
function multiplyUnpacked(
  multiplier: Multiplier,
  tile: Product,
  first: number,
  job: Uint32Array,
): void {
  const { kernels, packed, unpacking } = multiplier;
  const kernel = job[UNPACK], bytes = UNPACKING.get(kernel)!;
  const b = packed + 4 * UNPACK_WORDS;
  for (let p = 0; p < tile.k; p += UNPACKED_DEPTH) {
    const k = Math.min(UNPACKED_DEPTH, tile.k - p);
    const at = first * tile.k + p;
    unpacking[0] = b;
    for (let i = 0; i < bytes.length; i++) {
      unpacking[i + 1] = job[UNPACK + 1 + i] + bytes[i] * at;
    }
    unpacking[bytes.length + 1] = tile.k;
    unpacking[bytes.length + 2] = k;
    kernels[kernel](0, tile.n, packed);
    const a = tile.a + 4 * p, accumulate = p > 0;
    multiply(multiplier, { ...tile, k, a, b, ldb: k, accumulate });
  }
}

/** Computes a product with the BLAS or the SIMD kernel. */
function multiply(multiplier: Multiplier, product: Product): void {
  const { blas, base } = multiplier;
  if (blas !== undefined) sgemm(blas, base, product);
  else multiplyTile(multiplier, product);
}

/** Computes a product with the SIMD kernel. */
function multiplyTile(
  { gemm, scratch, tile }: Multiplier,
  product: Product,
): void {
  const { m, k, n, c, a, b, lda, ldb, ldc } = product;
  const { transposeA, transposeB } = product;
  const aSteps = transposeA ? [4, 4 * lda] : [4 * lda, 4];
  const bSteps = transposeB ? [4 * ldb, 4] : [4, 4 * ldb];
  const accumulate = Number(product.accumulate);
  tile.set([m, k, n, c, 4 * ldc, a, ...aSteps, b, ...bSteps, accumulate]);
  gemm(scratch);
}

/**
 * Computes the outputs [start, end) of each row of a product of few rows with a
 * transposed matrix, by the BLAS. A block of that matrix is read from memory
 * once, and from cache for the rows after the first.
 *
 * @param job out, a, b (addresses), m, k, n, accumulate (0 or 1).
 */
export function multiplyVectors(
  { clear, blas, base }: Multiplier,
  start: number,
  end: number,
  job: Uint32Array,
): void {
  const out = job[0], a = job[1], b = job[2];
  const m = job[3], k = job[4], n = job[5], accumulate = job[6] !== 0;
  const block = outputsOf(n);
  for (let j = start; j < end; j += block) {
    const count = Math.min(block, end - j);
    for (let i = 0; i < m; i++) {
      const c = out + 4 * (i * n + j), row = b + 4 * j * k, x = a + 4 * i * k;
      // Libraries differ in what 0 times a value that is no number gives.
      if (!accumulate) clear(c, 4 * count);
      sgemv(blas!, count, k, base + c, base + row, base + x);
    }
  }
}
