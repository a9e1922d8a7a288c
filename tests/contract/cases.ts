/**
 * The calls that every backend must answer as the reference does, by op: odd
 * shapes and the models', gradients that add up, states, extremes.
 *
 * @module
 */

import type { SequenceShape } from "../../lib/backend/backend.ts";
import { ReferenceBackend } from "../../lib/backend/reference.ts";
import {
  type Case,
  defineCase,
  garbage,
  normal,
  run,
  wholeNumbers,
} from "./case.ts";

/** f32 rounding of a few operations; sums over channels or time take more. */
const FEW = 2e-6, SUM = 2e-5;

const LENGTHS = [1, 3, 64, 127, 5000, 24576];

const ROW_SHAPES = [
  [1, 1],
  [3, 1],
  [1, 256],
  [3, 5],
  [17, 127],
  [64, 64],
  [17, 384],
  [64, 256],
].map(([rows, width]) => ({ rows, width }));

const SEQUENCE_SHAPES = [
  [1, 1, 1],
  [2, 3, 5],
  [1, 17, 127],
  [2, 64, 64],
  [3, 17, 256],
  [1, 64, 384],
].map(([batch, time, width]) => ({ batch, time, width }));

const describe = (shape: object) => Object.values(shape).join("x");

/** Every case, by the op it is about. */
export const CASES: Readonly<Record<string, readonly Case[]>> = {
  fill: LENGTHS.map((length) =>
    defineCase({
      name: `${length}`,
      memories: { out: garbage(length) },
      outputs: ["out"],
      tolerance: 0,
      call: (backend, { out }) => backend.fill(out, 0.1),
    })
  ),
  add: LENGTHS.map((length) =>
    defineCase({
      name: `${length}`,
      memories: { out: normal(length), x: normal(length) },
      outputs: ["out"],
      tolerance: FEW,
      call: (backend, { out, x }) => backend.add(out, x),
    })
  ),
  sum: [...LENGTHS, 50001].map((length) =>
    defineCase({
      name: `${length}`,
      memories: { out: normal(1), x: normal(length, 1, 1) },
      outputs: ["out"],
      tolerance: FEW,
      call: (backend, { out, x }) => backend.sum(out, x, 1 / length),
    })
  ),
  sumOfSquares: [...LENGTHS, 50001].map((length) =>
    defineCase({
      name: `${length}`,
      memories: { out: normal(1), x: normal(length) },
      outputs: ["out"],
      tolerance: FEW,
      call: (backend, { out, x }) => backend.sumOfSquares(out, x),
    })
  ),
  matmul: matmulCases(),
  embeddingForward: ROW_SHAPES.map((shape) =>
    defineCase({
      name: describe(shape),
      memories: {
        y: garbage(shape.rows * shape.width),
        weight: normal(11 * shape.width),
      },
      ids: wholeNumbers(shape.rows, 11),
      outputs: ["y"],
      tolerance: 0,
      call: (backend, { y, weight }, ids) =>
        backend.embeddingForward(y, weight, ids, shape),
    })
  ),
  embeddingBackward: ROW_SHAPES.map((shape) =>
    defineCase({
      name: describe(shape),
      memories: {
        dWeight: normal(11 * shape.width),
        dy: normal(shape.rows * shape.width),
      },
      ids: wholeNumbers(shape.rows, 11),
      outputs: ["dWeight"],
      tolerance: FEW,
      call: (backend, { dWeight, dy }, ids) =>
        backend.embeddingBackward(dWeight, dy, ids, shape),
    })
  ),
  layerNormForward: ROW_SHAPES.flatMap((shape) => {
    const { rows, width } = shape;
    const made = (name: string, x: Float32Array, tolerance: number) =>
      defineCase({
        name: `${describe(shape)} ${name}`,
        memories: {
          y: garbage(rows * width),
          stats: garbage(2 * rows),
          x,
          weight: normal(width),
          bias: normal(width),
        },
        outputs: ["y", "stats"],
        tolerance,
        call: (backend, { y, stats, x, weight, bias }) =>
          backend.layerNormForward(y, stats, x, weight, bias, shape),
      });
    const length = rows * width;
    return [
      made("normal", normal(length, 2, 1), SUM),
      made("constant", new Float32Array(length).fill(3), SUM),
      made("large", normal(length, 1e4), 2e-4), // the mean's, 1e-8 of its terms
    ];
  }),
  layerNormBackward: await Promise.all(
    ROW_SHAPES.map(async (shape) => {
      const { rows, width } = shape;
      const length = rows * width;
      const forward = await run(
        new ReferenceBackend("f64"),
        defineCase({
          name: "forward",
          memories: {
            y: garbage(length),
            stats: garbage(2 * rows),
            x: normal(length, 2, 1),
            weight: normal(width),
            bias: normal(width),
          },
          outputs: ["y", "stats"],
          tolerance: 0,
          call: (backend, { y, stats, x, weight, bias }) =>
            backend.layerNormForward(y, stats, x, weight, bias, shape),
        }),
      );
      const { stats, x, weight } = forward;
      return defineCase({
        name: describe(shape),
        memories: {
          dx: normal(length),
          dWeight: normal(width),
          dBias: normal(width),
          dy: normal(length),
          x,
          stats,
          weight,
        },
        outputs: ["dx", "dWeight", "dBias"],
        // A row of one value has a scale of 316, and errors with it.
        tolerance: width === 1 ? 5e-4 : SUM,
        call: (backend, { dx, dWeight, dBias, dy, x, stats, weight }) =>
          backend.layerNormBackward(
            dx,
            dWeight,
            dBias,
            dy,
            x,
            stats,
            weight,
            shape,
          ),
      });
    }),
  ),
  tokenShiftForward: SEQUENCE_SHAPES.flatMap((shape) => {
    const { batch, time, width } = shape;
    const length = batch * time * width;
    return [true, false].map((withState) =>
      defineCase({
        name: `${describe(shape)} ${withState ? "with" : "without"} state`,
        memories: {
          y: garbage(length),
          x: normal(length),
          mix: normal(width),
          state: normal(batch * width),
        },
        outputs: ["y"],
        tolerance: FEW,
        call: (backend, { y, x, mix, state }) =>
          backend.tokenShiftForward(
            y,
            x,
            mix,
            withState ? state : undefined,
            shape,
          ),
      })
    );
  }),
  tokenShiftBackward: SEQUENCE_SHAPES.flatMap((shape) => {
    const { batch, time, width } = shape;
    const length = batch * time * width;
    return [true, false].map((withMix) =>
      defineCase({
        name: `${describe(shape)} ${withMix ? "with" : "without"} dMix`,
        memories: {
          dx: normal(length),
          dMix: normal(width),
          dy: normal(length),
          x: normal(length),
          mix: normal(width),
        },
        outputs: withMix ? ["dx", "dMix"] : ["dx"],
        tolerance: SUM,
        call: (backend, { dx, dMix, dy, x, mix }) =>
          backend.tokenShiftBackward(
            dx,
            withMix ? dMix : undefined,
            dy,
            x,
            mix,
            shape,
          ),
      })
    );
  }),
  lastToken: SEQUENCE_SHAPES.map((shape) => {
    const { batch, time, width } = shape;
    return defineCase({
      name: describe(shape),
      memories: {
        state: garbage(batch * width),
        x: normal(batch * time * width),
      },
      outputs: ["state"],
      tolerance: 0,
      call: (backend, { state, x }) => backend.lastToken(state, x, shape),
    });
  }),
  wkvForward: wkvInputs().flatMap(({ name, shape, k, decay, tolerance }) =>
    [true, false].map((withState) =>
      defineCase({
        name: `${name} ${withState ? "with" : "without"} state`,
        memories: {
          y: garbage(k.length),
          k,
          v: normal(k.length),
          decay,
          bonus: normal(shape.width),
          state: wkvStart(shape),
        },
        outputs: withState ? ["y", "state"] : ["y"],
        tolerance,
        call: (backend, { y, k, v, decay, bonus, state }) => {
          const start = withState ? state : undefined;
          backend.wkvForward(y, k, v, decay, bonus, start, shape);
          // Once more from where it ended.
          if (withState) {
            backend.wkvForward(y, k, v, decay, bonus, state, shape);
          }
        },
      })
    )
  ),
  wkvBackward: await wkvBackwardCases(),
  squaredReluForward: lengthsAndExtremes([1e18, -1e18, -0, 1e-30])
    .map(([name, x]) =>
      defineCase({
        name,
        memories: { y: garbage(x.length), x },
        outputs: ["y"],
        tolerance: FEW,
        call: (backend, { y, x }) => backend.squaredReluForward(y, x),
      })
    ),
  squaredReluBackward: lengthsAndExtremes([1e18, -1e18, -0, 1e-30])
    .map(([name, x]) =>
      defineCase({
        name,
        memories: { dx: normal(x.length), dy: normal(x.length), x },
        outputs: ["dx"],
        tolerance: FEW,
        call: (backend, { dx, dy, x }) =>
          backend.squaredReluBackward(dx, dy, x),
      })
    ),
  sigmoidGateForward: lengthsAndExtremes([88, -88, 103, -103, 1e38, -1e38])
    .map(([name, r]) =>
      defineCase({
        name,
        memories: { y: garbage(r.length), r, v: normal(r.length) },
        outputs: ["y"],
        tolerance: FEW,
        call: (backend, { y, r, v }) => backend.sigmoidGateForward(y, r, v),
      })
    ),
  sigmoidGateBackward: lengthsAndExtremes([88, -88, 103, -103, 1e38, -1e38])
    .map(([name, r]) =>
      defineCase({
        name,
        memories: {
          dr: normal(r.length),
          dv: normal(r.length),
          dy: normal(r.length),
          r,
          v: normal(r.length),
        },
        outputs: ["dr", "dv"],
        tolerance: FEW,
        call: (backend, { dr, dv, dy, r, v }) =>
          backend.sigmoidGateBackward(dr, dv, dy, r, v),
      })
    ),
  softmaxGateForward: softmaxInputs().map(({ name, shape, k }) =>
    defineCase({
      name,
      memories: { y: garbage(k.length), k, v: normal(k.length) },
      outputs: ["y"],
      tolerance: FEW,
      call: (backend, { y, k, v }) =>
        backend.softmaxGateForward(y, k, v, shape),
    })
  ),
  softmaxGateBackward: softmaxInputs().map(({ name, shape, k }) =>
    defineCase({
      name,
      memories: {
        dk: normal(k.length),
        dv: normal(k.length),
        dy: normal(k.length),
        k,
        v: normal(k.length),
      },
      outputs: ["dk", "dv"],
      tolerance: FEW,
      call: (backend, { dk, dv, dy, k, v }) =>
        backend.softmaxGateBackward(dk, dv, dy, k, v, shape),
    })
  ),
  residualForward: LENGTHS.flatMap((length) =>
    [0, 0.1, 0.75].map((rate) =>
      defineCase({
        name: `${length} rate ${rate}`,
        memories: {
          y: garbage(length),
          x: normal(length),
          branch: normal(length),
        },
        outputs: ["y"],
        tolerance: FEW,
        call: (backend, { y, x, branch }) =>
          backend.residualForward(y, x, branch, { rate, key: 0xfedcba98 }),
      })
    )
  ),
  residualBackward: LENGTHS.flatMap((length) =>
    [0, 0.1, 0.75].map((rate) =>
      defineCase({
        name: `${length} rate ${rate}`,
        memories: {
          dx: normal(length),
          dBranch: normal(length),
          dy: normal(length),
        },
        outputs: ["dx", "dBranch"],
        tolerance: FEW,
        call: (backend, { dx, dBranch, dy }) =>
          backend.residualBackward(dx, dBranch, dy, { rate, key: 7 }),
      })
    )
  ),
  crossEntropy: crossEntropyCases(),
  adamW: adamWCases(),
};

function matmulCases(): Case[] {
  const made = (
    [m, k, n]: readonly [number, number, number],
    options: {
      transposeA: boolean;
      transposeB: boolean;
      accumulate: boolean;
    },
  ) =>
    defineCase({
      name: `${m}x${k}x${n} ${JSON.stringify(options)}`,
      memories: {
        out: options.accumulate ? normal(m * n) : garbage(m * n),
        a: normal(m * k),
        b: normal(k * n),
      },
      outputs: ["out"],
      tolerance: 1e-4,
      call: (backend, { out, a, b }) =>
        backend.matmul(out, a, b, { m, k, n }, options),
    });
  const both = [false, true];
  const odd = ([
    [1, 5, 7],
    [1, 384, 300],
    [3, 127, 65],
    [4, 64, 130],
    [5, 1, 9],
    [17, 130, 33],
    [7, 300, 1100],
    [300, 33, 270],
  ] as const).flatMap((shape) =>
    both.flatMap((transposeA) =>
      both.flatMap((transposeB) =>
        both.map((accumulate) =>
          made(shape, { transposeA, transposeB, accumulate })
        )
      )
    )
  );
  const [forward, toInput, toWeight] = [
    { transposeA: false, transposeB: true, accumulate: false },
    { transposeA: false, transposeB: false, accumulate: true },
    { transposeA: true, transposeB: false, accumulate: true },
  ];
  return [
    ...odd,
    made([64, 256, 384], forward),
    made([64, 384, 256], toInput),
    made([384, 64, 256], toWeight),
  ];
}

/** The start of a sequence: no numerator, no denominator. */
function wkvStart({ batch, width }: SequenceShape): Float32Array {
  const state = new Float32Array(batch * 3 * width);
  for (let b = 0; b < batch; b++) {
    state.fill(-1e38, (3 * b + 2) * width, (3 * b + 3) * width);
  }
  return state;
}

function wkvInputs() {
  const inputs = SEQUENCE_SHAPES.map((shape) => ({
    name: describe(shape),
    shape,
    k: normal(shape.batch * shape.time * shape.width),
    decay: normal(shape.width, 3, -2),
    tolerance: SUM,
  }));
  const shape = { batch: 2, time: 33, width: 20 };
  const length = shape.batch * shape.time * shape.width;
  const decays = [-Infinity, -100, 4, 80, 100];
  for (const decay of decays) {
    inputs.push({
      name: `decay ${decay}`,
      shape,
      k: normal(length),
      decay: new Float32Array(shape.width).fill(decay),
      tolerance: SUM,
    });
  }
  inputs.push({
    name: "large keys",
    shape,
    k: normal(length, 300),
    decay: normal(shape.width),
    tolerance: 1e-3, // k + p is a difference of large numbers
  });
  return inputs;
}

async function wkvBackwardCases(): Promise<Case[]> {
  const cases: Case[] = [];
  for (const { name, shape, k, decay, tolerance } of wkvInputs()) {
    const { length } = k;
    const { y, v, bonus } = await run(
      new ReferenceBackend("f64"),
      defineCase({
        name,
        memories: {
          y: garbage(length),
          k,
          v: normal(length),
          decay,
          bonus: normal(shape.width),
        },
        outputs: ["y"],
        tolerance,
        call: (backend, { y, k, v, decay, bonus }) =>
          backend.wkvForward(y, k, v, decay, bonus, undefined, shape),
      }),
    );
    for (const withParameters of [true, false]) {
      cases.push(defineCase({
        name: `${name} ${withParameters ? "with" : "without"} dDecay, dBonus`,
        memories: {
          dk: normal(length),
          dv: normal(length),
          dDecay: normal(shape.width),
          dBonus: normal(shape.width),
          dy: normal(length),
          y,
          k,
          v,
          decay,
          bonus,
          scratch: garbage(2 * length),
        },
        outputs: withParameters
          ? ["dk", "dv", "dDecay", "dBonus", "scratch"]
          : ["dk", "dv", "scratch"],
        tolerance,
        call: (backend, memories) => {
          const { dk, dv, dDecay, dBonus, dy, scratch } = memories;
          backend.wkvBackward(
            dk,
            dv,
            withParameters ? dDecay : undefined,
            withParameters ? dBonus : undefined,
            dy,
            memories.y,
            memories.k,
            memories.v,
            memories.decay,
            memories.bonus,
            scratch,
            shape,
          );
          backend.fill(scratch, 0); // what is left in it is nobody's business
        },
      }));
    }
  }
  return cases;
}

function lengthsAndExtremes(
  extremes: readonly number[],
): (readonly [string, Float32Array])[] {
  return [
    ...LENGTHS.map((length) => [`${length}`, normal(length, 3)] as const),
    ["extremes", Float32Array.from(extremes)],
  ];
}

function softmaxInputs() {
  const shape = { rows: 3, width: 21 };
  const length = shape.rows * shape.width;
  return [
    ...ROW_SHAPES.map((shape) => ({
      name: describe(shape),
      shape,
      k: normal(shape.rows * shape.width, 2),
    })),
    { name: "far below zero", shape, k: normal(length, 1, -1000) },
    { name: "far apart", shape, k: normal(length, 1000) },
  ];
}

function crossEntropyCases(): Case[] {
  const shapes = [...ROW_SHAPES, { rows: 2, width: 32000 }];
  const made = (
    shape: { rows: number; width: number },
    logits: Float32Array,
    gradientScale: number | undefined,
    name = "",
  ) => {
    const { rows, width } = shape;
    return defineCase({
      name: `${describe(shape)} scale ${gradientScale} ${name}`,
      memories: { losses: garbage(rows), logits },
      ids: [...wholeNumbers(2, 99), ...wholeNumbers(rows, width)],
      outputs: gradientScale === undefined ? ["losses"] : ["losses", "logits"],
      tolerance: SUM,
      call: (backend, { losses, logits }, ids) =>
        backend.crossEntropy(losses, logits, ids, {
          rows,
          width,
          firstTarget: 2,
          ...(gradientScale === undefined ? {} : { gradientScale }),
        }),
    });
  };
  const wide = { rows: 3, width: 21 };
  const notANumber = normal(63);
  notANumber[30] = NaN;
  return [
    ...shapes.flatMap((shape) =>
      [undefined, 1, 0.25].map((scale) =>
        made(shape, normal(shape.rows * shape.width, 3), scale)
      )
    ),
    made(wide, normal(63, 1e4), 1, "far apart"),
    made(wide, normal(63, 1, -1e6), 1, "far below zero"),
    made(wide, notANumber, 1, "with a NaN"),
  ];
}

function adamWCases(): Case[] {
  const options = {
    learningRate: 3e-3,
    beta1: 0.9,
    beta2: 0.99,
    epsilon: 1e-8,
    weightDecay: 0.1,
    step: 1,
  };
  const variants = {
    "first step": options,
    "late, clipped": { ...options, step: 1000, clipNorm: 1 },
    "not clipped": { ...options, step: 3, clipNorm: 1e6 },
    "no decay": { ...options, weightDecay: 0 },
  };
  const made = (
    length: number,
    name: string,
    variant: typeof options & { clipNorm?: number },
    squaredNorm: number,
  ) =>
    defineCase({
      name: `${length} ${name}`,
      memories: {
        p: normal(length),
        g: normal(length),
        m: normal(length, 0.1),
        v: normal(length, 0.1).map((x) => x * x),
        norm: new Float32Array([squaredNorm]),
      },
      outputs: ["p", "g", "m", "v"],
      tolerance: FEW,
      call: (backend, { p, g, m, v, norm }) =>
        backend.adamW(p, g, m, v, norm, variant),
    });
  return LENGTHS.flatMap((length) => [
    ...Object.entries(variants).map(([name, variant]) =>
      made(length, name, variant, length)
    ),
    made(length, "norm infinite", options, Infinity),
    made(length, "norm not a number", options, NaN),
  ]);
}
