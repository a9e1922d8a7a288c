/**
 * The plain loops of what follows the gradients: AdamW, Muon, averages.
 *
 * @module
 */

import type { Loops } from "./loops.ts";

/** By op. */
export const UPDATE_LOOPS: Loops<
  | "adamW"
  | "muonDirection"
  | "divideByNorm"
  | "matrixPolynomial"
  | "muonUpdate"
  | "movingAverage"
> = {
  adamW(
    { parameters, gradients, firstMoments, secondMoments, squaredNorm },
    options,
  ) {
    const { learningRate, beta1, beta2, epsilon, weightDecay, step } = options;
    const { cautious = false } = options;
    const { norm, scale } = clipping(squaredNorm[0], options);
    if (Number.isFinite(norm)) {
      const p = parameters, m = firstMoments, v = secondMoments;
      for (let i = 0; i < p.length; i++) {
        const g = gradients[i] * scale;
        m[i] = beta1 * m[i] + (1 - beta1) * g;
        v[i] = beta2 * v[i] + (1 - beta2) * g * g;
        const mean = m[i] / (1 - beta1 ** step);
        const variance = v[i] / (1 - beta2 ** step);
        const decay = cautious && !(m[i] * p[i] > 0) ? 0 : weightDecay;
        p[i] -= learningRate *
          (mean / (Math.sqrt(variance) + epsilon) + decay * p[i]);
      }
    }
    gradients.fill(0);
  },

  muonDirection({ gradients: g, momentum: m, squaredNorm }, options) {
    const { momentum } = options;
    const { norm, scale } = clipping(squaredNorm[0], options);
    if (!Number.isFinite(norm)) {
      g.fill(0);
      return;
    }
    for (let i = 0; i < g.length; i++) {
      const own = g[i] * scale;
      m[i] = momentum * m[i] + (1 - momentum) * own;
      g[i] = momentum * m[i] + (1 - momentum) * own;
    }
  },

  divideByNorm({ x, squaredNorm }, { margin, epsilon }) {
    const divisor = margin * Math.sqrt(squaredNorm[0]) + epsilon;
    for (let i = 0; i < x.length; i++) x[i] /= divisor;
  },

  matrixPolynomial({ y, x }, { rows, width, constant, linear, quadratic }) {
    for (let i = 0; i < rows * width; i++) {
      const isDiagonal = Math.floor(i / width) === i % width;
      y[i] = (isDiagonal ? constant : 0) + linear * x[i] + quadratic * y[i];
    }
  },

  muonUpdate({ parameters: p, gradients, direction, squaredNorm }, options) {
    const { learningRate, scale, weightDecay, cautious = false } = options;
    if (Number.isFinite(squaredNorm[0])) {
      for (let i = 0; i < p.length; i++) {
        const decay = cautious && !(direction[i] * p[i] > 0) ? 0 : weightDecay;
        p[i] -= learningRate * (scale * direction[i] + decay * p[i]);
      }
    }
    gradients.fill(0);
  },

  movingAverage({ average, x, squaredNorm }, { decay }) {
    if (!Number.isFinite(squaredNorm[0])) return;
    for (let i = 0; i < average.length; i++) {
      average[i] += (1 - decay) * (x[i] - average[i]);
    }
  },
};

/** The norm of all gradients, and what they are multiplied by for it. */
function clipping(
  squaredNorm: number,
  { clipNorm = Infinity }: { readonly clipNorm?: number },
): { norm: number; scale: number } {
  const norm = Math.sqrt(squaredNorm);
  return { norm, scale: norm > clipNorm ? clipNorm / norm : 1 };
}
