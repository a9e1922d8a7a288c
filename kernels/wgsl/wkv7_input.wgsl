// What a token does to the state of RWKV-7. y and its gradient dy are (rows, heads, 4,
// headSize): w, k, κ, a.

//: op wkv7InputBackward: wkv7InputBackwardKey wkv7InputBackwardDecay wkv7InputBackwardRate

/// A decay is exp(-e^-½ · σ), so at least 0.545.
const DECAY_RATE = 0.60653066;

/// The least norm that a key is divided by.
const LEAST_NORM = 1e-12;

// w = exp(-e^-½ · σ(decay + decayBias)), a = σ(rate + rateBias),
// k = key · (1 + (a - 1) · keyRate), κ = key · keyScale / ‖key · keyScale‖
//: kernel wkv7InputForward by heads: writes y, reads key decay rate decayBias rateBias keyScale keyRate
fn wkv7InputForward(head: u32, lane: u32) {
  let n = p.headSize;
  let start = head * n;
  let channel = start % p.width;
  var square = vec4f();
  for (var j = lane; j < n; j += WORKGROUP) {
    let scaled = key[start + j] * keyScale[channel + j];
    square.x += scaled * scaled;
  }
  let norm = max(sqrt(sumOver(square, lane).x), LEAST_NORM);
  for (var j = lane; j < n; j += WORKGROUP) {
    let i = start + j;
    let c = channel + j;
    let a = sigmoid(rate[i] + rateBias[c]);
    let to = 4u * start + j;
    y[to] = exponential(-DECAY_RATE * sigmoid(decay[i] + decayBias[c]));
    y[to + n] = key[i] * (1.0 + (a - 1.0) * keyRate[c]);
    y[to + 2u * n] = key[i] * keyScale[c] / norm;
    y[to + 3u * n] = a;
  }
}

// By way of k and κ: with z = key · keyScale and κ = z / ‖z‖, dz = (dκ - κ (κ · dκ)) /
// ‖z‖, where a norm held up is a constant; dKey += dz · keyScale + dk · (1 + (a - 1) ·
// keyRate), dKeyScale += Σ dz · key, dKeyRate += Σ dk · key · (a - 1).
//: kernel wkv7InputBackwardKey by headColumns: writes dKey, reads dy key rate rateBias keyScale keyRate, sums dKeyScale dKeyRate, once dKey
fn wkv7InputBackwardKey(head: u32, lane: u32, start: u32, end: u32) -> vec2f {
  let n = p.headSize;
  let inside = lane < n;
  let j = min(lane, n - 1u);
  let c = head * n + j;
  let scaling = keyScale[c];
  let mixing = keyRate[c];
  var dScale = 0.0;
  var dRate = 0.0;
  for (var row = start; row < end; row++) {
    let i = row * p.width + c;
    let source = 4u * (i - j) + j;
    let z = key[i] * scaling;
    let dRemoval = dy[source + 2u * n];
    let own = select(vec4f(), vec4f(z * z, dRemoval * z, 0.0, 0.0), inside);
    let sums = sumOver(own, lane);
    let norm = max(sqrt(sums.x), LEAST_NORM);
    let along = select(0.0, sums.y / norm, norm > LEAST_NORM);
    let dz = (dRemoval - z / norm * along) / norm;
    let dk = dy[source + n];
    let a = sigmoid(rate[i] + rateBias[c]);
    if (inside) {
      dKey[i] += dz * scaling + dk * (1.0 + (a - 1.0) * mixing);
    }
    dScale += dz * key[i];
    dRate += dk * key[i] * (a - 1.0);
  }
  return vec2f(dScale, dRate);
}

// By way of w, with s = σ(decay + decayBias): dDecay += -dw · w · e^-½ · s(1 - s),
// dDecayBias += Σ of the same.
//: kernel wkv7InputBackwardDecay by columns: writes dDecay, reads dy decay decayBias, sums dDecayBias, once dDecay
fn wkv7InputBackwardDecay(c: u32, start: u32, end: u32) -> f32 {
  let j = c % p.headSize;
  var total = 0.0;
  for (var row = start; row < end; row++) {
    let i = row * p.width + c;
    let s = sigmoid(decay[i] + decayBias[c]);
    let w = exponential(-DECAY_RATE * s);
    let d = -dy[4u * (i - j) + j] * w * DECAY_RATE * s * (1.0 - s);
    dDecay[i] += d;
    total += d;
  }
  return total;
}

// By way of a: dRate += (da + dk · key · keyRate) · a(1 - a), dRateBias += Σ of the same.
//: kernel wkv7InputBackwardRate by columns: writes dRate, reads dy key rate rateBias keyRate, sums dRateBias, once dRate
fn wkv7InputBackwardRate(c: u32, start: u32, end: u32) -> f32 {
  let n = p.headSize;
  let j = c % n;
  var total = 0.0;
  for (var row = start; row < end; row++) {
    let i = row * p.width + c;
    let source = 4u * (i - j) + j;
    let a = sigmoid(rate[i] + rateBias[c]);
    let d = (dy[source + 3u * n] + dy[source + n] * key[i] * keyRate[c]) * a * (1.0 - a);
    dRate[i] += d;
    total += d;
  }
  return total;
}
