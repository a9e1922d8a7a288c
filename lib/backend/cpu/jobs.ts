/**
 * What a job says: the number of a kernel, and words that the kernel reads by
 * name. Both follow from the table of ops, and from a small table here for what
 * is no op. `tools/build_simd.ts` makes classes for the kernels of it.
 *
 * @module
 */

import { MOST_LISTED, type OpName, STATE_CHUNK } from "../ops.ts";
import { type OpPlan, PLANS } from "../plan.ts";
import { NO_TOKEN } from "../sampling.ts";

/** Most words that a job carries. */
export const JOB_WORDS = 32;

/** Values in a partial sum: the order of a sum follows from it alone. */
export const SUM_CHUNK = 16384;

/** Numbers that kernels know by name, too. */
export const KERNEL_CONSTANTS = {
  MOST_LISTED,
  NO_TOKEN,
  STATE_CHUNK,
  SUM_CHUNK,
} as const;

/** The kernels of ops that are not one kernel of the same name. */
const EXCEPTIONS = {
  sum: [],
  sumOfSquares: [],
  lastToken: [],
  layerNormBackward: ["layerNormBackward", "layerNormBackwardParameters"],
  tokenShiftBackward: ["tokenShiftBackward", "tokenShiftBackwardMix"],
} as const satisfies Partial<Record<OpName, readonly string[]>>;

/** The words of kernels that are no op's; addresses and extents but for an f32. */
const HELPERS = {
  argmax: ["ids", "logits", "width"],
  chunkSquares: ["partials", "x", "length"],
  chunkSums: ["partials", "x", "length"],
  gemv: ["out", "a", "b", "m", "k", "n", "accumulate"],
  gemvTransposed: ["out", "a", "b", "m", "k", "n", "accumulate"],
  unpackBF16: ["out", "halves", "width", "depth"],
  unpackF16: ["out", "halves", "width", "depth"],
  unpackQ4: ["out", "quants", "scales", "width", "depth"],
  unpackQ5: ["out", "quants", "fifths", "scales", "leasts", "width", "depth"],
  unpackQ8: ["out", "quants", "scales", "width", "depth"],
  softmaxWeights: ["weights", "logits", "best", "width", "temperature: f32"],
} as const;

/** What `gemm` reads; no kernel, as threads call it for each tile. */
const GEMM = [
  ...["m", "k", "n", "c", "cRow", "a", "aRow", "aDepth"],
  ...["b", "bColumn", "bDepth", "accumulate"],
];

type Special = typeof EXCEPTIONS;

/** A kernel in WebAssembly, or the tiled matrix product: see `gemm.ts`. */
export type Kernel =
  | Exclude<OpName, keyof Special>
  | Special[keyof Special][number]
  | keyof typeof HELPERS
  | "matmul";

/** The kernels of an op. */
function kernelsOf(op: OpName): readonly Kernel[] {
  const special: Partial<Record<OpName, readonly Kernel[]>> = EXCEPTIONS;
  return special[op] ?? [op as Kernel];
}

/** Every kernel in the order of the numbers by which jobs name them. */
export const KERNELS: readonly Kernel[] = [
  ...(Object.keys(PLANS) as OpName[]).flatMap(kernelsOf),
  ...(Object.keys(HELPERS) as Kernel[]),
  "matmul",
];

/** The number of each kernel. */
export const KERNEL = Object.fromEntries(
  KERNELS.map((kernel, number) => [kernel, number]),
) as Readonly<Record<Kernel, number>>;

/** A word of a job: `y: usize`. */
type Word = `${string}: ${"usize" | "u32" | "f32"}`;

/** Each kind of job by the name of its class, and its words in order. */
export const JOBS: Readonly<Record<string, readonly Word[]>> = Object
  .fromEntries([
    ...Object.values(PLANS).map((plan) => [plan.name, wordsOf(plan)] as const),
    ...Object.entries({ ...HELPERS, gemm: GEMM })
      .map(([name, words]) => [name, words.map(typed)] as const),
  ].map(([name, words]) => [name[0].toUpperCase() + name.slice(1), words]));

function wordsOf({ fields, extents, scalars }: OpPlan): Word[] {
  return [
    ...fields.flatMap(({ name, holds }) =>
      holds === "list"
        ? Array.from({ length: MOST_LISTED }, (_, i) => typed(`${name}${i}`))
        : [typed(name)]
    ),
    ...extents.map(typed),
    ...scalars.map(({ name, type }): Word => `${name}: ${type}`),
  ];
}

function typed(word: string): Word {
  return (word.includes(":") ? word : `${word}: usize`) as Word;
}

/** The place of an op's memory, or other number, among the words of its job. */
export function placeOf(op: OpName, name: string): number {
  return wordsOf(PLANS[op]).findIndex((word) => word.startsWith(`${name}:`));
}
