// out = a · b or out += a · b: a workgroup makes a square tile of out from strips
// of a and b in workgroup memory, a thread SIDE x SIDE of it in registers. With
// group.z the products over parts of k are left apart, for matmulSum.

// Set by lib/backend/webgpu/matmul.ts. ACROSS is 8 or 16; DEPTH is a multiple of
// 4, and p.part of it.
const TILE = 64u;
const DEPTH = 16u;
const HALVES = 1u; // a thread's vectors of rows and of columns, far apart
const SIDE = 4u; // 4 · HALVES
const LOADS = 1u; // blocks that a thread brings into the strips
const AHEAD = false; // the next strips come from memory during the products

const ACROSS = TILE / SIDE; // threads along a side
const WORKGROUP = ACROSS * ACROSS;
const QUADS = TILE / 4u; // vectors of 4 rows or columns in a strip
const FOURS_OF_K = DEPTH / 4u;
const BLOCKS = QUADS * FOURS_OF_K; // blocks of 4x4 in a strip

// By the four of k, the k in it, the half, and the vector of 4 rows or columns,
// whose places are exchanged by fours (`placeIn`) where the four of k is odd. A
// block is read along a stored row and kept across it; eight threads, which the
// hardware serves at once, so read 32 bytes of each of four rows where those run
// along k, and write to eight different vectors, as they also do elsewhere.
alias Strip = array<array<array<array<vec4f, ACROSS>, HALVES>, 4>, FOURS_OF_K>;
var<workgroup> aStrip: Strip;
var<workgroup> bStrip: Strip;

/// Where a vector stands in a half of a strip.
fn placeIn(vector: u32, fourOfK: u32) -> u32 {
  return vector ^ (4u * (fourOfK & 1u));
}

/// The block of a strip that a thread brings: (vector, four of k).
fn placeOf(block: u32, alongDepth: bool) -> vec2u {
  if (!alongDepth) {
    return vec2u(block % QUADS, block / QUADS);
  }
  if (FOURS_OF_K == 1u) {
    return vec2u(block, 0u);
  }
  let pairs = max(1u, FOURS_OF_K / 2u);
  let eight = block / 8u;
  return vec2u(
    eight / pairs * 4u + block / 2u % 4u,
    eight % pairs * 2u + block % 2u,
  );
}

/// Block `item` of both strips from memory.
fn bring(item: u32, tile: vec2u, k0: u32, end: u32) -> mat4x4f {
  if (item >= 2u * BLOCKS) {
    return mat4x4f();
  }
  if (item < BLOCKS) {
    let place = placeOf(item, !TRANSPOSE_A);
    return aBlock(tile.y + 4u * place.x, k0 + 4u * place.y, end);
  }
  let place = placeOf(item - BLOCKS, TRANSPOSE_B);
  return bBlock(tile.x + 4u * place.x, k0 + 4u * place.y, end);
}

/// Puts block `item` into its strip.
fn keep(item: u32, block: mat4x4f) {
  if (item < BLOCKS) {
    let place = placeOf(item, !TRANSPOSE_A);
    let half = place.x / ACROSS;
    let vector = placeIn(place.x % ACROSS, place.y);
    //: unroll
    for (var i = 0u; i < 4u; i++) {
      aStrip[place.y][i][half][vector] = block[i];
    }
  } else if (item < 2u * BLOCKS) {
    let place = placeOf(item - BLOCKS, TRANSPOSE_B);
    let half = place.x / ACROSS;
    let vector = placeIn(place.x % ACROSS, place.y);
    //: unroll
    for (var i = 0u; i < 4u; i++) {
      bStrip[place.y][i][half][vector] = block[i];
    }
  }
}

//: kernel matmulTiled whole
@compute @workgroup_size(WORKGROUP)
fn matmulTiled(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let tile = group.xy * TILE;
  let start = group.z * p.part;
  let end = min(start + p.part, p.k);
  // 32 threads, which the hardware runs as one, make 4 x 8 of the blocks: that
  // is where they read least from the strips.
  let band = lane / 32u;
  let threadRow = band / (ACROSS / 8u) * 4u + lane / 8u % 4u;
  let threadColumn = band % (ACROSS / 8u) * 8u + lane % 8u;
  var sums: array<vec4f, SIDE * HALVES>;
  var blocks: array<mat4x4f, LOADS>;
  if (AHEAD) {
    //: unroll
    for (var load = 0u; load < LOADS; load++) {
      blocks[load] = bring(load * WORKGROUP + lane, tile, start, end);
    }
  }
  for (var k0 = start; k0 < end; k0 += DEPTH) {
    //: unroll
    for (var load = 0u; load < LOADS; load++) {
      let item = load * WORKGROUP + lane;
      if (!AHEAD) {
        blocks[load] = bring(item, tile, k0, end);
      }
      keep(item, blocks[load]);
    }
    workgroupBarrier();
    if (AHEAD && k0 + DEPTH < end) {
      //: unroll
      for (var load = 0u; load < LOADS; load++) {
        blocks[load] = bring(load * WORKGROUP + lane, tile, k0 + DEPTH, end);
      }
    }
    for (var q = 0u; q < FOURS_OF_K; q++) {
      let row = placeIn(threadRow, q);
      let column = placeIn(threadColumn, q);
      //: unroll
      for (var i = 0u; i < 4u; i++) {
        var right: array<vec4f, HALVES>;
        //: unroll
        for (var h = 0u; h < HALVES; h++) {
          right[h] = bStrip[q][i][h][column];
        }
        //: unroll
        for (var g = 0u; g < HALVES; g++) {
          let left = aStrip[q][i][g][row];
          //: unroll
          for (var h = 0u; h < HALVES; h++) {
            sums[(4u * g + 0u) * HALVES + h] += left.x * right[h];
            sums[(4u * g + 1u) * HALVES + h] += left.y * right[h];
            sums[(4u * g + 2u) * HALVES + h] += left.z * right[h];
            sums[(4u * g + 3u) * HALVES + h] += left.w * right[h];
          }
        }
      }
    }
    workgroupBarrier();
  }
  let partAt = group.z * p.m * p.outStride;
  //: unroll
  for (var i = 0u; i < SIDE; i++) {
    let row = tile.y + i / 4u * (TILE / HALVES) + 4u * threadRow + i % 4u;
    //: unroll
    for (var h = 0u; h < HALVES; h++) {
      let column = tile.x + h * (TILE / HALVES) + 4u * threadColumn;
      store(partAt, row, column, sums[i * HALVES + h]);
    }
  }
}
