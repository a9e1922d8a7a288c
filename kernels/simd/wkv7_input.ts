/** What each token does to RWKV-7's state: decay, key, removal key, rate. */

import { Wkv7InputBackward, Wkv7InputForward } from "./jobs";
import {
  addUpTo,
  exp4,
  loadUpTo,
  madd,
  one4,
  sigmoid,
  sigmoid4,
  sigmoidSlope,
  storeUpTo,
  sum4,
  sumOfThree,
} from "./math";

/** -e^-½: the exponent of the strongest decay. */
const DECAY_RATE: f32 = -0.6065306597126334;

/** Least norm that a key is divided by. */
const LEAST_NORM: f32 = 1e-12;

/** 1 / max(‖key · keyScale‖, least norm) of a head. */
function scaleOf(key: usize, keyScale: usize, n: usize): f32 {
  let sum = f32x4.splat(0);
  for (let j: usize = 0; j < n; j += 4) {
    const z = f32x4.mul(
      loadUpTo(key + 4 * j, n - j),
      loadUpTo(keyScale + 4 * j, n - j),
    );
    sum = madd(z, z, sum);
  }
  return 1 / max(sqrt<f32>(sum4(sum)), LEAST_NORM);
}

/**
 * w = exp(-e^-½ · σ(decay + decayBias)), k = key · (1 + (a - 1) · keyRate),
 * κ = key · keyScale / its norm, a = σ(rate + rateBias). Slices: rows.
 */
export function wkv7InputForward(
  start: usize,
  end: usize,
  job: Wkv7InputForward,
): void {
  const y = job.y, key = job.key, decay = job.decay, rate = job.rate;
  const decayBias = job.decayBias, rateBias = job.rateBias;
  const keyScale = job.keyScale, keyRate = job.keyRate, width = job.width;
  const n = job.headSize;
  const strongest = f32x4.splat(DECAY_RATE);
  for (let row = start; row < end; row++) {
    for (let channel: usize = 0; channel < width; channel += n) {
      const first: usize = 4 * (row * width + channel);
      const c: usize = 4 * channel;
      const scale = f32x4.splat(scaleOf(key + first, keyScale + c, n));
      for (let j: usize = 0; j < n; j += 4) {
        const at = first + 4 * j, into = c + 4 * j, count = n - j;
        const to = y + 4 * first + 4 * j;
        const s = sigmoid4(f32x4.add(
          loadUpTo(decay + at, count),
          loadUpTo(decayBias + into, count),
        ));
        const a = sigmoid4(f32x4.add(
          loadUpTo(rate + at, count),
          loadUpTo(rateBias + into, count),
        ));
        const k = loadUpTo(key + at, count);
        const kept = f32x4.mul(
          f32x4.sub(a, one4()),
          loadUpTo(keyRate + into, count),
        );
        const z = f32x4.mul(k, loadUpTo(keyScale + into, count));
        storeUpTo(to, exp4(f32x4.mul(strongest, s)), count);
        storeUpTo(to + 4 * n, madd(k, kept, k), count);
        storeUpTo(to + 8 * n, f32x4.mul(z, scale), count);
        storeUpTo(to + 12 * n, a, count);
      }
    }
  }
}

/** The gradients of {@link wkv7InputForward}. Slices: heads. */
export function wkv7InputBackward(
  start: usize,
  end: usize,
  job: Wkv7InputBackward,
): void {
  const rows = job.rows, width = job.width, n = job.headSize;
  for (let row: usize = 0; row < rows; row++) {
    for (let head = start; head < end; head++) {
      const c: usize = 4 * head * n, first: usize = 4 * row * width + c;
      decayBack(job, first, c);
      rateBack(job, first, c);
      removalBack(job, first, c);
    }
  }
}

/**
 * dDecay += -dw · w · e^-½ · s(1 - s), s = σ(decay + bias); dBias likewise.
 *
 * @param first Bytes from the start of a memory of all rows to the head.
 * @param c The same in a memory of one row.
 */
function decayBack(job: Wkv7InputBackward, first: usize, c: usize): void {
  const dDecay = job.dDecay + first, dBias = job.dDecayBias + c;
  const dw = job.dy + 4 * first, n = job.headSize;
  const decay = job.decay + first, bias = job.decayBias + c;
  const strongest = f32x4.splat(DECAY_RATE);
  for (let j: usize = 0; j < n; j += 4) {
    const at: usize = 4 * j, count = n - j;
    const x = f32x4.add(
      loadUpTo(decay + at, count),
      loadUpTo(bias + at, count),
    );
    const e = exp4(f32x4.neg(f32x4.abs(x)));
    const w = exp4(f32x4.mul(strongest, sigmoid(x, e)));
    const slope = f32x4.mul(f32x4.mul(strongest, w), sigmoidSlope(e));
    const d = f32x4.mul(loadUpTo(dw + at, count), slope);
    addUpTo(dDecay + at, d, count);
    addUpTo(dBias + at, d, count);
  }
}

/**
 * dRate += (da + dk · key · keyRate) · a(1 - a), dKeyRate += dk · key · (a - 1),
 * dKey += dk · (1 + (a - 1) · keyRate).
 */
function rateBack(job: Wkv7InputBackward, first: usize, c: usize): void {
  const dKey = job.dKey + first, dRate = job.dRate + first;
  const dBias = job.dRateBias + c, dKeyRate = job.dKeyRate + c;
  const dy = job.dy + 4 * first, n = job.headSize;
  const key = job.key + first, rate = job.rate + first;
  const bias = job.rateBias + c, keyRate = job.keyRate + c;
  for (let j: usize = 0; j < n; j += 4) {
    const at: usize = 4 * j, count = n - j;
    const x = f32x4.add(loadUpTo(rate + at, count), loadUpTo(bias + at, count));
    const e = exp4(f32x4.neg(f32x4.abs(x)));
    const less = f32x4.sub(sigmoid(x, e), one4());
    const share = loadUpTo(keyRate + at, count);
    const dk = loadUpTo(dy + 4 * n + at, count);
    const along = f32x4.mul(dk, loadUpTo(key + at, count));
    const da = madd(along, share, loadUpTo(dy + 12 * n + at, count));
    const d = f32x4.mul(da, sigmoidSlope(e));
    addUpTo(dRate + at, d, count);
    addUpTo(dBias + at, d, count);
    addUpTo(dKeyRate + at, f32x4.mul(along, less), count);
    addUpTo(dKey + at, madd(f32x4.mul(dk, less), share, dk), count);
  }
}

/** With z = key · keyScale: dz = (dκ - κ (κ·dκ)) / ‖z‖. */
function removalBack(job: Wkv7InputBackward, first: usize, c: usize): void {
  const dKey = job.dKey + first, dKeyScale = job.dKeyScale + c;
  const n = job.headSize, dRemoval = job.dy + 4 * first + 8 * n;
  const key = job.key + first, keyScale = job.keyScale + c;
  const scale = scaleOf(key, keyScale, n);
  const sum = sumOfThree(key, keyScale, dRemoval, n);
  // κ·dκ / ‖z‖, but for a norm that was held up and so is a constant.
  const isHeldUp = scale * LEAST_NORM >= 1;
  const along = f32x4.splat(isHeldUp ? 0 : sum * scale * scale);
  const scales = f32x4.splat(scale);
  for (let j: usize = 0; j < n; j += 4) {
    const at: usize = 4 * j, count = n - j;
    const k = loadUpTo(key + at, count), by = loadUpTo(keyScale + at, count);
    const across = f32x4.relaxed_nmadd(
      f32x4.mul(k, by),
      along,
      loadUpTo(dRemoval + at, count),
    );
    const dz = f32x4.mul(across, scales);
    addUpTo(dKey + at, f32x4.mul(dz, by), count);
    addUpTo(dKeyScale + at, f32x4.mul(dz, k), count);
  }
}
