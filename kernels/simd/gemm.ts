/**
 * Matrix products: panels of both factors are packed so that the inner loop
 * reads them in order, and a 4x8 block of the output stays in registers.
 *
 * V8 checks the bounds of every load where the host sets no trap handler, as
 * Deno does not, at three instructions each. So few loads count for more than
 * full registers: 3 loads and 4 shuffles for 8 products run at 41 GF/s on a Zen
 * 3 core where 6x8, with 8 loads for 12, runs at 36 (its 128-bit units: 50).
 */

import { Gemm } from "./jobs";
import { madd } from "./math";

/** Rows and columns of the block held in registers. */
const BLOCK_ROWS: usize = 4, BLOCK_COLUMNS: usize = 8;

/** Terms of a product summed at once; a packed block of b then fits L1. */
const DEPTH: usize = 256;

/** Rows of a packed at once, a multiple of 4; with DEPTH they fit L2. */
const ROWS: usize = 128;

/** Columns of b packed at once. */
const COLUMNS: usize = 1024;

/** Where scratch holds, after the job, an edge's block and the packed panels. */
const EDGE_AT: usize = 64;
const PACKED_A_AT: usize = EDGE_AT + 4 * BLOCK_ROWS * BLOCK_COLUMNS;
const PACKED_B_AT: usize = PACKED_A_AT + 4 * ROWS * DEPTH;

/** Bytes of scratch that one call of {@link gemm} needs. */
export const gemmScratchBytes: usize = PACKED_B_AT + 4 * COLUMNS * DEPTH;

/**
 * c (m, n) = a (m, k) · b (k, n), added to c when `accumulate` is not 0.
 *
 * Value (i, p) of a stands at a + i·aRow + p·aDepth and value (p, j) of b at
 * b + j·bColumn + p·bDepth, in bytes; of either pair one must be 4. `cRow` is
 * bytes too.
 *
 * @param job At the start of `gemmScratchBytes` of this thread's own.
 */
export function gemm(job: Gemm): void {
  const m = job.m, k = job.k, n = job.n, c = job.c, cRow = job.cRow;
  const a = job.a, aRow = job.aRow, aDepth = job.aDepth;
  const b = job.b, bColumn = job.bColumn, bDepth = job.bDepth;
  const accumulate = job.accumulate, scratch = changetype<usize>(job);
  const packedA = scratch + PACKED_A_AT, packedB = scratch + PACKED_B_AT;
  for (let j: usize = 0; j < n; j += COLUMNS) {
    const columns = min(COLUMNS, n - j);
    for (let p: usize = 0; p < k; p += DEPTH) {
      const depth = min(DEPTH, k - p);
      const fromB = b + j * bColumn + p * bDepth;
      pack(packedB, fromB, columns, depth, bColumn, bDepth, BLOCK_COLUMNS);
      const add = accumulate != 0 || p > 0;
      for (let i: usize = 0; i < m; i += ROWS) {
        const rows = min(ROWS, m - i);
        const fromA = a + i * aRow + p * aDepth;
        pack(packedA, fromA, rows, depth, aRow, aDepth, BLOCK_ROWS);
        panel(c + i * cRow + 4 * j, cRow, rows, columns, depth, add, scratch);
      }
    }
  }
}

/** All blocks of a packed panel of a against one of b. */
function panel(
  c: usize,
  cRow: usize,
  rows: usize,
  columns: usize,
  depth: usize,
  add: bool,
  scratch: usize,
): void {
  const packedA = scratch + PACKED_A_AT, packedB = scratch + PACKED_B_AT;
  const edge = scratch + EDGE_AT;
  for (let j: usize = 0; j < columns; j += BLOCK_COLUMNS) {
    const b = packedB + 4 * j * depth;
    for (let i: usize = 0; i < rows; i += BLOCK_ROWS) {
      const a = packedA + 4 * i * depth, to = c + i * cRow + 4 * j;
      if (i + BLOCK_ROWS <= rows && j + BLOCK_COLUMNS <= columns) {
        block(to, cRow, a, b, depth, add);
        continue;
      }
      block(edge, 4 * BLOCK_COLUMNS, a, b, depth, false);
      const height = min(BLOCK_ROWS, rows - i);
      const breadth = min(BLOCK_COLUMNS, columns - j);
      copyEdge(to, cRow, edge, height, breadth, add);
    }
  }
}

/** Moves the part of a block that lies inside the matrix. */
function copyEdge(
  c: usize,
  cRow: usize,
  edge: usize,
  height: usize,
  breadth: usize,
  add: bool,
): void {
  for (let i: usize = 0; i < height; i++) {
    for (let j: usize = 0; j < breadth; j++) {
      const to = c + i * cRow + 4 * j;
      const value = load<f32>(edge + 4 * (i * BLOCK_COLUMNS + j));
      store<f32>(to, add ? load<f32>(to) + value : value);
    }
  }
}

/**
 * Copies a (length, depth) matrix into groups of `size` lines, depth by depth,
 * the last group filled up with zeros.
 *
 * @param line Bytes from one line to the next.
 * @param step Bytes from one depth to the next; this or `line` is 4.
 */
function pack(
  to: usize,
  from: usize,
  length: usize,
  depth: usize,
  line: usize,
  step: usize,
  size: usize,
): void {
  for (let first: usize = 0; first < length; first += size) {
    const lines = min(size, length - first);
    const source = from + first * line;
    if (lines < size) memory.fill(to, 0, 4 * size * depth);
    if (step == 4) packLines(to, source, lines, depth, line, size);
    else packDepths(to, source, lines, depth, step, size);
    to += 4 * size * depth;
  }
}

/** Lines that are contiguous in depth: 4x4 blocks transposed. */
function packLines(
  to: usize,
  from: usize,
  lines: usize,
  depth: usize,
  line: usize,
  size: usize,
): void {
  const step: usize = 4 * size;
  let i: usize = 0;
  for (; i + 4 <= lines; i += 4) {
    let source = from + i * line, target = to + 4 * i, p: usize = 0;
    for (; p + 4 <= depth; p += 4, source += 16, target += 4 * step) {
      const a = v128.load(source), b = v128.load(source + line);
      const c = v128.load(source + 2 * line), d = v128.load(source + 3 * line);
      const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
      const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
      v128.store(target, v128.shuffle<f64>(ab, cd, 0, 2));
      v128.store(target + step, v128.shuffle<f64>(ab, cd, 1, 3));
      const AB = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
      const CD = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
      v128.store(target + 2 * step, v128.shuffle<f64>(AB, CD, 0, 2));
      v128.store(target + 3 * step, v128.shuffle<f64>(AB, CD, 1, 3));
    }
    for (; p < depth; p++, source += 4, target += step) {
      for (let j: usize = 0; j < 4; j++) {
        store<f32>(target + 4 * j, load<f32>(source + j * line));
      }
    }
  }
  for (; i < lines; i++) {
    let source = from + i * line, target = to + 4 * i;
    for (let p: usize = 0; p < depth; p++, source += 4, target += step) {
      store<f32>(target, load<f32>(source));
    }
  }
}

/** Lines that stand side by side: copied depth by depth. */
function packDepths(
  to: usize,
  from: usize,
  lines: usize,
  depth: usize,
  step: usize,
  size: usize,
): void {
  for (let p: usize = 0; p < depth; p++, from += step, to += 4 * size) {
    let i: usize = 0;
    for (; i + 4 <= lines; i += 4) {
      v128.store(to + 4 * i, v128.load(from + 4 * i));
    }
    for (; i < lines; i++) {
      store<f32>(to + 4 * i, load<f32>(from + 4 * i));
    }
  }
}

/** c (4, 8) = or += a (depth, 4)ᵀ · b (depth, 8), both packed. */
function block(
  c: usize,
  cRow: usize,
  a: usize,
  b: usize,
  depth: usize,
  add: bool,
): void {
  const zero = f32x4.splat(0);
  let c0l = zero, c0r = zero;
  let c1l = zero, c1r = zero;
  let c2l = zero, c2r = zero;
  let c3l = zero, c3r = zero;
  for (let p: usize = 0; p < depth; p++, a += 16, b += 32) {
    const left = v128.load(b), right = v128.load(b, 16);
    const rows = v128.load(a);
    const a0 = v128.shuffle<f32>(rows, rows, 0, 0, 0, 0);
    c0l = madd(a0, left, c0l);
    c0r = madd(a0, right, c0r);
    const a1 = v128.shuffle<f32>(rows, rows, 1, 1, 1, 1);
    c1l = madd(a1, left, c1l);
    c1r = madd(a1, right, c1r);
    const a2 = v128.shuffle<f32>(rows, rows, 2, 2, 2, 2);
    c2l = madd(a2, left, c2l);
    c2r = madd(a2, right, c2r);
    const a3 = v128.shuffle<f32>(rows, rows, 3, 3, 3, 3);
    c3l = madd(a3, left, c3l);
    c3r = madd(a3, right, c3r);
  }
  storeRow(c, c0l, c0r, add);
  storeRow(c + cRow, c1l, c1r, add);
  storeRow(c + 2 * cRow, c2l, c2r, add);
  storeRow(c + 3 * cRow, c3l, c3r, add);
}

/** Stores or adds one row of a block. */
function storeRow(c: usize, left: v128, right: v128, add: bool): void {
  if (add) {
    left = f32x4.add(left, v128.load(c));
    right = f32x4.add(right, v128.load(c, 16));
  }
  v128.store(c, left);
  v128.store(c, right, 16);
}
