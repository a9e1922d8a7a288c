// dx += dy, dBranch += keep · dy / (1 - rate)

struct Parameters {
  length: u32,
  first: u32, // where in the whole these values start
  key: u32,
  threshold: u32, // rate · 2^24, rounded up
  scale: f32, // 1 / (1 - rate)
}

@group(0) @binding(0) var<storage, read_write> dx: array<f32>; // (length)
@group(0) @binding(1) var<storage, read_write> dBranch: array<f32>; // (length)
@group(0) @binding(2) var<storage, read> dy: array<f32>; // (length)
@group(0) @binding(3) var<uniform> p: Parameters;

const WORKGROUP = 256u;

@compute @workgroup_size(WORKGROUP)
fn residualBackward(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = groupIndex(group, groups) * WORKGROUP + lane;
  if (i >= p.length) {
    return;
  }
  let kept = (hash32(p.key ^ hash32(p.first + i)) >> 8u) >= p.threshold;
  dx[i] += dy[i];
  dBranch[i] += select(0.0, p.scale, kept) * dy[i];
}
