// The gradients of wkv_forward, first sweep, forward in time: the shares of decay
// and bonus, and for the second sweep g_t = dy_t / denominator_t with the exponent
// of that denominator. A thread a (batch, channel).

struct Parameters {
  length: u32, // batch · width
  time: u32,
  width: u32,
}

@group(0) @binding(0) var<storage, read_write> scratch: array<f32>; // (batch, 2, time, width): g, exponent
@group(0) @binding(1) var<storage, read_write> partials: array<f32>; // (batch, 2, width): dDecay, dBonus
@group(0) @binding(2) var<storage, read> dy: array<f32>; // (batch, time, width)
@group(0) @binding(3) var<storage, read> y: array<f32>; // (batch, time, width)
@group(0) @binding(4) var<storage, read> k: array<f32>; // (batch, time, width)
@group(0) @binding(5) var<storage, read> v: array<f32>; // (batch, time, width)
@group(0) @binding(6) var<storage, read> decay: array<f32>; // (width)
@group(0) @binding(7) var<storage, read> bonus: array<f32>; // (width)
@group(0) @binding(8) var<uniform> p: Parameters;

const WORKGROUP = 32u;

@compute @workgroup_size(WORKGROUP)
fn wkvBackwardParameters(
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
  var num = 0.0;
  var den = 0.0;
  var e = NOTHING;
  var dNum = 0.0; // ∂num/∂w and ∂den/∂w, on the same exponent
  var dDen = 0.0;
  var dw = 0.0;
  var du = 0.0;
  let start = b * p.time * p.width + c;
  let scratchStart = start + b * p.time * p.width;
  for (var t = 0u; t < p.time; t++) {
    let at = start + t * p.width;
    let kt = k[at];
    let vt = v[at];
    let yt = y[at];
    let q = max(e, u + kt);
    let past = exponential(e - q);
    let now = exponential(u + kt - q);
    let g = dy[at] / (past * den + now);
    dw += g * past * (dNum - yt * dDen);
    du += g * now * (vt - yt);
    scratch[scratchStart + t * p.width] = g;
    scratch[scratchStart + (p.time + t) * p.width] = q;
    let next = max(e + w, kt);
    let kept = exponential(e + w - next);
    let added = exponential(kt - next);
    dNum = kept * (num + dNum);
    dDen = kept * (den + dDen);
    num = kept * num + added * vt;
    den = kept * den + added;
    e = next;
  }
  partials[2u * b * p.width + c] = dw * w; // dw/d(decay) = w
  partials[(2u * b + 1u) * p.width + c] = du;
}
