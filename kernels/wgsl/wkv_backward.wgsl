// The gradients of wkv_forward, second sweep, backward in time: dk and dv of a
// token's own time, and of all later times, whose g and -g·y are gathered in A and
// B, decayed by w, on the common exponent e. A thread a (batch, channel).

struct Parameters {
  length: u32, // batch · width
  time: u32,
  width: u32,
}

@group(0) @binding(0) var<storage, read_write> dk: array<f32>; // (batch, time, width)
@group(0) @binding(1) var<storage, read_write> dv: array<f32>; // (batch, time, width)
@group(0) @binding(2) var<storage, read> scratch: array<f32>; // (batch, 2, time, width): g, exponent
@group(0) @binding(3) var<storage, read> y: array<f32>; // (batch, time, width)
@group(0) @binding(4) var<storage, read> k: array<f32>; // (batch, time, width)
@group(0) @binding(5) var<storage, read> v: array<f32>; // (batch, time, width)
@group(0) @binding(6) var<storage, read> decay: array<f32>; // (width)
@group(0) @binding(7) var<storage, read> bonus: array<f32>; // (width)
@group(0) @binding(8) var<uniform> p: Parameters;

const WORKGROUP = 32u;

@compute @workgroup_size(WORKGROUP)
fn wkvBackward(
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
  var A = 0.0;
  var B = 0.0;
  var e = NOTHING;
  let start = b * p.time * p.width + c;
  let scratchStart = start + b * p.time * p.width;
  for (var i = 0u; i < p.time; i++) {
    let t = p.time - 1u - i;
    let at = start + t * p.width;
    let kt = k[at];
    let vt = v[at];
    let yt = y[at];
    let g = scratch[scratchStart + t * p.width];
    let q = scratch[scratchStart + (p.time + t) * p.width];
    let now = exponential(u + kt - q);
    let later = exponential(kt + e);
    dk[at] += g * now * (vt - yt) + later * (vt * A + B);
    dv[at] += g * now + later * A;
    let next = max(e + w, -q);
    let kept = exponential(e + w - next);
    let added = exponential(-q - next);
    A = kept * A + added * g;
    B = kept * B - added * g * yt;
    e = next;
  }
}
