/**
 * Weights to ggml's blocks of 32: the scale, and the least value where a block
 * has one, are those of the least squared error, each weight's error counting as
 * much as its input is large.
 *
 * Scales are rounded to f16 before the values are, so that what is read back is
 * what was fitted.
 *
 * @module
 */

import { BLOCK, byteLengthOf, ELEMENT_TYPES } from "../encoding/elements.ts";

/** What weights can be rounded to; see {@linkcode ELEMENT_TYPES}. */
export type QuantizedType = "Q8_0" | "Q5_1" | "Q4_0";

/** The largest finite 16-bit float. */
const MAX_F16 = 65_504;

/** How often scale and values are fitted to one another. */
const ROUNDS = 3;

/** Shares of the range that is first tried; a narrower one clips the ends. */
const SHARES = [1, 0.95, 0.9, 0.85, 0.8, 0.72, 1.06] as const;

/** One block on its way. */
interface Fit {
  readonly scale: number;
  readonly least: number;
  /** Σ importance · (x - what is read back)². */
  readonly error: number;
}

/**
 * Rounds a matrix.
 *
 * @param values Row after row; rows are whole blocks.
 * @param importance How much the error of each column counts; evenly unless
 * given.
 * @returns The blocks, as ggml has them.
 * @throws {RangeError} When a value is not finite or too large.
 *
 * @example
 * ```ts
 * import { ELEMENT_TYPES } from "../encoding/elements.ts";
 * import { quantized } from "./quantizing.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const values = Float32Array.from({ length: 32 }, (_, i) => i - 16);
 * const back = new Float32Array(32);
 * ELEMENT_TYPES.Q8_0.decode(quantized("Q8_0", values), back);
 * assertAlmostEquals(back[3], -13, 0.07);
 * ```
 */
export function quantized(
  type: QuantizedType,
  values: Float32Array,
  importance?: Float32Array,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(byteLengthOf(type, values.length));
  const view = new DataView(bytes.buffer);
  const size = ELEMENT_TYPES[type].bytes,
    even = new Float32Array(BLOCK).fill(1);
  const width = importance?.length ?? BLOCK;
  for (let from = 0, at = 0; from < values.length; from += BLOCK, at += size) {
    const block = values.subarray(from, from + BLOCK);
    const column = from % width;
    const weights = importance?.subarray(column, column + BLOCK) ?? even;
    WRITERS[type](view, at, block, weights);
  }
  return bytes;
}

const WRITERS: Readonly<
  Record<
    QuantizedType,
    (view: DataView, at: number, x: Float32Array, w: Float32Array) => void
  >
> = {
  Q8_0(view, at, x, w) {
    const { scale } = bestFit(x, w, { low: -127, high: 127, centred: true });
    view.setFloat16(at, scale, true);
    for (let i = 0; i < BLOCK; i++) {
      view.setInt8(at + 2 + i, quotient(x[i], scale, 0, -127, 127));
    }
  },

  Q4_0(view, at, x, w) {
    const { scale } = bestFit(x, w, { low: -8, high: 7, centred: true });
    view.setFloat16(at, scale, true);
    for (let i = 0; i < BLOCK / 2; i++) {
      const low = quotient(x[i], scale, 0, -8, 7) + 8;
      const high = quotient(x[i + BLOCK / 2], scale, 0, -8, 7) + 8;
      view.setUint8(at + 2 + i, low | high << 4);
    }
  },

  Q5_1(view, at, x, w) {
    const { scale, least } = bestFit(x, w, {
      low: 0,
      high: 31,
      centred: false,
    });
    view.setFloat16(at, scale, true);
    view.setFloat16(at + 2, least, true);
    let fifths = 0;
    for (let i = 0; i < BLOCK; i++) {
      fifths |= (quotient(x[i], scale, least, 0, 31) >>> 4) << i;
    }
    view.setUint32(at + 4, fifths >>> 0, true);
    for (let i = 0; i < BLOCK / 2; i++) {
      const low = quotient(x[i], scale, least, 0, 31) & 15;
      const high = quotient(x[i + BLOCK / 2], scale, least, 0, 31) & 15;
      view.setUint8(at + 8 + i, low | high << 4);
    }
  },
};

/** What a value becomes. */
function quotient(
  x: number,
  scale: number,
  least: number,
  low: number,
  high: number,
): number {
  if (scale === 0) return Math.max(low, 0);
  return Math.min(high, Math.max(low, Math.round((x - least) / scale)));
}

/** The whole numbers of a format, and whether they stand around 0. */
interface Range {
  readonly low: number;
  readonly high: number;
  readonly centred: boolean;
}

/** The best of the fits from several first scales. */
function bestFit(x: Float32Array, w: Float32Array, range: Range): Fit {
  let least = Infinity, most = -Infinity;
  for (let i = 0; i < x.length; i++) {
    least = Math.min(least, x[i]);
    most = Math.max(most, x[i]);
  }
  const reach = Math.max(most, -least);
  if (!(reach <= MAX_F16)) {
    throw new RangeError(
      `Cannot quantise: the value ${reach} is too large or no number`,
    );
  }
  // Where one end reaches farther (-8 to 7), the largest value may take it.
  const firsts = range.centred
    ? [
      ...SHARES.map((share) => [share * reach / range.high, 0]),
      ...(range.low === -range.high ? [] : SHARES.map((share) => [
        share * (-least > most ? -least : -most) / -range.low,
        0,
      ])),
    ]
    : SHARES.map((share) => {
      const middle = (least + most) / 2, half = share * (most - least) / 2;
      return [2 * half / range.high, middle - half];
    });
  let best: Fit | undefined;
  for (const [scale, from] of firsts) {
    const fit = refined(x, w, range, scale, from);
    if (best === undefined || fit.error < best.error) best = fit;
  }
  return best!;
}

/** Values for a scale, the scale for the values, and again. */
function refined(
  x: Float32Array,
  w: Float32Array,
  range: Range,
  first: number,
  from: number,
): Fit {
  let scale = asF16(first), least = asF16(from);
  let best: Fit = { scale, least, error: errorOf(x, w, range, scale, least) };
  for (let round = 0; round < ROUNDS; round++) {
    let n = 0, sumQ = 0, sumQQ = 0, sumX = 0, sumXQ = 0;
    for (let i = 0; i < x.length; i++) {
      const q = quotient(x[i], scale, least, range.low, range.high);
      n += w[i];
      sumQ += w[i] * q;
      sumQQ += w[i] * q * q;
      sumX += w[i] * x[i];
      sumXQ += w[i] * x[i] * q;
    }
    const spread = range.centred ? sumQQ : n * sumQQ - sumQ * sumQ;
    if (!(spread > 0)) break;
    const slope = range.centred
      ? sumXQ / sumQQ
      : (n * sumXQ - sumX * sumQ) / spread;
    scale = asF16(slope);
    least = range.centred ? 0 : asF16((sumX - scale * sumQ) / n);
    const error = errorOf(x, w, range, scale, least);
    if (!(error < best.error)) break;
    best = { scale, least, error };
  }
  return best;
}

function errorOf(
  x: Float32Array,
  w: Float32Array,
  { low, high }: Range,
  scale: number,
  least: number,
): number {
  let error = 0;
  for (let i = 0; i < x.length; i++) {
    const back = scale * quotient(x[i], scale, least, low, high) + least;
    error += w[i] * (x[i] - back) ** 2;
  }
  return error;
}

const half = new Float16Array(1);

function asF16(value: number): number {
  half[0] = Math.min(MAX_F16, Math.max(-MAX_F16, value));
  return half[0];
}
