// What the kernels by time share. A thread takes a channel of a sequence and a chunk
// of its time, and goes from token to token with sums in registers. Where there are
// several chunks, each first adds up its own tokens, then starts from the sums of those
// before it. The loader puts this file before each of them; each says what the sums are,
// NONE of no tokens, and how they go on:
//
//   fn follow(sums: Sums, w: f32, place: Place, t: u32) -> Sums   after token t
//   fn after(sums: Sums, w: f32, count: u32, own: Sums) -> Sums
//     after `count` tokens whose own sums are known

const CHANNELS = 32u; // of a workgroup
// Set by lib/backend/webgpu: 1, 2, 4 or 8.
const CHUNKS = 1u;
const WORKGROUP = CHANNELS * CHUNKS;

/// A chunk's own sums.
var<workgroup> ends: array<Sums, WORKGROUP>;

/// Where a thread works.
struct Place {
  inside: bool, // there is such a channel
  lane: u32,
  chunk: u32,
  sequence: u32,
  channel: u32,
  start: u32, // the channel's first value in (batch, time, width)
  first: u32, // of the tokens
  last: u32, // the token after them
}

fn placeOf(group: u32, lane: u32) -> Place {
  let thread = group * CHANNELS + lane % CHANNELS;
  let chunk = lane / CHANNELS;
  let inside = thread < p.count;
  let sequence = min(thread, p.count - 1u) / p.width;
  let channel = min(thread, p.count - 1u) % p.width;
  let first = min(chunk * chunkLength(), p.time);
  let last = select(first, min(first + chunkLength(), p.time), inside);
  let start = sequence * p.time * p.width + channel;
  return Place(inside, lane, chunk, sequence, channel, start, first, last);
}

fn chunkLength() -> u32 {
  return (p.time + CHUNKS - 1u) / CHUNKS;
}

/// The sums that a chunk begins with, where the first chunk begins with `sums`.
fn sumsBefore(sums: Sums, w: f32, place: Place) -> Sums {
  if (CHUNKS == 1u) {
    return sums;
  }
  var own = NONE;
  if (place.chunk + 1u < CHUNKS) {
    for (var t = place.first; t < place.last; t++) {
      own = follow(own, w, place, t);
    }
  }
  ends[place.lane] = own;
  storageBarrier(); // everyone has read what the sums began with
  workgroupBarrier();
  var before = sums;
  for (var chunk = 0u; chunk < place.chunk; chunk++) {
    before = after(before, w, chunkLength(), ends[chunk * CHANNELS + place.lane % CHANNELS]);
  }
  return before;
}
