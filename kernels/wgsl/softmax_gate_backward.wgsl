// With s = softmax(k) and g = dy · v: dk += s · (g - Σ s · g), dv += dy · s, one
// workgroup a row.

struct Parameters {
  rows: u32,
  width: u32,
}

@group(0) @binding(0) var<storage, read_write> dk: array<f32>; // (rows, width)
@group(0) @binding(1) var<storage, read_write> dv: array<f32>; // (rows, width)
@group(0) @binding(2) var<storage, read> dy: array<f32>; // (rows, width)
@group(0) @binding(3) var<storage, read> k: array<f32>; // (rows, width)
@group(0) @binding(4) var<storage, read> v: array<f32>; // (rows, width)
@group(0) @binding(5) var<uniform> p: Parameters;

const WORKGROUP = 64u;

@compute @workgroup_size(WORKGROUP)
fn softmaxGateBackward(
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
  var sums = vec4f(); // Σ e^k, Σ e^k · g
  for (var c = lane; c < p.width; c += WORKGROUP) {
    let power = exponential(k[start + c] - largest);
    sums += power * vec4f(1.0, dy[start + c] * v[start + c], 0.0, 0.0);
  }
  sums = sumOver(sums, lane);
  let mean = sums.y / sums.x;
  for (var c = lane; c < p.width; c += WORKGROUP) {
    let i = start + c;
    let s = exponential(k[i] - largest) / sums.x;
    let d = dy[i];
    dk[i] += s * (d * v[i] - mean);
    dv[i] += d * s;
  }
}
