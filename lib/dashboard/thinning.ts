/**
 * A long curve as few points that look the same.
 *
 * @module
 */

/** A curve: where, and how high. */
export interface Curve {
  /** Never falling. */
  readonly x: readonly number[];
  /** A value each. */
  readonly y: readonly number[];
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
 * lost, and the nearest point on either side of the picture.
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
 * const xs = [0, 1, 2, 3, 4, 5, 6, 7];
 * const ys = [5, 9, 5, 4, 3, 1, 2, NaN];
 * assertEquals(thinned(xs, ys, { columns: 2 }), { x: [1, 3, 4, 5], y: [9, 4, 3, 1] });
 * ```
 */
export function thinned(
  xs: ArrayLike<number>,
  ys: ArrayLike<number>,
  { columns, from = xs[0], to = xs[xs.length - 1] }: ThinningOptions,
): Curve {
  const x: number[] = [], y: number[] = [];
  const keep = (at: number) => {
    x.push(xs[at]);
    y.push(Number(ys[at].toPrecision(DIGITS)));
  };
  const scale = to > from ? columns / (to - from) : 0;
  let before: number | undefined;
  let column = -1, low = -1, high = -1;
  const endColumn = () => {
    if (column < 0) return;
    keep(Math.min(low, high));
    if (low !== high) keep(Math.max(low, high));
  };
  for (let at = 0; at < xs.length; at++) {
    if (!Number.isFinite(ys[at])) continue;
    if (xs[at] < from) {
      before = at;
      continue;
    }
    if (before !== undefined) keep(before);
    before = undefined;
    if (xs[at] > to) {
      endColumn();
      column = -1;
      keep(at);
      break;
    }
    const own = Math.min(columns - 1, Math.floor((xs[at] - from) * scale));
    if (own !== column) {
      endColumn();
      column = own;
      low = high = at;
    } else if (ys[at] < ys[low]) low = at;
    else if (ys[at] > ys[high]) high = at;
  }
  endColumn();
  if (before !== undefined) keep(before);
  return { x, y };
}
