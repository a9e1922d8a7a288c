// out = a · bᵀ or out += a · bᵀ for at most 4 rows of a: a workgroup makes four
// columns of out, sixteen threads along k each.

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
@group(0) @binding(1) var<storage, read> a: array<vec4f>; // (m, k), by fours
@group(0) @binding(2) var<storage, read> b: array<vec4f>; // (n, k), by fours
@group(0) @binding(3) var<uniform> p: Parameters;

// Set by lib/backend/webgpu/webgpu_backend.ts.
const ALIGNED = false; // rows of a and b are whole fours
const SINGLE = false; // true where m is 1

const WORKGROUP = 64u;
const THREADS = 16u; // that share a column

fn aAt(at: u32) -> f32 {
  return a[at / 4u][at % 4u];
}

//: kernel matvec whole
@compute @workgroup_size(WORKGROUP)
fn matvec(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let first = groupIndex(group, groups) * (WORKGROUP / THREADS);
  if (first >= p.n) {
    return;
  }
  let thread = lane % THREADS;
  let column = first + lane / THREADS;
  let right = min(column, p.n - 1u) * p.bColumn;
  // Rows that are not there repeat the last and are not stored.
  let rows = min(vec4u(0u, 1u, 2u, 3u), vec4u(p.m - 1u)) * p.aRow;
  var sums = vec4f();
  if (ALIGNED) {
    for (var k = 4u * thread; k < p.k; k += 4u * THREADS) {
      let values = b[(right + k) / 4u];
      sums.x += dot(a[(rows.x + k) / 4u], values);
      if (!SINGLE) {
        sums.y += dot(a[(rows.y + k) / 4u], values);
        sums.z += dot(a[(rows.z + k) / 4u], values);
        sums.w += dot(a[(rows.w + k) / 4u], values);
      }
    }
  } else {
    for (var k = thread; k < p.k; k += THREADS) {
      let value = b[(right + k) / 4u][(right + k) % 4u];
      sums += value * vec4f(
        aAt(rows.x + k),
        aAt(rows.y + k),
        aAt(rows.z + k),
        aAt(rows.w + k),
      );
    }
  }
  lanes[lane] = sums;
  workgroupBarrier();
  for (var half = THREADS / 2u; half > 0u; half /= 2u) {
    if (thread < half) {
      lanes[lane] += lanes[lane + half];
    }
    workgroupBarrier();
  }
  if (thread < p.m && column < p.n) {
    let at = thread * p.outStride + column;
    let sum = lanes[lane - thread][thread];
    if (p.accumulate != 0u) {
      out[at] += sum;
    } else {
      out[at] = sum;
    }
  }
}
