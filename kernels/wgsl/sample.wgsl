// ids = a token for each row of logits, one workgroup a row; see Backend.sample.
//
// Nothing is sorted. A logit's key is a whole number that grows with it. What
// top-k and top-p leave are the logits above a key, the floor, and the first few
// at it; the floor is found two bits at a time, by adding up what is at or above
// each of three keys. The token is then looked for in the order of ids: in which
// thread's run of them it is, and where in that.

struct Parameters {
  rows: u32,
  width: u32, // at most WORKGROUP²
  temperature: f32, // 0: the likeliest
  topK: u32, // width: all
  hasTopP: u32,
  topP: f32,
  firstKey: u32,
  position: u32, // of the random numbers
}

@group(0) @binding(0) var<storage, read_write> ids: array<u32>; // (rows)
@group(0) @binding(1) var<storage, read> logits: array<f32>; // (rows, width)
@group(0) @binding(2) var<storage, read> keys: array<u32>; // (firstKey + rows)
@group(0) @binding(3) var<uniform> p: Parameters;

const WORKGROUP = 256u;

/// As in lib/backend/sampling.ts.
const NO_TOKEN = 0xffffffffu;

/// The keys of the infinities; above the upper only that of not-a-number.
const LOWEST_KEY = 0x007fffffu;
const HIGHEST_KEY = 0xff800000u;

var<workgroup> words: array<u32, WORKGROUP>;

/// Where this row's logits start, and the largest of them.
var<private> start: u32;
var<private> largest: f32;

/// The largest word of the workgroup, for all its threads.
fn largestWord(word: u32, lane: u32) -> u32 {
  words[lane] = word;
  workgroupBarrier();
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    if (lane < half) {
      words[lane] = max(words[lane], words[lane + half]);
    }
    workgroupBarrier();
  }
  let found = words[0];
  workgroupBarrier();
  return found;
}

/// The sum over the threads up to this one (x) and over all of them (y).
fn sumUpTo(value: f32, lane: u32) -> vec2f {
  lanes[lane].x = value;
  workgroupBarrier();
  for (var reach = 1u; reach < WORKGROUP; reach *= 2u) {
    var before = 0.0;
    if (lane >= reach) {
      before = lanes[lane - reach].x;
    }
    workgroupBarrier();
    lanes[lane].x += before;
    workgroupBarrier();
  }
  let sums = vec2f(lanes[lane].x, lanes[WORKGROUP - 1u].x);
  workgroupBarrier();
  return sums;
}

/// The first thread with `hits` and `may`; if there is none, the last with `may`.
fn firstThread(hits: bool, may: bool, lane: u32) -> u32 {
  let otherwise = select(0u, lane + 1u, may);
  let word = largestWord(
    select(otherwise, 2u * WORKGROUP - lane, hits && may),
    lane,
  );
  return select(max(word, 1u) - 1u, 2u * WORKGROUP - word, word > WORKGROUP);
}

/// A number that grows with x; both zeros have the same.
fn keyOf(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  let key = select(bits | 0x80000000u, ~bits, bits > 0x80000000u);
  return select(key, NO_TOKEN, isNan(x));
}

fn logitOf(key: u32) -> f32 {
  return bitcast<f32>(select(~key, key & 0x7fffffffu, key >= 0x80000000u));
}

fn weightOf(logit: f32) -> f32 {
  return exponential((logit - largest) / p.temperature);
}

/// The keys of the ids from id on, WORKGROUP apart; 0 where there are none.
fn fourKeys(id: u32) -> vec4u {
  let four = vec4u(id) + vec4u(0u, WORKGROUP, 2u * WORKGROUP, 3u * WORKGROUP);
  let at = min(four, vec4u(p.width - 1u)) + start;
  let keys = vec4u(
    keyOf(logits[at.x]),
    keyOf(logits[at.y]),
    keyOf(logits[at.z]),
    keyOf(logits[at.w]),
  );
  return select(vec4u(), keys, four < vec4u(p.width));
}

fn weightsOf(keys: vec4u) -> vec4f {
  return vec4f(
    weightOf(logitOf(keys.x)),
    weightOf(logitOf(keys.y)),
    weightOf(logitOf(keys.z)),
    weightOf(logitOf(keys.w)),
  );
}

fn sumOfFour(values: vec4f) -> f32 {
  return (values.x + values.y) + (values.z + values.w);
}

/// What the logits above a key weigh.
fn weightAbove(key: u32, lane: u32) -> f32 {
  var sum = 0.0;
  for (var id = lane; id < p.width; id += 4u * WORKGROUP) {
    let four = fourKeys(id);
    // By select, not times 0: a weight that does not count may be not-a-number.
    sum += sumOfFour(select(vec4f(), weightsOf(four), four > vec4u(key)));
  }
  return sumOver(vec4f(sum), lane).x;
}

struct Floor {
  key: u32,
  above: f32, // how many logits, or how much weight, above it
}

/// The highest key with so many logits at or above it, or so much weight.
fn findFloor(wanted: f32, weighed: bool, lane: u32) -> Floor {
  var found = Floor();
  for (var digits = 16u; digits > 0u; digits--) {
    // The key is one of four times `step`, from found.key on; what is above
    // them all is known.
    let shift = 2u * digits - 2u;
    var sums = vec3f();
    for (var id = lane; id < p.width; id += 4u * WORKGROUP) {
      let four = fourKeys(id);
      let quarters = (four - found.key) >> vec4u(shift);
      let counts = (four >= vec4u(found.key)) & (quarters - 1u < vec4u(3u));
      if (!any(counts)) {
        continue;
      }
      var values = vec4f(1.0);
      if (weighed) {
        values = weightsOf(four);
      }
      values = select(vec4f(), values, counts);
      sums += vec3f(
        sumOfFour(values),
        sumOfFour(select(vec4f(), values, quarters >= vec4u(2u))),
        sumOfFour(select(vec4f(), values, quarters == vec4u(3u))),
      );
    }
    let totals = found.above + sumOver(vec4f(sums, 0.0), lane);
    let enough = totals.xyz >= vec3f(wanted);
    let quarter = u32(enough.x) + u32(enough.y) + u32(enough.z);
    found.key += quarter << shift;
    found.above = totals[quarter]; // the last, where no quarter is enough, is what was known
  }
  // Rounding may have found none; no logit is below this.
  found.key = max(found.key, LOWEST_KEY);
  return found;
}

//: kernel sample whole
@compute @workgroup_size(WORKGROUP)
fn sample(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = groupIndex(group, groups);
  if (row >= p.rows) {
    return;
  }
  start = row * p.width;
  var top = 0u;
  for (var id = lane; id < p.width; id += 4u * WORKGROUP) {
    let four = fourKeys(id);
    top = max(top, max(max(four.x, four.y), max(four.z, four.w)));
  }
  top = largestWord(top, lane);
  largest = logitOf(top);

  if (p.temperature == 0.0) {
    var rest = 0u; // ids from the first of the likeliest on
    for (var id = lane; id < p.width; id += WORKGROUP) {
      if (keyOf(logits[start + id]) == top) {
        rest = max(rest, p.width - id);
      }
    }
    rest = largestWord(rest, lane);
    if (lane == 0u) {
      let usable = top > LOWEST_KEY && top < HIGHEST_KEY;
      ids[row] = select(NO_TOKEN, p.width - rest, usable);
    }
    return;
  }

  // Ids above the floor may be chosen, and the first `ties` at it.
  var floor = 0u;
  var ties = 0.0;
  if (p.topK < p.width) {
    let found = findFloor(f32(p.topK), false, lane);
    floor = found.key;
    ties = f32(p.topK) - found.above;
  }
  if (p.hasTopP != 0u) {
    let atFloor = select(0.0, ties * weightOf(logitOf(floor)), ties > 0.0);
    let wanted = p.topP * (weightAbove(floor, lane) + atFloor);
    let found = findFloor(wanted, true, lane);
    if (found.key >= floor) { // or rounding has it that all are needed
      // Of logits equal to the floor as many as are needed to reach what is wanted.
      let most = select(ties, f32(p.width), found.key > floor);
      let weight = max(weightOf(logitOf(found.key)), 1e-37);
      ties = clamp(ceil((wanted - found.above) / weight), 1.0, max(most, 1.0));
      floor = found.key;
    }
  }
  let tieWeight = select(0.0, weightOf(logitOf(floor)), ties > 0.0);

  // Which thread's run of ids holds the chosen one.
  let run = (p.width + WORKGROUP - 1u) / WORKGROUP;
  let end = min((lane + 1u) * run, p.width);
  var mass = 0.0;
  var tied = 0.0;
  for (var id = lane * run; id < end; id++) {
    let logit = logits[start + id];
    let key = keyOf(logit);
    if (key > floor) {
      mass += weightOf(logit);
    } else if (key == floor) {
      tied += 1.0;
    }
  }
  let tiedBefore = sumUpTo(tied, lane).x - tied;
  mass += tieWeight * clamp(ties - tiedBefore, 0.0, tied);
  let masses = sumUpTo(mass, lane);
  let random = hash32(keys[p.firstKey + row] ^ hash32(p.position)) >> 8u;
  let wanted = f32(random) * 5.9604644775390625e-8 * masses.y; // 2⁻²⁴
  let thread = firstThread(masses.x > wanted, mass > 0.0, lane);
  lanes[lane] = vec4f(masses.x - mass, tiedBefore, 0.0, 0.0);
  workgroupBarrier();
  let before = lanes[thread];
  workgroupBarrier();

  // Which id of that run is the chosen one: now a thread an id.
  let id = thread * run + lane;
  let inside = lane < run && id < p.width;
  let logit = logits[start + min(id, p.width - 1u)];
  let key = select(0u, keyOf(logit), inside);
  let isTied = inside && key == floor;
  let rank = before.y + sumUpTo(select(0.0, 1.0, isTied), lane).x;
  let kept = inside && (key > floor || (isTied && rank <= ties));
  let weight = select(0.0, weightOf(logit), kept);
  let sum = before.x + sumUpTo(weight, lane).x;
  let found = firstThread(sum > wanted, weight > 0.0, lane);
  if (lane == 0u) {
    let usable = top > LOWEST_KEY && top < HIGHEST_KEY;
    ids[row] = select(NO_TOKEN, thread * run + found, usable);
  }
}
