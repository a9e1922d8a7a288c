// y = max(x, 0)²; the comparison lets not-a-number through

struct Parameters {
  length: u32,
}

@group(0) @binding(0) var<storage, read_write> y: array<f32>; // (length)
@group(0) @binding(1) var<storage, read> x: array<f32>; // (length)
@group(0) @binding(2) var<uniform> p: Parameters;

const WORKGROUP = 256u;

@compute @workgroup_size(WORKGROUP)
fn squaredReluForward(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = groupIndex(group, groups) * WORKGROUP + lane;
  if (i >= p.length) {
    return;
  }
  let positive = select(x[i], 0.0, x[i] < 0.0);
  y[i] = positive * positive;
}
