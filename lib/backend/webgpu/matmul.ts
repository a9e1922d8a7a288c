/**
 * Which kernel makes a matrix product, over which tiles and parts.
 *
 * All of it follows from the shape and the tuning alone, so that a product has
 * the same bits in every run with that tuning; `tuning.ts` finds one out for an
 * adapter.
 *
 * @module
 */

import type { Grid } from "./commands.ts";
import type { Specialization } from "./specialize.ts";

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
  /** Rows and columns of it: 8 or 16 times side. */
  readonly tile: number;
  /** Values of k in workgroup memory at a time, a multiple of 4. */
  readonly depth: number;
  /** Rows and columns of it that a thread makes: 4 or 8. */
  readonly side: number;
  /** Whether memory is read for the next depth while this one is multiplied. */
  readonly ahead: boolean;
}

/** How an adapter multiplies best. */
export interface Tuning {
  /**
   * The largest first; the first with enough tiles is taken, or the last. With
   * none, products are made in registers alone (`matmul_plain.wgsl`).
   */
  readonly tilings: readonly Tiling[];
  /** With fewer tiles than this the adapter would have idle cores. */
  readonly busy: number;
}

/** For adapters that are CPUs, to whom workgroup memory is memory. */
export const PLAIN: Tuning = { tilings: [], busy: 1 };

/**
 * For a GPU that was not tuned for: 128x128 by 256 threads of 8x8 has most
 * arithmetic for what it reads, 64x64 by 256 threads of 4x4 makes more tiles
 * where there would be few.
 */
export const UNTUNED: Tuning = {
  tilings: [
    { tile: 128, depth: 16, side: 8, ahead: true },
    { tile: 64, depth: 16, side: 4, ahead: true },
  ],
  busy: 128,
};

/** Sums shorter than twice this are not cut into parts. */
const SHORTEST_PART = 256;

/** Rows (or columns) of out per workgroup of `matmul_plain.wgsl`. */
const PLAIN_TILE = 32;

/** Shards start at multiples of it, as slices of memory do. */
const SHARD_STEP = 64;

/** How a product is made. */
export interface Plan {
  /** The kernel. */
  readonly kernel: "matmulTiled" | "matmulPlain";
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
 * @example
 * ```ts
 * import { planOf, UNTUNED } from "./matmul.ts";
 * import { assertEquals } from "@std/assert";
 *
 * // A weight's gradient: few tiles, and many tokens to add up.
 * const { grid } = planOf({
 *   m: 256, k: 4096, n: 256,
 *   transposeA: true, transposeB: false, accumulate: true,
 *   aStride: 256, bStride: 256, outStride: 256,
 * }, UNTUNED);
 * assertEquals(grid, [4, 4, 8]);
 * ```
 */
export function planOf(product: Product, { tilings, busy }: Tuning): Plan {
  const { m, k, n } = product;
  if (tilings.length === 0) return planPlain(product);
  const tiling = tilings.find((tiling) => tilesOf(m, n, tiling) >= busy) ??
    tilings[tilings.length - 1];
  const { tile, depth, side, ahead } = tiling;
  const wanted = Math.ceil(busy / tilesOf(m, n, tiling));
  const parts = Math.max(1, Math.min(wanted, Math.floor(k / SHORTEST_PART)));
  const part = roundUp(Math.ceil(k / parts), depth);
  const threads = (tile / side) ** 2;
  const blocks = 2 * (tile / 4) * (depth / 4);
  return {
    kernel: "matmulTiled",
    grid: [Math.ceil(n / tile), Math.ceil(m / tile), Math.ceil(k / part)],
    part,
    specialization: specializationOf(product, [tile, depth], {
      TILE: tile,
      DEPTH: depth,
      SIDE: side,
      HALVES: side / 4,
      LOADS: Math.ceil(blocks / threads),
      AHEAD: ahead,
    }),
  };
}

/** A product by `matmul_plain.wgsl`; its one part is all of k. */
function planPlain(product: Product): Plan {
  const { m, k, n } = product;
  return {
    kernel: "matmulPlain",
    grid: [Math.ceil(n / PLAIN_TILE), Math.ceil(m / PLAIN_TILE), 1],
    part: k,
    specialization: specializationOf(product, [4, 4]),
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
  const { transposeA, transposeB, aStride, bStride, outStride } = shard;
  const spans = spansOf(shard);
  const aFits = spans.a <= limit, bFits = spans.b <= limit;
  if (aFits && bFits && spans.out <= limit) return yield shard;
  const alongK = (transposeA && !aFits) || (!transposeB && !bFits);
  const extent = alongK ? "k" : !aFits || spans.out > limit ? "m" : "n";
  const at = middleOf(shard[extent], limit);
  yield* halves({ ...shard, [extent]: at }, limit);
  const aStep = transposeA === alongK ? aStride : 1;
  const bStep = transposeB === alongK ? 1 : bStride;
  const outStep = extent === "m" ? outStride : 1;
  yield* halves({
    ...shard,
    [extent]: shard[extent] - at,
    aStart: shard.aStart + (extent === "n" ? 0 : at * aStep),
    bStart: shard.bStart + (extent === "m" ? 0 : at * bStep),
    outStart: shard.outStart + (alongK ? 0 : at * outStep),
    accumulate: shard.accumulate || alongK,
  }, limit);
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

/**
 * @param whole What m and n, and what k must be multiples of for a product
 * without edges.
 */
function specializationOf(
  product: Product,
  [tile, depth]: readonly [number, number],
  more: Specialization["constants"] = {},
): Specialization {
  const { m, k, n, transposeA, transposeB, outStride } = product;
  const aligned = isAligned(product);
  const constants = {
    TRANSPOSE_A: transposeA,
    TRANSPOSE_B: transposeB,
    ALIGNED: aligned,
    EVEN: aligned && m % tile === 0 && n % tile === 0 && k % depth === 0,
    FOURS: n % 4 === 0 && outStride % 4 === 0,
    ...more,
  };
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
