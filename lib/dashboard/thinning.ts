/**
 * A long curve as few points that look the same.
 *
 * @module
 */

/** A curve: where, how high, and how high on the whole. */
export interface Curve {
  /** Never falling. */
  readonly x: readonly number[];
  /** A value each. */
  readonly y: readonly number[];
  /** The mean of all values that a point stands for. */
  readonly mean: readonly number[];
}

/** What is taken of a curve. */
export interface ThinningOptions {
  /** Columns of the picture; at most two points come of each. */
  readonly columns: number;
  /** Where the picture begins; with the curve unless given. */
  readonly from?: number;
  /** Where it ends; with the curve unless given. */
  readonly to?: number;
}

/** Digits that a picture can show. */
const DIGITS = 6;

/**
 * Keeps the lowest and the highest point of each column, so that no spike is
 * lost, and the nearest point on either side of the picture. Columns are those
 * of all curves of about the length: their points stand at the same places, so
 * that many curves in one picture are not many times as many places. Where a
 * column has no more than two points they are left as they are.
 *
 * @param xs Where; never falling.
 * @param ys How high; what is not finite is no point.
 * @param options What is to be seen of it.
 * @returns The points, in order.
 *
 * @example
 * ```ts
 * import { thinned } from "./thinning.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const xs = [0, 1, 2, 3, 4, 5, 6, 7, 8];
 * const ys = [5, 9, 5, 5, 3, 1, 2, NaN, 0];
 * assertEquals(thinned(xs, ys, { columns: 2 }), {
 *   x: [0, 2, 4, 6, 8],
 *   y: [5, 9, 3, 1, 0],
 *   mean: [6, 6, 2, 2, 0],
 * });
 * ```
 */
export function thinned(
  xs: ArrayLike<number>,
  ys: ArrayLike<number>,
  { columns, from = xs[0], to = xs[xs.length - 1] }: ThinningOptions,
): Curve {
  const curve = new GrowingCurve();
  // A power of two, so that the columns of longer curves fall together too.
  const width = 2 ** Math.ceil(Math.log2(Math.max(to - from, 1e-9) / columns));
  let before: number | undefined;
  const column: Column = {
    at: NaN,
    first: 0,
    last: 0,
    low: 0,
    high: 0,
    sum: 0,
    count: 0,
  };
  const endColumn = () => {
    curve.addColumn(xs, ys, column, width);
    column.count = 0;
  };
  for (let at = 0; at < xs.length; at++) {
    const x = xs[at], y = ys[at];
    if (!Number.isFinite(y)) continue;
    if (x < from) {
      before = at;
      continue;
    }
    if (before !== undefined) curve.add(xs[before], ys[before]);
    before = undefined;
    if (x > to) {
      endColumn();
      curve.add(x, y);
      break;
    }
    const own = Math.floor(x / width);
    if (own !== column.at || column.count === 0) {
      endColumn();
      column.at = own;
      column.first = column.low = column.high = at;
      column.sum = 0;
    } else if (y < ys[column.low]) column.low = at;
    else if (y > ys[column.high]) column.high = at;
    column.last = at;
    column.sum += y;
    column.count++;
  }
  endColumn();
  if (before !== undefined) curve.add(xs[before], ys[before]);
  return { ...curve };
}

/** Points that fall together; their places in the whole curve. */
interface Column {
  at: number;
  first: number;
  last: number;
  low: number;
  high: number;
  sum: number;
  count: number;
}

/** A curve that is being made. */
class GrowingCurve implements Curve {
  readonly x: number[] = [];
  readonly y: number[] = [];
  readonly mean: number[] = [];

  add(x: number, y: number, mean: number = y): void {
    this.x.push(x);
    this.y.push(Number(y.toPrecision(DIGITS)));
    this.mean.push(Number(mean.toPrecision(DIGITS)));
  }

  addColumn(
    xs: ArrayLike<number>,
    ys: ArrayLike<number>,
    { at, first, last, low, high, sum, count }: Column,
    width: number,
  ): void {
    if (count === 0) return;
    if (count <= 2) {
      this.add(xs[first], ys[first]);
      if (count === 2) this.add(xs[last], ys[last]);
      return;
    }
    const mean = sum / count;
    this.add(at * width, ys[Math.min(low, high)], mean);
    this.add((at + 0.5) * width, ys[Math.max(low, high)], mean);
  }
}
