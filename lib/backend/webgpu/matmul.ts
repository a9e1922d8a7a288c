/**
 * Which kernel makes a matrix product, over which tiles and parts.
 *
 * All of it follows from the shape and the adapter alone, so that a product has
 * the same bits in every run.
 *
 * @module
 */

import type { Grid } from "./commands.ts";
import type { Specialization } from "./pipelines.ts";

/** A product as stored: strides are from one stored row to the next. */
export interface Product {
  /** Rows of out. */
  readonly m: number;
  /** Length of the sums. */
  readonly k: number;
  /** Columns of out. */
  readonly n: number;
  /** `a` is stored (k, m). */
  readonly transposeA: boolean;
  /** `b` is stored (n, k). */
  readonly transposeB: boolean;
  /** Add to out. */
  readonly accumulate: boolean;
  /** From one stored row of a to the next. */
  readonly aStride: number;
  /** From one stored row of b to the next. */
  readonly bStride: number;
  /** From one row of out to the next. */
  readonly outStride: number;
}

/** How `kernels/wgsl/matmul_tiled.wgsl` makes a tile of out. */
export interface Tiling {
  /** Rows and columns of it. */
  readonly tile: number;
  /** Values of k in workgroup memory at a time, a multiple of 4. */
  readonly depth: number;
  /** Rows and columns of it that a thread makes: 4 or 8. */
  readonly side: number;
}

/**
 * The tilings in use, the largest first: 128x128 by 256 threads of 8x8 has most
 * arithmetic for what it reads, 64x64 by 256 threads of 4x4 makes more tiles
 * where there would be few.
 */
export const TILINGS: readonly Tiling[] = [
  { tile: 128, depth: 16, side: 8 },
  { tile: 64, depth: 16, side: 4 },
];

/** With fewer tiles than this, a large GPU would have idle cores. */
const MANY_TILES = 128;

/** Sums shorter than twice this are not cut into parts. */
const SHORTEST_PART = 256;

/** Rows (or columns) of out per workgroup of `matmul_plain.wgsl`. */
const PLAIN_TILE = 32;

/** Shards start at multiples of it, as slices of memory do. */
const SHARD_STEP = 64;

/** How a product is made. */
export interface Plan {
  /** Tiles of columns, of rows, parts of k. */
  readonly grid: Grid;
  /** Length of a part of k. */
  readonly part: number;
  /** Values for the kernel's constants. */
  readonly specialization: Specialization;
}

/**
 * The tiles of a product, and the parts of k when the tiles are too few.
 *
 * @param tilings The largest first; the first with enough tiles is taken.
 */
export function planTiled(
  product: Product,
  tilings: readonly Tiling[] = TILINGS,
): Plan {
  const { m, k, n } = product;
  const tiling =
    tilings.find((tiling) => tilesOf(m, n, tiling) >= MANY_TILES) ??
      tilings[tilings.length - 1];
  const tiles = tilesOf(m, n, tiling);
  const wanted = Math.ceil(MANY_TILES / tiles);
  const parts = Math.max(1, Math.min(wanted, Math.floor(k / SHORTEST_PART)));
  const part = roundUp(Math.ceil(k / parts), tiling.depth);
  return {
    grid: [
      Math.ceil(n / tiling.tile),
      Math.ceil(m / tiling.tile),
      Math.ceil(k / part),
    ],
    part,
    specialization: specializationOf(product, tiling),
  };
}

/** A product by `matmul_plain.wgsl`; its one part is all of k. */
export function planPlain(product: Product): Plan {
  const { m, k, n } = product;
  return {
    grid: [Math.ceil(n / PLAIN_TILE), Math.ceil(m / PLAIN_TILE), 1],
    part: k,
    specialization: specializationOf(product),
  };
}

/** How many stored values a, b and out span. */
export function spansOf(
  product: Product,
): { a: number; b: number; out: number } {
  const { m, k, n, transposeA, transposeB } = product;
  const span = (rows: number, columns: number, stride: number) =>
    (rows - 1) * stride + columns;
  return {
    a: transposeA ? span(k, m, product.aStride) : span(m, k, product.aStride),
    b: transposeB ? span(n, k, product.bStride) : span(k, n, product.bStride),
    out: span(m, n, product.outStride),
  };
}

/** A part of a product, and where in a, b and out it starts. */
export interface Shard extends Product {
  /** First value of a. */
  readonly aStart: number;
  /** First value of b. */
  readonly bStart: number;
  /** First value of out. */
  readonly outStart: number;
}

/**
 * Halves a product until each part's memories can be bound.
 *
 * @param limit Most values of a binding.
 * @throws {RangeError} When even 64 rows are too large.
 *
 * @example
 * ```ts
 * import { shardsOf } from "./matmul.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const shards = shardsOf({
 *   m: 100, k: 64, n: 64,
 *   transposeA: false, transposeB: false, accumulate: false,
 *   aStride: 64, bStride: 64, outStride: 64,
 * }, 4096);
 * assertEquals(shards.map(({ m, outStart }) => [m, outStart]), [
 *   [64, 0],
 *   [36, 4096],
 * ]);
 * ```
 */
export function shardsOf(product: Product, limit: number): Shard[] {
  const whole = { ...product, aStart: 0, bStart: 0, outStart: 0 };
  return [...halves(whole, limit)];
}

function* halves(shard: Shard, limit: number): Generator<Shard> {
  const { m, k, n, transposeA, transposeB } = shard;
  const { aStride, bStride, outStride } = shard;
  const spans = spansOf(shard);
  const aFits = spans.a <= limit, bFits = spans.b <= limit;
  if (aFits && bFits && spans.out <= limit) {
    yield shard;
  } else if ((transposeA && !aFits) || (!transposeB && !bFits)) {
    const at = middleOf(k, limit);
    yield* halves({ ...shard, k: at }, limit);
    yield* halves({
      ...shard,
      k: k - at,
      aStart: shard.aStart + (transposeA ? at * aStride : at),
      bStart: shard.bStart + (transposeB ? at : at * bStride),
      accumulate: true,
    }, limit);
  } else if (!aFits || spans.out > limit) {
    const at = middleOf(m, limit);
    yield* halves({ ...shard, m: at }, limit);
    yield* halves({
      ...shard,
      m: m - at,
      aStart: shard.aStart + (transposeA ? at : at * aStride),
      outStart: shard.outStart + at * outStride,
    }, limit);
  } else {
    const at = middleOf(n, limit);
    yield* halves({ ...shard, n: at }, limit);
    yield* halves({
      ...shard,
      n: n - at,
      bStart: shard.bStart + (transposeB ? at * bStride : at),
      outStart: shard.outStart + at,
    }, limit);
  }
}

function middleOf(extent: number, limit: number): number {
  if (extent <= SHARD_STEP) {
    throw new RangeError(
      `Cannot compute: ${SHARD_STEP} rows of a matrix are more than the ` +
        `${limit} values that the adapter takes at once`,
    );
  }
  return roundUp(Math.ceil(extent / 2), SHARD_STEP);
}

function tilesOf(m: number, n: number, { tile }: Tiling): number {
  return Math.ceil(m / tile) * Math.ceil(n / tile);
}

function specializationOf(product: Product, tiling?: Tiling): Specialization {
  const { transposeA, transposeB } = product;
  const constants: Record<string, number | boolean> = {
    TRANSPOSE_A: transposeA,
    TRANSPOSE_B: transposeB,
    ALIGNED: isAligned(product),
  };
  if (tiling !== undefined) {
    constants.TILE = tiling.tile;
    constants.DEPTH = tiling.depth;
    constants.SIDE = tiling.side;
  }
  return { key: Object.values(constants).join(" "), constants };
}

/** Whether the stored rows of a and b are whole vectors of four values. */
function isAligned(
  { m, k, n, transposeA, transposeB, aStride, bStride }: Product,
): boolean {
  const extents = [transposeA ? m : k, transposeB ? k : n, aStride, bStride];
  return extents.every((extent) => extent % 4 === 0);
}

function roundUp(extent: number, step: number): number {
  return Math.ceil(extent / step) * step;
}
