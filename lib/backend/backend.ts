/**
 * The kernels a model may call, over opaque memory.
 *
 * Calls enqueue and return; only {@linkcode Backend.read} waits. Each op has a
 * forward and a backward; a backward always *adds* to the gradients it is
 * given, and takes `undefined` for one that nobody needs. Matrices are
 * row-major; shapes stand beside each buffer. `reference.ts` is the plain
 * meaning of every method, and `tests/contract` holds the others to it.
 *
 * @module
 */

import type { SamplingOptions } from "./sampling.ts";

/** Device memory for f32 values, owned by the backend that made it. */
export interface Memory {
  /** How many values it holds. */
  readonly length: number;
}

/** Device memory for token ids. */
export interface Indices {
  /** How many ids it holds. */
  readonly length: number;
}

/** Extents of a matrix whose rows are independent. */
export interface RowShape {
  /** Number of rows; batch x time, flattened. */
  readonly rows: number;
  /** Values in a row. */
  readonly width: number;
}

/** Extents of a batch of sequences: (batch, time, width). */
export interface SequenceShape {
  /** Independent sequences. */
  readonly batch: number;
  /** Tokens in each. */
  readonly time: number;
  /** Channels of a token. */
  readonly width: number;
}

/** Extents of rows whose channels form heads. */
export interface HeadRowShape extends RowShape {
  /** Channels of a head; divides the width. */
  readonly headSize: number;
}

/** Extents of a batch of sequences whose channels form heads. */
export interface HeadShape extends SequenceShape {
  /** Channels of a head; divides the width. */
  readonly headSize: number;
}

/** Tokens from one state that the RWKV-7 attention keeps to the next. */
export const WKV7_CHUNK = 16;

/** Most outputs of one {@linkcode Backend.tokenLerpForward}. */
export const MAX_LERPS = 6;

/**
 * How many values the states hold that {@linkcode Backend.wkv7Forward} keeps
 * for its backward: (batch, heads, ⌈time / 16⌉, headSize, headSize).
 */
export function wkv7StatesLength(
  { batch, time, width, headSize }: HeadShape,
): number {
  return batch * Math.ceil(time / WKV7_CHUNK) * width * headSize;
}

/**
 * How many values {@linkcode Backend.wkv7Backward} needs of scratch: room, for
 * each sequence and head, for the states before a chunk's tokens and the
 * gradient of the state, and for a vector of a head beside each.
 */
export function wkv7ScratchLength(
  { batch, width, headSize }: HeadShape,
): number {
  return batch * width * (WKV7_CHUNK + 1) * (headSize + 1);
}

/** Options of {@linkcode Backend.matmul}. */
export interface MatmulOptions {
  /** Use aᵀ: `a` is stored (k, m). */
  readonly transposeA?: boolean;
  /** Use bᵀ: `b` is stored (n, k). */
  readonly transposeB?: boolean;
  /** Add to `out` instead of overwriting it. */
  readonly accumulate?: boolean;
}

/** Which elements a dropout keeps: a function of the key and the position. */
export interface Dropout {
  /** Share of elements set to zero, in [0, 1). */
  readonly rate: number;
  /** 32-bit key, such as `hashKey(seed, step, layer)`. */
  readonly key: number;
}

/** One AdamW update (Loshchilov & Hutter 2019, decoupled weight decay). */
export interface AdamWOptions {
  /** η of this step. */
  readonly learningRate: number;
  /** β₁. */
  readonly beta1: number;
  /** β₂. */
  readonly beta2: number;
  /** ε, outside the root. */
  readonly epsilon: number;
  /** λ; the parameter shrinks by η·λ. */
  readonly weightDecay: number;
  /** Gradients are scaled down to this global norm; absent for no clipping. */
  readonly clipNorm?: number;
  /** 1 for the first update; for the bias corrections. */
  readonly step: number;
}

/** Every kernel; see the module's description. */
export interface Backend extends Disposable {
  /** Short name, as `--backend` takes it. */
  readonly name: string;
  /** For people: threads, library, kernels in use. */
  readonly description: string;

  /** Reserves memory set to zero, for the life of the backend. */
  alloc(length: number): Memory;
  /** Reserves room for token ids. */
  allocIndices(length: number): Indices;
  /** A part of a memory, sharing it. `start` is a multiple of 64. */
  slice(memory: Memory, start: number, length: number): Memory;
  /** Copies values in; they may be fewer than the memory holds. */
  write(memory: Memory, values: Float32Array): void;
  /** Copies token ids in; they may be fewer than the memory holds. */
  writeIndices(indices: Indices, ids: ArrayLike<number>): void;
  /** Waits for the queue, then copies out. */
  read(memory: Memory): Promise<Float32Array>;
  /** Waits for the queue, once for all of them, then copies token ids out. */
  readIndices(indices: readonly Indices[]): Promise<Uint32Array[]>;

  /** out = value, everywhere. */
  fill(out: Memory, value: number): void;
  /** out += x. */
  add(out: Memory, x: Memory): void;
  /** out[0] += scale · Σ x, in an order that depends on the length only. */
  sum(out: Memory, x: Memory, scale: number): void;
  /** out[0] += Σ x², in an order that depends on the length only. */
  sumOfSquares(out: Memory, x: Memory): void;

  /**
   * Runs calls of which none uses what another one writes; a backend may do the
   * matrix products among them at once.
   *
   * @returns What `calls` returns.
   */
  together<T>(calls: () => T): T;

  /** out (m, n) = a (m, k) · b (k, n). */
  matmul(
    out: Memory,
    a: Memory,
    b: Memory,
    shape: { readonly m: number; readonly k: number; readonly n: number },
    options?: MatmulOptions,
  ): void;

  /** y (rows, width) = weight[ids], weight (vocabulary, width). */
  embeddingForward(
    y: Memory,
    weight: Memory,
    ids: Indices,
    shape: RowShape,
  ): void;
  /** dWeight[ids] += dy. */
  embeddingBackward(
    dWeight: Memory,
    dy: Memory,
    ids: Indices,
    shape: RowShape,
  ): void;

  /**
   * y = (x - mean) / √(variance + 1e-5) · weight + bias, row by row.
   *
   * @param stats (rows, 2): mean and 1/√(variance + 1e-5), for the backward.
   */
  layerNormForward(
    y: Memory,
    stats: Memory,
    x: Memory,
    weight: Memory,
    bias: Memory,
    shape: RowShape,
  ): void;
  /** The gradients of {@linkcode Backend.layerNormForward}. */
  layerNormBackward(
    dx: Memory,
    dWeight: Memory,
    dBias: Memory,
    dy: Memory,
    x: Memory,
    stats: Memory,
    weight: Memory,
    shape: RowShape,
  ): void;

  /**
   * y_t = mix · x_t + (1 - mix) · x_{t-1}, channel by channel.
   *
   * @param mix (width).
   * @param state (batch, width): x_{-1}; zero when absent. Not changed.
   */
  tokenShiftForward(
    y: Memory,
    x: Memory,
    mix: Memory,
    state: Memory | undefined,
    shape: SequenceShape,
  ): void;
  /** The gradients of {@linkcode Backend.tokenShiftForward} without a state. */
  tokenShiftBackward(
    dx: Memory,
    dMix: Memory | undefined,
    dy: Memory,
    x: Memory,
    mix: Memory,
    shape: SequenceShape,
  ): void;
  /** state (batch, width) = the last token of each sequence of x. */
  lastToken(state: Memory, x: Memory, shape: SequenceShape): void;

  /**
   * The RWKV-4 attention, per channel, with w = -exp(decay), u = bonus:
   *
   * y_t = (Σ_{i<t} e^{(t-1-i)w + k_i} v_i + e^{u + k_t} v_t) / (same without v)
   *
   * Decay -∞ and bonus 0 make it the causal running softmax of `classic`.
   *
   * @param decay (width), raw: `time_decay`.
   * @param bonus (width): `time_first`.
   * @param state (batch, 3, width): numerator, denominator and their common
   * exponent (start: 0, 0, -1e38); advanced in place. Absent: from the start.
   */
  wkvForward(
    y: Memory,
    k: Memory,
    v: Memory,
    decay: Memory,
    bonus: Memory,
    state: Memory | undefined,
    shape: SequenceShape,
  ): void;
  /**
   * The gradients of {@linkcode Backend.wkvForward} without a state.
   *
   * @param scratch (2, batch, time, width), overwritten.
   */
  wkvBackward(
    dk: Memory,
    dv: Memory,
    dDecay: Memory | undefined,
    dBonus: Memory | undefined,
    dy: Memory,
    y: Memory,
    k: Memory,
    v: Memory,
    decay: Memory,
    bonus: Memory,
    scratch: Memory,
    shape: SequenceShape,
  ): void;

  /**
   * y_n,t = x_t + (x_{t-1} - x_t) · mix_n, channel by channel: up to
   * {@linkcode MAX_LERPS} token shifts of one x.
   *
   * @param ys As many as mixes, each as x.
   * @param mixes Each (width).
   * @param state (batch, width): x_{-1}; zero when absent. Not changed.
   */
  tokenLerpForward(
    ys: readonly Memory[],
    x: Memory,
    mixes: readonly Memory[],
    state: Memory | undefined,
    shape: SequenceShape,
  ): void;
  /** The gradients of {@linkcode Backend.tokenLerpForward} without a state. */
  tokenLerpBackward(
    dx: Memory,
    dMixes: readonly Memory[],
    dys: readonly Memory[],
    x: Memory,
    mixes: readonly Memory[],
    shape: SequenceShape,
  ): void;

  /**
   * What a token does to RWKV-7's state, head by head:
   *
   * w = exp(-e^-½ · σ(decay + decayBias)): how much of each column is kept;
   * k = key · (1 + (a - 1) · keyRate): where the value is written;
   * κ = key · keyScale / max(‖key · keyScale‖, 1e-12): what is taken out;
   * a = σ(rate + rateBias): how much of it.
   *
   * @param y (rows, heads, 4, headSize): w, k, κ, a.
   * @param key (rows, width); `decay` and `rate` likewise, before their σ.
   * @param decayBias (width): `w0`.
   * @param rateBias (width): `a0`.
   * @param keyScale (width): `k_k`.
   * @param keyRate (width): `k_a`.
   */
  wkv7InputForward(
    y: Memory,
    key: Memory,
    decay: Memory,
    rate: Memory,
    decayBias: Memory,
    rateBias: Memory,
    keyScale: Memory,
    keyRate: Memory,
    shape: HeadRowShape,
  ): void;
  /** The gradients of {@linkcode Backend.wkv7InputForward}. */
  wkv7InputBackward(
    dKey: Memory,
    dDecay: Memory,
    dRate: Memory,
    dDecayBias: Memory,
    dRateBias: Memory,
    dKeyScale: Memory,
    dKeyRate: Memory,
    dy: Memory,
    key: Memory,
    decay: Memory,
    rate: Memory,
    decayBias: Memory,
    rateBias: Memory,
    keyScale: Memory,
    keyRate: Memory,
    shape: HeadRowShape,
  ): void;

  /** y = v + (first - v) · σ(share + bias). */
  valueResidualForward(
    y: Memory,
    v: Memory,
    first: Memory,
    share: Memory,
    bias: Memory,
    shape: RowShape,
  ): void;
  /** The gradients of {@linkcode Backend.valueResidualForward}. */
  valueResidualBackward(
    dv: Memory,
    dFirst: Memory,
    dShare: Memory,
    dBias: Memory,
    dy: Memory,
    v: Memory,
    first: Memory,
    share: Memory,
    bias: Memory,
    shape: RowShape,
  ): void;

  /**
   * The RWKV-7 attention, per head, with a state S (value channel, key channel)
   * and w, k, κ, a of {@linkcode Backend.wkv7InputForward}:
   *
   * S_t = S_{t-1} diag(w_t) - (S_{t-1} κ_t)(κ_t · a_t)ᵀ + v_t k_tᵀ,
   * y_t = S_t r_t
   *
   * @param r (batch, time, width), as `y` and `v`.
   * @param input (batch, time, heads, 4, headSize): w, k, κ, a.
   * @param state (batch, heads, headSize, headSize), advanced in place. Absent:
   * from zero.
   * @param states Of {@linkcode wkv7StatesLength} values: where the state
   * before every 16th token is left for the backward, from the first. Absent:
   * not kept. Not given together with `state`.
   */
  wkv7Forward(
    y: Memory,
    r: Memory,
    input: Memory,
    v: Memory,
    state: Memory | undefined,
    states: Memory | undefined,
    shape: HeadShape,
  ): void;
  /**
   * The gradients of {@linkcode Backend.wkv7Forward} without a state.
   *
   * @param states As the forward left them; not changed.
   * @param scratch Of {@linkcode wkv7ScratchLength} values, overwritten.
   */
  wkv7Backward(
    dr: Memory,
    dInput: Memory,
    dv: Memory,
    dy: Memory,
    r: Memory,
    input: Memory,
    v: Memory,
    states: Memory,
    scratch: Memory,
    shape: HeadShape,
  ): void;

  /**
   * What becomes of the attention's output, head by head:
   *
   * y = (GroupNorm(x) · weight + bias + (Σ_j r_j k_j bonus_j) · v) · gate,
   *
   * GroupNorm(x) = (x - mean) / √(variance + 64e-5) over the head, and k the
   * second of `input`'s four.
   *
   * @param x (rows, width), as `y`, `r`, `v` and `gate`.
   * @param input (rows, heads, 4, headSize).
   * @param weight (width), as `bias` (`ln_x`) and `bonus` (`r_k`).
   */
  wkv7OutputForward(
    y: Memory,
    x: Memory,
    r: Memory,
    input: Memory,
    v: Memory,
    gate: Memory,
    weight: Memory,
    bias: Memory,
    bonus: Memory,
    shape: HeadRowShape,
  ): void;
  /** The gradients of {@linkcode Backend.wkv7OutputForward}. */
  wkv7OutputBackward(
    dx: Memory,
    dr: Memory,
    dInput: Memory,
    dv: Memory,
    dGate: Memory,
    dWeight: Memory,
    dBias: Memory,
    dBonus: Memory,
    dy: Memory,
    x: Memory,
    r: Memory,
    input: Memory,
    v: Memory,
    gate: Memory,
    weight: Memory,
    bias: Memory,
    bonus: Memory,
    shape: HeadRowShape,
  ): void;

  /** y = tanh x. */
  tanhForward(y: Memory, x: Memory): void;
  /** dx += dy · (1 - y²). */
  tanhBackward(dx: Memory, dy: Memory, y: Memory): void;

  /** y = σ(x). */
  sigmoidForward(y: Memory, x: Memory): void;
  /** dx += dy · y(1 - y). */
  sigmoidBackward(dx: Memory, dy: Memory, y: Memory): void;

  /** y = max(x, 0)². */
  squaredReluForward(y: Memory, x: Memory): void;
  /** dx += 2 · max(x, 0) · dy. */
  squaredReluBackward(dx: Memory, dy: Memory, x: Memory): void;

  /** y = σ(r) · v. */
  sigmoidGateForward(y: Memory, r: Memory, v: Memory): void;
  /** dr += dy · v · σ(r)(1 - σ(r)), dv += dy · σ(r). */
  sigmoidGateBackward(
    dr: Memory,
    dv: Memory,
    dy: Memory,
    r: Memory,
    v: Memory,
  ): void;

  /** y = softmax(k) · v, the softmax over the channels of a row. */
  softmaxGateForward(y: Memory, k: Memory, v: Memory, shape: RowShape): void;
  /** The gradients of {@linkcode Backend.softmaxGateForward}. */
  softmaxGateBackward(
    dk: Memory,
    dv: Memory,
    dy: Memory,
    k: Memory,
    v: Memory,
    shape: RowShape,
  ): void;

  /**
   * y = x + keep · branch / (1 - rate). Element i is kept where
   * `(hash32(key ^ hash32(i)) >>> 8) · 2⁻²⁴ >= rate`.
   */
  residualForward(y: Memory, x: Memory, branch: Memory, dropout: Dropout): void;
  /** dx += dy, dBranch += keep · dy / (1 - rate). */
  residualBackward(
    dx: Memory,
    dBranch: Memory,
    dy: Memory,
    dropout: Dropout,
  ): void;

  /**
   * losses (rows) = ln Σ_j e^{logits_j} - logits_target.
   *
   * @param logits (rows, width). With `gradientScale`, replaced by
   * gradientScale · (softmax(logits) - onehot(target)).
   */
  crossEntropy(
    losses: Memory,
    logits: Memory,
    targets: Indices,
    shape: RowShape & {
      /** Where in `targets` the first row's target stands. */
      readonly firstTarget: number;
      readonly gradientScale?: number;
    },
  ): void;

  /**
   * ids (rows) = a token for each row of logits (rows, width): what `sample` in
   * `sampling.ts` gives for the row, the options and a random number, so that
   * generation goes on without asking the device.
   *
   * The number of row r is `uniformAt(keys[r], position)`, which for a key
   * `hashKey(seed)` is number `position` of what `new Random(seed)` gives. A row
   * without an answer gives `NO_TOKEN`. The ids may then be read, or given to
   * {@linkcode Backend.embeddingForward}, and to nothing else.
   *
   * @param logits (rows, width), the width at most 65,536. Not changed.
   * @param keys (rows): what chooses each row's random numbers.
   */
  sample(
    ids: Indices,
    logits: Memory,
    keys: Indices,
    shape: RowShape & SamplingOptions & { readonly position: number },
  ): void;

  /**
   * One AdamW update over flat memories of equal length, then gradients = 0.
   *
   * @param squaredNorm One value: the squared norm of *all* gradients. Where it
   * is not finite, the update is left out (and the gradients still cleared).
   */
  adamW(
    parameters: Memory,
    gradients: Memory,
    firstMoments: Memory,
    secondMoments: Memory,
    squaredNorm: Memory,
    options: AdamWOptions,
  ): void;
}
