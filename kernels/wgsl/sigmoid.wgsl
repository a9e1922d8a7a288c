// y = σ(x)
//: kernel sigmoidForward by values: writes y, reads x
fn sigmoidForward(i: u32) {
  y[i] = sigmoid(x[i]);
}

// dx += dy · y(1 - y)
//: kernel sigmoidBackward by values: writes dx, reads dy y, once dx
fn sigmoidBackward(i: u32) {
  dx[i] += dy[i] * y[i] * (1.0 - y[i]);
}
