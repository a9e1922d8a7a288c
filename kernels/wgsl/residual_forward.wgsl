// y = x + keep · branch / (1 - rate); element i of the whole is kept where 24 bits
// of its hash reach the threshold

struct Parameters {
  length: u32,
  first: u32, // where in the whole these values start
  key: u32,
  threshold: u32, // rate · 2^24, rounded up
  scale: f32, // 1 / (1 - rate)
}

@group(0) @binding(0) var<storage, read_write> y: array<f32>; // (length)
@group(0) @binding(1) var<storage, read> x: array<f32>; // (length)
@group(0) @binding(2) var<storage, read> branch: array<f32>; // (length)
@group(0) @binding(3) var<uniform> p: Parameters;

const WORKGROUP = 256u;

@compute @workgroup_size(WORKGROUP)
fn residualForward(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = groupIndex(group, groups) * WORKGROUP + lane;
  if (i >= p.length) {
    return;
  }
  let kept = (hash32(p.key ^ hash32(p.first + i)) >> 8u) >= p.threshold;
  y[i] = x[i] + select(0.0, p.scale, kept) * branch[i];
}
