// What the gradients of the RWKV-4 attention begin with, in one memory, since a kernel
// may bind eight: starts = the state before the first token, (batch, 3, width), then
// decay and bonus.

//: scratch starts: 3BW+2W

/// The exponent of a sum of nothing.
const NOTHING = -1e38;

//: kernel wkvStarts by values: writes starts, reads decay bonus state
fn wkvStarts(i: u32) {
  let values = 3u * p.batch * p.width;
  if (i >= values + p.width) {
    starts[i] = bonus[i - values - p.width];
  } else if (i >= values) {
    starts[i] = decay[i - values];
  } else if (p.hasState != 0u) {
    starts[i] = state[i];
  } else {
    starts[i] = select(0.0, NOTHING, i / p.width % 3u == 2u);
  }
}
