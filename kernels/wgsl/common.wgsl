// What the kernels share. The loader puts this file before each of them, and WORKGROUP,
// the number of its threads.

/// Where this workgroup stands in a row of them that was folded into a grid.
fn groupIndex(group: vec3u, groups: vec3u) -> u32 {
  return group.y * groups.x + group.x;
}

var<workgroup> lanes: array<vec4f, WORKGROUP>;

/// The sum over the workgroup, always in the same order, for all its threads.
fn sumOver(value: vec4f, lane: u32) -> vec4f {
  lanes[lane] = value;
  workgroupBarrier();
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    if (lane < half) {
      lanes[lane] += lanes[lane + half];
    }
    workgroupBarrier();
  }
  let total = lanes[0];
  workgroupBarrier();
  return total;
}

/// The largest value of the workgroup, for all its threads.
fn maxOver(value: f32, lane: u32) -> f32 {
  lanes[lane].x = value;
  workgroupBarrier();
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    if (lane < half) {
      lanes[lane].x = max(lanes[lane].x, lanes[lane + half].x);
    }
    workgroupBarrier();
  }
  let largest = lanes[0].x;
  workgroupBarrier();
  return largest;
}

/// Below every finite float but itself: where a search for the largest starts.
const LOWEST = -3.40282346e38;

// WGSL lets a compiler assume that floats are finite, so these look at bits.

fn isFinite(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u;
}

fn isNan(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}

/// 2^n for n in [-126, 127].
fn powerOfTwo(n: i32) -> f32 {
  return bitcast<f32>(u32(n + 127) << 23u);
}

/// e^x to about 1e-7 of it, whatever the driver's exp: 0 far below, the largest
/// float far above, not-a-number for itself.
fn exponential(x: f32) -> f32 {
  // e^x = 2^n · e^r with |r| <= ln 2 / 2; ln 2 in two parts, n · first exact.
  let bounded = clamp(x, -104.0, 88.7);
  let n = round(bounded * 1.4426950408889634);
  let r = (bounded - n * 0.693359375) - n * -2.1219444005469057e-4;
  var sum = 1.0 / 5040.0;
  sum = sum * r + 1.0 / 720.0;
  sum = sum * r + 1.0 / 120.0;
  sum = sum * r + 1.0 / 24.0;
  sum = sum * r + 1.0 / 6.0;
  sum = sum * r + 0.5;
  sum = sum * r + 1.0;
  sum = sum * r + 1.0;
  let power = i32(n);
  let half = power / 2;
  let result = sum * powerOfTwo(half) * powerOfTwo(power - half);
  return select(result, x, isNan(x));
}

/// 1 / (1 + e^-x).
fn sigmoid(x: f32) -> f32 {
  let small = exponential(-abs(x));
  return select(small, 1.0, x >= 0.0) / (1.0 + small);
}

/// As hash32 in lib/random.ts.
fn hash32(value: u32) -> u32 {
  var x = value;
  x = (x ^ (x >> 16u)) * 0x7feb352du;
  x = (x ^ (x >> 15u)) * 0x846ca68bu;
  return x ^ (x >> 16u);
}
