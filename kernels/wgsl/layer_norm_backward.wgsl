// With x̂ = (x - mean) · scale and g = dy · weight:
// dx += scale · (g - mean(g) - x̂ · mean(g · x̂)), one workgroup a row.

struct Parameters {
  rows: u32,
  width: u32,
}

@group(0) @binding(0) var<storage, read_write> dx: array<f32>; // (rows, width)
@group(0) @binding(1) var<storage, read> dy: array<f32>; // (rows, width)
@group(0) @binding(2) var<storage, read> x: array<f32>; // (rows, width)
@group(0) @binding(3) var<storage, read> stats: array<f32>; // (rows, 2)
@group(0) @binding(4) var<storage, read> weight: array<f32>; // (width)
@group(0) @binding(5) var<uniform> p: Parameters;

const WORKGROUP = 64u;

@compute @workgroup_size(WORKGROUP)
fn layerNormBackward(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = groupIndex(group, groups);
  if (row >= p.rows) {
    return;
  }
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
