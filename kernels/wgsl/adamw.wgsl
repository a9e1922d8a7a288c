// One AdamW update (Loshchilov & Hutter 2019), then gradients = 0. With a squared
// norm that is not finite only the gradients are cleared.

//: kernel adamW by values: writes parameters gradients firstMoments secondMoments, reads squaredNorm
fn adamW(i: u32) {
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
  let m = p.beta1 * firstMoments[i] + p.rest1 * g;
  let v = p.beta2 * secondMoments[i] + p.rest2 * g * g;
  firstMoments[i] = m;
  secondMoments[i] = v;
  let step = p.rate * m / (sqrt(v * p.correction) + p.epsilon);
  let shrinks = p.cautious == 0u || m * parameters[i] > 0.0;
  parameters[i] -= step + select(0.0, p.shrink, shrinks) * parameters[i];
}
