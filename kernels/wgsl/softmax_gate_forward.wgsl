// y = softmax(k) · v, the softmax over a row, one workgroup a row.

struct Parameters {
  rows: u32,
  width: u32,
}

@group(0) @binding(0) var<storage, read_write> y: array<f32>; // (rows, width)
@group(0) @binding(1) var<storage, read> k: array<f32>; // (rows, width)
@group(0) @binding(2) var<storage, read> v: array<f32>; // (rows, width)
@group(0) @binding(3) var<uniform> p: Parameters;

const WORKGROUP = 64u;

@compute @workgroup_size(WORKGROUP)
fn softmaxGateForward(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = groupIndex(group, groups);
  if (row >= p.rows) {
    return;
  }
  let start = row * p.width;
  var largest = LOWEST;
  for (var c = lane; c < p.width; c += WORKGROUP) {
    largest = max(largest, k[start + c]);
  }
  largest = maxOver(largest, lane);
  var total = 0.0;
  for (var c = lane; c < p.width; c += WORKGROUP) {
    total += exponential(k[start + c] - largest);
  }
  total = sumOver(vec4f(total), lane).x;
  for (var c = lane; c < p.width; c += WORKGROUP) {
    y[start + c] = exponential(k[start + c] - largest) / total * v[start + c];
  }
}
