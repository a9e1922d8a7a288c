// losses = weight · (ln Σ e^logits - logits_target), and in place of the logits,
// when asked for, gradientScale · weight · (softmax - onehot).

//: kernel crossEntropy by rows of 256 threads: writes losses logits, reads #targets weights
fn crossEntropy(row: u32, lane: u32) {
  let start = row * p.width;
  let wanted = targets[p.firstTarget + p.start + row];
  var weight = 1.0;
  if (p.hasWeights != 0u) {
    weight = weights[row];
  }
  var largest = LOWEST;
  for (var c = lane; c < p.width; c += WORKGROUP) {
    largest = max(largest, logits[start + c]);
  }
  largest = maxOver(largest, lane);
  // A row with a not-a-number: the exponential of it makes the sum one.
  var total = 0.0;
  for (var c = lane; c < p.width; c += WORKGROUP) {
    total += exponential(logits[start + c] - largest);
  }
  total = sumOver(vec4f(total), lane).x;
  if (lane == 0u) {
    // Not every driver's log passes a not-a-number on.
    let logTotal = select(log(total), total, isNan(total));
    losses[row] = weight * (logTotal + (largest - logits[start + wanted]));
  }
  if (p.hasGradient == 0u) {
    return;
  }
  storageBarrier(); // the target's logit has been read
  for (var c = lane; c < p.width; c += WORKGROUP) {
    let share = exponential(logits[start + c] - largest) / total;
    logits[start + c] = p.gradientScale * weight * (share - select(0.0, 1.0, c == wanted));
  }
}
