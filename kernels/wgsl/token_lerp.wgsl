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
