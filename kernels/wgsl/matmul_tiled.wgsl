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
@group(0) @binding(1) var<storage, read> a: array<vec4f>; // (m, k), or (k, m) transposed, by fours
@group(0) @binding(2) var<storage, read> b: array<vec4f>; // (k, n), or (n, k) transposed, by fours
@group(0) @binding(3) var<uniform> p: Parameters;

// Set by lib/backend/webgpu/matmul.ts.
const TRANSPOSE_A = false;
const TRANSPOSE_B = false;
const ALIGNED = false; // stored rows of a and b are whole fours
const TILE = 64u;
const DEPTH = 16u;
const SIDE = 4u;

const WORKGROUP = (TILE / SIDE) * (TILE / SIDE);
const QUADS = TILE / 4u; // vectors of 4 rows or columns in a strip
const HALVES = SIDE / 4u; // a thread's vectors, QUADS / HALVES apart
const BLOCKS = QUADS * (DEPTH / 4u); // blocks of 4x4 in a strip
const LOADS = (2u * BLOCKS + WORKGROUP - 1u) / WORKGROUP;

var<workgroup> aStrip: array<vec4f, QUADS * DEPTH>; // (DEPTH, TILE)
var<workgroup> bStrip: array<vec4f, QUADS * DEPTH>; // (DEPTH, TILE)

/// The value of a at a row and a k; 0 beyond the edges.
fn aAt(row: u32, k: u32, end: u32) -> f32 {
  let i = min(row, p.m - 1u);
  let j = min(k, p.k - 1u);
  let at = select(i * p.aStride + j, j * p.aStride + i, TRANSPOSE_A);
  return select(0.0, a[at / 4u][at % 4u], row < p.m && k < end);
}

/// The value of b at a column and a k; 0 beyond the edges.
fn bAt(column: u32, k: u32, end: u32) -> f32 {
  let i = min(column, p.n - 1u);
  let j = min(k, p.k - 1u);
  let at = select(j * p.bStride + i, i * p.bStride + j, TRANSPOSE_B);
  return select(0.0, b[at / 4u][at % 4u], column < p.n && k < end);
}

/// Four values of a along a stored row, all of them inside or none.
fn aFour(row: u32, k: u32, end: u32) -> vec4f {
  let i = min(row, p.m - 1u);
  let j = min(k, p.k - 1u);
  let at = select(i * p.aStride + j, j * p.aStride + i, TRANSPOSE_A);
  return select(vec4f(), a[at / 4u], row < p.m && k < end);
}

/// Four values of b along a stored row, all of them inside or none.
fn bFour(column: u32, k: u32, end: u32) -> vec4f {
  let i = min(column, p.n - 1u);
  let j = min(k, p.k - 1u);
  let at = select(j * p.bStride + i, i * p.bStride + j, TRANSPOSE_B);
  return select(vec4f(), b[at / 4u], column < p.n && k < end);
}

/// A block of a: four rows by four k, a column of the result a k.
fn aBlock(row: u32, k: u32, end: u32) -> mat4x4f {
  if (ALIGNED && TRANSPOSE_A) {
    return mat4x4f(
      aFour(row, k, end),
      aFour(row, k + 1u, end),
      aFour(row, k + 2u, end),
      aFour(row, k + 3u, end),
    );
  }
  if (ALIGNED) {
    return transpose(mat4x4f(
      aFour(row, k, end),
      aFour(row + 1u, k, end),
      aFour(row + 2u, k, end),
      aFour(row + 3u, k, end),
    ));
  }
  var block: mat4x4f;
  for (var i = 0u; i < 4u; i++) {
    block[i] = vec4f(
      aAt(row, k + i, end),
      aAt(row + 1u, k + i, end),
      aAt(row + 2u, k + i, end),
      aAt(row + 3u, k + i, end),
    );
  }
  return block;
}

/// A block of b: four columns by four k, a column of the result a k.
fn bBlock(column: u32, k: u32, end: u32) -> mat4x4f {
  if (ALIGNED && !TRANSPOSE_B) {
    return mat4x4f(
      bFour(column, k, end),
      bFour(column, k + 1u, end),
      bFour(column, k + 2u, end),
      bFour(column, k + 3u, end),
    );
  }
  if (ALIGNED) {
    return transpose(mat4x4f(
      bFour(column, k, end),
      bFour(column + 1u, k, end),
      bFour(column + 2u, k, end),
      bFour(column + 3u, k, end),
    ));
  }
  var block: mat4x4f;
  for (var i = 0u; i < 4u; i++) {
    block[i] = vec4f(
      bAt(column, k + i, end),
      bAt(column + 1u, k + i, end),
      bAt(column + 2u, k + i, end),
      bAt(column + 3u, k + i, end),
    );
  }
  return block;
}

/// Where in its strip a block stands, as (four of rows, four of k), so that
/// neighbouring threads read neighbouring values.
fn placeOf(block: u32, alongDepth: bool) -> vec2u {
  if (alongDepth) {
    return vec2u(block / (DEPTH / 4u), block % (DEPTH / 4u));
  }
  return vec2u(block % QUADS, block / QUADS);
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
      if (item < BLOCKS) {
        let place = placeOf(item, !TRANSPOSE_A);
        let block = aBlock(firstRow + 4u * place.x, k0 + 4u * place.y, end);
        for (var i = 0u; i < 4u; i++) {
          aStrip[(4u * place.y + i) * QUADS + place.x] = block[i];
        }
      } else if (item < 2u * BLOCKS) {
        let place = placeOf(item - BLOCKS, TRANSPOSE_B);
        let block = bBlock(firstColumn + 4u * place.x, k0 + 4u * place.y, end);
        for (var i = 0u; i < 4u; i++) {
          bStrip[(4u * place.y + i) * QUADS + place.x] = block[i];
        }
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
