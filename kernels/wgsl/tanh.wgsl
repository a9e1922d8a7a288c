// Hyperbolic tangents: by themselves, and as what keeps values within ±cap.

fn tanhOf(value: f32) -> f32 {
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
  return select(select(quotient, -quotient, value < 0.0), series, abs(value) < 0.25);
}

// y = tanh x
//: kernel tanhForward by values: writes y, reads x
fn tanhForward(i: u32) {
  y[i] = tanhOf(x[i]);
}

// dx += dy · (1 - y²)
//: kernel tanhBackward by values: writes dx, reads dy y, once dx
fn tanhBackward(i: u32) {
  dx[i] += dy[i] * (1.0 - y[i]) * (1.0 + y[i]);
}

// x = cap · tanh(x / cap)
//: kernel softCap by values: writes x
fn softCap(i: u32) {
  x[i] = p.cap * tanhOf(x[i] / p.cap);
}

// d = d · (1 - (y / cap)²)
//: kernel softCapGradient by values: writes d, reads y
fn softCapGradient(i: u32) {
  let t = y[i] / p.cap;
  d[i] *= (1.0 - t) * (1.0 + t);
}
