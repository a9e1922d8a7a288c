// The RWKV-4 attention, y_t = (Σ_{i<t} e^{(t-1-i)w + k_i} v_i + e^{u + k_t} v_t) /
// (the same without v) with w = -e^decay, u = bonus. A thread a (batch, channel);
// numerator, denominator and their common exponent stay in registers.

struct Parameters {
  length: u32, // batch · width
  time: u32,
  width: u32,
  hasState: u32,
}

@group(0) @binding(0) var<storage, read_write> y: array<f32>; // (batch, time, width)
@group(0) @binding(1) var<storage, read> k: array<f32>; // (batch, time, width)
@group(0) @binding(2) var<storage, read> v: array<f32>; // (batch, time, width)
@group(0) @binding(3) var<storage, read> decay: array<f32>; // (width)
@group(0) @binding(4) var<storage, read> bonus: array<f32>; // (width)
@group(0) @binding(5) var<storage, read_write> state: array<f32>; // (batch, 3, width)
@group(0) @binding(6) var<uniform> p: Parameters;

const WORKGROUP = 32u;

@compute @workgroup_size(WORKGROUP)
fn wkvForward(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let thread = groupIndex(group, groups) * WORKGROUP + lane;
  if (thread >= p.length) {
    return;
  }
  let b = thread / p.width;
  let c = thread % p.width;
  let w = decayRate(decay[c]);
  let u = bonus[c];
  let stateAt = 3u * b * p.width + c;
  var num = 0.0;
  var den = 0.0;
  var e = NOTHING;
  if (p.hasState != 0u) {
    num = state[stateAt];
    den = state[stateAt + p.width];
    e = state[stateAt + 2u * p.width];
  }
  let start = b * p.time * p.width + c;
  for (var t = 0u; t < p.time; t++) {
    let at = start + t * p.width;
    let kt = k[at];
    let vt = v[at];
    let q = max(e, u + kt);
    let past = exponential(e - q);
    let now = exponential(u + kt - q);
    y[at] = (past * num + now * vt) / (past * den + now);
    let next = max(e + w, kt);
    let kept = exponential(e + w - next);
    let added = exponential(kt - next);
    num = kept * num + added * vt;
    den = kept * den + added;
    e = next;
  }
  if (p.hasState != 0u) {
    state[stateAt] = num;
    state[stateAt + p.width] = den;
    state[stateAt + 2u * p.width] = e;
  }
}
