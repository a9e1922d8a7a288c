/// The largest k of a row, for all its threads.
fn largestOf(start: u32, lane: u32) -> f32 {
  var largest = LOWEST;
  for (var c = lane; c < p.width; c += WORKGROUP) {
    largest = max(largest, k[start + c]);
  }
  return maxOver(largest, lane);
}

// y = softmax(k) · v, the softmax over a row
//: kernel softmaxGateForward by rows: writes y, reads k v
fn softmaxGateForward(row: u32, lane: u32) {
  let start = row * p.width;
  let largest = largestOf(start, lane);
  var total = 0.0;
  for (var c = lane; c < p.width; c += WORKGROUP) {
    total += exponential(k[start + c] - largest);
  }
  total = sumOver(vec4f(total), lane).x;
  for (var c = lane; c < p.width; c += WORKGROUP) {
    y[start + c] = exponential(k[start + c] - largest) / total * v[start + c];
  }
}

// With s = softmax(k) and g = dy · v: dk += s · (g - Σ s · g), dv += dy · s
//: kernel softmaxGateBackward by rows: writes dk dv, reads dy k v, once dk dv
fn softmaxGateBackward(row: u32, lane: u32) {
  let start = row * p.width;
  let largest = largestOf(start, lane);
  var sums = vec4f(); // Σ e^k, Σ e^k · g
  for (var c = lane; c < p.width; c += WORKGROUP) {
    let power = exponential(k[start + c] - largest);
    sums += power * vec4f(1.0, dy[start + c] * v[start + c], 0.0, 0.0);
  }
  sums = sumOver(sums, lane);
  let mean = sums.y / sums.x;
  for (var c = lane; c < p.width; c += WORKGROUP) {
    let i = start + c;
    let s = exponential(k[i] - largest) / sums.x;
    let d = dy[i];
    dk[i] += s * (d * v[i] - mean);
    dv[i] += d * s;
  }
}
