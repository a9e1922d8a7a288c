// y_t = x_t + (x_{t-1} - x_t) · m_t with m_t = mix + delta_t

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

// dx_t += (1 - m_t) · dy_t + m_{t+1} · dy_{t+1}, dDelta_t += dy_t · (x_{t-1} - x_t),
// dMix += Σ of the same. A thread goes down a channel, as in token_shift.wgsl.
//: kernel tokenBlendBackward by columns: writes dx dDelta, reads dy x mix delta state, sums dMix, once dx dDelta
fn tokenBlendBackward(c: u32, start: u32, end: u32) -> f32 {
  let base = mix[c];
  var total = 0.0;
  var own = vec2f(dy[start * p.width + c], delta[start * p.width + c]);
  var previous = 0.0;
  if (start % p.time > 0u) {
    previous = x[(start - 1u) * p.width + c];
  }
  for (var row = start; row < end; row++) {
    let i = row * p.width + c;
    if (row % p.time == 0u) {
      previous = 0.0;
      if (p.hasState != 0u) {
        previous = state[row / p.time * p.width + c];
      }
    }
    var next = vec2f();
    if (row + 1u < p.count) {
      next = vec2f(dy[i + p.width], delta[i + p.width]);
    }
    var d = (1.0 - base - own.y) * own.x;
    if (row % p.time + 1u < p.time) {
      d += (base + next.y) * next.x;
    }
    dx[i] += d;
    let value = x[i];
    let slope = own.x * (previous - value);
    dDelta[i] += slope;
    total += slope;
    previous = value;
    own = next;
  }
  return total;
}
