// y_t = x_t + (x_{t-1} - x_t) · m_t with m_t = mix + delta_t

//: op tokenBlendBackward: tokenBlendBackward tokenBlendBackwardMix

//: kernel tokenBlendForward by values: writes y, reads x mix delta state
fn tokenBlendForward(i: u32) {
  let row = i / p.width;
  let c = i % p.width;
  var previous = 0.0;
  if (row % p.time > 0u) {
    previous = x[i - p.width];
  } else if (p.hasState != 0u) {
    previous = state[row / p.time * p.width + c];
  }
  y[i] = x[i] + (previous - x[i]) * (mix[c] + delta[i]);
}

// dx_t += (1 - m_t) · dy_t + m_{t+1} · dy_{t+1}
//: kernel tokenBlendBackward by values: writes dx, reads dy mix delta
fn tokenBlendBackward(i: u32) {
  let own = mix[i % p.width];
  var d = (1.0 - own - delta[i]) * dy[i];
  if (i / p.width % p.time + 1u < p.time) {
    let next = i + p.width;
    d += (own + delta[next]) * dy[next];
  }
  dx[i] += d;
}

// dDelta_t += dy_t · (x_{t-1} - x_t), dMix += Σ of the same
//: kernel tokenBlendBackwardMix by columns: writes dDelta, reads dy x state, sums dMix
fn tokenBlendBackwardMix(c: u32, start: u32, end: u32) -> f32 {
  var total = 0.0;
  for (var row = start; row < end; row++) {
    let i = row * p.width + c;
    var previous = 0.0;
    if (row % p.time > 0u) {
      previous = x[i - p.width];
    } else if (p.hasState != 0u) {
      previous = state[row / p.time * p.width + c];
    }
    let slope = dy[i] * (previous - x[i]);
    dDelta[i] += slope;
    total += slope;
  }
  return total;
}
