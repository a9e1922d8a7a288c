// Token lerps of one x, y_n,t = x_t + (x_{t-1} - x_t) · mix_n, for which x is read once:
// as many as a kernel can bind. One alone is a token shift (token_shift.wgsl).

/// x_{t-1}: zero, or the state's, where a sequence starts.
fn tokenBefore(i: u32) -> f32 {
  let row = i / p.width;
  if (row % p.time > 0u) {
    return x[i - p.width];
  }
  if (p.hasState != 0u) {
    return state[row / p.time * p.width + i % p.width];
  }
  return 0.0;
}

/// As a token shift has it, to the same bits.
fn lerped(own: f32, previous: f32, mix: f32) -> f32 {
  let m = 1.0 - mix;
  return m * own + (1.0 - m) * previous;
}

//: kernel tokenLerpForward2 by values: writes y0 y1, reads x mix0 mix1 state, takes hasState
fn tokenLerpForward2(i: u32) {
  let c = i % p.width;
  let own = x[i];
  let previous = tokenBefore(i);
  y0[i] = lerped(own, previous, mix0[c]);
  y1[i] = lerped(own, previous, mix1[c]);
}

//: kernel tokenLerpForward3 by values: writes y0 y1 y2, reads x mix0 mix1 mix2 state, takes hasState
fn tokenLerpForward3(i: u32) {
  let c = i % p.width;
  let own = x[i];
  let previous = tokenBefore(i);
  y0[i] = lerped(own, previous, mix0[c]);
  y1[i] = lerped(own, previous, mix1[c]);
  y2[i] = lerped(own, previous, mix2[c]);
}

// dx_t += Σ_n (1 - mix_n) · dy_n,t + mix_n · dy_n,t+1, dMix_n += Σ dy_n,t · (x_{t-1} - x_t),
// of three whose mixes lie side by side: x and dx are touched once. A thread goes down a
// channel, as in token_shift.wgsl.
//: kernel tokenLerpBackward3 by columns: writes dx, reads dy0 dy1 dy2 x mixes state, sums dMix0 dMix1 dMix2, once dx
fn gradientsOf(i: u32) -> vec3f {
  return vec3f(dy0[i], dy1[i], dy2[i]);
}

fn tokenLerpBackward3(c: u32, start: u32, end: u32) -> vec3f {
  let mix = vec3f(mixes[c], mixes[p.width + c], mixes[2u * p.width + c]);
  var total = vec3f();
  var own = gradientsOf(start * p.width + c);
  var previous = tokenBefore(start * p.width + c);
  for (var row = start; row < end; row++) {
    let i = row * p.width + c;
    if (row % p.time == 0u) {
      previous = tokenBefore(i);
    }
    var next = vec3f();
    if (row + 1u < p.count) {
      next = gradientsOf(i + p.width);
    }
    var d = dot(1.0 - mix, own);
    if (row % p.time + 1u < p.time) {
      d += dot(mix, next);
    }
    dx[i] += d;
    let value = x[i];
    total += own * (previous - value);
    previous = value;
    own = next;
  }
  return total;
}
