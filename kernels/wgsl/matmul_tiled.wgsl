// out = a · b or out += a · b: a workgroup makes a square tile of out from strips
// of a and b in workgroup memory, a thread SIDE x SIDE of it in registers. With
// group.z the products over parts of k are left apart, for matmul_sum.wgsl.

struct Parameters {
  m: u32,
  k: u32,
  n: u32,
  aStride: u32, // from one row of a, as stored, to the next
  bStride: u32,
  outStride: u32,
  accumulate: u32,
  part: u32, // how much of k a part has: a multiple of DEPTH
}

@group(0) @binding(0) var<storage, read_write> out: array<f32>; // (parts, m, n), rows outStride apart
@group(0) @binding(1) var<storage, read> a: array<f32>; // (m, k), or (k, m) transposed
@group(0) @binding(2) var<storage, read> b: array<f32>; // (k, n), or (n, k) transposed
@group(0) @binding(3) var<uniform> p: Parameters;

// Set by lib/backend/webgpu/matmul.ts.
const TRANSPOSE_A = false;
const TRANSPOSE_B = false;
const TILE = 64u;
const DEPTH = 16u;
const SIDE = 4u;

const WORKGROUP = (TILE / SIDE) * (TILE / SIDE);
const QUADS = TILE / 4u; // vectors of 4 rows or columns in a strip
const HALVES = SIDE / 4u; // a thread's vectors, QUADS / HALVES apart
const LOADS = (QUADS * DEPTH + WORKGROUP - 1u) / WORKGROUP;

var<workgroup> aStrip: array<vec4f, QUADS * DEPTH>; // (DEPTH, TILE)
var<workgroup> bStrip: array<vec4f, QUADS * DEPTH>; // (DEPTH, TILE)

fn aAt(row: u32, k: u32, end: u32) -> f32 {
  if (row >= p.m || k >= end) {
    return 0.0;
  }
  if (TRANSPOSE_A) {
    return a[k * p.aStride + row];
  }
  return a[row * p.aStride + k];
}

fn bAt(column: u32, k: u32, end: u32) -> f32 {
  if (column >= p.n || k >= end) {
    return 0.0;
  }
  if (TRANSPOSE_B) {
    return b[column * p.bStride + k];
  }
  return b[k * p.bStride + column];
}

/// Which vector of a strip a thread loads, as (quad, depth), so that neighbours
/// read neighbouring values.
fn placeOf(item: u32, alongDepth: bool) -> vec2u {
  if (alongDepth) {
    return vec2u(item / DEPTH, item % DEPTH);
  }
  return vec2u(item % QUADS, item / QUADS);
}

@compute @workgroup_size(WORKGROUP)
fn matmulTiled(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let firstRow = group.y * TILE;
  let firstColumn = group.x * TILE;
  let start = group.z * p.part;
  let end = min(start + p.part, p.k);
  let threadRow = lane / (TILE / SIDE);
  let threadColumn = lane % (TILE / SIDE);
  var sums: array<vec4f, SIDE * HALVES>;
  for (var k0 = start; k0 < end; k0 += DEPTH) {
    for (var load = 0u; load < LOADS; load++) {
      let item = load * WORKGROUP + lane;
      if (item < QUADS * DEPTH) {
        let ofA = placeOf(item, !TRANSPOSE_A);
        let row = firstRow + 4u * ofA.x;
        let ka = k0 + ofA.y;
        aStrip[ofA.y * QUADS + ofA.x] = vec4f(
          aAt(row, ka, end),
          aAt(row + 1u, ka, end),
          aAt(row + 2u, ka, end),
          aAt(row + 3u, ka, end),
        );
        let ofB = placeOf(item, TRANSPOSE_B);
        let column = firstColumn + 4u * ofB.x;
        let kb = k0 + ofB.y;
        bStrip[ofB.y * QUADS + ofB.x] = vec4f(
          bAt(column, kb, end),
          bAt(column + 1u, kb, end),
          bAt(column + 2u, kb, end),
          bAt(column + 3u, kb, end),
        );
      }
    }
    workgroupBarrier();
    for (var k = 0u; k < DEPTH; k++) {
      var right: array<vec4f, HALVES>;
      for (var h = 0u; h < HALVES; h++) {
        right[h] = bStrip[k * QUADS + h * (QUADS / HALVES) + threadColumn];
      }
      for (var g = 0u; g < HALVES; g++) {
        let left = aStrip[k * QUADS + g * (QUADS / HALVES) + threadRow];
        for (var h = 0u; h < HALVES; h++) {
          sums[(4u * g + 0u) * HALVES + h] += left.x * right[h];
          sums[(4u * g + 1u) * HALVES + h] += left.y * right[h];
          sums[(4u * g + 2u) * HALVES + h] += left.z * right[h];
          sums[(4u * g + 3u) * HALVES + h] += left.w * right[h];
        }
      }
    }
    workgroupBarrier();
  }
  let partAt = group.z * p.m * p.outStride;
  for (var i = 0u; i < SIDE; i++) {
    let row = firstRow + (i / 4u) * (TILE / HALVES) + 4u * threadRow + i % 4u;
    if (row >= p.m) {
      continue;
    }
    for (var h = 0u; h < HALVES; h++) {
      let column = firstColumn + h * (TILE / HALVES) + 4u * threadColumn;
      let values = sums[i * HALVES + h];
      for (var j = 0u; j < 4u; j++) {
        if (column + j < p.n) {
          let at = partAt + row * p.outStride + column + j;
          if (p.accumulate != 0u) {
            out[at] += values[j];
          } else {
            out[at] = values[j];
          }
        }
      }
    }
  }
}
