/**
 * Calls on memories that are larger than a backend may bind at once, when that is
 * 4096 values, or 12,288 for products.
 *
 * @module
 */

import type { OpName } from "../../../lib/backend/ops.ts";
import { type Case, normal } from "../../contract/case.ts";
import { productCase } from "../../contract/cases/matmul.ts";
import { FEW, SUM } from "../../contract/cases/shapes.ts";
import { afterForward, opCase, type Variant } from "../../contract/op_case.ts";

const LENGTH = 10_000;
const ROWS = { rows: 300, width: 40 };
const SEQUENCES = { batch: 5, time: 30, width: 64 };
const HEAD_ROWS = { rows: 70, width: 64, headSize: 16 };
const HEADS = { batch: 5, time: 20, width: 32, headSize: 4 };
const EMBEDDED = { rows: 90, width: 40 };
const TABLE = { tableRows: 300, tolerance: FEW };
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

/** With the states that a forward leaves. */
const WKV7_BACKWARD = await afterForward("wkv7Backward", "wkv7Forward", {
  settings: HEADS,
  memories: { input: normal(4 * 5 * 20 * 32, 0.3) },
  tolerance: SUM,
}, ["state"]);

/** A case, by the name of its op. */
function part<O extends OpName>(op: O, variant: Variant<O>): Case {
  return { ...opCase(op, variant), name: op };
}

/** The cases. */
export const PARTS_CASES: readonly Case[] = [
  part("fill", { settings: { value: 2 }, length: LENGTH, tolerance: 0 }),
  part("add", { settings: {}, length: LENGTH, tolerance: FEW }),
  part("sum", {
    settings: { scale: 0.01 },
    length: 5 * LENGTH,
    tolerance: SUM,
  }),
  part("sumOfSquares", { settings: {}, length: 5 * LENGTH, tolerance: SUM }),
  part("residualForward", {
    settings: DROPOUT,
    length: LENGTH,
    tolerance: FEW,
  }),
  part("adamW", {
    settings: ADAMW,
    length: LENGTH,
    memories: {
      secondMoments: normal(LENGTH, 0.1).map((x) => x * x),
      squaredNorm: Float32Array.of(LENGTH),
    },
    tolerance: FEW,
  }),
  part("matrixPolynomial", {
    settings: {
      rows: 100,
      width: 100,
      constant: 3,
      linear: -2,
      quadratic: 0.5,
    },
    tolerance: FEW,
  }),
  part("embeddingForward", { settings: EMBEDDED, ...TABLE }),
  part("embeddingBackward", { settings: EMBEDDED, ...TABLE }),
  part("layerNormForward", { settings: ROWS, tolerance: SUM }),
  part("layerNormBackward", {
    settings: ROWS,
    memories: { stats },
    tolerance: SUM,
  }),
  part("softmaxGateBackward", { settings: ROWS, tolerance: FEW }),
  part("valueResidualBackward", { settings: ROWS, tolerance: SUM }),
  part("crossEntropy", {
    settings: { ...ROWS, firstTarget: 7, gradientScale: 0.5 },
    tolerance: SUM,
  }),
  part("tokenShiftForward", { settings: SEQUENCES, tolerance: SUM }),
  part("tokenShiftBackward", { settings: SEQUENCES, tolerance: SUM }),
  part("tokenLerpForward", { settings: SEQUENCES, listed: 2, tolerance: SUM }),
  part("tokenLerpBackward", { settings: SEQUENCES, listed: 2, tolerance: SUM }),
  part("lastToken", { settings: SEQUENCES, tolerance: 0 }),
  part("wkvForward", {
    settings: SEQUENCES,
    memories: { state: new Float32Array(5 * 3 * 64).fill(0.5) },
    tolerance: SUM,
  }),
  part("wkvBackward", { settings: SEQUENCES, tolerance: SUM }),
  part("wkv7InputForward", { settings: HEAD_ROWS, tolerance: SUM }),
  part("wkv7InputBackward", { settings: HEAD_ROWS, tolerance: SUM }),
  part("wkv7Forward", {
    settings: HEADS,
    memories: { input: normal(4 * 5 * 20 * 32, 0.3) },
    without: ["states"],
    tolerance: SUM,
  }),
  part("wkv7Backward", WKV7_BACKWARD),
  part("wkv7OutputForward", { settings: HEAD_ROWS, tolerance: SUM }),
  part("wkv7OutputBackward", { settings: HEAD_ROWS, tolerance: SUM }),
];

/** Products whose 64 rows are below 12,288 values, but not the whole. */
export const MATMUL_CASES: readonly Case[] = ([
  [300, 33, 90, false, false],
  [130, 70, 140, false, true],
  [100, 300, 90, true, false],
  [90, 150, 100, true, true],
  [3, 100, 200, false, true],
  [3, 100, 190, false, false],
] as const).map(([m, k, n, transposeA, transposeB]) =>
  productCase([m, k, n], { transposeA, transposeB, accumulate: true })
);
