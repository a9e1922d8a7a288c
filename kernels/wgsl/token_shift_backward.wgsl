// dx_t += mix · dy_t + (1 - mix) · dy_{t+1}

struct Parameters {
  length: u32, // batch · time · width
  time: u32,
  width: u32,
}

@group(0) @binding(0) var<storage, read_write> dx: array<f32>; // (batch, time, width)
@group(0) @binding(1) var<storage, read> dy: array<f32>; // (batch, time, width)
@group(0) @binding(2) var<storage, read> mix: array<f32>; // (width)
@group(0) @binding(3) var<uniform> p: Parameters;

const WORKGROUP = 256u;

@compute @workgroup_size(WORKGROUP)
fn tokenShiftBackward(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = groupIndex(group, groups) * WORKGROUP + lane;
  if (i >= p.length) {
    return;
  }
  let row = i / p.width;
  let m = mix[i % p.width];
  var d = m * dy[i];
  if (row % p.time + 1u < p.time) {
    d += (1.0 - m) * dy[i + p.width];
  }
  dx[i] += d;
}
