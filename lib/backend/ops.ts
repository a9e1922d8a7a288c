/**
 * The table of ops: a row says what an op computes, what it reads and writes,
 * how large each memory is, and which axis threads share. Argument checks, the
 * jobs of the CPU's threads, the bindings of the GPU's kernels, the inputs of
 * the contract suite, the bytes that the benchmark counts and the tables in the
 * documents follow from it.
 *
 * A memory is written as what is done with it, and its size:
 *
 * - `RW` is read, `=RW` overwritten, `+RW` added to, `~RW` changed in place
 * - `?RW` may be left out; `[RW]` is a list of such memories
 * - `#R<V` are token ids, each below V
 * - `!OG` are words of 32 bits, in which weights are packed
 *
 * A size is a product of extents, or a sum of such products: `L` the values of
 * an op without a shape, `R` rows, `B` sequences, `T` tokens of each, `W`
 * channels of a token, `N` channels of a head, `H` heads (W / N), `C` chunks of
 * time that keep a state (⌈T / 16⌉), `V` rows of a table, `X` states at a time,
 * `O` outputs of a product, `G` groups of a row of weights (W / 32).
 *
 * Longer than our files are: it is one table, and a row is found by its name.
 *
 * @module
 */

import type {
  AdamWOptions,
  Dropout,
  HeadRowShape,
  HeadShape,
  Indices,
  Memory,
  MuonDirectionOptions,
  MuonUpdateOptions,
  PolynomialOptions,
  ProductShape,
  RowShape,
  SequenceShape,
} from "./backend.ts";

/** Tokens from one kept state of an attention to the next. */
export const STATE_CHUNK = 16;

/** Weights of a row that have a scale in common. */
export const GROUP = 32;

/** Most memories of a list, such as the mixes of a token lerp. */
export const MOST_LISTED = 6;

/** Which extents an op has. */
export type Kind =
  | "values"
  | "rows"
  | "headRows"
  | "sequences"
  | "heads"
  | "products";

/** Which axis threads share: one along which nothing is summed. */
export type Slices =
  | "values"
  | "rows"
  | "columns"
  | "outputs"
  | "heads"
  | "sequenceHeads";

/** One row of the table. */
export interface Op {
  /** The equation, for people; what is a gradient is added. */
  readonly does: string;
  /** Which extents it has. */
  readonly kind: Kind;
  /** What it reads and writes by name, outputs first. */
  readonly memories: Readonly<Record<string, string>>;
  /** Which axis threads share, where it is not the usual one of the kind. */
  readonly slices?: Slices;
  /** Which other numbers it takes. */
  readonly settings?: keyof Settings;
}

/** Every op but the matrix product and the choice of tokens. */
export const OPS = {
  /** Sets every value. */
  fill: {
    does: "out = value",
    kind: "values",
    memories: { out: "=L" },
    settings: "fill",
  },
  /** Adds a memory to another. */
  add: {
    does: "out += x",
    kind: "values",
    memories: { out: "+L", x: "L" },
  },
  /** Each memory has what the other had. */
  swap: {
    does: "a = b, b = a",
    kind: "values",
    memories: { a: "~L", b: "~L" },
  },
  /** Adds a sum to out[0], in an order that depends on the length only. */
  sum: {
    does: "out += scale · Σ x",
    kind: "values",
    memories: { out: "+1", x: "L" },
    settings: "sum",
  },
  /** As `sum`, of squares. */
  sumOfSquares: {
    does: "out += Σ x²",
    kind: "values",
    memories: { out: "+1", x: "L" },
  },

  /** Rows of a table. */
  embeddingForward: {
    does: "y = weight[ids]",
    kind: "rows",
    memories: { y: "=RW", weight: "VW", ids: "#R<V" },
  },
  /** Rows may share an id. */
  embeddingBackward: {
    does: "dWeight[ids] = dy",
    kind: "rows",
    memories: { dWeight: "+VW", dy: "RW", ids: "#R<V" },
    slices: "columns",
  },

  /** ε is 1e-5; `stats` are mean and 1/√(variance + ε), for the backward. */
  layerNormForward: {
    does: "y = (x - mean) / √(variance + ε) · weight + bias",
    kind: "rows",
    memories: { y: "=RW", stats: "=2R", x: "RW", weight: "W", bias: "W" },
  },
  /** With x̂ = (x - mean) · scale and g = dy · weight. */
  layerNormBackward: {
    does:
      "dx = scale · (g - mean(g) - x̂ · mean(g · x̂)), dWeight = Σ dy · x̂, dBias = Σ dy",
    kind: "rows",
    memories: {
      dx: "+RW",
      dWeight: "+W",
      dBias: "+W",
      dy: "RW",
      x: "RW",
      stats: "2R",
      weight: "W",
    },
  },

  /** `state` is x_{-1}; zero when left out. It is not changed. */
  tokenShiftForward: {
    does: "y_t = mix · x_t + (1 - mix) · x_{t-1}",
    kind: "sequences",
    memories: { y: "=BTW", x: "BTW", mix: "W", state: "?BW" },
  },
  /** With the forward's state; left out, as it was there. */
  tokenShiftBackward: {
    does:
      "dx_t = mix · dy_t + (1 - mix) · dy_{t+1}, dMix = Σ dy_t · (x_t - x_{t-1})",
    kind: "sequences",
    memories: {
      dx: "+BTW",
      dMix: "?+W",
      dy: "BTW",
      x: "BTW",
      mix: "W",
      state: "?BW",
    },
  },
  /** The last token of each sequence, for the state of a token shift. */
  lastToken: {
    does: "state = x_{T-1}",
    kind: "sequences",
    memories: { state: "=BW", x: "BTW" },
  },
  /**
   * Several token shifts of one x: `ys` are as many as `mixes`, at most
   * {@linkcode MOST_LISTED}. `state` as in `tokenShiftForward`.
   */
  tokenLerpForward: {
    does: "y_n,t = x_t + (x_{t-1} - x_t) · mix_n",
    kind: "sequences",
    memories: { ys: "[=BTW]", mixes: "[W]", x: "BTW", state: "?BW" },
  },
  /** With the forward's state; left out, as it was there. */
  tokenLerpBackward: {
    does:
      "dx_t = Σ_n (1 - mix_n) · dy_n,t + mix_n · dy_n,t+1, dMix_n = Σ dy_n,t · (x_{t-1} - x_t)",
    kind: "sequences",
    memories: {
      dx: "+BTW",
      dMixes: "[+W]",
      dys: "[BTW]",
      mixes: "[W]",
      x: "BTW",
      state: "?BW",
    },
    slices: "columns",
  },

  /**
   * The RWKV-4 attention, per channel, with w = -exp(decay) and u = bonus.
   * Decay -∞ and bonus 0 make it the causal running softmax of `classic`.
   * `state` is numerator, denominator and their common exponent (at the start 0,
   * 0, -1e38), advanced in place; left out, from the start.
   */
  wkvForward: {
    does:
      "y_t = (Σ_{i<t} e^{(t-1-i)w + k_i} v_i + e^{u + k_t} v_t) / (same without v)",
    kind: "sequences",
    memories: {
      y: "=BTW",
      k: "BTW",
      v: "BTW",
      decay: "W",
      bonus: "W",
      state: "?~3BW",
    },
    slices: "columns",
  },
  /**
   * `state` is the one before the first token; left out, the start. `dState` is
   * its gradient: by numerator, denominator and exponent. `scratch` is
   * overwritten.
   */
  wkvBackward: {
    does:
      "with a_ti the weight of token i in y_t: dv_i = Σ_t a_ti · dy_t, dk_i = Σ_t a_ti · dy_t · (v_i - y_t)",
    kind: "sequences",
    memories: {
      dk: "+BTW",
      dv: "+BTW",
      dDecay: "?+W",
      dBonus: "?+W",
      dState: "?+3BW",
      dy: "BTW",
      y: "BTW",
      k: "BTW",
      v: "BTW",
      decay: "W",
      bonus: "W",
      state: "?3BW",
      scratch: "=2BTW",
    },
    slices: "columns",
  },

  /**
   * What a token does to RWKV-7's state, head by head: y holds, side by side, w
   * (how much of each column is kept), k (where the value is written), κ (what
   * is taken out) and a (how much of it). `decayBias` is `w0`, `rateBias` `a0`,
   * `keyScale` `k_k`, `keyRate` `k_a`.
   */
  wkv7InputForward: {
    does:
      "w = exp(-e^-½ · σ(decay + decayBias)), k = key · (1 + (a - 1) · keyRate), κ = key · keyScale / max(‖key · keyScale‖, 1e-12), a = σ(rate + rateBias)",
    kind: "headRows",
    memories: {
      y: "=4RW",
      key: "RW",
      decay: "RW",
      rate: "RW",
      decayBias: "W",
      rateBias: "W",
      keyScale: "W",
      keyRate: "W",
    },
  },
  /** With s = σ(decay + decayBias) and z = key · keyScale. */
  wkv7InputBackward: {
    does:
      "dDecay = -dw · w · e^-½ · s(1 - s), dRate = (da + dk · key · keyRate) · a(1 - a), dz = (dκ - κ(κ · dκ)) / ‖z‖, dKey = dz · keyScale + dk · (1 + (a - 1) · keyRate)",
    kind: "headRows",
    memories: {
      dKey: "+RW",
      dDecay: "+RW",
      dRate: "+RW",
      dDecayBias: "+W",
      dRateBias: "+W",
      dKeyScale: "+W",
      dKeyRate: "+W",
      dy: "4RW",
      key: "RW",
      decay: "RW",
      rate: "RW",
      decayBias: "W",
      rateBias: "W",
      keyScale: "W",
      keyRate: "W",
    },
    slices: "heads",
  },
  /** RWKV-7's later blocks see the first block's values. */
  valueResidualForward: {
    does: "y = v + (first - v) · σ(share + bias)",
    kind: "rows",
    memories: { y: "=RW", v: "RW", first: "RW", share: "RW", bias: "W" },
  },
  /** With s = σ(share + bias). */
  valueResidualBackward: {
    does:
      "dv = dy · (1 - s), dFirst = dy · s, dShare = dy · (first - v) · s(1 - s), dBias = Σ dShare",
    kind: "rows",
    memories: {
      dv: "+RW",
      dFirst: "+RW",
      dShare: "+RW",
      dBias: "+W",
      dy: "RW",
      v: "RW",
      first: "RW",
      share: "RW",
      bias: "W",
    },
    slices: "columns",
  },
  /**
   * The RWKV-7 attention: a state S (value channel, key channel) a head, and w,
   * k, κ, a of `wkv7InputForward` as `input`. `state` is advanced in place; left
   * out, from zeros. `states` is where the state before every 16th token is left
   * for the backward, from the first.
   */
  wkv7Forward: {
    does:
      "S_t = S_{t-1} diag(w_t) - (S_{t-1} κ_t)(κ_t · a_t)ᵀ + v_t k_tᵀ, y_t = S_t r_t",
    kind: "heads",
    memories: {
      y: "=BTW",
      r: "BTW",
      input: "4BTW",
      v: "BTW",
      state: "?~BWN",
      states: "?=BCWN",
    },
  },
  /**
   * Of a forward pass that left `states`. `dState` is the gradient of the state
   * before the first token. `scratch` is overwritten: for each sequence and head
   * the states before a chunk's tokens and the gradient of the state, and a
   * vector of a head beside each.
   */
  wkv7Backward: {
    does:
      "with D = dS_t, from the last token down: D += dy rᵀ, dr = S_tᵀ dy, dw = colsum(D ∘ S_{t-1}), dk = Dᵀ v, dv = D k, h = S_{t-1} κ, dh = -D (κ∘a), dκ = S_{t-1}ᵀ dh - a ∘ Dᵀ h, da = -κ ∘ Dᵀ h, dS_{t-1} = D diag(w) + dh κᵀ",
    kind: "heads",
    memories: {
      dr: "+BTW",
      dInput: "+4BTW",
      dv: "+BTW",
      dState: "?+BWN",
      dy: "BTW",
      r: "BTW",
      input: "4BTW",
      v: "BTW",
      states: "BCWN",
      scratch: "=17BWN+17BW",
    },
  },
  /**
   * What becomes of the attention's output, head by head. GroupNorm's ε is
   * 64e-5; k is the second of `input`'s four; `weight` and `bias` are `ln_x`,
   * `bonus` is `r_k`.
   */
  wkv7OutputForward: {
    does:
      "y = (GroupNorm(x) · weight + bias + (Σ_j r_j k_j bonus_j) · v) · gate",
    kind: "headRows",
    memories: {
      y: "=RW",
      x: "RW",
      r: "RW",
      input: "4RW",
      v: "RW",
      gate: "RW",
      weight: "W",
      bias: "W",
      bonus: "W",
    },
  },
  /** With u = dy · gate, g = u · weight, own = Σ r k bonus, down = Σ u v. */
  wkv7OutputBackward: {
    does:
      "dx = (g - mean(g) - x̂ · mean(g · x̂)) / σ, dr = down · k · bonus, dk = down · r · bonus, dv = u · own, dGate = dy · (y before it), dWeight = Σ u · x̂, dBias = Σ u, dBonus = Σ down · r · k",
    kind: "headRows",
    memories: {
      dx: "+RW",
      dr: "+RW",
      dInput: "+4RW",
      dv: "+RW",
      dGate: "+RW",
      dWeight: "+W",
      dBias: "+W",
      dBonus: "+W",
      dy: "RW",
      x: "RW",
      r: "RW",
      input: "4RW",
      v: "RW",
      gate: "RW",
      weight: "W",
      bias: "W",
      bonus: "W",
    },
    slices: "heads",
  },

  /** The columns of one head, for branches that share a product. */
  sliceHeadForward: {
    does: "y = x[:, head · N … (head + 1) · N]",
    kind: "headRows",
    memories: { y: "=RN", x: "RW" },
    settings: "head",
  },
  /** The other columns have no share in it. */
  sliceHeadBackward: {
    does: "dx[:, head · N … (head + 1) · N] = dy",
    kind: "headRows",
    memories: { dx: "+RW", dy: "RN" },
    settings: "head",
  },
  /** RWKV-6's token shift: how much is taken of the token before depends on x. */
  tokenBlendForward: {
    does: "y_t = x_t + (x_{t-1} - x_t) · (mix + delta_t)",
    kind: "sequences",
    memories: { y: "=BTW", x: "BTW", mix: "W", delta: "BTW", state: "?BW" },
  },
  /** With the forward's state, as in `tokenShiftBackward`; m_t = mix + delta_t. */
  tokenBlendBackward: {
    does:
      "dx_t = (1 - m_t) · dy_t + m_{t+1} · dy_{t+1}, dDelta_t = dy_t · (x_{t-1} - x_t), dMix = Σ dDelta",
    kind: "sequences",
    memories: {
      dx: "+BTW",
      dMix: "+W",
      dDelta: "+BTW",
      dy: "BTW",
      x: "BTW",
      mix: "W",
      delta: "BTW",
      state: "?BW",
    },
    slices: "columns",
  },
  /**
   * The RWKV-6 attention: a state S (key channel, value channel) a head, which
   * decays by a rate that depends on the token; `decayBias` is `time_decay`,
   * `bonus` is `time_faaaa`. `state` and `states` as in `wkv7Forward`.
   */
  wkv6Forward: {
    does:
      "w_t = exp(-exp(decay_t + decayBias)), y_t = (S_{t-1} + diag(bonus) k_t v_tᵀ)ᵀ r_t, S_t = diag(w_t) S_{t-1} + k_t v_tᵀ",
    kind: "heads",
    memories: {
      y: "=BTW",
      r: "BTW",
      k: "BTW",
      v: "BTW",
      decay: "BTW",
      decayBias: "W",
      bonus: "W",
      state: "?~BWN",
      states: "?=BCWN",
    },
  },
  /**
   * Of a forward pass that left `states`. `dState` is the gradient of the state
   * before the first token. `scratch` is overwritten: the states before a chunk's
   * tokens, and dS.
   */
  wkv6Backward: {
    does:
      "with D = dS_t, from the last token down: dr = S_{t-1} dy + bonus ∘ k (v · dy), dk = D v + bonus ∘ r (v · dy), dv = Dᵀ k + (Σ r bonus k) dy, dBonus = r ∘ k (v · dy), dDecay = -rowsum(D ∘ S_{t-1}) w e^(decay + decayBias), dDecayBias = Σ dDecay, dS_{t-1} = diag(w) D + r dyᵀ",
    kind: "heads",
    memories: {
      dr: "+BTW",
      dk: "+BTW",
      dv: "+BTW",
      dDecay: "+BTW",
      dDecayBias: "+W",
      dBonus: "+W",
      dState: "?+BWN",
      dy: "BTW",
      r: "BTW",
      k: "BTW",
      v: "BTW",
      decay: "BTW",
      decayBias: "W",
      bonus: "W",
      states: "BCWN",
      scratch: "=17BWN",
    },
    slices: "heads",
  },
  /** What becomes of RWKV-6's attention; GroupNorm by head, its ε is 64e-5. */
  wkv6OutputForward: {
    does: "y = (GroupNorm(x) · weight + bias) · gate · σ(gate)",
    kind: "headRows",
    memories: { y: "=RW", x: "RW", gate: "RW", weight: "W", bias: "W" },
  },
  /** With u = dy · gate · σ(gate) and g = u · weight. */
  wkv6OutputBackward: {
    does:
      "dx = (g - mean(g) - x̂ · mean(g · x̂)) / σ, dGate = dy · (x̂ · weight + bias) · σ(gate)(1 + gate(1 - σ(gate))), dWeight = Σ u · x̂, dBias = Σ u",
    kind: "headRows",
    memories: {
      dx: "+RW",
      dGate: "+RW",
      dWeight: "+W",
      dBias: "+W",
      dy: "RW",
      x: "RW",
      gate: "RW",
      weight: "W",
      bias: "W",
    },
    slices: "heads",
  },

  /** Value by value. */
  tanhForward: {
    does: "y = tanh x",
    kind: "values",
    memories: { y: "=L", x: "L" },
  },
  /** From y, so that x need not be kept. */
  tanhBackward: {
    does: "dx = dy · (1 - y²)",
    kind: "values",
    memories: { dx: "+L", dy: "L", y: "L" },
  },
  /** Value by value. */
  sigmoidForward: {
    does: "y = σ(x)",
    kind: "values",
    memories: { y: "=L", x: "L" },
  },
  /** From y, so that x need not be kept. */
  sigmoidBackward: {
    does: "dx = dy · y(1 - y)",
    kind: "values",
    memories: { dx: "+L", dy: "L", y: "L" },
  },
  /** Value by value. */
  squaredReluForward: {
    does: "y = max(x, 0)²",
    kind: "values",
    memories: { y: "=L", x: "L" },
  },
  /** From x. */
  squaredReluBackward: {
    does: "dx = 2 · max(x, 0) · dy",
    kind: "values",
    memories: { dx: "+L", dy: "L", x: "L" },
  },
  /** The receptance gate. */
  sigmoidGateForward: {
    does: "y = σ(r) · v",
    kind: "values",
    memories: { y: "=L", r: "L", v: "L" },
  },
  /** From r before the sigmoid. */
  sigmoidGateBackward: {
    does: "dr = dy · v · σ(r)(1 - σ(r)), dv = dy · σ(r)",
    kind: "values",
    memories: { dr: "+L", dv: "+L", dy: "L", r: "L", v: "L" },
  },
  /** The softmax is over the channels of a row. */
  softmaxGateForward: {
    does: "y = softmax(k) · v",
    kind: "rows",
    memories: { y: "=RW", k: "RW", v: "RW" },
  },
  /** With s = softmax(k) and g = dy · v. */
  softmaxGateBackward: {
    does: "dk = s · (g - Σ s · g), dv = dy · s",
    kind: "rows",
    memories: { dk: "+RW", dv: "+RW", dy: "RW", k: "RW", v: "RW" },
  },

  /**
   * A linear map by weights of 8 bits, which lie as GGUF's Q8_0 has them: a
   * number from -128 to 127 each, four to a word, the first one lowest; and a
   * scale for every 32 of a row.
   */
  linearQ8: {
    does: "y = x · (scale · q)ᵀ",
    kind: "products",
    memories: { y: "=RO", x: "RW", quants: "!8OG", scales: "OG" },
  },
  /**
   * As `linearQ8`, of 5 bits, as in Q5_1: the low four of the first 16 of a group
   * are the low halves of 16 bytes, those of the others the high ones; `fifths`
   * has the fifth bit of each. A group has a least value, too.
   */
  linearQ5: {
    does: "y = x · (scale · q + least)ᵀ",
    kind: "products",
    memories: {
      y: "=RO",
      x: "RW",
      quants: "!4OG",
      fifths: "!OG",
      scales: "OG",
      leasts: "OG",
    },
  },
  /** As `linearQ8`, of 4 bits, as in Q4_0: see `linearQ5`. */
  linearQ4: {
    does: "y = x · (scale · (q - 8))ᵀ",
    kind: "products",
    memories: { y: "=RO", x: "RW", quants: "!4OG", scales: "OG" },
  },
  /** A linear map by weights that are f16, two to a word. */
  linearF16: {
    does: "y = x · wᵀ",
    kind: "products",
    memories: { y: "=RO", x: "RW", halves: "!16OG" },
  },
  /** The same of bf16: the upper halves of f32. */
  linearBF16: {
    does: "y = x · wᵀ",
    kind: "products",
    memories: { y: "=RO", x: "RW", halves: "!16OG" },
  },

  /**
   * The residual connection: element i of the branch is kept where
   * `(hash32(key ^ hash32(i)) >>> 8) · 2⁻²⁴ >= rate`.
   */
  residualForward: {
    does: "y = x + keep · branch / (1 - rate)",
    kind: "values",
    memories: { y: "=L", x: "L", branch: "L" },
    settings: "dropout",
  },
  /** With the key of the forward pass. */
  residualBackward: {
    does: "dx = dy, dBranch = keep · dy / (1 - rate)",
    kind: "values",
    memories: { dx: "+L", dBranch: "+L", dy: "L" },
    settings: "dropout",
  },

  /** Keeps values within ±cap; near 0 it changes nothing. */
  softCap: {
    does: "x = cap · tanh(x / cap)",
    kind: "values",
    memories: { x: "~L" },
    settings: "softCap",
  },
  /** What comes of the gradient of y = softCap(x), in its place. */
  softCapGradient: {
    does: "d = d · (1 - (y / cap)²)",
    kind: "values",
    memories: { d: "~L", y: "L" },
    settings: "softCap",
  },

  /**
   * With a `gradientScale`, gradients take the place of the logits. `weights`
   * are the rows', 1 where they are left out.
   */
  crossEntropy: {
    does:
      "loss = weight · (ln Σ_j e^{z_j} - z_target), dz = scale · weight · (softmax(z) - onehot)",
    kind: "rows",
    memories: {
      losses: "=R",
      logits: "~RW",
      targets: "#R<W",
      weights: "?R",
    },
    settings: "crossEntropy",
  },

  /**
   * One AdamW update (Loshchilov & Hutter 2019), then gradients = 0.
   * `squaredNorm` is that of *all* gradients; where it is not finite the update
   * is left out, and the gradients are still cleared. A cautious decay leaves out
   * the weights that m moves away from 0.
   */
  adamW: {
    does:
      "m = β₁m + (1 - β₁)g, v = β₂v + (1 - β₂)g², p = p - η · (m̂ / (√v̂ + ε) + λp)",
    kind: "values",
    memories: {
      parameters: "~L",
      gradients: "~L",
      firstMoments: "~L",
      secondMoments: "~L",
      squaredNorm: "1",
    },
    settings: "adamW",
  },
  /**
   * Muon's momentum, Nesterov's way: the gradients become the direction that is
   * to be made orthogonal. `squaredNorm` as in `adamW`: where it is not finite
   * the gradients become 0 and m stays.
   */
  muonDirection: {
    does: "m = μm + (1 - μ)g, g = μm + (1 - μ)g",
    kind: "values",
    memories: { gradients: "~L", momentum: "~L", squaredNorm: "1" },
    settings: "muonDirection",
  },
  /** By a norm that is known. */
  divideByNorm: {
    does: "x = x / (margin · √squaredNorm + ε)",
    kind: "values",
    memories: { x: "~L", squaredNorm: "1" },
    settings: "divideByNorm",
  },
  /** Of square matrices, as many rows as columns. */
  matrixPolynomial: {
    does: "y = constant · I + linear · x + quadratic · y",
    kind: "rows",
    memories: { y: "~RW", x: "RW" },
    settings: "matrixPolynomial",
  },
  /**
   * A step along a direction, then gradients = 0. `squaredNorm` and a cautious
   * decay as in `adamW`.
   */
  muonUpdate: {
    does: "p = p - η · (scale · direction + λp)",
    kind: "values",
    memories: {
      parameters: "~L",
      gradients: "~L",
      direction: "L",
      squaredNorm: "1",
    },
    settings: "muonUpdate",
  },
  /** Left out where `squaredNorm`, as in `adamW`, is not finite. */
  movingAverage: {
    does: "average = decay · average + (1 - decay) · x",
    kind: "values",
    memories: { average: "~L", x: "L", squaredNorm: "1" },
    settings: "movingAverage",
  },
} as const;

/** The name of an op. */
export type OpName = keyof typeof OPS;

/** The table, for those who go through it. */
export const TABLE: Readonly<Record<OpName, Op>> = OPS;

/** Which targets are the rows', and whether gradients take the logits' place. */
export interface CrossEntropyOptions {
  /** Where in `targets` the first row's target stands. */
  readonly firstTarget: number;
  /** Logits become gradientScale · (softmax(logits) - onehot(target)). */
  readonly gradientScale?: number;
}

/** The numbers that ops take besides extents. */
export interface Settings {
  /** What `fill` writes. */
  fill: { readonly value: number };
  /** What `sum` multiplies by. */
  sum: { readonly scale: number };
  /** Which head is meant. */
  head: { readonly head: number };
  /** What values stay below. */
  softCap: { readonly cap: number };
  /** Which elements are dropped. */
  dropout: Dropout;
  /** Targets, and what becomes of the logits. */
  crossEntropy: CrossEntropyOptions;
  /** The update. */
  adamW: AdamWOptions;
  /** The momentum. */
  muonDirection: MuonDirectionOptions;
  /** What keeps the norm below 1. */
  divideByNorm: { readonly margin: number; readonly epsilon: number };
  /** The coefficients. */
  matrixPolynomial: PolynomialOptions;
  /** The step. */
  muonUpdate: MuonUpdateOptions;
  /** What an average keeps of itself. */
  movingAverage: { readonly decay: number };
}

/** Extents by the kind of op, as a call gives them. */
export interface Shapes {
  /** The length of the memories says all. */
  values: Record<never, never>;
  /** Rows that are independent of each other. */
  rows: RowShape;
  /** Rows whose channels form heads. */
  headRows: HeadRowShape;
  /** A batch of sequences. */
  sequences: SequenceShape;
  /** A batch of sequences whose channels form heads. */
  heads: HeadShape;
  /** Rows times a matrix of weights. */
  products: ProductShape;
}

/** What stands for a memory that is written so in the table. */
export type OperandOf<F> = F extends `${"#" | "!"}${string}` ? Indices
  : F extends `[${string}` ? readonly Memory[]
  : Memory;

/** What an op's row says of its memories. */
export type FieldsOf<O extends OpName> = typeof OPS[O]["memories"];

/** The memories that a call of an op names. */
export type MemoriesOf<O extends OpName> =
  & {
    readonly [
      F in keyof FieldsOf<O> as FieldsOf<O>[F] extends `?${string}` ? never : F
    ]: OperandOf<FieldsOf<O>[F]>;
  }
  & {
    readonly [
      F in keyof FieldsOf<O> as FieldsOf<O>[F] extends `?${string}` ? F : never
    ]?: Memory | undefined;
  };

/** The extents and other numbers that a call of an op takes. */
export type SettingsOf<O extends OpName> =
  & Shapes[typeof OPS[O]["kind"]]
  & (typeof OPS[O] extends { settings: infer S extends keyof Settings }
    ? Settings[S]
    : Record<never, never>);

/** The settings of a call; they may be left out where an op has none. */
export type ArgumentsOf<O extends OpName> = Record<never, never> extends
  SettingsOf<O> ? [settings?: SettingsOf<O>]
  : [settings: SettingsOf<O>];
