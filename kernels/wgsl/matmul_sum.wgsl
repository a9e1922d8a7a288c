// out = Σ of the products over parts of k, in order, or out += it

struct Parameters {
  length: u32, // m · n
  n: u32,
  outStride: u32,
  parts: u32,
  accumulate: u32,
}

@group(0) @binding(0) var<storage, read_write> out: array<f32>; // (m, n), rows outStride apart
@group(0) @binding(1) var<storage, read> partials: array<f32>; // (parts, m, n)
@group(0) @binding(2) var<uniform> p: Parameters;

const WORKGROUP = 256u;

@compute @workgroup_size(WORKGROUP)
fn matmulSum(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = groupIndex(group, groups) * WORKGROUP + lane;
  if (i >= p.length) {
    return;
  }
  var total = 0.0;
  for (var part = 0u; part < p.parts; part++) {
    total += partials[part * p.length + i];
  }
  let at = i / p.n * p.outStride + i % p.n;
  if (p.accumulate != 0u) {
    total += out[at];
  }
  out[at] = total;
}
