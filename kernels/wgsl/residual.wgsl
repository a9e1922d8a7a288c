// The residual connection: element i of the whole is kept where 24 bits of its hash
// reach the threshold, rate · 2²⁴; `scale` is 1 / (1 - rate).

/// What an element of the branch, or its gradient, is multiplied by.
fn keep(i: u32) -> f32 {
  let kept = (hash32(p.key ^ hash32(p.start + i)) >> 8u) >= p.threshold;
  return select(0.0, p.scale, kept);
}

// y = x + keep · branch / (1 - rate)
//: kernel residualForward by values: writes y, reads x branch
fn residualForward(i: u32) {
  y[i] = x[i] + keep(i) * branch[i];
}

// dx += dy, dBranch += keep · dy / (1 - rate)
//: kernel residualBackward by values: writes dx dBranch, reads dy, once dx dBranch
fn residualBackward(i: u32) {
  dx[i] += dy[i];
  dBranch[i] += keep(i) * dy[i];
}
