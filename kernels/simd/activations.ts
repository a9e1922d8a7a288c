/** Squared relu, soft cap, tanh, sigmoid, sigmoid gate, softmax gate. */

import {
  SigmoidBackward,
  SigmoidForward,
  SigmoidGateBackward,
  SigmoidGateForward,
  SoftCap,
  SoftCapGradient,
  SoftmaxGateBackward,
  SoftmaxGateForward,
  SquaredReluBackward,
  SquaredReluForward,
  TanhBackward,
  TanhForward,
} from "./jobs";
import {
  exp4,
  loadPart,
  loadUpTo,
  madd,
  maskOf,
  maxOf,
  one4,
  sigmoid,
  sigmoid4,
  sigmoidSlope,
  storePart,
  storeUpTo,
  sum4,
  tanh4,
} from "./math";

/** y = max(x, 0)². Slices: values. */
export function squaredReluForward(
  start: usize,
  end: usize,
  job: SquaredReluForward,
): void {
  const y = job.y, x = job.x;
  let i = start;
  for (; i + 4 <= end; i += 4) {
    const positive = relu(v128.load(x + 4 * i));
    v128.store(y + 4 * i, f32x4.mul(positive, positive));
  }
  if (i < end) {
    const positive = relu(loadPart(x + 4 * i, end - i));
    storePart(y + 4 * i, f32x4.mul(positive, positive), end - i);
  }
}

/** dx += 2 · max(x, 0) · dy. Slices: values. */
export function squaredReluBackward(
  start: usize,
  end: usize,
  job: SquaredReluBackward,
): void {
  const dx = job.dx, dy = job.dy, x = job.x;
  let i = start;
  for (; i + 4 <= end; i += 4) {
    const slope = relu(v128.load(x + 4 * i));
    const d = madd(
      f32x4.add(slope, slope),
      v128.load(dy + 4 * i),
      v128.load(dx + 4 * i),
    );
    v128.store(dx + 4 * i, d);
  }
  if (i < end) {
    const slope = relu(loadPart(x + 4 * i, end - i));
    const d = madd(
      f32x4.add(slope, slope),
      loadPart(dy + 4 * i, end - i),
      loadPart(dx + 4 * i, end - i),
    );
    storePart(dx + 4 * i, d, end - i);
  }
}

function relu(x: v128): v128 {
  return f32x4.pmax(x, f32x4.splat(0));
}

/** x = cap · tanh(x / cap). Slices: values. */
export function softCap(start: usize, end: usize, job: SoftCap): void {
  const x = job.x, cap = f32x4.splat(job.cap);
  for (let i = start; i < end; i += 4) {
    const at: usize = 4 * i, count = end - i;
    const inner = f32x4.div(loadUpTo(x + at, count), cap);
    storeUpTo(x + at, f32x4.mul(cap, tanh4(inner)), count);
  }
}

/** d = d · (1 - y / cap) · (1 + y / cap). Slices: values. */
export function softCapGradient(
  start: usize,
  end: usize,
  job: SoftCapGradient,
): void {
  const d = job.d, y = job.y, cap = f32x4.splat(job.cap);
  for (let i = start; i < end; i += 4) {
    const at: usize = 4 * i, count = end - i;
    const t = f32x4.div(loadUpTo(y + at, count), cap);
    const slope = f32x4.mul(f32x4.sub(one4(), t), f32x4.add(one4(), t));
    storeUpTo(d + at, f32x4.mul(loadUpTo(d + at, count), slope), count);
  }
}

/** y = tanh x. Slices: values. */
export function tanhForward(start: usize, end: usize, job: TanhForward): void {
  const y = job.y, x = job.x;
  for (let i = start; i < end; i += 4) {
    const at: usize = 4 * i, count = end - i;
    storeUpTo(y + at, tanh4(loadUpTo(x + at, count)), count);
  }
}

/** dx += dy · (1 - y²). Slices: values. */
export function tanhBackward(
  start: usize,
  end: usize,
  job: TanhBackward,
): void {
  const dx = job.dx, dy = job.dy, y = job.y;
  for (let i = start; i < end; i += 4) {
    const at: usize = 4 * i, count = end - i;
    const value = loadUpTo(y + at, count);
    const slope = f32x4.relaxed_nmadd(value, value, one4());
    const d = madd(loadUpTo(dy + at, count), slope, loadUpTo(dx + at, count));
    storeUpTo(dx + at, d, count);
  }
}

/** y = σ(x). Slices: values. */
export function sigmoidForward(
  start: usize,
  end: usize,
  job: SigmoidForward,
): void {
  const y = job.y, x = job.x;
  let i = start;
  for (; i + 4 <= end; i += 4) {
    v128.store(y + 4 * i, sigmoid4(v128.load(x + 4 * i)));
  }
  if (i < end) {
    const count = end - i;
    storePart(y + 4 * i, sigmoid4(loadPart(x + 4 * i, count)), count);
  }
}

/** dx += dy · y(1 - y). Slices: values. */
export function sigmoidBackward(
  start: usize,
  end: usize,
  job: SigmoidBackward,
): void {
  const dx = job.dx, dy = job.dy, y = job.y;
  for (let i = start; i < end; i += 4) {
    const at: usize = 4 * i, count = end - i;
    const value = loadUpTo(y + at, count);
    const slope = f32x4.mul(value, f32x4.sub(one4(), value));
    const d = madd(loadUpTo(dy + at, count), slope, loadUpTo(dx + at, count));
    storeUpTo(dx + at, d, count);
  }
}

/** y = σ(r) · v. Slices: values. */
export function sigmoidGateForward(
  start: usize,
  end: usize,
  job: SigmoidGateForward,
): void {
  const y = job.y, r = job.r, v = job.v;
  let i = start;
  for (; i + 4 <= end; i += 4) {
    const gate = sigmoid4(v128.load(r + 4 * i));
    v128.store(y + 4 * i, f32x4.mul(gate, v128.load(v + 4 * i)));
  }
  if (i < end) {
    const gate = sigmoid4(loadPart(r + 4 * i, end - i));
    const product = f32x4.mul(gate, loadPart(v + 4 * i, end - i));
    storePart(y + 4 * i, product, end - i);
  }
}

/** dr += dy · v · σ(r)(1 - σ(r)), dv += dy · σ(r). Slices: values. */
export function sigmoidGateBackward(
  start: usize,
  end: usize,
  job: SigmoidGateBackward,
): void {
  const dr = job.dr, dv = job.dv, dy = job.dy, r = job.r, v = job.v;
  for (let i = start; i < end; i += 4) {
    const at: usize = 4 * i, count = end - i;
    const gradient = loadUpTo(dy + at, count);
    const input = loadUpTo(r + at, count);
    const e = exp4(f32x4.neg(f32x4.abs(input)));
    const gate = sigmoid(input, e);
    const slope = f32x4.mul(gradient, sigmoidSlope(e));
    const value = loadUpTo(v + at, count);
    storeUpTo(dr + at, madd(slope, value, loadUpTo(dr + at, count)), count);
    storeUpTo(dv + at, madd(gradient, gate, loadUpTo(dv + at, count)), count);
  }
}

/** y = softmax(k) · v, row by row. Slices: rows. */
export function softmaxGateForward(
  start: usize,
  end: usize,
  job: SoftmaxGateForward,
): void {
  const y = job.y, k = job.k, v = job.v, width = job.width;
  for (let row = start; row < end; row++) {
    const at: usize = 4 * row * width;
    const max = f32x4.splat(maxOf(k + at, width));
    let total = f32x4.splat(0);
    for (let i: usize = 0; i < width; i += 4) {
      const e = shareOf(k + at + 4 * i, max, width - i);
      storeUpTo(y + at + 4 * i, e, width - i);
      total = f32x4.add(total, e);
    }
    const scale = f32x4.splat(1 / sum4(total));
    for (let i: usize = 0; i < width; i += 4) {
      const to = y + at + 4 * i;
      const share = f32x4.mul(loadUpTo(to, width - i), scale);
      const value = loadUpTo(v + at + 4 * i, width - i);
      storeUpTo(to, f32x4.mul(share, value), width - i);
    }
  }
}

/** s = softmax(k): dk += s · (dy·v - Σ s·dy·v), dv += dy · s. Slices: rows. */
export function softmaxGateBackward(
  start: usize,
  end: usize,
  job: SoftmaxGateBackward,
): void {
  const dk = job.dk, dv = job.dv, dy = job.dy, k = job.k, v = job.v;
  const width = job.width;
  for (let row = start; row < end; row++) {
    const at: usize = 4 * row * width;
    const max = f32x4.splat(maxOf(k + at, width));
    let total = f32x4.splat(0), weighted = total;
    for (let i: usize = 0; i < width; i += 4) {
      const here: usize = at + 4 * i, count = width - i;
      const e = shareOf(k + here, max, count);
      const g = f32x4.mul(
        loadUpTo(dy + here, count),
        loadUpTo(v + here, count),
      );
      total = f32x4.add(total, e);
      weighted = madd(e, g, weighted);
    }
    const sum = sum4(total);
    const scale = f32x4.splat(1 / sum);
    const mean = f32x4.splat(sum4(weighted) / sum);
    for (let i: usize = 0; i < width; i += 4) {
      const here: usize = at + 4 * i, count = width - i;
      const share = f32x4.mul(shareOf(k + here, max, count), scale);
      const d = loadUpTo(dy + here, count);
      const g = f32x4.mul(d, loadUpTo(v + here, count));
      const oldK = loadUpTo(dk + here, count),
        oldV = loadUpTo(dv + here, count);
      storeUpTo(dk + here, madd(share, f32x4.sub(g, mean), oldK), count);
      storeUpTo(dv + here, madd(share, d, oldV), count);
    }
  }
}

/** e^(k - max) of up to four values, 0 in lanes beyond the row. */
function shareOf(k: usize, max: v128, count: usize): v128 {
  if (count >= 4) return exp4(f32x4.sub(v128.load(k), max));
  return v128.and(exp4(f32x4.sub(loadPart(k, count), max)), maskOf(count));
}
