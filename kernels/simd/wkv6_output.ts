/** What becomes of RWKV-6's attention: GroupNorm by head, gate · σ(gate). */

import { meanOf, scaleOf } from "./group_norm";
import { Wkv6OutputBackward, Wkv6OutputForward } from "./jobs";
import {
  addUpTo,
  exp4,
  loadUpTo,
  madd,
  sigmoid,
  sigmoidSlope,
  storeUpTo,
  sum4,
} from "./math";

/** y = (GroupNorm(x) · weight + bias) · gate · σ(gate). Slices: rows. */
export function wkv6OutputForward(
  start: usize,
  end: usize,
  job: Wkv6OutputForward,
): void {
  const weight = job.weight, bias = job.bias;
  const width = job.width, n = job.headSize;
  for (let row = start; row < end; row++) {
    for (let channel: usize = 0; channel < width; channel += n) {
      const first: usize = 4 * (row * width + channel), c: usize = 4 * channel;
      const x = job.x + first, gate = job.gate + first, y = job.y + first;
      const mean = meanOf(x, n), center = f32x4.splat(mean);
      const scale = f32x4.splat(scaleOf(x, mean, n));
      for (let j: usize = 0; j < 4 * n; j += 16) {
        const count = n - j / 4;
        const off = f32x4.sub(loadUpTo(x + j, count), center);
        const normal = madd(
          f32x4.mul(off, scale),
          loadUpTo(weight + c + j, count),
          loadUpTo(bias + c + j, count),
        );
        const z = loadUpTo(gate + j, count);
        const s = sigmoid(z, exp4(f32x4.neg(f32x4.abs(z))));
        storeUpTo(y + j, f32x4.mul(normal, f32x4.mul(z, s)), count);
      }
    }
  }
}

/** The gradients of {@link wkv6OutputForward}. Slices: heads. */
export function wkv6OutputBackward(
  start: usize,
  end: usize,
  job: Wkv6OutputBackward,
): void {
  const rows = job.rows, width = job.width, n = job.headSize;
  for (let row: usize = 0; row < rows; row++) {
    for (let head = start; head < end; head++) {
      const c: usize = 4 * head * n;
      returnHead(job, 4 * row * width + c, c);
    }
  }
}

/**
 * With s = σ(gate), u = dy · gate · s, g = u · weight and x̂ the normalised x:
 * dx += scale · (g - mean(g) - x̂ · mean(g · x̂)), dWeight += u · x̂, dBias += u,
 * dGate += dy · (x̂ · weight + bias) · (s + gate · s(1 - s)).
 *
 * @param first Bytes from the start of a memory of all rows to the head.
 * @param c The same in a memory of one row.
 */
function returnHead(job: Wkv6OutputBackward, first: usize, c: usize): void {
  const dx = job.dx + first, dGate = job.dGate + first, dy = job.dy + first;
  const dWeight = job.dWeight + c, dBias = job.dBias + c, x = job.x + first;
  const gate = job.gate + first, weight = job.weight + c, bias = job.bias + c;
  const n = job.headSize, mean = meanOf(x, n), center = f32x4.splat(mean);
  const scale = f32x4.splat(scaleOf(x, mean, n));
  let sumG = f32x4.splat(0), sumGx = sumG;
  for (let j: usize = 0; j < 4 * n; j += 16) {
    const count = n - j / 4;
    const d = loadUpTo(dy + j, count), by = loadUpTo(weight + j, count);
    const z = loadUpTo(gate + j, count), e = exp4(f32x4.neg(f32x4.abs(z)));
    const s = sigmoid(z, e);
    const off = f32x4.sub(loadUpTo(x + j, count), center);
    const normal = f32x4.mul(off, scale);
    const u = f32x4.mul(d, f32x4.mul(z, s)), g = f32x4.mul(u, by);
    sumG = f32x4.add(sumG, g);
    sumGx = madd(g, normal, sumGx);
    const before = madd(normal, by, loadUpTo(bias + j, count));
    const slope = madd(z, sigmoidSlope(e), s);
    addUpTo(dGate + j, f32x4.mul(f32x4.mul(d, before), slope), count);
    addUpTo(dWeight + j, f32x4.mul(u, normal), count);
    addUpTo(dBias + j, u, count);
  }
  const meanG = f32x4.splat(sum4(sumG) / <f32> n);
  const meanGx = f32x4.splat(sum4(sumGx) / <f32> n);
  for (let j: usize = 0; j < 4 * n; j += 16) {
    const count = n - j / 4, z = loadUpTo(gate + j, count);
    const s = sigmoid(z, exp4(f32x4.neg(f32x4.abs(z))));
    const u = f32x4.mul(loadUpTo(dy + j, count), f32x4.mul(z, s));
    const g = f32x4.mul(u, loadUpTo(weight + j, count));
    const off = f32x4.sub(loadUpTo(x + j, count), center);
    const own = f32x4.relaxed_nmadd(
      f32x4.mul(off, scale),
      meanGx,
      f32x4.sub(g, meanG),
    );
    addUpTo(dx + j, f32x4.mul(own, scale), count);
  }
}
