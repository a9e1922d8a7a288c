// Linear maps by packed weights. A workgroup makes four outputs of every row of x,
// sixteen threads along the width each; weights are unpacked in registers, once for
// four rows.

// Rows of x whose products are made at once.
const ROWS = 4u;
const THREADS = 16u; // that share an output
const GROUP = 32u; // weights of a row that have a scale in common

/// Where some rows of x begin; those that are not there repeat the last.
fn rowsFrom(first: u32) -> vec4u {
  return min(vec4u(first) + vec4u(0u, 1u, 2u, 3u), vec4u(p.rows - 1u)) * p.width;
}

/// The same channel of four rows.
fn channel(rows: vec4u, c: u32) -> vec4f {
  return vec4f(x[rows.x + c], x[rows.y + c], x[rows.z + c], x[rows.w + c]);
}

/// Adds the shares of an output's threads up, and puts four rows of it out.
fn put(sums: vec4f, first: u32, place: u32, lane: u32) {
  let thread = lane % THREADS;
  lanes[lane] = sums;
  workgroupBarrier();
  for (var half = THREADS / 2u; half > 0u; half /= 2u) {
    if (thread < half) {
      lanes[lane] += lanes[lane + half];
    }
    workgroupBarrier();
  }
  let row = first + thread;
  if (thread < ROWS && row < p.rows && place < p.outputs) {
    y[row * p.outputs + place] = lanes[lane - thread][thread];
  }
  workgroupBarrier();
}

// y = x · (scale · q)ᵀ
//: kernel linearQ8 by outputs: writes y, reads x #quants scales
fn linearQ8(place: u32, lane: u32) {
  let start = min(place, p.outputs - 1u) * p.width;
  for (var first = 0u; first < p.rows; first += ROWS) {
    let rows = rowsFrom(first);
    var sums = vec4f();
    for (var c = 4u * (lane % THREADS); c < p.width; c += 4u * THREADS) {
      let word = quants[(start + c) / 4u];
      let scale = scales[(start + c) / GROUP];
      for (var i = 0u; i < 4u; i++) {
        let q = extractBits(bitcast<i32>(word), 8u * i, 8u);
        sums += scale * f32(q) * channel(rows, c + i);
      }
    }
    put(sums, first, place, lane);
  }
}

// y = x · (scale · (q - 8))ᵀ
//: kernel linearQ4 by outputs: writes y, reads x #quants scales
fn linearQ4(place: u32, lane: u32) {
  let start = min(place, p.outputs - 1u) * p.width;
  for (var first = 0u; first < p.rows; first += ROWS) {
    let rows = rowsFrom(first);
    var sums = vec4f();
    // A word has four values of the first half of a group, and four of the second.
    for (var at = lane % THREADS; at < p.width / 8u; at += THREADS) {
      let word = quants[start / 8u + at];
      let scale = scales[start / GROUP + at / 4u];
      let c = at / 4u * GROUP + at % 4u * 4u;
      for (var i = 0u; i < 4u; i++) {
        let low = f32(extractBits(word, 8u * i, 4u)) - 8.0;
        let high = f32(extractBits(word, 8u * i + 4u, 4u)) - 8.0;
        sums += scale * low * channel(rows, c + i);
        sums += scale * high * channel(rows, c + i + 16u);
      }
    }
    put(sums, first, place, lane);
  }
}

// y = x · (scale · q + least)ᵀ
//: kernel linearQ5 by outputs: writes y, reads x #quants #fifths scales leasts
fn linearQ5(place: u32, lane: u32) {
  let start = min(place, p.outputs - 1u) * p.width;
  for (var first = 0u; first < p.rows; first += ROWS) {
    let rows = rowsFrom(first);
    var sums = vec4f();
    for (var at = lane % THREADS; at < p.width / 8u; at += THREADS) {
      let word = quants[start / 8u + at];
      let group = start / GROUP + at / 4u;
      let bits = fifths[group] >> (at % 4u * 4u);
      let c = at / 4u * GROUP + at % 4u * 4u;
      for (var i = 0u; i < 4u; i++) {
        let low = extractBits(word, 8u * i, 4u) | (extractBits(bits, i, 1u) << 4u);
        let high = extractBits(word, 8u * i + 4u, 4u) |
          (extractBits(bits, i + 16u, 1u) << 4u);
        sums += (scales[group] * f32(low) + leasts[group]) * channel(rows, c + i);
        sums += (scales[group] * f32(high) + leasts[group]) *
          channel(rows, c + i + 16u);
      }
    }
    put(sums, first, place, lane);
  }
}

// y = x · wᵀ, w of halves of 16 bits
//: kernel linearF16 by outputs: writes y, reads x #halves
fn linearF16(place: u32, lane: u32) {
  let start = min(place, p.outputs - 1u) * p.width;
  for (var first = 0u; first < p.rows; first += ROWS) {
    let rows = rowsFrom(first);
    var sums = vec4f();
    for (var c = 2u * (lane % THREADS); c < p.width; c += 2u * THREADS) {
      let pair = unpack2x16float(halves[(start + c) / 2u]);
      sums += pair.x * channel(rows, c) + pair.y * channel(rows, c + 1u);
    }
    put(sums, first, place, lane);
  }
}

// The same of upper halves of floats
//: kernel linearBF16 by outputs: writes y, reads x #halves
fn linearBF16(place: u32, lane: u32) {
  let start = min(place, p.outputs - 1u) * p.width;
  for (var first = 0u; first < p.rows; first += ROWS) {
    let rows = rowsFrom(first);
    var sums = vec4f();
    for (var c = 2u * (lane % THREADS); c < p.width; c += 2u * THREADS) {
      let word = halves[(start + c) / 2u];
      sums += bitcast<f32>(word << 16u) * channel(rows, c);
      sums += bitcast<f32>(word & 0xffff0000u) * channel(rows, c + 1u);
    }
    put(sums, first, place, lane);
  }
}
