/**
 * The ops of the table and the lines before their kernels (`source.ts`), read once
 * into what `op_calls.ts` goes by: numbers and memories by place, not by name.
 *
 * @module
 */

import type { Kind, OpName } from "../ops.ts";
import {
  EXTENT,
  type FieldPlan,
  newExtents,
  type OpPlan,
  PLANS,
  type Size,
} from "../plan.ts";
import type { Grid } from "./commands.ts";
import { kernelsOf, scratchNamed } from "./kernels.ts";
import type { WebGpuMemory } from "./memory.ts";
import { bindingsOf, type Kernel, parametersOf, PATTERNS } from "./source.ts";
import type { Specialization } from "./specialize.ts";

/** How many extents there are; kernels' other numbers stand after them. */
export const EXTENTS: number = newExtents().length;

/** Places of the numbers that follow from how a call is cut. */
export const NUMBER = {
  /** Places that a kernel has. */
  count: EXTENTS,
  /** The first value, row, sequence or row of a table of a piece. */
  start: EXTENTS + 1,
  /** Rows in a chunk of sums over rows. */
  chunk: EXTENTS + 2,
  /** The first of the op's own: its scalars, then a flag a memory. */
  own: EXTENTS + 3,
} as const;

/**
 * What is bound of a memory: the piece's own part, as much from its start (what it
 * holds is nobody's after the call), what the call needs of it, or all of it.
 */
export type Binding = "part" | "start" | "needed" | "all";

/** Sums of a kernel that are added to a memory. */
export interface Total {
  /** Place of the memory. */
  readonly slot: number;
  /** Of `columnSum`: the memory, and the partial sums. */
  readonly memories: WebGpuMemory[];
  /** Of `columnSum`. */
  readonly parameters: number[];
}

/** A kernel of an op. */
export interface Step {
  /** Which. */
  readonly kernel: Kernel;
  /** How many places it has. */
  readonly size: Size;
  /** Places of its memories. */
  readonly slots: readonly number[];
  /** Places of what it writes, when all that may be left out. */
  readonly optional?: readonly number[];
  /** Places of its parameters among the program's numbers. */
  readonly places: readonly number[];
  /** What becomes of its sums. */
  readonly totals: readonly Total[];
  /** What is bound now. */
  readonly memories: WebGpuMemory[];
  /** Its parameters now. */
  readonly parameters: number[];
  /** Places, workgroups and constants, for the piece's shape. */
  count: number;
  grid: Grid;
  specialization?: Specialization;
}

/** An op, and room for a call of it; what follows from a shape is kept. */
export interface Program {
  /** Its row. */
  readonly plan: OpPlan;
  /** Its kernels, in the order in which they are called. */
  readonly steps: readonly Step[];
  /** Place of the extent along which calls are cut. */
  readonly cut: number;
  /** What is bound of each memory. */
  readonly bindings: readonly Binding[];
  /** Sizes of memories for use within the op. */
  readonly scratch: readonly Size[];
  /** Most sums of a kernel, for which there are partial ones. */
  readonly sums: number;
  /** A list of memories that says how many calls it is; absent for one. */
  readonly list?: string;
  /** Place of the links of its ids, if it needs them. */
  readonly links?: number;

  /** Extents, the numbers of {@linkcode NUMBER}, then the op's own. */
  readonly numbers: Float64Array;
  /** The memories of the call. */
  readonly whole: (WebGpuMemory | undefined)[];
  /** What is bound: memories, then scratch, then partial sums, then links. */
  readonly bound: WebGpuMemory[];
  /** The extents for which the rest was made. */
  readonly shape: Float64Array;
  /** How many values each memory holds. */
  readonly lengths: Float64Array;
  /** As [start, count] along the extent that is cut. */
  pieces: readonly (readonly [start: number, count: number])[];
  /** The count for which the steps were made ready; 0 when for none. */
  ready: number;
  /** How many values each scratch has, then the partial sums. */
  readonly reserves: number[];
  /** What they are parts of. */
  reserved?: WebGpuMemory;
}

/** Along which extent the calls of an op without a table are cut. */
const CUTS: Readonly<Record<Kind, number>> = {
  values: EXTENT.length,
  rows: EXTENT.rows,
  headRows: EXTENT.rows,
  sequences: EXTENT.batch,
  heads: EXTENT.batch,
  products: EXTENT.rows,
};

/** A token lerp is a call a mix of a token shift, whose mix is the other weight. */
const LERPS: Readonly<Partial<Record<OpName, OpName>>> = {
  tokenLerpForward: "tokenShiftForward",
  tokenLerpBackward: "tokenShiftBackward",
};

/** What the kernels of a token shift call one of a token lerp's memories. */
const ONE_OF: Readonly<Record<string, string>> = {
  ys: "y",
  mixes: "mix",
  dys: "dy",
  dMixes: "dMix",
};

/**
 * Reads an op and its kernels.
 *
 * @throws {TypeError} When a kernel names what the op does not have.
 *
 * @example
 * ```ts
 * import { programOf } from "./programs.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { steps } = programOf("layerNormBackward");
 * assertEquals(steps.map(({ kernel }) => kernel.name), [
 *   "layerNormBackward",
 *   "layerNormBackwardParameters",
 * ]);
 * ```
 */
export function programOf(op: OpName): Program {
  const shift = LERPS[op], plan = PLANS[op];
  const { fields, scalars } = plan;
  const cut = plan.table === undefined ? CUTS[plan.kind] : EXTENT.vocabulary;
  const kernels = kernelsOf(shift ?? op);
  const names = fields.map(({ name }) => ONE_OF[name] ?? name);
  const scratch = [...new Set(kernels.flatMap(bindingsOf))].filter((name) =>
    scratchNamed(name) !== undefined && !names.includes(name)
  );
  const slotOf = placesIn(op, [...names, ...scratch, "partials", "next"]);
  // A scalar comes before a flag of the same name.
  const numbers = [
    ...[...Object.keys(EXTENT), "count", "start", "chunk"],
    ...scalars.map(({ name }) => name),
    ...names.map((name) => `has${name[0].toUpperCase()}${name.slice(1)}`),
    "ofPrevious",
  ];
  const numberOf = placesIn(op, numbers);
  const values = new Float64Array(numbers.length);
  values[numberOf("ofPrevious")] = Number(shift !== undefined);
  const sizes = [...fields.map(({ size }) => size), ...scratch.map(sizeNamed)];
  const steps = kernels.map((kernel): Step => {
    const slots = bindingsOf(kernel).map((name) =>
      slotOf(name.replace("#", ""))
    );
    const totals = kernel.sums.map(slotOf);
    const written = [...kernel.writes.map(slotOf), ...totals];
    return {
      kernel,
      size: PATTERNS[kernel.pattern].count ?? sizes[slots[0]],
      slots,
      optional: written.every((slot) => fields[slot]?.optional)
        ? written
        : undefined,
      places: parametersOf(kernel).map(numberOf),
      totals: totals.map((slot) => ({ slot, memories: [], parameters: [] })),
      memories: [],
      parameters: [],
      count: 0,
      grid: [0, 0, 0],
    };
  });
  const links = slotOf("next");
  return {
    plan,
    steps,
    cut,
    bindings: fields.map((field) => bindingOf(field, cut)),
    scratch: scratch.map(sizeNamed),
    sums: Math.max(...kernels.map(({ sums }) => sums.length)),
    list: fields.find(({ holds }) => holds === "list")?.name,
    links: steps.some(({ slots }) => slots.includes(links)) ? links : undefined,
    numbers: values,
    whole: [],
    bound: [],
    shape: new Float64Array(EXTENTS),
    lengths: new Float64Array(fields.length),
    pieces: [],
    ready: 0,
    reserves: [],
  };
}

function placesIn(
  op: string,
  names: readonly string[],
): (name: string) => number {
  return (name) => {
    const place = names.indexOf(name);
    if (place < 0) throw new TypeError(`Cannot compute ${op}: no ${name}`);
    return place;
  };
}

function sizeNamed(scratch: string): Size {
  return scratchNamed(scratch)!;
}

function bindingOf({ name, holds, size }: FieldPlan, cut: number): Binding {
  if (holds === "ids") return "all";
  if (!size.some(({ extents }) => extents.includes(cut))) return "needed";
  return name === "scratch" ? "start" : "part";
}
