// y = the columns of one head of x
//: kernel sliceHeadForward by values: writes y, reads x
fn sliceHeadForward(i: u32) {
  let n = p.headSize;
  y[i] = x[i / n * p.width + p.head * n + i % n];
}

// The columns of one head of dx += dy
//: kernel sliceHeadBackward by values: writes dx, reads dy
fn sliceHeadBackward(i: u32) {
  let n = p.headSize;
  let c = i % p.width;
  if (c / n == p.head) {
    dx[i] += dy[i / p.width * n + c % n];
  }
}
