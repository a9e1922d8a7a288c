//: kernel fill by values: writes out
fn fill(i: u32) {
  out[i] = p.value;
}

//: kernel add by values: writes out, reads x
fn add(i: u32) {
  out[i] += x[i];
}

//: kernel swap by values: writes a b
fn swap(i: u32) {
  let kept = a[i];
  a[i] = b[i];
  b[i] = kept;
}

// average = decay · average + (1 - decay) · x, unless the squared norm is not finite
//: kernel movingAverage by values: writes average, reads x squaredNorm
fn movingAverage(i: u32) {
  if (isFinite(squaredNorm[0])) {
    average[i] += p.take * (x[i] - average[i]);
  }
}
