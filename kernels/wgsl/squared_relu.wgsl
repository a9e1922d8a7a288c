/// max(x, 0); the comparison lets not-a-number through.
fn positive(x: f32) -> f32 {
  return select(x, 0.0, x < 0.0);
}

// y = max(x, 0)²
//: kernel squaredReluForward by values: writes y, reads x
fn squaredReluForward(i: u32) {
  y[i] = positive(x[i]) * positive(x[i]);
}

// dx += 2 · max(x, 0) · dy
//: kernel squaredReluBackward by values: writes dx, reads dy x, once dx
fn squaredReluBackward(i: u32) {
  dx[i] += 2.0 * positive(x[i]) * dy[i];
}
