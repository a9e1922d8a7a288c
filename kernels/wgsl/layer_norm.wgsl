// `stats` are the mean of each row and 1/√(variance + ε).

//: op layerNormBackward: layerNormBackward layerNormBackwardParameters

// y = (x - mean) / √(variance + ε) · weight + bias
//: kernel layerNormForward by rows: writes y stats, reads x weight bias
const EPSILON = 1e-5;

fn layerNormForward(row: u32, lane: u32) {
  let start = row * p.width;
  let share = 1.0 / f32(p.width);
  var total = 0.0;
  for (var c = lane; c < p.width; c += WORKGROUP) {
    total += x[start + c];
  }
  let about = sumOver(vec4f(total), lane).x * share;
  // Around a mean that is slightly off, what is left of the sum corrects it: a
  // constant row has a scale of 316, and an error with it.
  var moments = vec4f();
  for (var c = lane; c < p.width; c += WORKGROUP) {
    let d = x[start + c] - about;
    moments += vec4f(d, d * d, 0.0, 0.0);
  }
  moments = sumOver(moments, lane) * share;
  let mean = about + moments.x;
  let variance = max(moments.y - moments.x * moments.x, 0.0);
  let scale = 1.0 / sqrt(variance + EPSILON);
  for (var c = lane; c < p.width; c += WORKGROUP) {
    y[start + c] = (x[start + c] - mean) * scale * weight[c] + bias[c];
  }
  if (lane == 0u) {
    stats[2u * row] = mean;
    stats[2u * row + 1u] = scale;
  }
}

// With x̂ = (x - mean) · scale and g = dy · weight:
// dx += scale · (g - mean(g) - x̂ · mean(g · x̂))
//: kernel layerNormBackward by rows: writes dx, reads dy x stats weight, once dx
fn layerNormBackward(row: u32, lane: u32) {
  let start = row * p.width;
  let mean = stats[2u * row];
  let scale = stats[2u * row + 1u];
  var sums = vec4f();
  for (var c = lane; c < p.width; c += WORKGROUP) {
    let normal = (x[start + c] - mean) * scale;
    let g = dy[start + c] * weight[c];
    sums += vec4f(g, g * normal, 0.0, 0.0);
  }
  let means = sumOver(sums, lane) / f32(p.width);
  for (var c = lane; c < p.width; c += WORKGROUP) {
    let normal = (x[start + c] - mean) * scale;
    let g = dy[start + c] * weight[c];
    dx[start + c] += scale * (g - means.x - normal * means.y);
  }
}

// dWeight += Σ dy · x̂, dBias += Σ dy
//: kernel layerNormBackwardParameters by columns: reads dy x stats, sums dWeight dBias
fn layerNormBackwardParameters(c: u32, start: u32, end: u32) -> vec2f {
  var dWeight = 0.0;
  var dBias = 0.0;
  for (var row = start; row < end; row++) {
    let d = dy[row * p.width + c];
    let normal = (x[row * p.width + c] - stats[2u * row]) * stats[2u * row + 1u];
    dWeight += d * normal;
    dBias += d;
  }
  return vec2f(dWeight, dBias);
}
