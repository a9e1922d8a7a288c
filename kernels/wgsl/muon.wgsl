// Muon's update, but for its matrix products. With a squared norm that is not finite
// only the gradients are cleared.

// m = keep · m + take · g, g = keep · m + take · g, with the gradients clipped
//: kernel muonDirection by values: writes gradients momentum, reads squaredNorm
fn muonDirection(i: u32) {
  let gradient = gradients[i];
  gradients[i] = 0.0;
  if (!isFinite(squaredNorm[0])) {
    return;
  }
  let norm = sqrt(squaredNorm[0]);
  var g = gradient;
  if (norm > p.clipNorm) {
    g *= p.clipNorm / norm;
  }
  let m = p.keep * momentum[i] + p.take * g;
  momentum[i] = m;
  gradients[i] = p.keep * m + p.take * g;
}

// x = x / (margin · √squaredNorm + ε)
//: kernel divideByNorm by values: writes x, reads squaredNorm
fn divideByNorm(i: u32) {
  x[i] /= p.margin * sqrt(squaredNorm[0]) + p.epsilon;
}

// y = constant · I + linear · x + quadratic · y
//: kernel matrixPolynomial by values: writes y, reads x
fn matrixPolynomial(i: u32) {
  let row = p.start + i / p.width;
  let identity = select(0.0, p.constant, row == i % p.width);
  y[i] = identity + p.linear * x[i] + p.quadratic * y[i];
}

// p -= rate · direction + shrink · p
//: kernel muonUpdate by values: writes parameters gradients, reads direction squaredNorm
fn muonUpdate(i: u32) {
  gradients[i] = 0.0;
  if (!isFinite(squaredNorm[0])) {
    return;
  }
  let shrinks = p.cautious == 0u || direction[i] * parameters[i] > 0.0;
  let shrink = select(0.0, p.shrink, shrinks);
  parameters[i] -= p.rate * direction[i] + shrink * parameters[i];
}
