// What becomes of the output of RWKV-7's attention. `input` and its gradient are (rows,
// heads, 4, headSize), of which k is the second; `stats` are six numbers of each row's
// head: the first three of wkv7OutputStats, the others of wkv7OutputSums.

//: op wkv7OutputForward: wkv7OutputStats wkv7OutputForward
//: op wkv7OutputBackward: wkv7OutputStats wkv7OutputSums wkv7OutputBackwardNorm wkv7OutputBackwardInput wkv7OutputBackwardGate
//: scratch stats: 6RH

// Mean, 1/√(variance + 64e-5), and own = Σ_j r_j k_j bonus_j, the share of the token's
// own value.
//: kernel wkv7OutputStats by heads: writes stats, reads x r input bonus
/// The ε of RWKV-7's GroupNorm.
const EPSILON = 64e-5;

fn wkv7OutputStats(head: u32, lane: u32) {
  let n = p.headSize;
  let start = head * n;
  let channel = start % p.width;
  var sums = vec4f(); // Σ x, Σ r k bonus
  for (var j = lane; j < n; j += WORKGROUP) {
    let own = r[start + j] * input[4u * start + n + j] * bonus[channel + j];
    sums += vec4f(x[start + j], own, 0.0, 0.0);
  }
  sums = sumOver(sums, lane);
  let mean = sums.x / f32(n);
  var square = vec4f();
  for (var j = lane; j < n; j += WORKGROUP) {
    let distance = x[start + j] - mean;
    square.x += distance * distance;
  }
  square = sumOver(square, lane);
  if (lane == 0u) {
    stats[6u * head] = mean;
    stats[6u * head + 1u] = 1.0 / sqrt(square.x / f32(n) + EPSILON);
    stats[6u * head + 2u] = sums.y;
  }
}

// y = (x̂ · weight + bias + own · v) · gate
//: kernel wkv7OutputForward by values: writes y, reads stats x v gate weight bias
fn wkv7OutputForward(i: u32) {
  let c = i % p.width;
  let at = 6u * (i / p.headSize);
  let normal = (x[i] - stats[at]) * stats[at + 1u];
  y[i] = (normal * weight[c] + bias[c] + stats[at + 2u] * v[i]) * gate[i];
}

// What the gradients need: with u = dy · gate and g = u · weight, mean(g), mean(g · x̂)
// and down = Σ u · v.
//: kernel wkv7OutputSums by heads: writes stats, reads dy x v gate weight
fn wkv7OutputSums(head: u32, lane: u32) {
  let n = p.headSize;
  let start = head * n;
  let channel = start % p.width;
  let mean = stats[6u * head];
  let scale = stats[6u * head + 1u];
  var sums = vec4f();
  for (var j = lane; j < n; j += WORKGROUP) {
    let u = dy[start + j] * gate[start + j];
    let g = u * weight[channel + j];
    sums += vec4f(g, g * (x[start + j] - mean) * scale, u * v[start + j], 0.0);
  }
  sums = sumOver(sums, lane);
  if (lane == 0u) {
    stats[6u * head + 3u] = sums.x / f32(n);
    stats[6u * head + 4u] = sums.y / f32(n);
    stats[6u * head + 5u] = sums.z;
  }
}

// dx += scale · (g - mean(g) - x̂ · mean(g · x̂)), dv += u · own, dWeight += Σ u · x̂,
// dBias += Σ u
//: kernel wkv7OutputBackwardNorm by columns: writes dx dv, reads stats dy x gate weight, sums dWeight dBias, once dx dv
fn wkv7OutputBackwardNorm(c: u32, start: u32, end: u32) -> vec2f {
  var dWeight = 0.0;
  var dBias = 0.0;
  for (var row = start; row < end; row++) {
    let i = row * p.width + c;
    let at = 6u * (i / p.headSize);
    let scale = stats[at + 1u];
    let normal = (x[i] - stats[at]) * scale;
    let u = dy[i] * gate[i];
    dx[i] += scale * (u * weight[c] - stats[at + 3u] - normal * stats[at + 4u]);
    dv[i] += u * stats[at + 2u];
    dWeight += u * normal;
    dBias += u;
  }
  return vec2f(dWeight, dBias);
}

// dr += down · k · bonus, dk += down · r · bonus, dBonus += Σ down · r · k
//: kernel wkv7OutputBackwardInput by columns: writes dr dInput, reads stats r input bonus, sums dBonus, once dr
fn wkv7OutputBackwardInput(c: u32, start: u32, end: u32) -> f32 {
  let n = p.headSize;
  let j = c % n;
  var total = 0.0;
  for (var row = start; row < end; row++) {
    let i = row * p.width + c;
    let k = 4u * (i - j) + n + j;
    let down = stats[6u * (i / n) + 5u];
    dr[i] += down * input[k] * bonus[c];
    dInput[k] += down * r[i] * bonus[c];
    total += down * r[i] * input[k];
  }
  return total;
}

// dGate += dy · (x̂ · weight + bias + own · v)
//: kernel wkv7OutputBackwardGate by values: writes dGate, reads stats dy x v weight bias, once dGate
fn wkv7OutputBackwardGate(i: u32) {
  let c = i % p.width;
  let at = 6u * (i / p.headSize);
  let normal = (x[i] - stats[at]) * stats[at + 1u];
  dGate[i] += dy[i] * (normal * weight[c] + bias[c] + stats[at + 2u] * v[i]);
}
