// partials = Σ x or Σ x² over chunks of 4096 values, one workgroup a chunk.

struct Parameters {
  length: u32,
  squared: u32,
  firstPartial: u32, // where the first chunk's sum goes
}

@group(0) @binding(0) var<storage, read_write> partials: array<f32>; // (chunks)
@group(0) @binding(1) var<storage, read> x: array<f32>; // (length)
@group(0) @binding(2) var<uniform> p: Parameters;

const WORKGROUP = 256u;
const CHUNK = 4096u; // as in lib/backend/webgpu/webgpu_backend.ts

@compute @workgroup_size(WORKGROUP)
fn sum(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let chunk = groupIndex(group, groups);
  let start = chunk * CHUNK;
  let end = min(start + CHUNK, p.length);
  var total = 0.0;
  for (var i = start + lane; i < end; i += WORKGROUP) {
    total += select(x[i], x[i] * x[i], p.squared != 0u);
  }
  let whole = sumOver(vec4f(total), lane).x;
  if (lane == 0u && start < p.length) {
    partials[p.firstPartial + chunk] = whole;
  }
}
