// out += Σ partials over their rows, in order: the second pass of every gradient
// that sums over tokens

struct Parameters {
  length: u32, // columns
  rows: u32,
  stride: u32, // from one row of partials to the next
  first: u32, // column of partials that goes to out[0]
}

@group(0) @binding(0) var<storage, read_write> out: array<f32>; // (length)
@group(0) @binding(1) var<storage, read> partials: array<f32>; // (rows, stride)
@group(0) @binding(2) var<uniform> p: Parameters;

const WORKGROUP = 256u;

@compute @workgroup_size(WORKGROUP)
fn columnSum(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = groupIndex(group, groups) * WORKGROUP + lane;
  if (i >= p.length) {
    return;
  }
  var total = 0.0;
  for (var row = 0u; row < p.rows; row++) {
    total += partials[row * p.stride + p.first + i];
  }
  out[i] += total;
}
