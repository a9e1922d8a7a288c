// Sums whose order follows from the shape alone: first of chunks, then of these.

// partials = Σ x or Σ x² over chunks of 4096 values, from partials[firstPartial] on.
//: kernel sum by rows of 256 threads: writes partials, reads x, takes length squared firstPartial
const CHUNK = 4096u; // as in lib/backend/webgpu/op_calls.ts

fn sum(chunk: u32, lane: u32) {
  let start = chunk * CHUNK;
  let end = min(start + CHUNK, p.length);
  var total = 0.0;
  for (var i = start + lane; i < end; i += WORKGROUP) {
    total += select(x[i], x[i] * x[i], p.squared != 0u);
  }
  let whole = sumOver(vec4f(total), lane).x;
  if (lane == 0u) {
    partials[p.firstPartial + chunk] = whole;
  }
}

// out[0] += scale · Σ partials, by one workgroup.
//: kernel sumPartials by rows of 256 threads: writes out, reads partials, takes length scale
fn sumPartials(row: u32, lane: u32) {
  var total = 0.0;
  for (var i = lane; i < p.length; i += WORKGROUP) {
    total += partials[i];
  }
  let whole = sumOver(vec4f(total), lane).x;
  if (lane == 0u) {
    out[row] += p.scale * whole;
  }
}

// out += Σ partials over their rows, in order: the second pass of every gradient
// that sums over tokens. Column `first` of partials goes to out[0].
//: kernel columnSum by values: writes out, reads partials, takes rows stride first
fn columnSum(i: u32) {
  var total = 0.0;
  for (var row = 0u; row < p.rows; row++) {
    total += partials[row * p.stride + p.first + i];
  }
  out[i] += total;
}

// out = Σ of the products (m, n) over parts of k, in order, or out += it.
//: kernel matmulSum by values: writes out, reads partials, takes n outStride parts accumulate
fn matmulSum(i: u32) {
  var total = 0.0;
  for (var part = 0u; part < p.parts; part++) {
    total += partials[part * p.count + i];
  }
  let at = i / p.n * p.outStride + i % p.n;
  if (p.accumulate != 0u) {
    total += out[at];
  }
  out[at] = total;
}
