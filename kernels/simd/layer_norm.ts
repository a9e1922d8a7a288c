/** LayerNorm over the channels of a row. */

import { LayerNormBackward, LayerNormForward } from "./jobs";
import { addUpTo, loadUpTo, madd, maskOf, storeUpTo, sum4 } from "./math";

/** LayerNorm's ε, as in the reference backend. */
const EPSILON: f32 = 1e-5;

/** y = (x - mean) · scale · weight + bias, with the stats. Slices: rows. */
export function layerNormForward(
  start: usize,
  end: usize,
  job: LayerNormForward,
): void {
  const y = job.y, stats = job.stats, x = job.x, weight = job.weight;
  const bias = job.bias, width = job.width;
  for (let row = start; row < end; row++) {
    const from = x + 4 * row * width, to = y + 4 * row * width;
    let sum = f32x4.splat(0);
    for (let i: usize = 0; i < width; i += 4) {
      sum = f32x4.add(sum, loadUpTo(from + 4 * i, width - i));
    }
    const mean = sum4(sum) / <f32> width;
    const center = f32x4.splat(mean);
    let squares = f32x4.splat(0);
    for (let i: usize = 0; i < width; i += 4) {
      let off = f32x4.sub(loadUpTo(from + 4 * i, width - i), center);
      if (width - i < 4) off = v128.and(off, maskOf(width - i));
      squares = madd(off, off, squares);
    }
    const variance = sum4(squares) / <f32> width;
    const scale: f32 = 1 / sqrt<f32>(variance + EPSILON);
    store<f32>(stats + 8 * row, mean);
    store<f32>(stats + 8 * row, scale, 4);
    const factor = f32x4.splat(scale);
    for (let i: usize = 0; i < width; i += 4) {
      const count = width - i;
      const off = f32x4.sub(loadUpTo(from + 4 * i, count), center);
      const value = madd(
        f32x4.mul(off, factor),
        loadUpTo(weight + 4 * i, count),
        loadUpTo(bias + 4 * i, count),
      );
      storeUpTo(to + 4 * i, value, count);
    }
  }
}

/**
 * With x̂ = (x - mean) · scale and g = dy · weight:
 * dx += scale · (g - mean(g) - x̂ · mean(g·x̂)). Slices: rows.
 */
export function layerNormBackward(
  start: usize,
  end: usize,
  job: LayerNormBackward,
): void {
  const dx = job.dx, dy = job.dy, x = job.x, stats = job.stats;
  const weight = job.weight, width = job.width;
  for (let row = start; row < end; row++) {
    const at: usize = 4 * row * width;
    const mean = v128.load32_splat(stats + 8 * row);
    const scale = v128.load32_splat(stats + 8 * row, 4);
    let sumG = f32x4.splat(0), sumGx = sumG;
    for (let i: usize = 0; i < width; i += 4) {
      const here: usize = at + 4 * i, count = width - i;
      const off = f32x4.sub(loadUpTo(x + here, count), mean);
      const g = f32x4.mul(
        loadUpTo(dy + here, count),
        loadUpTo(weight + 4 * i, count),
      );
      sumG = f32x4.add(sumG, g);
      sumGx = madd(g, f32x4.mul(off, scale), sumGx);
    }
    const meanG = f32x4.splat(sum4(sumG) / <f32> width);
    const meanGx = f32x4.splat(sum4(sumGx) / <f32> width);
    for (let i: usize = 0; i < width; i += 4) {
      const here: usize = at + 4 * i, count = width - i;
      const off = f32x4.sub(loadUpTo(x + here, count), mean);
      const g = f32x4.mul(
        loadUpTo(dy + here, count),
        loadUpTo(weight + 4 * i, count),
      );
      const own = f32x4.relaxed_nmadd(
        f32x4.mul(off, scale),
        meanGx,
        f32x4.sub(g, meanG),
      );
      addUpTo(dx + here, f32x4.mul(own, scale), count);
    }
  }
}

/** dWeight += Σ_rows dy · x̂, dBias += Σ_rows dy. Slices: columns. */
export function layerNormBackwardParameters(
  start: usize,
  end: usize,
  job: LayerNormBackward,
): void {
  const dWeight = job.dWeight, dBias = job.dBias, dy = job.dy, x = job.x;
  const stats = job.stats, rows = job.rows, width = job.width;
  for (let i = start; i < end; i += 4) {
    const count = end - i;
    let sumX = f32x4.splat(0), sum = sumX;
    for (let row: usize = 0; row < rows; row++) {
      const here: usize = 4 * (row * width + i);
      const mean = v128.load32_splat(stats + 8 * row);
      const scale = v128.load32_splat(stats + 8 * row, 4);
      const d = loadUpTo(dy + here, count);
      const off = f32x4.sub(loadUpTo(x + here, count), mean);
      sumX = madd(d, f32x4.mul(off, scale), sumX);
      sum = f32x4.add(sum, d);
    }
    addUpTo(dWeight + 4 * i, sumX, count);
    addUpTo(dBias + 4 * i, sum, count);
  }
}
