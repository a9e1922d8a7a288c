// The RWKV-7 attention. `input` and its gradient are (batch, time, heads, 4, N): w, k, κ,
// a; a state is (N, N), a row a value channel. A workgroup takes a sequence's head.

//: op wkv7Backward: wkv7Pack wkv7Backward
//: scratch packed: 3BTW

// Set by lib/backend/webgpu: the channels of a head, how many tokens' vectors fit the
// workgroup's memory, and whether loops over channels are written out whole or, where
// compilers are slow, in blocks.
const N = 64u;
const TOKENS = 8u;
const UNROLLED = true;
const BLOCK = 16u;

/// As STATE_CHUNK in lib/backend/ops.ts.
const CHUNK = 16u;

// S_t = S_{t-1} diag(w_t) - (S_{t-1} κ_t)(κ_t · a_t)ᵀ + v_t k_tᵀ, y_t = S_t r_t. A thread
// a row of S, which stays in its registers; what the rows share is fetched for TOKENS
// tokens at once.
//: kernel wkv7Forward by sequenceHeads: writes y state states, reads r input v
var<workgroup> inputs: array<f32, 4u * N * TOKENS>; // (TOKENS, 4, N)
var<workgroup> receptances: array<f32, N * TOKENS>; // (TOKENS, N)

fn wkv7Forward(head: u32, lane: u32) {
  let perSequence = p.width / N;
  let first = head / perSequence * p.time * p.width + head % perSequence * N;
  let row = (head * N + lane) * N;
  let chunks = (p.time + CHUNK - 1u) / CHUNK;
  var S: array<f32, N>;
  if (p.hasState != 0u) {
    //: unroll if UNROLLED, else by BLOCK
    for (var j = 0u; j < N; j++) {
      S[j] = state[row + j];
    }
  }
  for (var start = 0u; start < p.time; start += TOKENS) {
    let count = min(TOKENS, p.time - start);
    workgroupBarrier();
    for (var t = 0u; t < count; t++) {
      let at = first + (start + t) * p.width;
      receptances[t * N + lane] = r[at + lane];
      for (var part = 0u; part < 4u; part++) {
        inputs[(4u * t + part) * N + lane] = input[4u * at + part * N + lane];
      }
    }
    workgroupBarrier();
    for (var t = 0u; t < count; t++) {
      if (p.hasStates != 0u && (start + t) % CHUNK == 0u) {
        let to = ((head * chunks + (start + t) / CHUNK) * N + lane) * N;
        //: unroll if UNROLLED, else by BLOCK
        for (var j = 0u; j < N; j++) {
          states[to + j] = S[j];
        }
      }
      let at = first + (start + t) * p.width + lane;
      let source = 4u * N * t;
      let value = v[at];
      var held = 0.0; // S κ
      //: unroll if UNROLLED, else by BLOCK
      for (var j = 0u; j < N; j++) {
        held += S[j] * inputs[source + 2u * N + j];
      }
      var out = 0.0;
      //: unroll if UNROLLED, else by BLOCK
      for (var j = 0u; j < N; j++) {
        let removal = inputs[source + 2u * N + j] * inputs[source + 3u * N + j];
        S[j] = S[j] * inputs[source + j] - held * removal + value * inputs[source + N + j];
        out += S[j] * receptances[t * N + j];
      }
      y[at] = out;
    }
  }
  if (p.hasState != 0u) {
    //: unroll if UNROLLED, else by BLOCK
    for (var j = 0u; j < N; j++) {
      state[row + j] = S[j];
    }
  }
}

// packed = (r, v, dy), row by row, since a kernel may bind eight memories.
//: kernel wkv7Pack by values: writes packed, reads r v dy
fn wkv7Pack(i: u32) {
  let source = i / (3u * p.width) * p.width + i % p.width;
  switch i / p.width % 3u {
    case 0u: {
      packed[i] = r[source];
    }
    case 1u: {
      packed[i] = v[source];
    }
    default: {
      packed[i] = dy[source];
    }
  }
}

// The gradients, backward in time, with D = dS. For each chunk of 16 tokens the states
// before each, `scratch` (batch, heads, 16, N, N), are first made anew from the one that
// was kept. With S the state before a token and S' the one after, h = S κ and q = Dᵀ h:
//
//   dr += S'ᵀ dy, then D += dy rᵀ;  dw += colsum(D · S);  dk += Dᵀ v;  dv += D k;
//   dh = -D (κ · a);  dκ += Sᵀ dh - q · a;  da -= q · κ;  D = D diag(w) + dh κᵀ
//
// Sums over rows and over columns both stay within a thread, as each keeps a row and a
// column of D in its registers.
//: kernel wkv7Backward by sequenceHeads: writes dr dInput dv dState scratch, reads packed input states
var<workgroup> inputs: array<f32, 4u * N>; // w, k, κ, a of a token
var<workgroup> vectors: array<f32, 3u * N>; // r, v, dy of a token
var<workgroup> held: array<f32, CHUNK * N>; // h of each token of the chunk
var<workgroup> dHeld: array<f32, N>;

/// Fetches a token's vectors for all.
fn fetch(at: u32, channel: u32, lane: u32) {
  workgroupBarrier();
  for (var part = 0u; part < 4u; part++) {
    inputs[part * N + lane] = input[4u * (at + channel) + part * N + lane];
  }
  for (var part = 0u; part < 3u; part++) {
    vectors[part * N + lane] = packed[3u * at + part * p.width + channel + lane];
  }
  workgroupBarrier();
}

fn wkv7Backward(head: u32, lane: u32) {
  let perSequence = p.width / N;
  let first = head / perSequence * p.time * p.width;
  let channel = head % perSequence * N;
  let chunks = (p.time + CHUNK - 1u) / CHUNK;
  let before = head * CHUNK * N * N;
  var alongRow: array<f32, N>; // D[lane, j]
  var alongColumn: array<f32, N>; // D[i, lane]
  for (var back = 0u; back < chunks; back++) {
    let chunk = chunks - 1u - back;
    let start = chunk * CHUNK;
    let count = min(CHUNK, p.time - start);

    // The states before each token, a row a thread.
    var S: array<f32, N>;
    let kept = ((head * chunks + chunk) * N + lane) * N;
    //: unroll if UNROLLED, else by BLOCK
    for (var j = 0u; j < N; j++) {
      S[j] = states[kept + j];
    }
    for (var t = 0u; t < count; t++) {
      fetch(first + (start + t) * p.width, channel, lane);
      let to = before + (t * N + lane) * N;
      var h = 0.0;
      //: unroll if UNROLLED, else by BLOCK
      for (var j = 0u; j < N; j++) {
        scratch[to + j] = S[j];
        h += S[j] * inputs[2u * N + j];
      }
      held[t * N + lane] = h;
      let value = vectors[N + lane];
      //: unroll if UNROLLED, else by BLOCK
      for (var j = 0u; j < N; j++) {
        let removal = inputs[2u * N + j] * inputs[3u * N + j];
        S[j] = S[j] * inputs[j] - h * removal + value * inputs[N + j];
      }
    }
    storageBarrier();

    for (var late = 0u; late < count; late++) {
      let t = count - 1u - late;
      let at = first + (start + t) * p.width;
      fetch(at, channel, lane);
      let r = vectors[lane];
      let dy = vectors[2u * N + lane];
      let w = inputs[lane];
      let k = inputs[N + lane];
      let removal = inputs[2u * N + lane];
      let a = inputs[3u * N + lane];
      var dValue = 0.0;
      var dOwnHeld = 0.0;
      //: unroll if UNROLLED, else by BLOCK
      for (var j = 0u; j < N; j++) {
        alongRow[j] += dy * vectors[j];
        dValue += alongRow[j] * inputs[N + j];
        dOwnHeld -= alongRow[j] * inputs[2u * N + j] * inputs[3u * N + j];
      }
      dHeld[lane] = dOwnHeld;
      workgroupBarrier();
      var dReceptance = 0.0;
      var dw = 0.0;
      var dk = 0.0;
      var dRemoval = 0.0;
      var q = 0.0;
      let source = before + t * N * N + lane;
      //: unroll if UNROLLED, else by BLOCK
      for (var j = 0u; j < N; j++) {
        let S = scratch[source + j * N]; // S[j, lane]
        let h = held[t * N + j];
        let value = vectors[N + j];
        let upstream = vectors[2u * N + j];
        dReceptance += (S * w - h * removal * a + value * k) * upstream;
        let d = alongColumn[j] + upstream * r;
        dw += d * S;
        dk += d * value;
        q += d * h;
        dRemoval += dHeld[j] * S;
        alongColumn[j] = d * w + dHeld[j] * removal;
      }
      //: unroll if UNROLLED, else by BLOCK
      for (var j = 0u; j < N; j++) {
        alongRow[j] = alongRow[j] * inputs[j] + dOwnHeld * inputs[2u * N + j];
      }
      let own = at + channel + lane;
      let to = 4u * (at + channel) + lane;
      dr[own] += dReceptance;
      dv[own] += dValue;
      dInput[to] += dw;
      dInput[to + N] += dk;
      dInput[to + 2u * N] += dRemoval - q * a;
      dInput[to + 3u * N] -= q * removal;
    }
  }
  if (p.hasDState != 0u) {
    let row = (head * N + lane) * N;
    //: unroll if UNROLLED, else by BLOCK
    for (var j = 0u; j < N; j++) {
      dState[row + j] += alongRow[j];
    }
  }
}
