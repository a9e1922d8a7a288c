// out = a · b or out += a · b for at most 4 rows of a: a workgroup makes sixteen columns
// of out, which lie side by side in b, sixteen threads along k each. A sum is whole
// when its workgroup is done, however long k is.

struct Parameters {
  m: u32,
  k: u32,
  n: u32,
  aRow: u32, // from one row of a to the next
  bRow: u32, // from one row of b to the next
  outStride: u32,
  accumulate: u32,
}

@group(0) @binding(0) var<storage, read_write> out: array<f32>; // (m, n), rows outStride apart
@group(0) @binding(1) var<storage, read> a: array<f32>; // (m, k)
@group(0) @binding(2) var<storage, read> b: array<f32>; // (k, n)
@group(0) @binding(3) var<uniform> p: Parameters;

// Set by lib/backend/webgpu/webgpu_backend.ts.
const SINGLE = false; // true where m is 1

const WORKGROUP = 256u;
const COLUMNS = 16u;
const THREADS = 16u; // that share a column

//: kernel vecmat whole
@compute @workgroup_size(WORKGROUP)
fn vecmat(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let first = groupIndex(group, groups) * COLUMNS;
  if (first >= p.n) {
    return;
  }
  let column = first + lane % COLUMNS;
  let thread = lane / COLUMNS;
  let stored = min(column, p.n - 1u);
  // Rows that are not there repeat the last and are not stored.
  let rows = min(vec4u(0u, 1u, 2u, 3u), vec4u(p.m - 1u)) * p.aRow;
  var sums = vec4f();
  for (var k = thread; k < p.k; k += THREADS) {
    let value = b[k * p.bRow + stored];
    sums.x += a[rows.x + k] * value;
    if (!SINGLE) {
      sums.y += a[rows.y + k] * value;
      sums.z += a[rows.z + k] * value;
      sums.w += a[rows.w + k] * value;
    }
  }
  lanes[lane] = sums;
  workgroupBarrier();
  for (var half = THREADS / 2u; half > 0u; half /= 2u) {
    if (thread < half) {
      lanes[lane] += lanes[lane + half * COLUMNS];
    }
    workgroupBarrier();
  }
  if (thread < p.m && column < p.n) {
    let at = thread * p.outStride + column;
    let sum = lanes[lane % COLUMNS][thread];
    if (p.accumulate != 0u) {
      out[at] += sum;
    } else {
      out[at] = sum;
    }
  }
}
