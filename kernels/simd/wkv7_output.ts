/** What becomes of RWKV-7's attention: GroupNorm by head, bonus, gate. */

import { meanOf, scaleOf } from "./group_norm";
import { Wkv7OutputBackward, Wkv7OutputForward } from "./jobs";
import { addUpTo, loadUpTo, madd, storeUpTo, sum4, sumOfThree } from "./math";

/**
 * y = (GroupNorm(x) · weight + bias + (Σ_j r_j k_j bonus_j) · v) · gate.
 * Slices: rows.
 */
export function wkv7OutputForward(
  start: usize,
  end: usize,
  job: Wkv7OutputForward,
): void {
  const y = job.y, x = job.x, r = job.r, input = job.input, v = job.v;
  const gate = job.gate, weight = job.weight, bias = job.bias;
  const bonus = job.bonus, width = job.width, n = job.headSize;
  for (let row = start; row < end; row++) {
    for (let channel: usize = 0; channel < width; channel += n) {
      const first: usize = 4 * (row * width + channel);
      const c: usize = 4 * channel;
      const k = input + 4 * first + 4 * n;
      const own = f32x4.splat(sumOfThree(r + first, k, bonus + c, n));
      const mean = meanOf(x + first, n);
      const scale = f32x4.splat(scaleOf(x + first, mean, n));
      const center = f32x4.splat(mean);
      for (let j: usize = 0; j < n; j += 4) {
        const at = first + 4 * j, into = c + 4 * j, count = n - j;
        const off = f32x4.sub(loadUpTo(x + at, count), center);
        const normal = madd(
          f32x4.mul(off, scale),
          loadUpTo(weight + into, count),
          loadUpTo(bias + into, count),
        );
        const sum = madd(own, loadUpTo(v + at, count), normal);
        storeUpTo(y + at, f32x4.mul(sum, loadUpTo(gate + at, count)), count);
      }
    }
  }
}

/** The gradients of {@link wkv7OutputForward}. Slices: heads. */
export function wkv7OutputBackward(
  start: usize,
  end: usize,
  job: Wkv7OutputBackward,
): void {
  const r = job.r, input = job.input, bonus = job.bonus;
  const rows = job.rows, width = job.width, n = job.headSize;
  for (let row: usize = 0; row < rows; row++) {
    for (let head = start; head < end; head++) {
      const c: usize = 4 * head * n, first: usize = 4 * row * width + c;
      const k = input + 4 * first + 4 * n; // of w, k, κ, a
      normBack(job, first, c, sumOfThree(r + first, k, bonus + c, n));
      bonusBack(job, first, c);
    }
  }
}

/**
 * With u = dy · gate, g = u · weight and x̂ the normalised x:
 * dx += scale · (g - mean(g) - x̂ · mean(g·x̂)), dWeight += u · x̂, dBias += u,
 * dv += u · own, dGate += dy · (x̂ · weight + bias + own · v).
 *
 * @param first Bytes from the start of a memory of all rows to the head.
 * @param c The same in a memory of one row.
 */
function normBack(
  job: Wkv7OutputBackward,
  first: usize,
  c: usize,
  own: f32,
): void {
  const dx = job.dx + first, dv = job.dv + first, dGate = job.dGate + first;
  const dWeight = job.dWeight + c, dBias = job.dBias + c, dy = job.dy + first;
  const x = job.x + first, v = job.v + first, gate = job.gate + first;
  const weight = job.weight + c, bias = job.bias + c, n = job.headSize;
  const mean = meanOf(x, n);
  const center = f32x4.splat(mean), owns = f32x4.splat(own);
  const scale = f32x4.splat(scaleOf(x, mean, n));
  let sumG = f32x4.splat(0), sumGx = sumG;
  for (let j: usize = 0; j < n; j += 4) {
    const at: usize = 4 * j, count = n - j;
    const d = loadUpTo(dy + at, count), by = loadUpTo(weight + at, count);
    const off = f32x4.sub(loadUpTo(x + at, count), center);
    const normal = f32x4.mul(off, scale);
    const u = f32x4.mul(d, loadUpTo(gate + at, count));
    const g = f32x4.mul(u, by);
    sumG = f32x4.add(sumG, g);
    sumGx = madd(g, normal, sumGx);
    const value = loadUpTo(v + at, count);
    const before = madd(
      owns,
      value,
      madd(normal, by, loadUpTo(bias + at, count)),
    );
    addUpTo(dGate + at, f32x4.mul(d, before), count);
    addUpTo(dv + at, f32x4.mul(u, owns), count);
    addUpTo(dWeight + at, f32x4.mul(u, normal), count);
    addUpTo(dBias + at, u, count);
  }
  const meanG = f32x4.splat(sum4(sumG) / <f32> n);
  const meanGx = f32x4.splat(sum4(sumGx) / <f32> n);
  for (let j: usize = 0; j < n; j += 4) {
    const at: usize = 4 * j, count = n - j;
    const off = f32x4.sub(loadUpTo(x + at, count), center);
    const u = f32x4.mul(loadUpTo(dy + at, count), loadUpTo(gate + at, count));
    const g = f32x4.mul(u, loadUpTo(weight + at, count));
    const own = f32x4.relaxed_nmadd(
      f32x4.mul(off, scale),
      meanGx,
      f32x4.sub(g, meanG),
    );
    addUpTo(dx + at, f32x4.mul(own, scale), count);
  }
}

/**
 * With down = Σ dy · gate · v: dr += down · k · bonus, dk += down · r · bonus,
 * dBonus += down · r · k.
 */
function bonusBack(job: Wkv7OutputBackward, first: usize, c: usize): void {
  const n = job.headSize, into: usize = 4 * first + 4 * n;
  const dr = job.dr + first, dk = job.dInput + into, dBonus = job.dBonus + c;
  const dy = job.dy + first, v = job.v + first, gate = job.gate + first;
  const r = job.r + first, k = job.input + into, bonus = job.bonus + c;
  const down = f32x4.splat(sumOfThree(dy, gate, v, n));
  for (let j: usize = 0; j < n; j += 4) {
    const at: usize = 4 * j, count = n - j;
    const read = f32x4.mul(down, loadUpTo(r + at, count));
    const key = loadUpTo(k + at, count), by = loadUpTo(bonus + at, count);
    addUpTo(dr + at, f32x4.mul(down, f32x4.mul(key, by)), count);
    addUpTo(dk + at, f32x4.mul(read, by), count);
    addUpTo(dBonus + at, f32x4.mul(read, key), count);
  }
}
