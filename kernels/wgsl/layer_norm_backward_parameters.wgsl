// partials = (Σ dy · x̂, Σ dy) over chunks of rows: the first pass of dWeight and
// dBias. A thread a column; group.y is the chunk.

struct Parameters {
  rows: u32,
  width: u32,
  chunk: u32, // rows in a chunk
}

@group(0) @binding(0) var<storage, read_write> partials: array<f32>; // (chunks, 2, width)
@group(0) @binding(1) var<storage, read> dy: array<f32>; // (rows, width)
@group(0) @binding(2) var<storage, read> x: array<f32>; // (rows, width)
@group(0) @binding(3) var<storage, read> stats: array<f32>; // (rows, 2)
@group(0) @binding(4) var<uniform> p: Parameters;

const WORKGROUP = 64u;

@compute @workgroup_size(WORKGROUP)
fn layerNormBackwardParameters(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let c = group.x * WORKGROUP + lane;
  if (c >= p.width) {
    return;
  }
  let start = group.y * p.chunk;
  let end = min(start + p.chunk, p.rows);
  var dWeight = 0.0;
  var dBias = 0.0;
  for (var row = start; row < end; row++) {
    let d = dy[row * p.width + c];
    let normal = (x[row * p.width + c] - stats[2u * row]) * stats[2u * row + 1u];
    dWeight += d * normal;
    dBias += d;
  }
  partials[2u * group.y * p.width + c] = dWeight;
  partials[(2u * group.y + 1u) * p.width + c] = dBias;
}
