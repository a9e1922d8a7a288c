// The RWKV-4 attention, y_t = (Σ_{i<t} e^{(t-1-i)w + k_i} v_i + e^{u + k_t} v_t) / (the
// same without v) with w = -e^decay, u = bonus. Numerator, denominator and their common
// exponent stay in registers.

//: op wkvBackward: wkvStarts wkvBackwardParameters wkvBackward

/// The exponent of a sum of nothing.
const NOTHING = -1e38;

/// w = -e^decay: 0 for -∞, and so large that nothing is kept above 80, where
/// e^decay would soon leave the range of floats.
fn decayRate(decay: f32) -> f32 {
  return -exponential(min(decay, 80.0));
}

/// The exponent that `count` tokens take from a sum that decays by w a token.
fn faded(w: f32, count: u32) -> f32 {
  return max(f32(count) * w, NOTHING);
}

/// Two sums on an exponent each, (sum, sum, exponent), as one: the first after its
/// exponent has lost `-fade`.
fn joined(first: vec3f, fade: f32, second: vec3f) -> vec3f {
  let next = max(first.z + fade, second.z);
  let kept = exponential(first.z + fade - next);
  let added = exponential(second.z - next);
  return vec3f(kept * first.xy + added * second.xy, next);
}

// `state` is (batch, 3, width).
//: kernel wkvForward by time: writes y state, reads k v decay bonus
/// Numerator, denominator, exponent.
alias Sums = vec3f;
const NONE = vec3f(0.0, 0.0, NOTHING);

fn advance(sums: Sums, w: f32, kt: f32, vt: f32) -> Sums {
  let next = max(sums.z + w, kt);
  let kept = exponential(sums.z + w - next);
  let added = exponential(kt - next);
  return vec3f(kept * sums.xy + added * vec2f(vt, 1.0), next);
}

fn follow(sums: Sums, w: f32, place: Place, t: u32) -> Sums {
  let at = place.start + t * p.width;
  return advance(sums, w, k[at], v[at]);
}

fn after(sums: Sums, w: f32, count: u32, own: Sums) -> Sums {
  return joined(sums, faded(w, count), own);
}

fn wkvForward(place: Place) {
  let w = decayRate(decay[place.channel]);
  let u = bonus[place.channel];
  let stateAt = 3u * place.sequence * p.width + place.channel;
  var sums = NONE;
  if (p.hasState != 0u) {
    sums = vec3f(state[stateAt], state[stateAt + p.width], state[stateAt + 2u * p.width]);
  }
  sums = sumsBefore(sums, w, place);
  for (var t = place.first; t < place.last; t++) {
    let at = place.start + t * p.width;
    let kt = k[at];
    let vt = v[at];
    let q = max(sums.z, u + kt);
    let past = exponential(sums.z - q);
    let now = exponential(u + kt - q);
    y[at] = (past * sums.x + now * vt) / (past * sums.y + now);
    sums = advance(sums, w, kt, vt);
  }
  if (p.hasState != 0u && place.inside && place.chunk == CHUNKS - 1u) {
    state[stateAt] = sums.x;
    state[stateAt + p.width] = sums.y;
    state[stateAt + 2u * p.width] = sums.z;
  }
}

// The gradients, first sweep, forward in time: those of decay and bonus, and for the
// second sweep `scratch`, (batch, 2, time, width): g_t = dy_t / denominator_t and the
// exponent of that denominator.
//: kernel wkvBackwardParameters by time: writes scratch, reads dy y k v starts, sums dDecay dBonus
/// Numerator and denominator, their derivatives by w, and their exponent.
struct Sums {
  values: vec2f,
  slopes: vec2f,
  exponent: f32,
}
const NONE = Sums(vec2f(), vec2f(), NOTHING);

fn advance(sums: Sums, w: f32, kt: f32, vt: f32) -> Sums {
  let next = max(sums.exponent + w, kt);
  let kept = exponential(sums.exponent + w - next);
  let added = exponential(kt - next);
  return Sums(
    kept * sums.values + added * vec2f(vt, 1.0),
    kept * (sums.values + sums.slopes),
    next,
  );
}

fn follow(sums: Sums, w: f32, place: Place, t: u32) -> Sums {
  let at = place.start + t * p.width;
  return advance(sums, w, k[at], v[at]);
}

fn after(sums: Sums, w: f32, count: u32, own: Sums) -> Sums {
  let decayed = sums.exponent + faded(w, count);
  let next = max(decayed, own.exponent);
  let kept = exponential(decayed - next);
  let added = exponential(own.exponent - next);
  return Sums(
    kept * sums.values + added * own.values,
    kept * (f32(count) * sums.values + sums.slopes) + added * own.slopes,
    next,
  );
}

fn wkvBackwardParameters(place: Place) -> vec2f {
  let own = 3u * p.batch * p.width + place.channel;
  let w = decayRate(starts[own]);
  let u = starts[own + p.width];
  let scratchStart = place.start + place.sequence * p.time * p.width;
  let stateAt = 3u * place.sequence * p.width + place.channel;
  let first = vec2f(starts[stateAt], starts[stateAt + p.width]);
  var sums = sumsBefore(Sums(first, vec2f(), starts[stateAt + 2u * p.width]), w, place);
  var dw = 0.0;
  var du = 0.0;
  for (var t = place.first; t < place.last; t++) {
    let at = place.start + t * p.width;
    let kt = k[at];
    let vt = v[at];
    let yt = y[at];
    let q = max(sums.exponent, u + kt);
    let past = exponential(sums.exponent - q);
    let now = exponential(u + kt - q);
    let g = dy[at] / (past * sums.values.y + now);
    dw += g * past * (sums.slopes.x - yt * sums.slopes.y);
    du += g * now * (vt - yt);
    scratch[scratchStart + t * p.width] = g;
    scratch[scratchStart + (p.time + t) * p.width] = q;
    sums = advance(sums, w, kt, vt);
  }
  if (CHUNKS > 1u) {
    workgroupBarrier(); // everyone has read the ends
    ends[place.lane].values = vec2f(dw, du);
    workgroupBarrier();
    for (var other = 1u; other < CHUNKS && place.chunk == 0u; other++) {
      let shares = ends[other * CHANNELS + place.lane].values;
      dw += shares.x;
      du += shares.y;
    }
  }
  return vec2f(dw * w, du); // dw/d(decay) = w
}

// Second sweep, backward in time, the first chunk being the latest: dk and dv of a
// token's own time, and of all later times, whose g and -g·y are gathered in A and B,
// decayed by w, on a common exponent. What they are before the first token is the
// gradient of the state.
//: kernel wkvBackward by time: writes dk dv dState, reads scratch y k v starts, once dk dv
/// A, B, exponent.
alias Sums = vec3f;
const NONE = vec3f(0.0, 0.0, NOTHING);

fn advance(sums: Sums, w: f32, g: f32, q: f32, yt: f32) -> Sums {
  let next = max(sums.z + w, -q);
  let kept = exponential(sums.z + w - next);
  let added = exponential(-q - next);
  return vec3f(kept * sums.xy + added * g * vec2f(1.0, -yt), next);
}

fn follow(sums: Sums, w: f32, place: Place, t: u32) -> Sums {
  let at = (p.time - 1u - t) * p.width;
  let gAt = place.start + place.sequence * p.time * p.width + at;
  return advance(sums, w, scratch[gAt], scratch[gAt + p.time * p.width], y[place.start + at]);
}

fn after(sums: Sums, w: f32, count: u32, own: Sums) -> Sums {
  return joined(sums, faded(w, count), own);
}

fn wkvBackward(place: Place) {
  let own = 3u * p.batch * p.width + place.channel;
  let w = decayRate(starts[own]);
  let u = starts[own + p.width];
  let gStart = place.start + place.sequence * p.time * p.width;
  let qStart = gStart + p.time * p.width;
  var sums = sumsBefore(NONE, w, place);
  for (var back = place.first; back < place.last; back++) {
    let t = (p.time - 1u - back) * p.width;
    let at = place.start + t;
    let kt = k[at];
    let vt = v[at];
    let yt = y[at];
    let g = scratch[gStart + t];
    let q = scratch[qStart + t];
    let now = exponential(u + kt - q);
    let later = exponential(kt + sums.z);
    dk[at] += g * now * (vt - yt) + later * (vt * sums.x + sums.y);
    dv[at] += g * now + later * sums.x;
    sums = advance(sums, w, g, q, yt);
  }
  if (p.hasDState != 0u && place.inside && place.chunk == CHUNKS - 1u) {
    let num = 3u * place.sequence * p.width + place.channel;
    let den = num + p.width;
    let exponent = den + p.width;
    let slopes = exponential(starts[exponent] + sums.z) * sums.xy;
    dState[num] += slopes.x;
    dState[den] += slopes.y;
    dState[exponent] += dot(vec2f(starts[num], starts[den]), slopes);
  }
}
