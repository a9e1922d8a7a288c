// The RWKV-6 attention. A state is (N, N), a row a key channel. A workgroup takes a
// sequence's head. `rates` are decay + decayBias, of which w = exp(-e^rate): how much of
// a row of the state is kept.

//: op wkv6Forward: wkv6Rates wkv6Forward
//: op wkv6Backward: wkv6Rates wkv6Pack wkv6Backward wkv6BackwardState
//: scratch rates: BTW
//: scratch packed: 5BTW+W

// Set by lib/backend/webgpu: the channels of a head, how many tokens' vectors fit the
// workgroup's memory, and whether loops over channels are written out whole or, where
// compilers are slow, in blocks.
const N = 64u;
const TOKENS = 8u;
const UNROLLED = true;
const BLOCK = 16u;

/// As STATE_CHUNK in lib/backend/ops.ts.
const CHUNK = 16u;

/// e^rate; above 80 it would soon leave the range of floats, and nothing is kept.
fn speedOf(rate: f32) -> f32 {
  return exponential(min(rate, 80.0));
}

//: kernel wkv6Rates by values: writes rates, reads decay decayBias
fn wkv6Rates(i: u32) {
  rates[i] = decay[i] + decayBias[i % p.width];
}

// y_t = (S_{t-1} + diag(bonus) k_t v_tᵀ)ᵀ r_t, S_t = diag(w_t) S_{t-1} + k_t v_tᵀ. A
// thread a column of S, which stays in its registers; what the columns share is fetched
// for TOKENS tokens at once.
//: kernel wkv6Forward by sequenceHeads: writes y state states, reads r k v rates bonus
var<workgroup> inputs: array<f32, 4u * N * TOKENS>; // (TOKENS, 4, N): r, k, w, r · bonus · k

fn wkv6Forward(head: u32, lane: u32) {
  let perSequence = p.width / N;
  let channel = head % perSequence * N + lane;
  let first = head / perSequence * p.time * p.width + channel;
  let column = head * N * N + lane;
  let chunks = (p.time + CHUNK - 1u) / CHUNK;
  let u = bonus[channel];
  var S: array<f32, N>;
  if (p.hasState != 0u) {
    //: unroll if UNROLLED, else by BLOCK
    for (var i = 0u; i < N; i++) {
      S[i] = state[column + i * N];
    }
  }
  for (var start = 0u; start < p.time; start += TOKENS) {
    let count = min(TOKENS, p.time - start);
    workgroupBarrier();
    for (var t = 0u; t < count; t++) {
      let at = first + (start + t) * p.width;
      let to = 4u * t * N + lane;
      inputs[to] = r[at];
      inputs[to + N] = k[at];
      inputs[to + 2u * N] = exponential(-speedOf(rates[at]));
      inputs[to + 3u * N] = r[at] * u * k[at];
    }
    workgroupBarrier();
    for (var t = 0u; t < count; t++) {
      if (p.hasStates != 0u && (start + t) % CHUNK == 0u) {
        let to = (head * chunks + (start + t) / CHUNK) * N * N + lane;
        //: unroll if UNROLLED, else by BLOCK
        for (var i = 0u; i < N; i++) {
          states[to + i * N] = S[i];
        }
      }
      let at = first + (start + t) * p.width;
      let source = 4u * N * t;
      let value = v[at];
      var out = 0.0;
      var own = 0.0; // Σ r · bonus · k
      //: unroll if UNROLLED, else by BLOCK
      for (var n = 0u; n < N; n++) {
        let i = source + n;
        let held = S[n];
        out += held * inputs[i];
        own += inputs[i + 3u * N];
        S[n] = held * inputs[i + 2u * N] + inputs[i + N] * value;
      }
      y[at] = out + own * value;
    }
  }
  if (p.hasState != 0u) {
    //: unroll if UNROLLED, else by BLOCK
    for (var i = 0u; i < N; i++) {
      state[column + i * N] = S[i];
    }
  }
}

// packed = (r, k, v, dy, rates), row by row, then the bonus, since a kernel may bind
// eight memories.
//: kernel wkv6Pack by values: writes packed, reads r k v dy rates bonus
fn wkv6Pack(i: u32) {
  if (i >= 5u * p.rows * p.width) {
    packed[i] = bonus[i - 5u * p.rows * p.width];
    return;
  }
  let source = i / (5u * p.width) * p.width + i % p.width;
  switch i / p.width % 5u {
    case 0u: {
      packed[i] = r[source];
    }
    case 1u: {
      packed[i] = k[source];
    }
    case 2u: {
      packed[i] = v[source];
    }
    case 3u: {
      packed[i] = dy[source];
    }
    default: {
      packed[i] = rates[source];
    }
  }
}

// The gradients, backward in time, with D = dS. For each chunk of 16 tokens the states
// before each, in `scratch` (batch, heads, 17, N, N), are first made anew from the one
// that was kept; at the end D stands after them. With S the state before a token:
//
//   dr += S dy + bonus ∘ k (v · dy);  dk += D v + bonus ∘ r (v · dy);
//   dv += Dᵀ k + (Σ r · bonus · k) dy;  dDecay -= rowsum(D ∘ S) ∘ w ∘ e^rate;
//   D = diag(w) D + r dyᵀ
//
// Sums over rows and over columns both stay within a thread, as each keeps a row and a
// column of D in its registers.
//: kernel wkv6Backward by sequenceHeads: writes dr dk dv dDecay scratch, reads packed states, sums dDecayBias dBonus, once dr dk dv dDecay
var<workgroup> vectors: array<f32, 6u * N>; // r, k, v, dy, rate, w of a token
var<workgroup> bonuses: array<f32, N>;

/// Fetches a token's vectors for all.
fn fetch(row: u32, channel: u32, lane: u32) {
  workgroupBarrier();
  for (var part = 0u; part < 5u; part++) {
    vectors[part * N + lane] = packed[(5u * row + part) * p.width + channel + lane];
  }
  vectors[5u * N + lane] = exponential(-speedOf(vectors[4u * N + lane]));
  workgroupBarrier();
}

fn wkv6Backward(head: u32, lane: u32) -> vec2f {
  let perSequence = p.width / N;
  let first = head / perSequence * p.time;
  let channel = head % perSequence * N;
  let chunks = (p.time + CHUNK - 1u) / CHUNK;
  let before = head * (CHUNK + 1u) * N * N;
  let u = packed[5u * p.rows * p.width + channel + lane];
  bonuses[lane] = u;
  var sums = vec2f(); // of dDecay and dBonus
  var alongRow: array<f32, N>; // D[lane, j]
  var alongColumn: array<f32, N>; // D[i, lane]
  for (var back = 0u; back < chunks; back++) {
    let chunk = chunks - 1u - back;
    let start = chunk * CHUNK;
    let count = min(CHUNK, p.time - start);

    // The states before each token, a column a thread.
    var S: array<f32, N>;
    let kept = (head * chunks + chunk) * N * N + lane;
    //: unroll if UNROLLED, else by BLOCK
    for (var i = 0u; i < N; i++) {
      S[i] = states[kept + i * N];
    }
    for (var t = 0u; t < count; t++) {
      fetch(first + start + t, channel, lane);
      let to = before + t * N * N + lane;
      let value = vectors[2u * N + lane];
      //: unroll if UNROLLED, else by BLOCK
      for (var i = 0u; i < N; i++) {
        scratch[to + i * N] = S[i];
        S[i] = S[i] * vectors[5u * N + i] + vectors[N + i] * value;
      }
    }
    storageBarrier();

    for (var late = 0u; late < count; late++) {
      let t = count - 1u - late;
      fetch(first + start + t, channel, lane);
      let r = vectors[lane];
      let k = vectors[N + lane];
      let dy = vectors[3u * N + lane];
      let w = vectors[5u * N + lane];
      let row = before + t * N * N + lane * N;
      var along = 0.0; // v · dy
      var own = 0.0; // Σ r · bonus · k
      var dReceptance = 0.0;
      var dKey = 0.0;
      var dValue = 0.0;
      var dw = 0.0;
      //: unroll if UNROLLED, else by BLOCK
      for (var j = 0u; j < N; j++) {
        let upstream = vectors[3u * N + j];
        let value = vectors[2u * N + j];
        let S = scratch[row + j]; // S[lane, j]
        along += value * upstream;
        own += vectors[j] * bonuses[j] * vectors[N + j];
        dReceptance += S * upstream;
        dKey += alongRow[j] * value;
        dw += alongRow[j] * S;
        alongRow[j] = w * alongRow[j] + r * upstream;
        dValue += alongColumn[j] * vectors[N + j];
        alongColumn[j] = vectors[5u * N + j] * alongColumn[j] + vectors[j] * dy;
      }
      let at = (first + start + t) * p.width + channel + lane;
      dr[at] += dReceptance + u * k * along;
      dk[at] += dKey + u * r * along;
      dv[at] += dValue + own * dy;
      let slope = -dw * w * speedOf(vectors[4u * N + lane]);
      dDecay[at] += slope;
      sums += vec2f(slope, r * k * along);
    }
  }
  let left = before + CHUNK * N * N + lane * N;
  //: unroll if UNROLLED, else by BLOCK
  for (var j = 0u; j < N; j++) {
    scratch[left + j] = alongRow[j];
  }
  return sums;
}

// dState += D, as wkv6Backward has left it: it binds eight memories as it is.
//: kernel wkv6BackwardState by values: writes dState, reads scratch
fn wkv6BackwardState(i: u32) {
  let values = p.headSize * p.headSize;
  dState[i] += scratch[(i / values * (CHUNK + 1u) + CHUNK) * values + i % values];
}
