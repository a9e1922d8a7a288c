// dr += dy · v · σ(r)(1 - σ(r)), dv += dy · σ(r)

struct Parameters {
  length: u32,
}

@group(0) @binding(0) var<storage, read_write> dr: array<f32>; // (length)
@group(0) @binding(1) var<storage, read_write> dv: array<f32>; // (length)
@group(0) @binding(2) var<storage, read> dy: array<f32>; // (length)
@group(0) @binding(3) var<storage, read> r: array<f32>; // (length)
@group(0) @binding(4) var<storage, read> v: array<f32>; // (length)
@group(0) @binding(5) var<uniform> p: Parameters;

const WORKGROUP = 256u;

@compute @workgroup_size(WORKGROUP)
fn sigmoidGateBackward(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = groupIndex(group, groups) * WORKGROUP + lane;
  if (i >= p.length) {
    return;
  }
  let gate = sigmoid(r[i]);
  dr[i] += dy[i] * v[i] * gate * (1.0 - gate);
  dv[i] += dy[i] * gate;
}
