// out = a · b or out += a · b, either transposed by its strides: a block of 4x4 a
// thread in registers, without workgroup memory. For adapters that are CPUs.

struct Parameters {
  m: u32,
  k: u32,
  n: u32,
  aRow: u32, // from one row of a to the next
  aDepth: u32, // from one k of a to the next
  bDepth: u32,
  bColumn: u32,
  outStride: u32,
  accumulate: u32,
}

@group(0) @binding(0) var<storage, read_write> out: array<f32>; // (m, n), rows outStride apart
@group(0) @binding(1) var<storage, read> a: array<f32>; // (m, k) or (k, m)
@group(0) @binding(2) var<storage, read> b: array<f32>; // (k, n) or (n, k)
@group(0) @binding(3) var<uniform> p: Parameters;

const WORKGROUP = 64u;

@compute @workgroup_size(8, 8)
fn matmulPlain(@builtin(global_invocation_id) thread: vec3u) {
  let row = 4u * thread.y;
  let column = 4u * thread.x;
  if (row >= p.m || column >= p.n) {
    return;
  }
  // What is beyond the edge repeats the edge and is not stored.
  let rows = min(vec4u(row, row + 1u, row + 2u, row + 3u), vec4u(p.m - 1u)) * p.aRow;
  let columns = min(vec4u(column, column + 1u, column + 2u, column + 3u), vec4u(p.n - 1u)) * p.bColumn;
  var sums: array<vec4f, 4>;
  for (var k = 0u; k < p.k; k++) {
    let ka = k * p.aDepth;
    let kb = k * p.bDepth;
    let right = vec4f(b[columns.x + kb], b[columns.y + kb], b[columns.z + kb], b[columns.w + kb]);
    sums[0] += a[rows.x + ka] * right;
    sums[1] += a[rows.y + ka] * right;
    sums[2] += a[rows.z + ka] * right;
    sums[3] += a[rows.w + ka] * right;
  }
  for (var i = 0u; i < min(4u, p.m - row); i++) {
    for (var j = 0u; j < min(4u, p.n - column); j++) {
      let at = (row + i) * p.outStride + column + j;
      if (p.accumulate != 0u) {
        out[at] += sums[i][j];
      } else {
        out[at] = sums[i][j];
      }
    }
  }
}
