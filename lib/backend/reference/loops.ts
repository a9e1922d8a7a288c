/**
 * What the loops of the reference backend have in common.
 *
 * @module
 */

import type { Indices, Memory } from "../backend.ts";
import type { MemoriesOf, OpName, SettingsOf } from "../ops.ts";

/** Numbers in either precision. */
export type Values = Float32Array | Float64Array;

/** What a call names, as plain arrays. */
type Plain<M> = {
  [F in keyof M]: M[F] extends readonly Memory[] ? readonly Values[]
    : [M[F]] extends [Indices] ? Plainest<M[F]>
    : Values | undefined;
};

/** Token ids are the indices that are not also memories. */
type Plainest<M> = Memory extends M ? Values : Uint32Array;

/** The plain meaning of some ops. */
export type Loops<O extends OpName> = {
  readonly [Name in O]: (
    memories: Plain<MemoriesOf<Name>>,
    settings: SettingsOf<Name>,
  ) => void;
};

/** 1 / (1 + e⁻ˣ). */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
