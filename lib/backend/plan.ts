/**
 * The rows of the op table read once: what a backend needs to check a call and
 * to hand it to a kernel.
 *
 * @module
 */

import type {
  AdamWOptions,
  Dropout,
  Indices,
  Memory,
  MuonDirectionOptions,
  MuonUpdateOptions,
  PolynomialOptions,
} from "./backend.ts";
import {
  type CrossEntropyOptions,
  GROUP,
  type Kind,
  type Op,
  type OpName,
  type Settings,
  type Slices,
  STATE_CHUNK,
  TABLE,
} from "./ops.ts";

/** The letters of sizes; an extent is known by its place here. */
const LETTERS = "LRBTWNHCVOG";

/** Places of extents in the array that {@linkcode extentsOf} fills. */
export const EXTENT = {
  /** Values of an op without a shape. */
  length: 0,
  /** Rows; batch · time where there are sequences. */
  rows: 1,
  /** Sequences. */
  batch: 2,
  /** Tokens of a sequence. */
  time: 3,
  /** Channels of a token. */
  width: 4,
  /** Channels of a head. */
  headSize: 5,
  /** Heads of a token. */
  heads: 6,
  /** Chunks of time that keep a state. */
  chunks: 7,
  /** Rows of a table. */
  vocabulary: 8,
  /** Values of a row that a product puts out. */
  outputs: 9,
  /** Groups of a row of packed weights. */
  groups: 10,
} as const;

/** The name of an extent. */
export type Extent = keyof typeof EXTENT;

/** A size as a sum of products of extents. */
export type Size = readonly {
  /** What the product is multiplied by. */
  readonly factor: number;
  /** Places of the extents. */
  readonly extents: readonly number[];
}[];

/** One memory of an op. */
export interface FieldPlan {
  /** Its name in a call. */
  readonly name: string;
  /** What the op does with it. */
  readonly access: "read" | "write" | "add" | "update";
  /** Whether a call may leave it out. */
  readonly optional: boolean;
  /** A memory, a list of memories, token ids, or other words. */
  readonly holds: "values" | "list" | "ids" | "words";
  /** How many values it holds; of a list, each. */
  readonly size: Size;
  /** The place of the extent that ids are below. */
  readonly below?: number;
}

/** A number that kernels get besides extents. */
export interface Scalar {
  /** Its name in kernels. */
  readonly name: string;
  /** How it is stored. */
  readonly type: "u32" | "f32";
}

/** One op. */
export interface OpPlan {
  /** Its name. */
  readonly name: OpName;
  /** The equation, for people. */
  readonly does: string;
  /** Which extents it has. */
  readonly kind: Kind;
  /** Which axis threads share. */
  readonly slices: Slices;
  /** Its memories, outputs first. */
  readonly fields: readonly FieldPlan[];
  /** Extents that kernels get, in order. */
  readonly extents: readonly Extent[];
  /** Other numbers that kernels get, in order. */
  readonly scalars: readonly Scalar[];
  /** Their values. */
  readonly scalarsOf?: (settings: never) => readonly number[];
  /** The memory that says how long an op without a shape is. */
  readonly measure?: string;
  /** The memory that is a table. */
  readonly table?: string;
}

/** Memories of a call, whichever op it is. */
export type AnyMemories = Readonly<
  Record<string, Memory | readonly Memory[] | Indices | undefined>
>;

/** Extents and other numbers of a call, whichever op it is. */
export type AnySettings = Readonly<Record<string, number | undefined>>;

/** The largest float: no gradient's norm is above it. */
const LARGEST = 3.4028234663852886e38;

/** How kernels get the numbers that ops take besides extents. */
const SCALARS: {
  readonly [S in keyof Settings]: {
    readonly types: Readonly<Record<string, "u32" | "f32">>;
    readonly of: (settings: Settings[S]) => readonly number[];
  };
} = {
  fill: { types: { value: "f32" }, of: ({ value }) => [value] },
  head: { types: { head: "u32" }, of: ({ head }) => [head] },
  softCap: { types: { cap: "f32" }, of: ({ cap }) => [cap] },
  sum: { types: { scale: "f32" }, of: ({ scale }) => [scale] },
  dropout: {
    // A value is dropped where 24 bits of its hash are below the threshold.
    types: { key: "u32", threshold: "u32", scale: "f32" },
    of: ({ rate, key }: Dropout) => {
      if (!(rate >= 0 && rate < 1)) {
        throw new RangeError(`Cannot drop a share of ${rate}: not in [0, 1)`);
      }
      return [key, Math.ceil(rate * 2 ** 24), 1 / (1 - rate)];
    },
  },
  crossEntropy: {
    types: { firstTarget: "u32", hasGradient: "u32", gradientScale: "f32" },
    of: ({ firstTarget, gradientScale }: CrossEntropyOptions) => [
      firstTarget,
      Number(gradientScale !== undefined),
      gradientScale ?? 0,
    ],
  },
  adamW: {
    types: {
      clipNorm: "f32",
      beta1: "f32",
      rest1: "f32", // 1 - β₁
      beta2: "f32",
      rest2: "f32", // 1 - β₂
      rate: "f32", // η / (1 - β₁ᵗ)
      correction: "f32", // 1 / (1 - β₂ᵗ)
      epsilon: "f32",
      shrink: "f32", // η · λ
      cautious: "u32",
    },
    of: (options: AdamWOptions) => {
      const { learningRate, beta1, beta2, step, clipNorm = LARGEST } = options;
      return [
        Math.min(clipNorm, LARGEST),
        beta1,
        1 - beta1,
        beta2,
        1 - beta2,
        learningRate / (1 - beta1 ** step),
        1 / (1 - beta2 ** step),
        options.epsilon,
        learningRate * options.weightDecay,
        Number(options.cautious ?? false),
      ];
    },
  },
  muonDirection: {
    types: { clipNorm: "f32", keep: "f32", take: "f32" },
    of: ({ momentum, clipNorm = LARGEST }: MuonDirectionOptions) => [
      Math.min(clipNorm, LARGEST),
      momentum,
      1 - momentum,
    ],
  },
  divideByNorm: {
    types: { margin: "f32", epsilon: "f32" },
    of: ({ margin, epsilon }) => [margin, epsilon],
  },
  matrixPolynomial: {
    types: { constant: "f32", linear: "f32", quadratic: "f32" },
    of: ({ constant, linear, quadratic }: PolynomialOptions) => [
      constant,
      linear,
      quadratic,
    ],
  },
  muonUpdate: {
    types: { rate: "f32", shrink: "f32", cautious: "u32" },
    of: (options: MuonUpdateOptions) => [
      options.learningRate * options.scale,
      options.learningRate * options.weightDecay,
      Number(options.cautious ?? false),
    ],
  },
  movingAverage: {
    types: { take: "f32" },
    of: ({ decay }) => [1 - decay],
  },
};

/** What kernels get of the extents, by the kind of op. */
const EXTENTS: Readonly<Record<Kind, readonly Extent[]>> = {
  values: ["length"],
  rows: ["rows", "width"],
  headRows: ["rows", "width", "headSize"],
  sequences: ["batch", "time", "width"],
  heads: ["batch", "time", "width", "headSize"],
  products: ["rows", "width", "outputs"],
};

/** Which axis threads share, unless an op's row says otherwise. */
const USUAL_SLICES: Readonly<Record<Kind, Slices>> = {
  values: "values",
  rows: "rows",
  headRows: "rows",
  sequences: "rows",
  heads: "sequenceHeads",
  products: "outputs",
};

/** What stands before a size, by what an op does with the memory. */
const ACCESS = { "=": "write", "+": "add", "~": "update" } as const;

/** What stands before a size, by what a memory holds. */
const HOLDS = { "[": "list", "#": "ids", "!": "words" } as const;

/** Every op by name. */
export const PLANS: Readonly<Record<OpName, OpPlan>> = Object.fromEntries(
  (Object.keys(TABLE) as OpName[]).map((name) => [name, planOf(name)]),
) as Record<OpName, OpPlan>;

function planOf(name: OpName): OpPlan {
  const { does, kind, slices, memories, settings }: Op = TABLE[name];
  const scalars = settings === undefined ? undefined : SCALARS[settings];
  const named = (size: string) =>
    Object.keys(memories).find((key) => memories[key].endsWith(size));
  return {
    name,
    does,
    kind,
    slices: slices ?? USUAL_SLICES[kind],
    fields: Object.entries(memories).map(([key, text]) => fieldOf(key, text)),
    extents: EXTENTS[kind],
    scalars: Object.entries(scalars?.types ?? {})
      .map(([name, type]) => ({ name, type })),
    scalarsOf: scalars?.of as OpPlan["scalarsOf"],
    measure: kind === "values" ? named("L") : undefined,
    table: named("VW"),
  };
}

function fieldOf(name: string, text: string): FieldPlan {
  const parts = /^(\?)?([[#!])?([=+~])?([\dA-Z+]+)(?:<([A-Z]))?\]?$/.exec(text);
  if (parts === null) {
    throw new SyntaxError(`Cannot read the memory ${name}: "${text}"`);
  }
  const [, optional, bracket, sign, size, below] = parts;
  return {
    name,
    access: sign === undefined ? "read" : ACCESS[sign as keyof typeof ACCESS],
    optional: optional !== undefined,
    holds: HOLDS[bracket as keyof typeof HOLDS] ?? "values",
    size: parseSize(size),
    ...(below === undefined ? {} : { below: placeOf(below) }),
  };
}

/**
 * Reads a size such as `4BTW` or `17BWN+17BW`.
 *
 * @throws {SyntaxError} When a letter stands for no extent.
 */
export function parseSize(text: string): Size {
  return text.split("+").map((product) => {
    const [, digits, letters] = /^(\d*)([A-Z]*)$/.exec(product)!;
    return {
      factor: digits === "" ? 1 : Number(digits),
      extents: [...letters].map(placeOf),
    };
  });
}

function placeOf(letter: string): number {
  const place = LETTERS.indexOf(letter);
  if (place < 0) throw new SyntaxError(`Cannot read the extent ${letter}`);
  return place;
}

/**
 * How many values a size is.
 *
 * @example
 * ```ts
 * import { EXTENT, newExtents, parseSize, valuesOf } from "./plan.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const extents = newExtents();
 * extents[EXTENT.rows] = 3;
 * extents[EXTENT.width] = 5;
 * assertEquals(valuesOf(parseSize("2RW+W"), extents), 35);
 * ```
 */
export function valuesOf(size: Size, extents: Float64Array): number {
  let total = 0;
  for (let i = 0; i < size.length; i++) {
    const { factor, extents: places } = size[i];
    let product = factor;
    for (let j = 0; j < places.length; j++) product *= extents[places[j]];
    total += product;
  }
  return total;
}

/** Room for the extents of a call, by {@linkcode EXTENT}. */
export function newExtents(): Float64Array {
  return new Float64Array(LETTERS.length);
}

/**
 * The extents of a call.
 *
 * @param plan Which op.
 * @param memories Its memories; their lengths say what no setting does.
 * @param settings Its shape.
 * @param extents Where they go.
 * @throws {RangeError} When one is no whole number from 1, heads do not fill the
 * channels, or there is no such head.
 */
export function extentsOf(
  plan: OpPlan,
  memories: AnyMemories,
  settings: AnySettings,
  extents: Float64Array,
): void {
  const { kind } = plan;
  if (kind === "values") {
    extents[EXTENT.length] = (memories[plan.measure!] as Memory).length;
    return;
  }
  const width = extents[EXTENT.width] = whole(plan.name, settings.width);
  if (kind === "rows" || kind === "headRows" || kind === "products") {
    extents[EXTENT.rows] = whole(plan.name, settings.rows);
  } else {
    const batch = extents[EXTENT.batch] = whole(plan.name, settings.batch);
    const time = extents[EXTENT.time] = whole(plan.name, settings.time);
    extents[EXTENT.rows] = batch * time;
    extents[EXTENT.chunks] = Math.ceil(time / STATE_CHUNK);
  }
  if (kind === "headRows" || kind === "heads") {
    const headSize = extents[EXTENT.headSize] = whole(
      plan.name,
      settings.headSize,
    );
    const heads = extents[EXTENT.heads] = width / headSize;
    if (!Number.isInteger(heads)) {
      throw new RangeError(
        `Cannot compute ${plan.name}: heads of ${headSize} do not fill ` +
          `${width} channels`,
      );
    }
    const { head = 0 } = settings;
    if (!(Number.isInteger(head) && head >= 0 && head < heads)) {
      throw new RangeError(
        `Cannot compute ${plan.name}: no head ${head} of ${heads}`,
      );
    }
  }
  if (kind === "products") {
    extents[EXTENT.outputs] = whole(plan.name, settings.outputs);
    const groups = extents[EXTENT.groups] = width / GROUP;
    if (!Number.isInteger(groups)) {
      throw new RangeError(
        `Cannot compute ${plan.name}: rows of ${width} are not whole groups ` +
          `of ${GROUP}`,
      );
    }
  }
  if (plan.table !== undefined) {
    const { length } = memories[plan.table] as Memory;
    extents[EXTENT.vocabulary] = Math.floor(length / width);
  }
}

/** Throws unless every extent of a shape is a whole number from 1. */
export function checkExtents(op: string, ...extents: number[]): void {
  for (const extent of extents) whole(op, extent);
}

function whole(op: string, extent: number | undefined): number {
  if (!Number.isInteger(extent) || extent! < 1) {
    throw new RangeError(
      `Cannot compute ${op}: the shape has an extent of ${extent}`,
    );
  }
  return extent!;
}

/**
 * Throws the error for a memory that is too short.
 *
 * @param op What was to be computed.
 * @param name The memory's name in the call.
 */
export function refuseLength(
  op: string,
  name: string,
  held: number,
  needed: number,
): never {
  throw new RangeError(
    `Cannot compute ${op}: ${name} holds ${held} values, not ${needed}`,
  );
}

/** Throws the error for a memory that a backend did not make. */
export function refuseStranger(op: string, name: string): never {
  throw new TypeError(`Cannot compute ${op}: ${name} is of another backend`);
}

/**
 * How many values a memory of an op holds.
 *
 * @param op Which op; not one whose extents follow from its memories.
 * @param name The memory's name in a call.
 * @param settings The shape.
 *
 * @example
 * ```ts
 * import { lengthOf } from "./plan.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const shape = { batch: 2, time: 17, width: 64, headSize: 32 };
 * assertEquals(lengthOf("wkv7Forward", "states", shape), 2 * 2 * 64 * 32);
 * ```
 */
export function lengthOf(op: OpName, name: string, settings: object): number {
  const field = PLANS[op].fields.find((field) => field.name === name);
  if (field === undefined) {
    throw new TypeError(`Cannot size a memory: ${op} has no ${name}`);
  }
  return lengthBy(PLANS[op], field.size, settings);
}

/** The extents of the last call of {@linkcode lengthBy}. */
const lastExtents = newExtents();

/** As {@linkcode lengthOf}, of a size that is at hand. */
export function lengthBy(plan: OpPlan, size: Size, settings: object): number {
  extentsOf(plan, {}, settings as AnySettings, lastExtents);
  return valuesOf(size, lastExtents);
}
