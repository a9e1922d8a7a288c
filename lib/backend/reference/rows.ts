/**
 * The plain loops of the ops whose rows are independent.
 *
 * @module
 */

import { type Loops, sigmoid, type Values } from "./loops.ts";

/** LayerNorm's ε, as in RWKV and Burn. */
const EPSILON = 1e-5;

/** By op. */
export const ROW_LOOPS: Loops<
  | "embeddingForward"
  | "embeddingBackward"
  | "layerNormForward"
  | "layerNormBackward"
  | "valueResidualForward"
  | "valueResidualBackward"
  | "softmaxGateForward"
  | "softmaxGateBackward"
  | "crossEntropy"
> = {
  embeddingForward({ y, weight, ids }, { rows, width }) {
    for (let row = 0; row < rows; row++) {
      const from = ids[row] * width;
      y.set(weight.subarray(from, from + width), row * width);
    }
  },

  embeddingBackward({ dWeight, dy, ids }, { rows, width }) {
    for (let row = 0; row < rows; row++) {
      const to = ids[row] * width;
      for (let c = 0; c < width; c++) dWeight[to + c] += dy[row * width + c];
    }
  },

  layerNormForward({ y, stats, x, weight, bias }, { rows, width }) {
    for (let row = 0; row < rows; row++) {
      const at = row * width;
      const values = x.subarray(at, at + width);
      let mean = 0, variance = 0;
      for (const value of values) mean += value / width;
      for (const value of values) variance += (value - mean) ** 2 / width;
      const scale = 1 / Math.sqrt(variance + EPSILON);
      for (let c = 0; c < width; c++) {
        y[at + c] = (values[c] - mean) * scale * weight[c] + bias[c];
      }
      stats[2 * row] = mean;
      stats[2 * row + 1] = scale;
    }
  },

  layerNormBackward(
    { dx, dWeight, dBias, dy, x, stats, weight },
    { rows, width },
  ) {
    // With x̂ = (x - mean)·scale and g = dy·weight:
    // dx = scale · (g - mean(g) - x̂ · mean(g·x̂)).
    for (let row = 0; row < rows; row++) {
      const at = row * width;
      const mean = stats[2 * row], scale = stats[2 * row + 1];
      let meanG = 0, meanGx = 0;
      for (let c = 0; c < width; c++) {
        const normal = (x[at + c] - mean) * scale;
        const g = dy[at + c] * weight[c];
        meanG += g / width;
        meanGx += g * normal / width;
        dWeight[c] += dy[at + c] * normal;
        dBias[c] += dy[at + c];
      }
      for (let c = 0; c < width; c++) {
        const normal = (x[at + c] - mean) * scale;
        const g = dy[at + c] * weight[c];
        dx[at + c] += scale * (g - meanG - normal * meanGx);
      }
    }
  },

  valueResidualForward({ y, v, first, share, bias }, { rows, width }) {
    for (let i = 0; i < rows * width; i++) {
      const s = sigmoid(share[i] + bias[i % width]);
      y[i] = v[i] + (first[i] - v[i]) * s;
    }
  },

  valueResidualBackward(
    { dv, dFirst, dShare, dBias, dy, v, first, share, bias },
    { rows, width },
  ) {
    for (let i = 0; i < rows * width; i++) {
      const s = sigmoid(share[i] + bias[i % width]);
      const slope = dy[i] * (first[i] - v[i]) * s * (1 - s);
      dv[i] += dy[i] * (1 - s);
      dFirst[i] += dy[i] * s;
      dShare[i] += slope;
      dBias[i % width] += slope;
    }
  },

  softmaxGateForward({ y, k, v }, { rows, width }) {
    for (let row = 0; row < rows; row++) {
      const at = row * width;
      const share = softmax(k.subarray(at, at + width));
      for (let c = 0; c < width; c++) y[at + c] = share[c] * v[at + c];
    }
  },

  softmaxGateBackward({ dk, dv, dy, k, v }, { rows, width }) {
    // With s = softmax(k) and g = dy·v: dk = s · (g - Σ s·g), dv = dy·s.
    for (let row = 0; row < rows; row++) {
      const at = row * width;
      const share = softmax(k.subarray(at, at + width));
      let mean = 0;
      for (let c = 0; c < width; c++) {
        mean += share[c] * dy[at + c] * v[at + c];
      }
      for (let c = 0; c < width; c++) {
        const d = dy[at + c];
        dk[at + c] += share[c] * (d * v[at + c] - mean);
        dv[at + c] += d * share[c];
      }
    }
  },

  crossEntropy(
    { losses, logits, targets, weights },
    { rows, width, firstTarget, gradientScale },
  ) {
    for (let row = 0; row < rows; row++) {
      const z = logits.subarray(row * width, (row + 1) * width);
      const target = targets[firstTarget + row];
      const max = maxOf(z);
      let total = 0;
      for (const value of z) total += Math.exp(value - max);
      const weight = weights?.[row] ?? 1;
      losses[row] = weight * (Math.log(total) + max - z[target]);
      if (gradientScale === undefined) continue;
      for (let j = 0; j < width; j++) {
        const share = Math.exp(z[j] - max) / total;
        z[j] = gradientScale * weight * (share - (j === target ? 1 : 0));
      }
    }
  },
};
function softmax(z: Values): Float64Array {
  const max = maxOf(z);
  const share = Float64Array.from(z, (value) => Math.exp(value - max));
  const total = share.reduce((a, b) => a + b, 0);
  return share.map((value) => value / total);
}

function maxOf(z: Values): number {
  let max = -Infinity;
  for (const value of z) max = Math.max(max, value);
  return max;
}
