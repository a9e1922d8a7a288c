/**
 * bzip2 blocks, two at a time. What takes a decoder's time is following the
 * chain of the sorted block, a cache miss a step: here a step gives two bytes,
 * and the chains of two blocks are followed together, so that misses overlap.
 * (More blocks at once touch more pages of memory than processors remember.)
 *
 * A block passes three steps, each block in a lane of its own: `readBlock`
 * (Huffman codes, move-to-front) leaves its sorted bytes, `unsort` follows the
 * chains of the lanes, `finishBlock` undoes the run lengths and checks the sum.
 * lib/corpus/dump/dump_kernels.ts calls them and says what the statuses mean. Longer
 * than our files are: the steps share one block's tables and are read together.
 */

/** Blocks that are decoded together. */
export const LANES: u32 = 2;
const MAX_CODE_BITS: u32 = 20;
/** Codes up to this long are decoded by one table look-up. */
const FAST_BITS: u32 = 10;
/** Symbols that share a Huffman table. */
const GROUP_SIZE: u32 = 50;
/** A run longer than any block; the weights of its digits double. */
const MAX_RUN_WEIGHT: u32 = 1 << 21;

const OK: u32 = 0;
const TRUNCATED: u32 = 1;
const RANDOMISED: u32 = 2;
const BAD_TABLE_COUNT: u32 = 3;
const BAD_SELECTOR: u32 = 4;
const BAD_CODE_LENGTH: u32 = 5;
const BAD_CODE: u32 = 6;
const BAD_RUN: u32 = 7;
const TOO_LONG: u32 = 8;
const ENDLESS: u32 = 9;
const EMPTY: u32 = 10;
const BAD_ORIGIN: u32 = 11;
const BAD_CHECKSUM: u32 = 12;

// What a lane is: its numbers, its bytes, their pairs, the chain through them.
const LANE_LENGTH: usize = 0, LANE_ORIGIN: usize = 4, LANE_CRC: usize = 8;
const LANE_END: usize = 12, LANE_COUNTS: usize = 16;
const LANE_BYTES: usize = LANE_COUNTS + 256 * 4;
const LANE_NAMES: usize = LANE_BYTES + 900032;
const LANE_STARTS: usize = LANE_NAMES + 8192;
const LANE_PAIRS: usize = LANE_STARTS + 65536 * 4;
const LANE_CHAIN: usize = LANE_PAIRS + 1800064;
const LANE_SIZE: usize = LANE_CHAIN + 3600064;

const FAST_TABLE: usize = 2 << FAST_BITS;
const limits: usize = memory.data(6 * 32 * 4, 16);
const offsets: usize = memory.data(6 * 32 * 4, 16);
const codeLengths: usize = memory.data(264, 16);
/** The move-to-front list, and room for whole vectors after it. */
const list: usize = memory.data(288, 16);
/** For each of the first sixteen places: how the vector is shuffled. */
const shuffles: usize = memory.data(256, 16);

/** How often each pair occurs; and its next row (times four) and number. */
let pairCounts: usize = 0, slots: usize = 0;

/** Larger tables, of which `prepare` says where they are. */
let crcTables: usize = 0, fastTables: usize = 0, sortedSymbols: usize = 0;
let selectors: usize = 0;

/** Where the lanes start; the host takes the memory behind them. */
let lanes: usize = 0;

// The reader: bits, most significant first, from the left of the buffer.
let buffer: u64 = 0, held: u32 = 0, next: usize = 0;

/**
 * Makes the tables.
 *
 * @returns The first byte after all that is used here.
 */
export function prepare(): usize {
  crcTables = (__heap_base + 63) & ~63;
  fastTables = crcTables + 8 * 256 * 4;
  sortedSymbols = fastTables + 6 * FAST_TABLE;
  selectors = sortedSymbols + 6 * 520;
  pairCounts = (selectors + 32768 + 63) & ~63;
  slots = pairCounts + 65536 * 4;
  lanes = slots + 65536 * 8;
  for (let place: usize = 0; place < 16; place++) {
    for (let i: usize = 0; i < 16; i++) {
      const from = i == 0 ? place : i <= place ? i - 1 : i;
      store<u8>(shuffles + place * 16 + i, <u8> from);
    }
  }
  for (let byte: u32 = 0; byte < 256; byte++) {
    let crc = byte << 24;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc << 1) ^ (<i32> crc < 0 ? 0x04c11db7 : 0);
    }
    store<u32>(crcTables + byte * 4, crc);
  }
  for (let table: usize = 1; table < 8; table++) {
    for (let byte: usize = 0; byte < 256; byte++) {
      const before = load<u32>(crcTables + (table - 1) * 1024 + byte * 4);
      store<u32>(
        crcTables + table * 1024 + byte * 4,
        (before << 8) ^ load<u32>(crcTables + (before >> 24) * 4),
      );
    }
  }
  return lanes + <usize> LANES * LANE_SIZE;
}

function fill(): void {
  buffer |= <u64> bswap<u32>(load<u32>(next)) << (32 - held);
  next += 4;
  held += 32;
}

function read(count: u32): u32 {
  if (held < count) fill();
  const value = <u32> (buffer >> (64 - count));
  buffer <<= count;
  held -= count;
  return value;
}

function laneAt(lane: u32): usize {
  return lanes + <usize> lane * LANE_SIZE;
}

/**
 * Decodes a block up to its sorted bytes.
 *
 * @param lane Where to keep it, 0 or 1.
 * @param input The bytes that hold it; 160 zeros must follow them.
 * @param length How many bytes that are.
 * @param startBit Where its magic number stands.
 * @param capacity The most bytes that the stream's level allows it.
 * @returns A status; 0 when all went well.
 */
export function readBlock(
  lane: u32,
  input: usize,
  length: usize,
  startBit: u32,
  capacity: u32,
): u32 {
  const at = laneAt(lane), end = input + length;
  next = input + ((startBit + 48) >> 3);
  buffer = 0;
  held = 0;
  read((startBit + 48) & 7);
  let status = readBody(at, end, capacity);
  const bit = <u64> (next - input) * 8 - held;
  store<u32>(at + LANE_END, <u32> bit);
  // What was read past the end proves nothing about the block.
  if (bit > <u64> length * 8) return TRUNCATED;
  if (
    status == OK && load<u32>(at + LANE_ORIGIN) >= load<u32>(at + LANE_LENGTH)
  ) status = BAD_ORIGIN;
  return status;
}

function readBody(at: usize, end: usize, capacity: u32): u32 {
  store<u32>(at + LANE_CRC, (read(16) << 16) | read(16));
  if (read(1) == 1) return RANDOMISED;
  store<u32>(at + LANE_ORIGIN, read(24));
  const used = readUsedBytes();
  if (used == 0) return EMPTY;
  const tables = read(3);
  if (tables < 2 || tables > 6) return BAD_TABLE_COUNT;
  const groups = read(15);
  let status = readSelectors(groups, tables, end);
  for (let table: u32 = 0; table < tables && status == OK; table++) {
    status = readTable(table, used + 2, end);
  }
  return status == OK
    ? readSymbols(at, end, groups, used + 1, capacity)
    : status;
}

/** The byte values that occur, ascending: the first move-to-front list. */
function readUsedBytes(): u32 {
  const rows = read(16);
  let used: u32 = 0;
  for (let row: u32 = 0; row < 16; row++) {
    if ((rows & (0x8000 >> row)) == 0) continue;
    const columns = read(16);
    for (let column: u32 = 0; column < 16; column++) {
      if ((columns & (0x8000 >> column)) == 0) continue;
      store<u8>(list + used++, <u8> (row * 16 + column));
    }
  }
  return used;
}

/** Which table each group of symbols uses, move-to-front coded in unary. */
function readSelectors(count: u32, tables: u32, end: usize): u32 {
  // Six numbers of four bits, the first one lowest.
  let order: u32 = 0x543210;
  for (let i: u32 = 0; i < count; i++) {
    let place: u32 = 0;
    while (read(1) == 1) if (++place >= tables) return BAD_SELECTOR;
    if (next > end + 16) return TRUNCATED;
    const shift = place * 4, value = (order >> shift) & 15;
    const below = order & ((1 << shift) - 1);
    order = (order & ~((16 << shift) - 1)) | (below << 4) | value;
    store<u8>(selectors + i, <u8> value);
  }
  return OK;
}

/** How long each symbol's code is, coded as differences; then the tables. */
function readTable(table: u32, symbols: u32, end: usize): u32 {
  let length = read(5);
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    while (read(1) == 1) {
      length += read(1) == 0 ? 1 : -1;
      if (length < 1 || length > MAX_CODE_BITS) return BAD_CODE_LENGTH;
    }
    if (length < 1 || length > MAX_CODE_BITS) return BAD_CODE_LENGTH;
    if (next > end + 16) return TRUNCATED;
    store<u8>(codeLengths + symbol, <u8> length);
  }
  const fast = fastTables + <usize> table * FAST_TABLE;
  const limit = limits + table * 128, offset = offsets + table * 128;
  const sorted = sortedSymbols + table * 520;
  memory.fill(fast, 0, FAST_TABLE);
  let code: u32 = 0, place: u32 = 0;
  for (let length: u32 = 1; length <= MAX_CODE_BITS; length++, code <<= 1) {
    store<u32>(offset + length * 4, place - code);
    for (let symbol: u32 = 0; symbol < symbols; symbol++) {
      if (load<u8>(codeLengths + symbol) != length) continue;
      store<u16>(sorted + place++ * 2, <u16> symbol);
      if (length <= FAST_BITS) {
        const spread = FAST_BITS - length, entry = <u16> (symbol << 5 | length);
        const to = min((code + 1) << spread, 1 << FAST_BITS);
        for (let i = code << spread; i < to; i++) {
          store<u16>(fast + i * 2, entry);
        }
      }
      code++;
    }
    if (code > (<u32> 1 << length)) return BAD_CODE;
    store<u32>(limit + length * 4, code);
  }
  return OK;
}

/** A symbol of a code that is longer than the table reaches; 1 << 16 if none. */
function longCode(table: u32, bits: u32): u32 {
  const limit = limits + table * 128, offset = offsets + table * 128;
  for (let length = FAST_BITS + 1; length <= MAX_CODE_BITS; length++) {
    const code = bits >> (MAX_CODE_BITS - length);
    if (code < load<u32>(limit + length * 4)) {
      const place = code + load<u32>(offset + length * 4);
      const sorted = sortedSymbols + table * 520;
      return <u32> load<u16>(sorted + place * 2) << 5 | length;
    }
  }
  return 1 << 16;
}

/**
 * Reads the symbols: run lengths, and places in the list of bytes. The first
 * sixteen bytes of that list are held in a vector, as most moves end there.
 */
function readSymbols(
  at: usize,
  end: usize,
  groups: u32,
  endSymbol: u32,
  capacity: u32,
): u32 {
  const counts = at + LANE_COUNTS, start = at + LANE_BYTES;
  const stop = start + capacity;
  let out = start, run: u32 = 0, weight: u32 = 1;
  let head = v128.load(list);
  let bits = buffer, count = held, from = next;
  memory.fill(counts, 0, 1024);
  for (let group: u32 = 0; group < groups; group++) {
    const table = <u32> load<u8>(selectors + group);
    const fast = fastTables + <usize> table * FAST_TABLE;
    if (from > end + 16) break;
    for (let i: u32 = 0; i < GROUP_SIZE; i++) {
      if (count < MAX_CODE_BITS) {
        bits |= <u64> bswap<u32>(load<u32>(from)) << (32 - count);
        from += 4;
        count += 32;
      }
      let entry = <u32> load<u16>(
        fast + (<usize> (bits >> (64 - FAST_BITS)) << 1),
      );
      if (entry == 0) {
        entry = longCode(table, <u32> (bits >> (64 - MAX_CODE_BITS)));
        if (entry == 1 << 16) {
          return leave(bits, count, from, BAD_CODE);
        }
      }
      bits <<= entry & 31;
      count -= entry & 31;
      const symbol = entry >> 5;
      if (symbol <= 1) { // a digit of a run length, in bijective base 2
        if (weight > MAX_RUN_WEIGHT) return leave(bits, count, from, BAD_RUN);
        run += weight << symbol;
        weight <<= 1;
        continue;
      }
      if (run > 0) {
        if (out + run > stop) return leave(bits, count, from, TOO_LONG);
        const byte = <u32> i8x16.extract_lane_u(head, 0);
        const counter = counts + (byte << 2);
        store<u32>(counter, load<u32>(counter) + run);
        if (run < 16) { // there is room for a whole vector
          v128.store(out, i8x16.splat(<i8> byte));
        } else memory.fill(out, <u8> byte, run);
        out += run;
        run = 0;
        weight = 1;
      }
      if (symbol == endSymbol) {
        store<u32>(at + LANE_LENGTH, <u32> (out - start));
        return leave(bits, count, from, OK);
      }
      if (out == stop) return leave(bits, count, from, TOO_LONG);
      const place = symbol - 1;
      if (place < 16) {
        head = i8x16.swizzle(head, v128.load(shuffles + (place << 4)));
      } else {
        const byte = load<u8>(list + place);
        moveBack(place);
        store<u8>(list + 16, <u8> i8x16.extract_lane_u(head, 15));
        head = i8x16.replace_lane(
          i8x16.swizzle(head, v128.load(shuffles + 240)),
          0,
          byte,
        );
      }
      const byte = <u32> i8x16.extract_lane_u(head, 0);
      const counter = counts + (byte << 2);
      store<u32>(counter, load<u32>(counter) + 1);
      store<u8>(out++, <u8> byte);
    }
  }
  return leave(bits, count, from, ENDLESS);
}

/** Gives the reader its place back. */

function leave(bits: u64, count: u32, from: usize, status: u32): u32 {
  buffer = bits;
  held = count;
  next = from;
  return status;
}

/** Moves what stands from 16 to before `place` in the list by one. */

function moveBack(place: u32): void {
  let to = list + place;
  while (to >= list + 32) {
    v128.store(to - 15, v128.load(to - 16));
    to -= 16;
  }
  for (; to > list + 16; to--) store<u8>(to, load<u8>(to - 1));
}

/** For the lanes that are unsorted: where they are, and what is left. */
const places: usize = memory.data(4 * 4, 16);
const lefts: usize = memory.data(4 * 4, 16);

/**
 * Undoes the Burrows-Wheeler transform of the first `count` lanes; their bytes
 * then stand in their order.
 *
 * @param count 1 or 2.
 */
export function unsort(count: u32): void {
  for (let lane: u32 = 0; lane < count; lane++) {
    const at = laneAt(lane);
    link(at);
    store<u32>(places + lane * 4, load<u32>(at + LANE_ORIGIN));
    store<u32>(lefts + lane * 4, load<u32>(at + LANE_LENGTH));
  }
  for (;;) {
    // The lanes that are not done; the last of them stands for those that are.
    let a: u32 = LANES, b: u32 = LANES, steps: u32 = u32.MAX_VALUE;
    for (let lane: u32 = 0; lane < count; lane++) {
      const left = load<u32>(lefts + lane * 4);
      if (left == 0) continue;
      steps = min(steps, left + (left & 1));
      if (a == LANES) a = lane;
      else b = lane;
    }
    if (a == LANES) return;
    if (b == LANES) b = a;
    follow(a, b, steps);
    for (let lane: u32 = 0; lane < count; lane++) {
      const left = load<u32>(lefts + lane * 4);
      if (left > 0) store<u32>(lefts + lane * 4, left - min(left, steps));
    }
  }
}

/**
 * Builds a lane's chain of pairs. Row q of the sorted block starts with the
 * bytes c2 and c, where c is the last byte of row i, c2 that of the row p that
 * c leads to, and i is where the text goes on after both. An entry is i, and
 * below it the number of the pair; pairs that are too rare to have a number
 * are looked up by the row, as rows stand in the order of their pairs.
 */
function link(at: usize): void {
  const counts = at + LANE_COUNTS, bytes = at + LANE_BYTES;
  const pairs = at + LANE_PAIRS, chain = at + LANE_CHAIN;
  const length = load<u32>(at + LANE_LENGTH);
  let sum: u32 = <u32> bytes;
  for (let value: usize = 0; value < 1024; value += 4) {
    const count = load<u32>(counts + value);
    store<u32>(counts + value, sum);
    sum += count;
  }
  memory.fill(pairCounts, 0, 65536 * 4);
  for (let i: u32 = 0; i < length; i++) {
    const byte = <u32> load<u8>(bytes + i), counter = counts + (byte << 2);
    const to = load<u32>(counter);
    store<u32>(counter, to + 1);
    const pair = <u32> load<u8>(to) << 8 | byte;
    store<u16>(pairs + (i << 1), <u16> pair);
    const pairCounter = pairCounts + (pair << 2);
    store<u32>(pairCounter, load<u32>(pairCounter) + 1);
  }
  numberPairs(at);
  for (let i: u32 = 0; i < length; i++) {
    const pair = <u32> load<u16>(pairs + (i << 1));
    const slot = slots + (pair << 3);
    const row = load<u32>(slot);
    store<u32>(slot, row + 4);
    store<u32>(chain + row, i << 12 | load<u32>(slot, 4));
  }
}

/** Numbers the commonest pairs, and finds each pair's first row. */
function numberPairs(at: usize): void {
  const names = at + LANE_NAMES, starts = at + LANE_STARTS;
  let rare: u32 = 0, many: u32 = 0;
  do {
    many = 0;
    for (let pair: usize = 0; pair < 65536; pair++) {
      if (load<u32>(pairCounts + (pair << 2)) > rare) many++;
    }
    rare = rare * 2 + 1;
  } while (many > 4095);
  rare >>= 1;
  let row: u32 = 0, number: u32 = 0;
  for (let pair: u32 = 0; pair < 65536; pair++) {
    const count = load<u32>(pairCounts + (pair << 2));
    const slot = slots + (pair << 3);
    store<u32>(starts + (pair << 2), row);
    store<u32>(slot, row << 2);
    row += count;
    if (count > rare) {
      // As it is written: the first byte lowest.
      store<u16>(names + (number << 1), <u16> (pair >> 8 | pair << 8));
      store<u32>(slot, number++, 4);
    } else store<u32>(slot, 4095, 4);
  }
}

/** The pair with which a row starts, as it is written. */
function pairOf(at: usize, row: u32): u32 {
  const starts = at + LANE_STARTS;
  let low: u32 = 0, high: u32 = 65536;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (load<u32>(starts + (middle << 2)) <= row) low = middle;
    else high = middle;
  }
  return low >> 8 | low << 8;
}

function follow(a: u32, b: u32, steps: u32): void {
  const atA = laneAt(a), atB = laneAt(b);
  const chainA = atA + LANE_CHAIN, chainB = atB + LANE_CHAIN;
  const namesA = atA + LANE_NAMES, namesB = atB + LANE_NAMES;
  let outA = outOf(a), outB = outOf(b);
  let placeA = load<u32>(places + a * 4), placeB = load<u32>(places + b * 4);
  for (let i: u32 = 0; i < steps; i += 2) {
    const entryA = load<u32>(chainA + (placeA << 2));
    const entryB = load<u32>(chainB + (placeB << 2));
    const numberA = entryA & 4095, numberB = entryB & 4095;
    store<u16>(
      outA,
      <u16> (numberA == 4095
        ? pairOf(atA, placeA)
        : load<u16>(namesA + (numberA << 1))),
    );
    store<u16>(
      outB,
      <u16> (numberB == 4095
        ? pairOf(atB, placeB)
        : load<u16>(namesB + (numberB << 1))),
    );
    outA += 2;
    outB += 2;
    placeA = entryA >> 12;
    placeB = entryB >> 12;
  }
  store<u32>(places + a * 4, placeA);
  store<u32>(places + b * 4, placeB);
}

/** Where a lane's next byte goes: over its sorted ones, which the chain holds. */

function outOf(lane: u32): usize {
  const at = laneAt(lane);
  return at + LANE_BYTES + load<u32>(at + LANE_LENGTH) -
    load<u32>(lefts + lane * 4);
}

/** How many bytes a lane's block has when its run lengths are undone. */
export function sizeOf(lane: u32): u32 {
  const at = laneAt(lane), bytes = at + LANE_BYTES;
  const end = bytes + load<u32>(at + LANE_LENGTH);
  let size: u32 = load<u32>(at + LANE_LENGTH);
  for (let from = bytes; (from = nextRun(from, end)) < end; from += 5) {
    if (from + 4 < end) size += <u32> load<u8>(from + 4) - 1;
  }
  return size;
}

/** The next place from which four bytes are equal, or `end`. */

function nextRun(from: usize, end: usize): usize {
  while (from + 19 <= end) {
    const first = v128.load(from);
    const equal = v128.and(
      v128.and(
        i8x16.eq(first, v128.load(from, 1)),
        i8x16.eq(first, v128.load(from, 2)),
      ),
      i8x16.eq(first, v128.load(from, 3)),
    );
    const mask = i8x16.bitmask(equal);
    if (mask != 0) return from + ctz(mask);
    from += 16;
  }
  for (; from + 4 <= end; from++) {
    const word = load<u32>(from);
    if (word == (word & 255) * 0x01010101) return from;
  }
  return end;
}

/**
 * Undoes a lane's run lengths and checks the result.
 *
 * @param lane Which.
 * @param out Where its `sizeOf` bytes go.
 * @returns A status; 0 when the checksum is right.
 */
export function finishBlock(lane: u32, out: usize): u32 {
  const at = laneAt(lane), start = out;
  const end = at + LANE_BYTES + load<u32>(at + LANE_LENGTH);
  let from = at + LANE_BYTES;
  for (;;) {
    const run = nextRun(from, end);
    const length = run < end ? run + 4 - from : end - from;
    memory.copy(out, from, length);
    out += length;
    from += length;
    if (from >= end) break;
    const more = <u32> load<u8>(from++);
    memory.fill(out, load<u8>(from - 2), more);
    out += more;
  }
  return crcOf(start, out) == load<u32>(at + LANE_CRC) ? OK : BAD_CHECKSUM;
}

/** The CRC-32 of bzip2: most significant bit first, eight bytes at a time. */
function crcOf(from: usize, end: usize): u32 {
  let crc: u32 = 0xffffffff;
  for (; from + 8 <= end; from += 8) {
    const high = crc ^ bswap<u32>(load<u32>(from));
    const low = bswap<u32>(load<u32>(from, 4));
    crc = load<u32>(crcTables + ((high >> 24) << 2), 7 * 1024) ^
      load<u32>(crcTables + ((high >> 16 & 255) << 2), 6 * 1024) ^
      load<u32>(crcTables + ((high >> 8 & 255) << 2), 5 * 1024) ^
      load<u32>(crcTables + ((high & 255) << 2), 4 * 1024) ^
      load<u32>(crcTables + ((low >> 24) << 2), 3 * 1024) ^
      load<u32>(crcTables + ((low >> 16 & 255) << 2), 2 * 1024) ^
      load<u32>(crcTables + ((low >> 8 & 255) << 2), 1024) ^
      load<u32>(crcTables + ((low & 255) << 2));
  }
  for (; from < end; from++) {
    crc = crc << 8 ^
      load<u32>(crcTables + ((crc >> 24 ^ <u32> load<u8>(from)) << 2));
  }
  return ~crc;
}

/** The checksum that a lane's block carries. */
export function checksumOf(lane: u32): u32 {
  return load<u32>(laneAt(lane) + LANE_CRC);
}

/** The bit after a lane's block, counted as its first one was. */
export function endOf(lane: u32): u32 {
  return load<u32>(laneAt(lane) + LANE_END);
}
