// y = weight[ids], for the ids whose rows of weight are bound

struct Parameters {
  length: u32, // rows · width
  width: u32,
  firstId: u32, // the first row bound
  idCount: u32,
}

@group(0) @binding(0) var<storage, read_write> y: array<f32>; // (rows, width)
@group(0) @binding(1) var<storage, read> weight: array<f32>; // (idCount, width)
@group(0) @binding(2) var<storage, read> ids: array<u32>; // (rows)
@group(0) @binding(3) var<uniform> p: Parameters;

const WORKGROUP = 256u;

@compute @workgroup_size(WORKGROUP)
fn embeddingForward(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = groupIndex(group, groups) * WORKGROUP + lane;
  if (i >= p.length) {
    return;
  }
  let id = ids[i / p.width] - p.firstId;
  if (id < p.idCount) {
    y[i] = weight[id * p.width + i % p.width];
  }
}
