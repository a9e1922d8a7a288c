/**
 * What the loops of the reference backend have in common.
 *
 * @module
 */

import type { HeadRowShape, Memory, SequenceShape } from "../backend.ts";
import type { FieldsOf, MemoriesOf, OpName, SettingsOf } from "../ops.ts";

/** Numbers in either precision. */
export type Values = Float32Array | Float64Array;

/** What a call names, as plain arrays. */
type Plain<O extends OpName, M = MemoriesOf<O>> = {
  [F in keyof M]: M[F] extends readonly Memory[] ? readonly Values[]
    : F extends keyof FieldsOf<O> ? PlainOf<FieldsOf<O>[F]>
    : never;
};

/** Words are told from values by what the table says. */
type PlainOf<F> = F extends `${"#" | "!"}${string}` ? Uint32Array
  : F extends `?${string}` ? Values | undefined
  : Values;

/** The plain meaning of some ops. */
export type Loops<O extends OpName> = {
  readonly [Name in O]: (
    memories: Plain<Name>,
    settings: SettingsOf<Name>,
  ) => void;
};

/** 1 / (1 + e⁻ˣ). */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** The ε of the GroupNorm after the attentions with heads. */
const GROUP_NORM_EPSILON = 64e-5;

/**
 * Calls with each value's place and channel, the same channel of the token before
 * (at a sequence's first, of the state, or 0), and whether it is a first token's.
 */
export function eachValue(
  { batch, time, width }: SequenceShape,
  x: Values,
  state: Values | undefined,
  visit: (at: number, c: number, before: number, isFirst: boolean) => void,
): void {
  for (let at = 0; at < batch * time * width; at++) {
    const c = at % width, row = Math.floor(at / width);
    const isFirst = row % time === 0;
    const before = isFirst ? state?.[row / time * width + c] : x[at - width];
    visit(at, c, before ?? 0, isFirst);
  }
}

/** Calls with each row's and head's first channel, and its place in `input`. */
export function eachHead(
  { rows, width, headSize }: HeadRowShape,
  visit: (at: number, channel: number, input: number) => void,
): void {
  for (let row = 0; row < rows; row++) {
    for (let channel = 0; channel < width; channel += headSize) {
      const at = row * width + channel;
      visit(at, channel, 4 * at);
    }
  }
}

/** Mean and 1/√(variance + ε) of a head. */
export function headStats(x: Values): { mean: number; scale: number } {
  let mean = 0, variance = 0;
  for (const value of x) mean += value / x.length;
  for (const value of x) variance += (value - mean) ** 2 / x.length;
  return { mean, scale: 1 / Math.sqrt(variance + GROUP_NORM_EPSILON) };
}
