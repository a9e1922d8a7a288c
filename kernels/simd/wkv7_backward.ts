/**
 * The gradients of the RWKV-7 attention: chunk by chunk from the last, the
 * states before each of its tokens are made again from the kept one, then the
 * tokens are gone through backwards with the gradient of the state.
 */

import { STATE_CHUNK, Wkv7Backward } from "./jobs";
import {
  addAll,
  addUpTo,
  loadUpTo,
  madd,
  storeUpTo,
  sum4,
  sums4,
} from "./math";
import { dot, wkv7Step } from "./wkv7";

/**
 * The places in a head's part of the scratch, which begins at `made`: the states
 * before the tokens of a chunk, (n, n) each; D, the gradient of the state; the
 * products S κ of these tokens, a vector each; dHeld, the gradient of one.
 */
function stateAt(made: usize, t: usize, n: usize): usize {
  return made + 4 * t * n * n;
}

function gradientAt(made: usize, n: usize): usize {
  return stateAt(made, STATE_CHUNK, n);
}

function heldAt(made: usize, t: usize, n: usize): usize {
  return stateAt(made, STATE_CHUNK + 1, n) + 4 * t * n;
}

function heldGradientAt(made: usize, n: usize): usize {
  return heldAt(made, STATE_CHUNK, n);
}

/** Slices: (batch, heads). `states` are as `wkv7Forward` left them. */
export function wkv7Backward(
  start: usize,
  end: usize,
  job: Wkv7Backward,
): void {
  const dv = job.dv, dy = job.dy, r = job.r, input = job.input, v = job.v;
  const states = job.states, scratch = job.scratch;
  const time = job.time, width = job.width, n = job.headSize;
  const heads = width / n, bytes: usize = 4 * n * n;
  const chunks = (time + STATE_CHUNK - 1) / STATE_CHUNK;
  for (let item = start; item < end; item++) {
    const made = scratch + item * (STATE_CHUNK + 1) * (bytes + 4 * n);
    const D = gradientAt(made, n), dHeld = heldGradientAt(made, n);
    memory.fill(D, 0, bytes);
    const head: usize = 4 * (item / heads * time * width + item % heads * n);
    for (let chunk = chunks; chunk > 0; chunk--) {
      const first = (chunk - 1) * STATE_CHUNK;
      const count = min(STATE_CHUNK, time - first);
      memory.copy(made, states + (item * chunks + chunk - 1) * bytes, bytes);
      let at = head + 4 * first * width;
      for (let t: usize = 0; t < count; t++, at += 4 * width) {
        const S = stateAt(made, t, n), held = heldAt(made, t, n);
        const into = input + 4 * at;
        if (t + 1 == count) heldOf(held, S, into + 8 * n, n);
        else wkv7Step(S + bytes, S, dHeld, held, r + at, into, v + at, n);
      }
      for (let t = count; t > 0; t--) {
        at -= 4 * width;
        rowsBack(D, dv + at, dHeld, dy + at, r + at, input + 4 * at, n);
        columnsBack(job, at, made, t - 1);
      }
    }
    if (job.dState) addAll(job.dState + item * bytes, D, n * n);
  }
}

/** held = S κ. */
function heldOf(held: usize, S: usize, removal: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) {
    store<f32>(held + 4 * i, dot(S + 4 * i * n, removal, n));
  }
}

/** D += dy rᵀ, dv += D k, dHeld = -D (κ · a): sums along the rows of D. */
function rowsBack(
  D: usize,
  dv: usize,
  dHeld: usize,
  dy: usize,
  r: usize,
  input: usize,
  n: usize,
): void {
  for (let i: usize = 0; i < n; i += n % 8 == 0 ? 4 : 1) {
    const row = D + 4 * i * n, at: usize = 4 * i;
    if (n % 8 == 0) {
      fourRowsBack(row, dv + at, dHeld + at, dy + at, r, input, n);
    } else oneRowBack(row, dv + at, dHeld + at, dy + at, r, input, n);
  }
}

function fourRowsBack(
  row: usize,
  dv: usize,
  dHeld: usize,
  dy: usize,
  r: usize,
  input: usize,
  n: usize,
): void {
  const stride: usize = 4 * n;
  const row1 = row + stride, row2 = row1 + stride, row3 = row2 + stride;
  const key = input + stride, removal = key + stride, rate = removal + stride;
  const g0 = v128.load32_splat(dy), g1 = v128.load32_splat(dy, 4);
  const g2 = v128.load32_splat(dy, 8), g3 = v128.load32_splat(dy, 12);
  let k0 = f32x4.splat(0), k1 = k0, k2 = k0, k3 = k0;
  let b0 = k0, b1 = k0, b2 = k0, b3 = k0;
  for (let j: usize = 0; j < stride; j += 16) {
    const by = v128.load(r + j), k = v128.load(key + j);
    const b = f32x4.mul(v128.load(removal + j), v128.load(rate + j));
    let d = madd(g0, by, v128.load(row + j));
    v128.store(row + j, d);
    k0 = madd(d, k, k0);
    b0 = madd(d, b, b0);
    d = madd(g1, by, v128.load(row1 + j));
    v128.store(row1 + j, d);
    k1 = madd(d, k, k1);
    b1 = madd(d, b, b1);
    d = madd(g2, by, v128.load(row2 + j));
    v128.store(row2 + j, d);
    k2 = madd(d, k, k2);
    b2 = madd(d, b, b2);
    d = madd(g3, by, v128.load(row3 + j));
    v128.store(row3 + j, d);
    k3 = madd(d, k, k3);
    b3 = madd(d, b, b3);
  }
  v128.store(dv, f32x4.add(v128.load(dv), sums4(k0, k1, k2, k3)));
  v128.store(dHeld, f32x4.neg(sums4(b0, b1, b2, b3)));
}

function oneRowBack(
  row: usize,
  dv: usize,
  dHeld: usize,
  dy: usize,
  r: usize,
  input: usize,
  n: usize,
): void {
  const g = v128.load32_splat(dy);
  let sumK = f32x4.splat(0), sumB = sumK;
  for (let j: usize = 0; j < n; j += 4) {
    const at: usize = 4 * j, count = n - j;
    const d = madd(g, loadUpTo(r + at, count), loadUpTo(row + at, count));
    storeUpTo(row + at, d, count);
    sumK = madd(d, loadUpTo(input + 4 * n + at, count), sumK);
    const b = f32x4.mul(
      loadUpTo(input + 8 * n + at, count),
      loadUpTo(input + 12 * n + at, count),
    );
    sumB = madd(d, b, sumB);
  }
  store<f32>(dv, load<f32>(dv) + sum4(sumK));
  store<f32>(dHeld, -sum4(sumB));
}

/**
 * With S the state before the token, sums down the columns of D and S:
 * dw += Σ D ∘ S, dk += Dᵀ v, dκ += Sᵀ dHeld - a · Dᵀ held, da -= κ · Dᵀ held,
 * dr += Sᵀ_t dy = w · Sᵀ dy + k (v·dy) - κ · a (held·dy);
 * then D = D diag(w) + dHeld κᵀ.
 *
 * @param at Bytes from the start of each memory to the token's head; in those
 * of all four inputs, four times that.
 * @param made The head's part of the scratch.
 * @param t The token's place in its chunk.
 */
function columnsBack(
  job: Wkv7Backward,
  at: usize,
  made: usize,
  t: usize,
): void {
  const n = job.headSize, held = heldAt(made, t, n), dy = job.dy + at;
  const written = f32x4.splat(dot(job.v + at, dy, n));
  const takenOut = f32x4.splat(dot(held, dy, n));
  if (n % 8 == 0) {
    for (let j: usize = 0; j < n; j += 8) {
      eightColumnsBack(job, at, made, t, j, written, takenOut);
    }
  } else {
    for (let j: usize = 0; j < n; j += 4) {
      fourColumnsBack(job, at, made, t, j, written, takenOut);
    }
  }
}

/** The up to four columns from j on. */
function fourColumnsBack(
  job: Wkv7Backward,
  at: usize,
  made: usize,
  t: usize,
  j: usize,
  written: v128,
  takenOut: v128,
): void {
  const n = job.headSize, stride: usize = 4 * n, count = n - j;
  const held = heldAt(made, t, n), dHeld = heldGradientAt(made, n);
  const v = job.v + at, dy = job.dy + at, dr = job.dr + at + 4 * j;
  const D = gradientAt(made, n), S = stateAt(made, t, n);
  const input = job.input + 4 * at + 4 * j;
  const w = loadUpTo(input, count);
  const removal = loadUpTo(input + 2 * stride, count);
  let sumW = f32x4.splat(0), sumK = sumW, sumB = sumW, sumA = sumW;
  let sumR = sumW;
  let here: usize = 4 * j;
  for (let i: usize = 0; i < stride; i += 4, here += stride) {
    const d = loadUpTo(D + here, count), s = loadUpTo(S + here, count);
    const back = v128.load32_splat(dHeld + i);
    sumW = madd(d, s, sumW);
    sumK = madd(d, v128.load32_splat(v + i), sumK);
    sumB = madd(d, v128.load32_splat(held + i), sumB);
    sumA = madd(s, back, sumA);
    sumR = madd(s, v128.load32_splat(dy + i), sumR);
    storeUpTo(D + here, madd(d, w, f32x4.mul(back, removal)), count);
  }
  addRead(dr, input, sumR, written, takenOut, stride, count);
  const dInput = job.dInput + 4 * at + 4 * j;
  addInput(dInput, input, sumW, sumK, sumB, sumA, stride, count);
}

/** The eight columns from j on. */
function eightColumnsBack(
  job: Wkv7Backward,
  at: usize,
  made: usize,
  t: usize,
  j: usize,
  written: v128,
  takenOut: v128,
): void {
  const n = job.headSize, stride: usize = 4 * n;
  const held = heldAt(made, t, n), dHeld = heldGradientAt(made, n);
  const v = job.v + at, dy = job.dy + at, dr = job.dr + at + 4 * j;
  let D = gradientAt(made, n) + 4 * j, S = stateAt(made, t, n) + 4 * j;
  const input = job.input + 4 * at + 4 * j;
  const removal = input + 2 * stride;
  let w0 = f32x4.splat(0), k0 = w0, b0 = w0, a0 = w0, r0 = w0;
  let w1 = w0, k1 = w0, b1 = w0, a1 = w0, r1 = w0;
  for (let i: usize = 0; i < stride; i += 4, D += stride, S += stride) {
    const d0 = v128.load(D), d1 = v128.load(D, 16);
    const s0 = v128.load(S), s1 = v128.load(S, 16);
    w0 = madd(d0, s0, w0);
    w1 = madd(d1, s1, w1);
    let by = v128.load32_splat(v + i);
    k0 = madd(d0, by, k0);
    k1 = madd(d1, by, k1);
    by = v128.load32_splat(held + i);
    b0 = madd(d0, by, b0);
    b1 = madd(d1, by, b1);
    by = v128.load32_splat(dy + i);
    r0 = madd(s0, by, r0);
    r1 = madd(s1, by, r1);
    by = v128.load32_splat(dHeld + i);
    a0 = madd(s0, by, a0);
    a1 = madd(s1, by, a1);
    const out0 = f32x4.mul(by, v128.load(removal));
    const out1 = f32x4.mul(by, v128.load(removal, 16));
    v128.store(D, madd(d0, v128.load(input), out0));
    v128.store(D, madd(d1, v128.load(input, 16), out1), 16);
  }
  const dInput = job.dInput + 4 * at + 4 * j;
  addRead(dr, input, r0, written, takenOut, stride, 4);
  addInput(dInput, input, w0, k0, b0, a0, stride, 4);
  addRead(dr + 16, input + 16, r1, written, takenOut, stride, 4);
  addInput(dInput + 16, input + 16, w1, k1, b1, a1, stride, 4);
}

/** What a column's sums mean for dr; see {@link columnsBack}. */
function addRead(
  dr: usize,
  input: usize,
  sumR: v128,
  written: v128,
  takenOut: v128,
  stride: usize,
  count: usize,
): void {
  const w = loadUpTo(input, count), k = loadUpTo(input + stride, count);
  const removal = loadUpTo(input + 2 * stride, count);
  const a = loadUpTo(input + 3 * stride, count);
  const own = f32x4.relaxed_nmadd(
    f32x4.mul(removal, a),
    takenOut,
    f32x4.mul(k, written),
  );
  addUpTo(dr, madd(w, sumR, own), count);
}

/** What a column's sums mean for dw, dk, dκ and da. */
function addInput(
  dInput: usize,
  input: usize,
  sumW: v128,
  sumK: v128,
  sumB: v128,
  sumA: v128,
  stride: usize,
  count: usize,
): void {
  const removal = loadUpTo(input + 2 * stride, count);
  const a = loadUpTo(input + 3 * stride, count);
  addUpTo(dInput, sumW, count);
  addUpTo(dInput + stride, sumK, count);
  const toRemoval = f32x4.relaxed_nmadd(a, sumB, sumA);
  addUpTo(dInput + 2 * stride, toRemoval, count);
  addUpTo(dInput + 3 * stride, f32x4.neg(f32x4.mul(removal, sumB)), count);
}
