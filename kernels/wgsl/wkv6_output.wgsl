// What becomes of the output of RWKV-6's attention; `moments` are four numbers of each
// row's head, all of wkv6OutputSums.

//: op wkv6OutputBackward: wkv6OutputSums wkv6OutputBackwardNorm wkv6OutputBackwardGate
//: scratch moments: 4RH

/// gate · σ(gate).
fn silu(gate: f32) -> f32 {
  return gate * sigmoid(gate);
}

/// The ε of GroupNorm.
const EPSILON = 64e-5;

/// Mean and 1/√(variance + ε) of the n values of x from `start` on.
fn momentsOf(start: u32, n: u32, lane: u32) -> vec2f {
  var sums = vec4f();
  for (var j = lane; j < n; j += WORKGROUP) {
    sums.x += x[start + j];
  }
  let mean = sumOver(sums, lane).x / f32(n);
  var square = vec4f();
  for (var j = lane; j < n; j += WORKGROUP) {
    let distance = x[start + j] - mean;
    square.x += distance * distance;
  }
  square = sumOver(square, lane);
  return vec2f(mean, 1.0 / sqrt(square.x / f32(n) + EPSILON));
}

// y = (x̂ · weight + bias) · silu(gate)
//: kernel wkv6OutputForward by heads: writes y, reads x gate weight bias
fn wkv6OutputForward(head: u32, lane: u32) {
  let n = p.headSize;
  let start = head * n;
  let moments = momentsOf(start, n, lane);
  for (var j = lane; j < n; j += WORKGROUP) {
    let i = start + j;
    let c = i % p.width;
    let normal = (x[i] - moments.x) * moments.y;
    y[i] = (normal * weight[c] + bias[c]) * silu(gate[i]);
  }
}

// What the gradients need: with u = dy · silu(gate) and g = u · weight, mean(g) and
// mean(g · x̂).
//: kernel wkv6OutputSums by heads: writes moments, reads dy x gate weight
fn wkv6OutputSums(head: u32, lane: u32) {
  let n = p.headSize;
  let start = head * n;
  let channel = start % p.width;
  let own = momentsOf(start, n, lane);
  let mean = own.x;
  let scale = own.y;
  var sums = vec4f();
  for (var j = lane; j < n; j += WORKGROUP) {
    let g = dy[start + j] * silu(gate[start + j]) * weight[channel + j];
    sums += vec4f(g, g * (x[start + j] - mean) * scale, 0.0, 0.0);
  }
  sums = sumOver(sums, lane);
  if (lane == 0u) {
    moments[4u * head] = mean;
    moments[4u * head + 1u] = scale;
    moments[4u * head + 2u] = sums.x / f32(n);
    moments[4u * head + 3u] = sums.y / f32(n);
  }
}

// dx += scale · (g - mean(g) - x̂ · mean(g · x̂)), dWeight += Σ u · x̂, dBias += Σ u
//: kernel wkv6OutputBackwardNorm by columns: writes dx, reads moments dy x gate weight, sums dWeight dBias, once dx
fn wkv6OutputBackwardNorm(c: u32, start: u32, end: u32) -> vec2f {
  var sums = vec2f();
  for (var row = start; row < end; row++) {
    let i = row * p.width + c;
    let at = 4u * (i / p.headSize);
    let scale = moments[at + 1u];
    let normal = (x[i] - moments[at]) * scale;
    let u = dy[i] * silu(gate[i]);
    dx[i] += scale * (u * weight[c] - moments[at + 2u] - normal * moments[at + 3u]);
    sums += vec2f(u * normal, u);
  }
  return sums;
}

// dGate += dy · (x̂ · weight + bias) · σ(gate)(1 + gate(1 - σ(gate)))
//: kernel wkv6OutputBackwardGate by values: writes dGate, reads moments dy x gate weight bias, once dGate
fn wkv6OutputBackwardGate(i: u32) {
  let c = i % p.width;
  let at = 4u * (i / p.headSize);
  let normal = (x[i] - moments[at]) * moments[at + 1u];
  let s = sigmoid(gate[i]);
  dGate[i] += dy[i] * (normal * weight[c] + bias[c]) * s * (1.0 + gate[i] * (1.0 - s));
}
