/**
 * The plain loops of the ops that go value by value.
 *
 * @module
 */

import { hash32 } from "../../random.ts";
import type { Dropout } from "../backend.ts";
import { type Loops, sigmoid } from "./loops.ts";

/** By op. */
export const VALUE_LOOPS: Loops<
  | "fill"
  | "add"
  | "swap"
  | "sum"
  | "sumOfSquares"
  | "softCap"
  | "softCapGradient"
  | "tanhForward"
  | "tanhBackward"
  | "sigmoidForward"
  | "sigmoidBackward"
  | "squaredReluForward"
  | "squaredReluBackward"
  | "sigmoidGateForward"
  | "sigmoidGateBackward"
  | "residualForward"
  | "residualBackward"
> = {
  fill({ out }, { value }) {
    out.fill(value);
  },

  add({ out, x }) {
    for (let i = 0; i < out.length; i++) out[i] += x[i];
  },

  swap({ a, b }) {
    for (let i = 0; i < a.length; i++) [a[i], b[i]] = [b[i], a[i]];
  },

  sum({ out, x }, { scale }) {
    let total = 0;
    for (const value of x) total += value;
    out[0] += scale * total;
  },

  sumOfSquares({ out, x }) {
    let total = 0;
    for (const value of x) total += value * value;
    out[0] += total;
  },

  softCap({ x }, { cap }) {
    for (let i = 0; i < x.length; i++) x[i] = cap * Math.tanh(x[i] / cap);
  },

  softCapGradient({ d, y }, { cap }) {
    for (let i = 0; i < d.length; i++) d[i] *= 1 - (y[i] / cap) ** 2;
  },

  tanhForward({ y, x }) {
    for (let i = 0; i < y.length; i++) y[i] = Math.tanh(x[i]);
  },

  tanhBackward({ dx, dy, y }) {
    for (let i = 0; i < dx.length; i++) {
      dx[i] += dy[i] * (1 - y[i] ** 2);
    }
  },

  sigmoidForward({ y, x }) {
    for (let i = 0; i < y.length; i++) y[i] = sigmoid(x[i]);
  },

  sigmoidBackward({ dx, dy, y }) {
    for (let i = 0; i < dx.length; i++) {
      dx[i] += dy[i] * y[i] * (1 - y[i]);
    }
  },

  squaredReluForward({ y, x }) {
    for (let i = 0; i < y.length; i++) y[i] = Math.max(x[i], 0) ** 2;
  },

  squaredReluBackward({ dx, dy, x }) {
    for (let i = 0; i < dx.length; i++) {
      dx[i] += 2 * Math.max(x[i], 0) * dy[i];
    }
  },

  sigmoidGateForward({ y, r, v }) {
    for (let i = 0; i < y.length; i++) y[i] = sigmoid(r[i]) * v[i];
  },

  sigmoidGateBackward({ dr, dv, dy, r, v }) {
    for (let i = 0; i < dy.length; i++) {
      const gate = sigmoid(r[i]);
      dr[i] += dy[i] * v[i] * gate * (1 - gate);
      dv[i] += dy[i] * gate;
    }
  },

  residualForward({ y, x, branch }, dropout) {
    for (let i = 0; i < y.length; i++) {
      y[i] = x[i] + keep(dropout, i) * branch[i];
    }
  },

  residualBackward({ dx, dBranch, dy }, dropout) {
    for (let i = 0; i < dy.length; i++) {
      dx[i] += dy[i];
      dBranch[i] += keep(dropout, i) * dy[i];
    }
  },
};

/** 0 for a dropped element, else what scales the kept ones up. */
function keep({ rate, key }: Dropout, i: number): number {
  if (rate === 0) return 1;
  const uniform = (hash32(key ^ hash32(i)) >>> 8) * 2 ** -24;
  return uniform >= rate ? 1 / (1 - rate) : 0;
}
