// y_t = m · x_t + (1 - m) · x_{t-1}. A token shift's mix is m; a token lerp's is the
// weight of the token before; its kernels are these, a call a mix, but for several at
// once forward (token_lerp.wgsl).

/// m, given a channel's mix, which may be the weight of the token before.
fn ownWeight(mix: f32) -> f32 {
  return select(mix, 1.0 - mix, p.ofPrevious != 0u);
}

//: kernel tokenShiftForward by values: writes y, reads x mix state
fn tokenShiftForward(i: u32) {
  let row = i / p.width;
  let c = i % p.width;
  var previous = 0.0;
  if (row % p.time > 0u) {
    previous = x[i - p.width];
  } else if (p.hasState != 0u) {
    previous = state[row / p.time * p.width + c];
  }
  let m = ownWeight(mix[c]);
  y[i] = m * x[i] + (1.0 - m) * previous;
}

// dx_t += m · dy_t + (1 - m) · dy_{t+1}, dMix += Σ dy_t · (x_t - x_{t-1}), or minus that.
// A thread goes down a channel with the token before and the one after in registers.
//: kernel tokenShiftBackward by columns: writes dx, reads dy x mix state, sums dMix, once dx
fn tokenShiftBackward(c: u32, start: u32, end: u32) -> f32 {
  let m = ownWeight(mix[c]);
  var total = 0.0;
  var own = dy[start * p.width + c];
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
    var next = 0.0;
    if (row + 1u < p.count) {
      next = dy[i + p.width];
    }
    var d = m * own;
    if (row % p.time + 1u < p.time) {
      d += (1.0 - m) * next;
    }
    dx[i] += d;
    if (p.hasDMix != 0u) {
      let value = x[i];
      total += own * (value - previous);
      previous = value;
    }
    own = next;
  }
  return select(total, -total, p.ofPrevious != 0u);
}

// state = the last token of each sequence of x
//: kernel lastToken by values: writes state, reads x
fn lastToken(i: u32) {
  let end = (i / p.width + 1u) * p.time;
  state[i] = x[(end - 1u) * p.width + i % p.width];
}
