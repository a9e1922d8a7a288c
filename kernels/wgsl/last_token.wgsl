// state = the last token of each sequence of x

struct Parameters {
  length: u32, // batch · width
  time: u32,
  width: u32,
}

@group(0) @binding(0) var<storage, read_write> state: array<f32>; // (batch, width)
@group(0) @binding(1) var<storage, read> x: array<f32>; // (batch, time, width)
@group(0) @binding(2) var<uniform> p: Parameters;

const WORKGROUP = 256u;

@compute @workgroup_size(WORKGROUP)
fn lastToken(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = groupIndex(group, groups) * WORKGROUP + lane;
  if (i >= p.length) {
    return;
  }
  let end = (i / p.width + 1u) * p.time;
  state[i] = x[(end - 1u) * p.width + i % p.width];
}
