// y = tanh x
//: kernel tanhForward by values: writes y, reads x
fn tanhForward(i: u32) {
  let value = x[i];
  // tanh x = (1 - e^-2x) / (1 + e^-2x), which for small x loses what the series
  // x - x³/3 + 2x⁵/15 - ... keeps.
  let small = exponential(-2.0 * abs(value));
  let quotient = (1.0 - small) / (1.0 + small);
  let s = value * value;
  var series = 62.0 / 2835.0;
  series = series * s - 17.0 / 315.0;
  series = series * s + 2.0 / 15.0;
  series = series * s - 1.0 / 3.0;
  series = value + value * s * series;
  y[i] = select(select(quotient, -quotient, value < 0.0), series, abs(value) < 0.25);
}

// dx += dy · (1 - y²)
//: kernel tanhBackward by values: writes dx, reads dy y
fn tanhBackward(i: u32) {
  dx[i] += dy[i] * (1.0 - y[i]) * (1.0 + y[i]);
}
