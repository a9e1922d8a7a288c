//: kernel fill by values: writes out
fn fill(i: u32) {
  out[i] = p.value;
}

//: kernel add by values: writes out, reads x
fn add(i: u32) {
  out[i] += x[i];
}
