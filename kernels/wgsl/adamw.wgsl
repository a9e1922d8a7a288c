// One AdamW update (Loshchilov & Hutter 2019), then gradients = 0. With a squared
// norm that is not finite only the gradients are cleared.

struct Parameters {
  length: u32,
  clipNorm: f32,
  beta1: f32,
  rest1: f32, // 1 - β₁
  beta2: f32,
  rest2: f32, // 1 - β₂
  rate: f32, // η / (1 - β₁^step)
  correction: f32, // 1 / (1 - β₂^step)
  epsilon: f32,
  shrink: f32, // η · λ
}

@group(0) @binding(0) var<storage, read_write> parameters: array<f32>; // (length)
@group(0) @binding(1) var<storage, read_write> gradients: array<f32>; // (length)
@group(0) @binding(2) var<storage, read_write> firstMoments: array<f32>; // (length)
@group(0) @binding(3) var<storage, read_write> secondMoments: array<f32>; // (length)
@group(0) @binding(4) var<storage, read> squaredNorm: array<f32>; // (1)
@group(0) @binding(5) var<uniform> p: Parameters;

const WORKGROUP = 256u;

@compute @workgroup_size(WORKGROUP)
fn adamW(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = groupIndex(group, groups) * WORKGROUP + lane;
  if (i >= p.length) {
    return;
  }
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
  parameters[i] -= step + p.shrink * parameters[i];
}
