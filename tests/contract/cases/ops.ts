/**
 * How each op of the table is tried: odd shapes and the models', optional
 * memories left out, extremes. An op without an entry does not compile.
 *
 * @module
 */

import type {
  HeadShape,
  ProductShape,
  SequenceShape,
} from "../../../lib/backend/backend.ts";
import type { OpName, SettingsOf } from "../../../lib/backend/ops.ts";
import { ReferenceBackend } from "../../../lib/backend/reference/reference_backend.ts";
import { type Case, normal, run } from "../case.ts";
import { afterForward, opCase, type Variant } from "../op_case.ts";
import {
  FEW,
  HEAD_SHAPES,
  LENGTHS,
  PRODUCT_SHAPES,
  ROUNDED,
  ROW_SHAPES,
  SEQUENCE_SHAPES,
  SUM,
} from "./shapes.ts";

/** Variants of every op. */
type Variants = { readonly [O in OpName]: readonly Variant<O>[] };

const NONE = {};

/** σ(x) at its ends. */
const SIGMOID_ENDS = [88, -88, 103, -103, 1e38, -1e38, 0, -0];

/** Lengths, and an input with extremes. */
function flat(
  tried: string,
  extremes: readonly number[],
): { length: number; memories: Record<string, Float32Array>; name?: string }[] {
  return [
    ...LENGTHS.map((length) => ({
      length,
      memories: { [tried]: normal(length, 3) },
    })),
    {
      length: extremes.length,
      memories: { [tried]: Float32Array.from(extremes) },
      name: "extremes",
    },
  ];
}

/** Elementwise ops: lengths and extremes of one input. */
function valueVariants(tried: string, extremes: readonly number[]) {
  return flat(tried, extremes)
    .map((each) => ({ settings: NONE, tolerance: FEW, ...each }));
}

/** The soft cap, below and beyond what comes. */
function capVariants(tried: string, extremes: readonly number[]) {
  return valueVariants(tried, extremes).flatMap((variant) =>
    [2, 30].map((cap) => ({ ...variant, settings: { cap } }))
  );
}

/** A shape of heads as independent rows. */
function rowsOf({ batch, time, width, headSize }: HeadShape) {
  return { rows: batch * time, width, headSize };
}

const DROPOUTS = LENGTHS.flatMap((length) =>
  [0, 0.1, 0.75].map((rate) => ({
    length,
    settings: { rate, key: 0xfedcba98 },
    tolerance: FEW,
  }))
);

function adamWVariants(): Variant<"adamW">[] {
  const options = {
    learningRate: 3e-3,
    beta1: 0.9,
    beta2: 0.99,
    epsilon: 1e-8,
    weightDecay: 0.1,
    step: 1,
  };
  const made = (
    length: number,
    name: string,
    settings: SettingsOf<"adamW">,
    squaredNorm = length,
  ) => ({
    length,
    name,
    settings,
    memories: {
      firstMoments: normal(length, 0.1),
      secondMoments: normal(length, 0.1).map((x) => x * x),
      squaredNorm: Float32Array.of(squaredNorm),
    },
    tolerance: FEW,
  });
  return LENGTHS.flatMap((length) => [
    made(length, "first step", options),
    made(length, "late, clipped", { ...options, step: 1000, clipNorm: 1 }),
    made(length, "not clipped", { ...options, step: 3, clipNorm: 1e6 }),
    made(length, "no decay", { ...options, weightDecay: 0 }),
    made(length, "cautious", { ...options, weightDecay: 10, cautious: true }),
    made(length, "norm infinite", options, Infinity),
    made(length, "norm not a number", options, NaN),
  ]);
}

/** What begins with a norm, finite or not. */
function normVariants<O extends OpName>(
  ...each: readonly SettingsOf<O>[]
): Variant<O>[] {
  return LENGTHS.flatMap((length) =>
    each.flatMap((settings) =>
      [length, Infinity, NaN].map((squaredNorm) => ({
        length,
        settings,
        name: `norm ${squaredNorm}`,
        memories: { squaredNorm: Float32Array.of(squaredNorm) },
        tolerance: FEW,
      }))
    )
  );
}

/** Square matrices, and a part of one. */
const POLYNOMIALS = [[1, 1], [3, 3], [5, 5], [64, 64], [127, 127], [7, 33]]
  .map(([rows, width]) => ({
    settings: { rows, width, constant: 3, linear: -2, quadratic: 0.5 },
    tolerance: FEW,
  }));

function crossEntropyVariants(): Variant<"crossEntropy">[] {
  const made = (
    shape: { rows: number; width: number },
    logits: Float32Array,
    gradientScale?: number,
    name?: string,
    weights?: Float32Array,
  ): Variant<"crossEntropy"> => ({
    name,
    settings: {
      ...shape,
      firstTarget: 2,
      ...(gradientScale === undefined ? {} : { gradientScale }),
    },
    memories: { logits, ...weights !== undefined && { weights } },
    without: weights === undefined ? ["weights"] : [],
    tolerance: SUM,
  });
  const wide = { rows: 3, width: 21 };
  const notANumber = normal(63);
  notANumber[30] = NaN;
  return [
    ...[...ROW_SHAPES, { rows: 2, width: 32000 }].flatMap((shape) =>
      [undefined, 1, 0.25].map((scale) =>
        made(shape, normal(shape.rows * shape.width, 3), scale)
      )
    ),
    made(wide, normal(63, 1e4), 1, "far apart"),
    made(wide, normal(63, 1, -1e6), 1, "far below zero"),
    made(wide, notANumber, 1, "with a NaN"),
    ...[undefined, 0.5].map((scale) =>
      made(wide, normal(63, 3), scale, "weighted", Float32Array.of(0, 1, 0.3))
    ),
  ];
}

function softmaxVariants() {
  const wide = { rows: 3, width: 21 };
  const made = (
    settings: { rows: number; width: number },
    k: Float32Array,
    name?: string,
  ) => ({ settings, name, memories: { k }, tolerance: FEW });
  return [
    ...ROW_SHAPES.map((shape) =>
      made(shape, normal(shape.rows * shape.width, 2))
    ),
    made(wide, normal(63, 1, -1000), "far below zero"),
    made(wide, normal(63, 1000), "far apart"),
  ];
}

function layerNormVariants(): Variant<"layerNormForward">[] {
  return ROW_SHAPES.flatMap((settings) => {
    const length = settings.rows * settings.width;
    const made = (name: string, x: Float32Array, tolerance = SUM) => ({
      settings,
      name,
      memories: { x },
      tolerance,
    });
    return [
      made("normal", normal(length, 2, 1)),
      made("constant", new Float32Array(length).fill(3)),
      made("large", normal(length, 1e3), 3e-4), // 3e-7 of what is summed
    ];
  });
}

/** An RWKV-4 state before any token. */
function wkvStart({ batch, width }: SequenceShape): Float32Array {
  const state = new Float32Array(batch * 3 * width);
  for (let b = 0; b < batch; b++) {
    state.fill(-1e38, (3 * b + 2) * width, (3 * b + 3) * width);
  }
  return state;
}

function wkvVariants(): Variant<"wkvForward">[] {
  const odd = { batch: 2, time: 33, width: 20 }, length = 2 * 33 * 20;
  const made = (
    settings: SequenceShape,
    k: Float32Array,
    decay: Float32Array,
    name?: string,
    tolerance = SUM,
  ) => ({
    settings,
    name,
    memories: { k, decay, state: wkvStart(settings) },
    tolerance,
  });
  return [
    ...SEQUENCE_SHAPES.map((shape) => {
      const { batch, time, width } = shape;
      return made(shape, normal(batch * time * width), normal(width, 3, -2));
    }),
    ...[-Infinity, -100, 4, 80, 100].map((decay) => {
      const decays = new Float32Array(odd.width).fill(decay);
      return made(odd, normal(length), decays, `decay ${decay}`);
    }),
    // k + p is a difference of large numbers, each off by 2⁻²⁴ of a thousand.
    made(odd, normal(length, 300), normal(odd.width), "large keys", 2e-3),
  ];
}

async function wkvBackwardVariants(): Promise<Variant<"wkvBackward">[]> {
  const variants: Variant<"wkvBackward">[] = [];
  for (const { settings, name, memories, tolerance } of wkvVariants()) {
    const { k, decay } = memories!;
    const variant = await afterForward("wkvBackward", "wkvForward", {
      settings,
      name,
      memories: { k, decay },
      without: ["state"],
      tolerance,
    }, ["state"]);
    variants.push(
      { ...variant, without: ["state", "dState"] },
      { ...variant, without: ["state", "dDecay", "dBonus"] },
      await afterForward("wkvBackward", "wkvForward", {
        settings,
        name: `${name ?? ""} from a state that tokens left`,
        memories: { k, decay, state: usedState(settings) },
        tolerance,
      }),
    );
  }
  return variants;
}

/** Normal numbers, keys of 0 (whose norm is held up), sigmoids at their ends. */
function wkv7InputVariants(): Variant<"wkv7InputForward">[] {
  const ends = { rows: 2, width: 8, headSize: 4 };
  const extremes = Float32Array.from([...SIGMOID_ENDS, ...SIGMOID_ENDS]);
  return [
    ...HEAD_SHAPES.map(rowsOf).map((settings) => {
      const length = settings.rows * settings.width;
      const memories = { decay: normal(length, 3), rate: normal(length, 3) };
      return { settings, memories, tolerance: FEW };
    }),
    {
      settings: ends,
      name: "no key",
      memories: { key: new Float32Array(16) },
      tolerance: FEW,
    },
    {
      settings: ends,
      name: "extremes",
      memories: { decay: extremes, rate: extremes },
      tolerance: FEW,
    },
  ];
}

/** What the attention alone is tried with: longer, as errors add up in time. */
const LONG_SHAPES: readonly HeadShape[] = [
  ...HEAD_SHAPES,
  { batch: 1, time: 257, width: 64, headSize: 64 },
];

/** w, k, κ, a as a model makes them. */
async function modelInput(shape: HeadShape): Promise<Float32Array> {
  const length = shape.batch * shape.time * shape.width;
  const made = opCase("wkv7InputForward", {
    settings: rowsOf(shape),
    memories: { decay: normal(length, 2, -2) },
    tolerance: 0,
  });
  return (await run(new ReferenceBackend("f64"), made)).y;
}

/** What is left out of the states before and after an attention's tokens. */
const STATES_WITHOUT = [[], ["states"], ["state"], ["state", "states"]];

async function wkv7Variants(): Promise<Variant<"wkv7Forward">[]> {
  const variants: Variant<"wkv7Forward">[] = [];
  for (const settings of LONG_SHAPES) {
    const memories = { input: await modelInput(settings) };
    for (const without of STATES_WITHOUT) {
      const name = `without ${without.join(" and ")}`;
      variants.push({ settings, name, memories, without, tolerance: SUM });
    }
  }
  return variants;
}

async function wkv7BackwardVariants(): Promise<Variant<"wkv7Backward">[]> {
  const variants: Variant<"wkv7Backward">[] = [];
  for (const settings of LONG_SHAPES) {
    const given: Variant<"wkv7Backward"> = {
      settings,
      memories: { input: await modelInput(settings) },
      tolerance: 1e-4, // sums of 64 terms that are sums themselves
    };
    variants.push(
      {
        ...await afterForward("wkv7Backward", "wkv7Forward", given, ["state"]),
        without: ["dState"],
      },
      await afterForward("wkv7Backward", "wkv7Forward", {
        ...given,
        name: "from a state",
      }),
    );
  }
  return variants;
}

/** Rates of decay as models have them, and keys that keep outputs near 1. */
function wkv6Memories({ batch, time, width, headSize }: HeadShape) {
  const length = batch * time * width;
  return {
    k: normal(length, 1 / headSize),
    decay: normal(length),
    decayBias: normal(width, 2, -3),
  };
}

async function wkv6BackwardVariants(): Promise<Variant<"wkv6Backward">[]> {
  const variants: Variant<"wkv6Backward">[] = [];
  for (const settings of LONG_SHAPES) {
    const given: Variant<"wkv6Backward"> = {
      settings,
      memories: wkv6Memories(settings),
      tolerance: 1e-4, // sums of 64 terms that are sums themselves
    };
    variants.push(
      {
        ...await afterForward("wkv6Backward", "wkv6Forward", given, ["state"]),
        without: ["dState"],
      },
      await afterForward("wkv6Backward", "wkv6Forward", {
        ...given,
        name: "from a state",
      }),
    );
  }
  return variants;
}

const SHIFTS = SEQUENCE_SHAPES.flatMap((settings) =>
  [[], ["state"]].map((without) => ({ settings, without, tolerance: FEW }))
);

const LERPS = SEQUENCE_SHAPES.flatMap((settings) =>
  [1, 2, 3, 6].map((listed) => ({
    settings,
    listed,
    name: `${listed} mixes`,
    tolerance: FEW,
  }))
);

const SLICES = HEAD_SHAPES.map(rowsOf).flatMap((shape) =>
  [0, shape.width / shape.headSize - 1].map((head) => ({
    settings: { ...shape, head },
    tolerance: FEW,
  }))
);

const ROWS = ROW_SHAPES.map((settings) => ({ settings, tolerance: FEW }));

const VARIANTS: Variants = {
  fill: LENGTHS.map((length) => ({
    length,
    settings: { value: 0.1 },
    tolerance: 0,
  })),
  add: LENGTHS.map((length) => ({ length, settings: NONE, tolerance: FEW })),
  swap: LENGTHS.map((length) => ({ length, settings: NONE, tolerance: 0 })),
  sum: [...LENGTHS, 50001].map((length) => ({
    length,
    settings: { scale: 1 / length },
    memories: { x: normal(length, 1, 1) },
    tolerance: FEW,
  })),
  sumOfSquares: [...LENGTHS, 50001].map((length) => ({
    length,
    settings: NONE,
    tolerance: FEW,
  })),
  embeddingForward: ROW_SHAPES.map((settings) => ({ settings, tolerance: 0 })),
  embeddingBackward: ROWS,
  layerNormForward: layerNormVariants(),
  layerNormBackward: await Promise.all(
    ROW_SHAPES.map((settings) =>
      afterForward("layerNormBackward", "layerNormForward", {
        settings,
        memories: { x: normal(settings.rows * settings.width, 2, 1) },
        // A row of one value has a scale of 316, and errors with it.
        tolerance: settings.width === 1 ? 5e-4 : SUM,
      })
    ),
  ),
  tokenShiftForward: SHIFTS,
  tokenShiftBackward: SEQUENCE_SHAPES.flatMap((settings) =>
    [[], ["dMix"], ["state"]]
      .map((without) => ({ settings, without, tolerance: SUM }))
  ),
  lastToken: SEQUENCE_SHAPES.map((settings) => ({ settings, tolerance: 0 })),
  tokenLerpForward: LERPS.flatMap((lerp) => [
    lerp,
    { ...lerp, without: ["state"] },
  ]),
  tokenLerpBackward: LERPS.flatMap((lerp) =>
    [[], ["state"]].map((without) => ({ ...lerp, without, tolerance: SUM }))
  ),
  wkvForward: wkvVariants().flatMap((variant) => [
    variant,
    { ...variant, without: ["state"] },
    {
      ...variant,
      name: `${variant.name ?? ""} from a state that tokens left`,
      memories: { ...variant.memories, state: usedState(variant.settings) },
    },
  ]),
  wkvBackward: await wkvBackwardVariants(),
  wkv7InputForward: wkv7InputVariants(),
  // A key of 0 has a gradient of 1e12, which says nothing.
  wkv7InputBackward: wkv7InputVariants().filter(({ name }) => name !== "no key")
    .map((variant) => ({
      ...variant,
      // The gradient of a direction is a difference over a norm.
      tolerance: variant.settings.headSize === 1 ? 1e-4 : 5e-5,
    })),
  valueResidualForward: ROWS,
  valueResidualBackward: ROW_SHAPES.map((settings) => ({
    settings,
    tolerance: SUM,
  })),
  wkv7Forward: await wkv7Variants(),
  wkv7Backward: await wkv7BackwardVariants(),
  wkv7OutputForward: outputVariants(),
  wkv7OutputBackward: outputVariants(),
  sliceHeadForward: SLICES,
  sliceHeadBackward: SLICES,
  tokenBlendForward: SHIFTS,
  tokenBlendBackward: SHIFTS.map((shift) => ({ ...shift, tolerance: SUM })),
  wkv6Forward: LONG_SHAPES.flatMap((settings) =>
    STATES_WITHOUT.map((without) => ({
      settings,
      name: `without ${without.join(" and ")}`,
      memories: wkv6Memories(settings),
      without,
      tolerance: SUM,
    }))
  ),
  wkv6Backward: await wkv6BackwardVariants(),
  wkv6OutputForward: outputVariants(),
  wkv6OutputBackward: outputVariants(),
  tanhForward: valueVariants("x", [
    ...[0.01, 1e-6, 9, -9],
    ...[88, -88, 1e38, -1e38, -0],
  ]),
  tanhBackward: valueVariants("y", [1, -1, 0.999, 0]),
  sigmoidForward: valueVariants("x", SIGMOID_ENDS),
  sigmoidBackward: valueVariants("y", [1, 0, 0.999, 1e-6]),
  squaredReluForward: valueVariants("x", [1e18, -1e18, -0, 1e-30]),
  squaredReluBackward: valueVariants("x", [1e18, -1e18, -0, 1e-30]),
  sigmoidGateForward: valueVariants("r", SIGMOID_ENDS),
  sigmoidGateBackward: valueVariants("r", SIGMOID_ENDS),
  softmaxGateForward: softmaxVariants(),
  softmaxGateBackward: softmaxVariants(),
  linearQ8: PRODUCT_SHAPES.map(packedVariant),
  linearQ5: PRODUCT_SHAPES.map(packedVariant),
  linearQ4: PRODUCT_SHAPES.map(packedVariant),
  linearF16: PRODUCT_SHAPES.map((shape) => halvesVariant(shape, "f16")),
  linearBF16: PRODUCT_SHAPES.map((shape) => halvesVariant(shape, "bf16")),
  residualForward: DROPOUTS,
  residualBackward: DROPOUTS,
  softCap: capVariants("x", [
    ...[0.01, 1e-6, 29, -29],
    ...[1e3, -1e3, 1e38, -1e38, 0],
  ]),
  softCapGradient: capVariants("y", [2, -2, 1.998, 0, 1e-6]),
  crossEntropy: crossEntropyVariants(),
  adamW: adamWVariants(),
  muonDirection: normVariants<"muonDirection">(
    { momentum: 0.95 },
    { momentum: 0.5, clipNorm: 0.1 },
  ),
  divideByNorm: LENGTHS.flatMap((length) =>
    [0, length, 1e-20].map((squaredNorm) => ({
      length,
      settings: { margin: 1.02, epsilon: 1e-7 },
      name: `norm ${squaredNorm}`,
      memories: {
        squaredNorm: Float32Array.of(squaredNorm),
        x: normal(length, Math.sqrt(squaredNorm)),
      },
      tolerance: FEW,
    }))
  ),
  matrixPolynomial: POLYNOMIALS,
  muonUpdate: normVariants<"muonUpdate">(
    { learningRate: 3e-3, scale: 2, weightDecay: 10 },
    { learningRate: 3e-3, scale: 2, weightDecay: 10, cautious: true },
  ),
  movingAverage: normVariants<"movingAverage">({ decay: 0.9 }, { decay: 0 }),
};

/** A state with sums and an exponent, as some tokens leave it. */
function usedState({ batch, width }: SequenceShape): Float32Array {
  return normal(batch * 3 * width).map((x) => 0.5 + Math.abs(x));
}

function outputVariants() {
  return HEAD_SHAPES.map(rowsOf).map((settings) => ({
    settings,
    memories: { x: normal(settings.rows * settings.width, 2, 1) },
    tolerance: SUM,
  }));
}

/** Weights of some bits, about as large as a model's times its inputs. */
function packedVariant(settings: ProductShape) {
  const { rows, width, outputs } = settings, groups = width / 32 * outputs;
  const x = normal(rows * width);
  x.fill(0, 0, 32); // a group without a value has no scale
  return {
    settings,
    memories: { x, scales: normal(groups, 1e-3), leasts: normal(groups, 0.02) },
    tolerance: ROUNDED,
  };
}

function halvesVariant(settings: ProductShape, kind: "f16" | "bf16") {
  const values = normal(settings.width * settings.outputs, 0.1);
  values.set([6e-8, -3e-6, 0]); // f16 has no bits to spare for them
  const bits = new Uint32Array(values.buffer);
  const halves = kind === "f16"
    ? new Uint16Array(new Float16Array(values).buffer)
    : Uint16Array.from(bits, (word) => word >>> 16);
  return {
    settings,
    words: { halves: new Uint32Array(halves.buffer) },
    tolerance: SUM,
  };
}

function casesOf<O extends OpName>(op: O): Case[] {
  return VARIANTS[op].map((variant) => opCase(op, variant));
}

/** Cases by op. */
export const OP_CASES: Readonly<Record<OpName, readonly Case[]>> = Object
  .fromEntries(
    (Object.keys(VARIANTS) as OpName[]).map((op) => [op, casesOf(op)]),
  ) as Record<OpName, Case[]>;
