// out[0] += scale · Σ partials, by one workgroup.

struct Parameters {
  length: u32,
  scale: f32,
}

@group(0) @binding(0) var<storage, read_write> out: array<f32>; // (1)
@group(0) @binding(1) var<storage, read> partials: array<f32>; // (length)
@group(0) @binding(2) var<uniform> p: Parameters;

const WORKGROUP = 256u;

@compute @workgroup_size(WORKGROUP)
fn sumPartials(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  var total = 0.0;
  for (var i = lane; i < p.length; i += WORKGROUP) {
    total += partials[i];
  }
  let whole = sumOver(vec4f(total), lane).x;
  if (lane == 0u) {
    out[0] += p.scale * whole;
  }
}
