// y = σ(r) · v
//: kernel sigmoidGateForward by values: writes y, reads r v
fn sigmoidGateForward(i: u32) {
  y[i] = sigmoid(r[i]) * v[i];
}

// dr += dy · v · σ(r)(1 - σ(r)), dv += dy · σ(r)
//: kernel sigmoidGateBackward by values: writes dr dv, reads dy r v, once dr dv
fn sigmoidGateBackward(i: u32) {
  let gate = sigmoid(r[i]);
  dr[i] += dy[i] * v[i] * gate * (1.0 - gate);
  dv[i] += dy[i] * gate;
}
