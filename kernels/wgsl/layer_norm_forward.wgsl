// y = (x - mean) / √(variance + ε) · weight + bias, one workgroup a row.

struct Parameters {
  rows: u32,
  width: u32,
}

@group(0) @binding(0) var<storage, read_write> y: array<f32>; // (rows, width)
@group(0) @binding(1) var<storage, read_write> stats: array<f32>; // (rows, 2): mean, 1/√(variance + ε)
@group(0) @binding(2) var<storage, read> x: array<f32>; // (rows, width)
@group(0) @binding(3) var<storage, read> weight: array<f32>; // (width)
@group(0) @binding(4) var<storage, read> bias: array<f32>; // (width)
@group(0) @binding(5) var<uniform> p: Parameters;

const WORKGROUP = 64u;
const EPSILON = 1e-5;

@compute @workgroup_size(WORKGROUP)
fn layerNormForward(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = groupIndex(group, groups);
  if (row >= p.rows) {
    return;
  }
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
