/**
 * Calls on memories that are larger than a backend may bind at once, when that is
 * 4096 values, or 12,288 for products.
 *
 * @module
 */

import {
  type Case,
  defineCase,
  garbage,
  normal,
  wholeNumbers,
} from "../../contract/case.ts";
import { FEW, SUM } from "../../contract/cases/shapes.ts";

const LENGTH = 10_000;
const ROWS = { rows: 300, width: 40 };
const ROW_VALUES = ROWS.rows * ROWS.width;
const SEQUENCES = { batch: 5, time: 30, width: 64 };
const SEQUENCE_VALUES = 5 * 30 * 64;
const DROPOUT = { rate: 0.25, key: 99 };
const ADAMW = {
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-8,
  weightDecay: 0.1,
  clipNorm: 1,
  step: 5,
};

/** Means and scales, of nothing in particular. */
const stats = normal(2 * ROWS.rows).map((x, i) => i % 2 === 0 ? x : 1 + x * x);

/** The cases. */
export const PARTS_CASES: readonly Case[] = [
  defineCase({
    name: "fill, add",
    memories: { out: garbage(LENGTH), x: normal(LENGTH) },
    outputs: ["out"],
    tolerance: FEW,
    call: (backend, { out, x }) => {
      backend.fill(out, 2);
      backend.add(out, x);
    },
  }),
  defineCase({
    name: "sums",
    memories: { sum: normal(1), squares: normal(1), x: normal(5 * LENGTH) },
    outputs: ["sum", "squares"],
    tolerance: SUM,
    call: (backend, { sum, squares, x }) => {
      backend.sum(sum, x, 0.01);
      backend.sumOfSquares(squares, x);
    },
  }),
  defineCase({
    name: "residual",
    memories: { y: garbage(LENGTH), x: normal(LENGTH), branch: normal(LENGTH) },
    outputs: ["y"],
    tolerance: FEW,
    call: (backend, { y, x, branch }) =>
      backend.residualForward(y, x, branch, DROPOUT),
  }),
  defineCase({
    name: "adamW",
    memories: {
      p: normal(LENGTH),
      g: normal(LENGTH),
      m: normal(LENGTH, 0.1),
      v: normal(LENGTH, 0.1).map((x) => x * x),
      norm: Float32Array.of(LENGTH),
    },
    outputs: ["p", "g", "m", "v"],
    tolerance: FEW,
    call: (backend, { p, g, m, v, norm }) =>
      backend.adamW(p, g, m, v, norm, ADAMW),
  }),
  defineCase({
    name: "embedding",
    memories: {
      y: garbage(90 * 40),
      weight: normal(ROW_VALUES),
      dWeight: normal(ROW_VALUES),
      dy: normal(90 * 40),
    },
    ids: [...wholeNumbers(60, 300), ...wholeNumbers(30, 5)],
    outputs: ["y", "dWeight"],
    tolerance: FEW,
    call: (backend, { y, weight, dWeight, dy }, ids) => {
      const shape = { rows: 90, width: 40 };
      backend.embeddingForward(y, weight, ids, shape);
      backend.embeddingBackward(dWeight, dy, ids, shape);
    },
  }),
  defineCase({
    name: "layerNorm",
    memories: {
      y: garbage(ROW_VALUES),
      made: garbage(2 * ROWS.rows),
      x: normal(ROW_VALUES),
      weight: normal(ROWS.width),
      bias: normal(ROWS.width),
      dx: normal(ROW_VALUES),
      dWeight: normal(ROWS.width),
      dBias: normal(ROWS.width),
      dy: normal(ROW_VALUES),
      stats,
    },
    outputs: ["y", "made", "dx", "dWeight", "dBias"],
    tolerance: SUM,
    call: (backend, memories) => {
      const { y, made, x, weight, bias } = memories;
      const { dx, dWeight, dBias, dy, stats } = memories;
      backend.layerNormForward(y, made, x, weight, bias, ROWS);
      backend.layerNormBackward(dx, dWeight, dBias, dy, x, stats, weight, ROWS);
    },
  }),
  defineCase({
    name: "softmaxGate",
    memories: {
      dk: normal(ROW_VALUES),
      dv: normal(ROW_VALUES),
      dy: normal(ROW_VALUES),
      k: normal(ROW_VALUES),
      v: normal(ROW_VALUES),
    },
    outputs: ["dk", "dv"],
    tolerance: FEW,
    call: (backend, { dk, dv, dy, k, v }) =>
      backend.softmaxGateBackward(dk, dv, dy, k, v, ROWS),
  }),
  defineCase({
    name: "crossEntropy",
    memories: { losses: garbage(ROWS.rows), logits: normal(ROW_VALUES, 3) },
    ids: wholeNumbers(ROWS.rows + 7, ROWS.width),
    outputs: ["losses", "logits"],
    tolerance: SUM,
    call: (backend, { losses, logits }, ids) =>
      backend.crossEntropy(losses, logits, ids, {
        ...ROWS,
        firstTarget: 7,
        gradientScale: 0.5,
      }),
  }),
  defineCase({
    name: "tokenShift, lastToken",
    memories: {
      y: garbage(SEQUENCE_VALUES),
      x: normal(SEQUENCE_VALUES),
      mix: normal(64),
      state: normal(5 * 64),
      last: garbage(5 * 64),
      dx: normal(SEQUENCE_VALUES),
      dMix: normal(64),
      dy: normal(SEQUENCE_VALUES),
    },
    outputs: ["y", "last", "dx", "dMix"],
    tolerance: SUM,
    call: (backend, { y, x, mix, state, last, dx, dMix, dy }) => {
      backend.tokenShiftForward(y, x, mix, state, SEQUENCES);
      backend.lastToken(last, x, SEQUENCES);
      backend.tokenShiftBackward(dx, dMix, dy, x, mix, SEQUENCES);
    },
  }),
  defineCase({
    name: "wkv",
    memories: {
      y: garbage(SEQUENCE_VALUES),
      k: normal(SEQUENCE_VALUES),
      v: normal(SEQUENCE_VALUES),
      decay: normal(64),
      bonus: normal(64),
      state: new Float32Array(5 * 3 * 64).fill(0.5),
      given: normal(SEQUENCE_VALUES),
      dk: normal(SEQUENCE_VALUES),
      dv: normal(SEQUENCE_VALUES),
      dDecay: normal(64),
      dBonus: normal(64),
      dy: normal(SEQUENCE_VALUES),
      scratch: garbage(2 * SEQUENCE_VALUES),
    },
    outputs: ["y", "state", "dk", "dv", "dDecay", "dBonus", "scratch"],
    tolerance: SUM,
    call: (backend, memories) => {
      const { y, k, v, decay, bonus, state } = memories;
      backend.wkvForward(y, k, v, decay, bonus, state, SEQUENCES);
      const { dk, dv, dDecay, dBonus, dy, given, scratch } = memories;
      backend.wkvBackward(
        dk,
        dv,
        dDecay,
        dBonus,
        dy,
        given,
        k,
        v,
        decay,
        bonus,
        scratch,
        SEQUENCES,
      );
      backend.fill(scratch, 0); // what is left in it is nobody's business
    },
  }),
];

/** Products whose 64 rows are below 12,288 values, but not the whole. */
export const MATMUL_CASES: readonly Case[] = ([
  [300, 33, 90, false, false],
  [130, 70, 140, false, true],
  [100, 300, 90, true, false],
  [90, 150, 100, true, true],
  [3, 100, 200, false, true],
] as const).map(([m, k, n, transposeA, transposeB]) =>
  defineCase({
    name: `matmul ${m}x${k}x${n} ${transposeA} ${transposeB}`,
    memories: { out: normal(m * n), a: normal(m * k), b: normal(k * n) },
    outputs: ["out"],
    tolerance: 1e-4,
    call: (backend, { out, a, b }) =>
      backend.matmul(out, a, b, { m, k, n }, {
        transposeA,
        transposeB,
        accumulate: true,
      }),
  })
);
