//: op valueResidualBackward: valueResidualBackward valueResidualBackwardShare

// y = v + (first - v) · σ(share + bias)
//: kernel valueResidualForward by values: writes y, reads v first share bias
fn valueResidualForward(i: u32) {
  y[i] = v[i] + (first[i] - v[i]) * sigmoid(share[i] + bias[i % p.width]);
}

// With s = σ(share + bias): dv += dy · (1 - s), dFirst += dy · s
//: kernel valueResidualBackward by values: writes dv dFirst, reads dy share bias, once dv dFirst
fn valueResidualBackward(i: u32) {
  let s = sigmoid(share[i] + bias[i % p.width]);
  dv[i] += dy[i] * (1.0 - s);
  dFirst[i] += dy[i] * s;
}

// dShare += dy · (first - v) · s(1 - s), dBias += Σ of the same
//: kernel valueResidualBackwardShare by columns: writes dShare, reads dy v first share bias, sums dBias, once dShare
fn valueResidualBackwardShare(c: u32, start: u32, end: u32) -> f32 {
  var total = 0.0;
  for (var row = start; row < end; row++) {
    let i = row * p.width + c;
    let s = sigmoid(share[i] + bias[c]);
    let slope = dy[i] * (first[i] - v[i]) * s * (1.0 - s);
    dShare[i] += slope;
    total += slope;
  }
  return total;
}
