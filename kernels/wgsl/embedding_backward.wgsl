// dWeight[ids] += dy, for the ids whose rows of dWeight are bound. One workgroup
// a row of dy; the first row with an id adds up all rows with it, along `next`,
// in order, so that no two threads write to one place.

struct Parameters {
  rows: u32,
  width: u32,
  firstId: u32, // the first row bound
  idCount: u32,
}

@group(0) @binding(0) var<storage, read_write> dWeight: array<f32>; // (idCount, width)
@group(0) @binding(1) var<storage, read> dy: array<f32>; // (rows, width)
@group(0) @binding(2) var<storage, read> ids: array<u32>; // (rows)
@group(0) @binding(3) var<storage, read> next: array<u32>; // (rows): low 31 bits the next row with this id, high bit: not the first
@group(0) @binding(4) var<uniform> p: Parameters;

const WORKGROUP = 64u;
const NOT_FIRST = 0x80000000u;

@compute @workgroup_size(WORKGROUP)
fn embeddingBackward(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let first = groupIndex(group, groups);
  if (first >= p.rows || (next[first] & NOT_FIRST) != 0u) {
    return;
  }
  let id = ids[first] - p.firstId;
  if (id >= p.idCount) {
    return;
  }
  for (var c = lane; c < p.width; c += WORKGROUP) {
    var total = 0.0;
    for (var row = first; row < p.rows; row = next[row] & ~NOT_FIRST) {
      total += dy[row * p.width + c];
    }
    dWeight[id * p.width + c] += total;
  }
}
