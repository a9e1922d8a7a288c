/**
 * The calls that every backend must answer as the reference does, by op: odd
 * shapes and the models', gradients that add up, states, extremes.
 *
 * @module
 */

import type { Case } from "./case.ts";
import { MATMUL_CASES } from "./cases/matmul.ts";
import { OP_CASES } from "./cases/ops.ts";
import { SAMPLING_CASES } from "./cases/sampling.ts";

/** Every case, by the op it is about. */
export const CASES: Readonly<Record<string, readonly Case[]>> = {
  ...OP_CASES,
  ...MATMUL_CASES,
  ...SAMPLING_CASES,
};
