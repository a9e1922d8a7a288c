// out = a · b or out += a · b: a workgroup makes a square tile of out from strips
// of a and b in workgroup memory, a thread SIDE x SIDE of it in registers. With
// group.z the products over parts of k are left apart, for matmul_sum.wgsl.

// Set by lib/backend/webgpu/matmul.ts; DEPTH is a multiple of 4, and p.part of it.
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
