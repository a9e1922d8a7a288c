// out = a · bᵀ or out += a · bᵀ for at most 4 rows of a: one workgroup a column of
// out, its threads along k.

struct Parameters {
  m: u32,
  k: u32,
  n: u32,
  aRow: u32, // from one row of a to the next
  bColumn: u32, // from one row of b to the next
  outStride: u32,
  accumulate: u32,
}

@group(0) @binding(0) var<storage, read_write> out: array<f32>; // (m, n), rows outStride apart
@group(0) @binding(1) var<storage, read> a: array<f32>; // (m, k)
@group(0) @binding(2) var<storage, read> b: array<f32>; // (n, k)
@group(0) @binding(3) var<uniform> p: Parameters;

const WORKGROUP = 64u;

@compute @workgroup_size(WORKGROUP)
fn matvec(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let column = groupIndex(group, groups);
  if (column >= p.n) {
    return;
  }
  // Rows that are not there repeat the last and are not stored.
  let rows = min(vec4u(0u, 1u, 2u, 3u), vec4u(p.m - 1u)) * p.aRow;
  var sums = vec4f();
  for (var k = lane; k < p.k; k += WORKGROUP) {
    let left = vec4f(a[rows.x + k], a[rows.y + k], a[rows.z + k], a[rows.w + k]);
    sums += left * b[column * p.bColumn + k];
  }
  sums = sumOver(sums, lane);
  if (lane < p.m) {
    let at = lane * p.outStride + column;
    if (p.accumulate != 0u) {
      out[at] += sums[lane];
    } else {
      out[at] = sums[lane];
    }
  }
}
