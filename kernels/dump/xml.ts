/**
 * The pages of a dump, as MediaWiki writes them: a strict reader of the usual
 * form alone. It knows elements, plain attributes, and the five entities; it
 * takes nothing that an XML parser would refuse or read otherwise, and leaves
 * the rest (comments, CDATA, numbered characters, several revisions) to one:
 * lib/corpus/dump/dump_pages.ts. The host is lib/corpus/dump/dump_kernels.ts.
 */

/** What a page is: as usual, for a parser, or a sign that the split is wrong. */
const USUAL: u32 = 0, UNUSUAL: u32 = 1, UNKNOWN: u32 = 2;

const LESS: u32 = 0x3c, GREATER: u32 = 0x3e, SLASH: u32 = 0x2f;
const QUOTE: u32 = 0x22, AMPERSAND: u32 = 0x26, EQUALS: u32 = 0x3d;

/** The deepest nesting of a usual page is four. */
const MAX_DEPTH: u32 = 12;
/** A usual element has at most four attributes. */
const MAX_ATTRIBUTES: u32 = 8;

// Names as their letters in one word each, to be compared at once.
const PAGE: u64 = 0x65676170, TITLE: u64 = 0x656c746974, NS: u64 = 0x736e;
const ID: u64 = 0x6469, REDIRECT: u64 = 0x7463657269646572;
const REVISION: u64 = 0x6e6f697369766572, TEXT: u64 = 0x74786574;
const MODEL: u64 = 0x6c65646f6d;

/** Open elements: where their names start, and how long they are. */
const openNames: usize = memory.data(16 * 8, 16);
/** Attributes of one element: where their names start, and how long. */
const attributeNames: usize = memory.data(16 * 8, 16);
/**
 * What was found of a page, for the host: where each part starts and ends, and
 * whether there is a `<redirect>`. See dump_kernels.ts.
 */
export const found: usize = memory.data(64, 16);
const TITLE_START: usize = 0, TEXT_START: usize = 8;
const ID_START: usize = 16;
const NS_START: usize = 24, MODEL_START: usize = 32, IS_REDIRECT: usize = 40;

/** Where the reader is, and the next byte it may not pass. */
let at: usize = 0, limit: usize = 0;

/**
 * Whether bytes are UTF-8 of characters that XML allows, with no carriage
 * return (which XML changes) and no `]]>` (which it forbids in text).
 *
 * @returns 1 when they are.
 */
export function isPlain(from: usize, end: usize): u32 {
  while (from < end) {
    if (from + 18 <= end) {
      const bytes = v128.load(from);
      const bad = v128.or(
        v128.and(
          i8x16.lt_u(bytes, i8x16.splat(0x20)),
          v128.not(
            v128.or(
              i8x16.eq(bytes, i8x16.splat(0x0a)),
              i8x16.eq(bytes, i8x16.splat(0x09)),
            ),
          ),
        ),
        v128.and(
          v128.and(
            i8x16.eq(bytes, i8x16.splat(0x5d)),
            i8x16.eq(v128.load(from, 1), i8x16.splat(0x5d)),
          ),
          i8x16.eq(v128.load(from, 2), i8x16.splat(<i8> GREATER)),
        ),
      );
      if (v128.any_true(bad)) return 0;
      const high = i8x16.bitmask(bytes);
      if (high == 0) {
        from += 16;
        continue;
      }
      // The bytes before the first of a longer character are sound.
      from += ctz(high);
    } else {
      const byte = load<u8>(from);
      if (byte < 0x80) {
        if (byte < 0x20 && byte != 0x0a && byte != 0x09) return 0;
        if (
          byte == 0x5d && from + 2 < end && load<u8>(from, 1) == 0x5d &&
          load<u8>(from, 2) == GREATER
        ) return 0;
        from++;
        continue;
      }
    }
    do {
      const length = characterLength(from, end);
      if (length == 0) return 0;
      from += length;
    } while (from < end && load<u8>(from) >= 0x80);
  }
  return 1;
}

/** How many bytes the character takes; 0 when it is no sound one. */

function characterLength(from: usize, end: usize): usize {
  const first = <u32> load<u8>(from);
  if (first < 0xc2 || first > 0xf4) return 0;
  const count: usize = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (from + count > end) return 0;
  const second = <u32> load<u8>(from, 1);
  if ((second & 0xc0) != 0x80) return 0;
  if (count == 2) return 2;
  const third = <u32> load<u8>(from, 2);
  if ((third & 0xc0) != 0x80) return 0;
  if (count == 3) {
    if (first == 0xe0 && second < 0xa0) return 0;
    if (first == 0xed && second >= 0xa0) return 0; // a surrogate
    return first == 0xef && second == 0xbf && third >= 0xbe ? 0 : 3;
  }
  if ((load<u8>(from, 3) & 0xc0) != 0x80) return 0;
  if (first == 0xf0 && second < 0x90) return 0;
  return first == 0xf4 && second >= 0x90 ? 0 : 4;
}

/**
 * Looks for `<page>`, or for `</page>`.
 *
 * @returns Where it starts, or `end`.
 */
export function findPage(from: usize, end: usize, closing: u32): usize {
  // "<pag" and "e>", or "</pa" and "ge>", each as one word.
  const head: u32 = closing ? 0x61702f3c : 0x6761703c;
  const last: usize = closing ? 7 : 6;
  if (end < from + last) return end;
  const stop = end - last;
  while (from <= stop) {
    if (from + 18 <= end) {
      const mask = i8x16.bitmask(v128.and(
        i8x16.eq(v128.load(from), i8x16.splat(<i8> LESS)),
        i8x16.eq(
          v128.load(from, 1),
          i8x16.splat(closing ? <i8> SLASH : <i8> 0x70),
        ),
      ));
      if (mask == 0) {
        from += 16;
        continue;
      }
      from += ctz(mask);
      if (from > stop) return end;
    }
    if (
      load<u32>(from) == head &&
      (closing
        ? load<u16>(from, 4) == 0x6567 && load<u8>(from, 6) == GREATER
        : load<u16>(from, 4) == 0x3e65)
    ) return from;
    from++;
  }
  return end;
}

/** The next byte that is no white space, or `end`. */
export function skipSpace(from: usize, end: usize): usize {
  while (from < end && isSpace(load<u8>(from))) from++;
  return from;
}

function isSpace(byte: u32): bool {
  return byte == 0x20 || byte == 0x0a || byte == 0x09;
}

function isNameByte(byte: u32): bool {
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x7a;
}

/**
 * Reads a page.
 *
 * @param from Where `<page>` starts.
 * @param end Where its `</page>` ends.
 * @returns What it is; when usual, `found` tells its parts.
 */
export function readPage(from: usize, end: usize): u32 {
  memory.fill(found, 0, 64);
  at = from;
  limit = end;
  const status = readElements();
  if (status != UNUSUAL) return status;
  // A parser can take it only when nothing could hide where it ends.
  for (let i = from; i + 1 < end; i++) {
    if (load<u8>(i) != LESS) continue;
    const next = load<u8>(i + 1);
    if (next == 0x21 || next == 0x3f) return UNKNOWN;
  }
  return UNUSUAL;
}

function readElements(): u32 {
  let depth: u32 = 0, revisions: u32 = 0;
  /** The slot of `found` that the innermost element fills, plus one. */
  let slot: usize = 0;
  while (at < limit) {
    const start = at;
    const status = skipText();
    if (status != USUAL) return status;
    if (at == limit) return UNUSUAL;
    const textEnd = at++;
    const closing = load<u8>(at) == SLASH;
    if (closing) at++;
    const name = at;
    while (
      at < limit && (isNameByte(load<u8>(at)) ||
        at > name && isDigit(load<u8>(at)))
    ) at++;
    const length = <u32> (at - name);
    if (length == 0) return UNUSUAL;
    if (closing) {
      if (!closes(depth, name, length)) return UNUSUAL;
      if (slot != 0) {
        store<u32>(found + slot - 1, <u32> start);
        store<u32>(found + slot + 3, <u32> textEnd);
        slot = 0;
      }
      if (--depth > 0) continue;
      return at == limit && load<u32>(found + TITLE_START) != 0
        ? USUAL
        : UNUSUAL;
    }
    // Nothing nests in what holds text.
    if (slot != 0 || depth >= MAX_DEPTH) return UNUSUAL;
    const parent = depth == 0 ? 0 : wordAt(
      load<u32>(openNames + (depth - 1) * 8),
      load<u32>(openNames + (depth - 1) * 8, 4),
    );
    const word = wordAt(<u32> name, length);
    const empty = readAttributes();
    if (empty > 1) return UNUSUAL;
    slot = slotOf(parent, word);
    if (slot == usize.MAX_VALUE) return UNUSUAL;
    if (parent == PAGE && word == REVISION && ++revisions > 1) return UNUSUAL;
    if (parent == PAGE && word == REDIRECT) store<u32>(found + IS_REDIRECT, 1);
    if (slot == 0 && word == PAGE && depth > 0) return UNUSUAL;
    if (empty == 1) {
      if (slot != 0) {
        store<u32>(found + slot - 1, <u32> at);
        store<u32>(found + slot + 3, <u32> at);
        slot = 0;
      }
      if (depth == 0) return UNUSUAL;
      continue;
    }
    store<u32>(openNames + depth * 8, <u32> name);
    store<u32>(openNames + depth * 8, length, 4);
    depth++;
  }
  return UNUSUAL;
}

/** Whether a closing tag is that of the innermost element. */
function closes(depth: u32, name: usize, length: u32): bool {
  while (at < limit && isSpace(load<u8>(at))) at++;
  if (at == limit || load<u8>(at++) != GREATER || depth == 0) return false;
  const open = openNames + (depth - 1) * 8;
  if (load<u32>(open, 4) != length) return false;
  return memory.compare(load<u32>(open), name, length) == 0;
}

/** A name of up to eight letters as one word; 1 for a longer one. */

function wordAt(name: u32, length: u32): u64 {
  if (length > 8) return 1;
  return load<u64>(name) & (u64.MAX_VALUE >> (64 - length * 8));
}

/**
 * Where `found` holds an element's content, plus one; 0 where it does not, and
 * all bits when that element was there before.
 */
function slotOf(parent: u64, word: u64): usize {
  let slot: usize = 0;
  if (parent == PAGE) {
    if (word == TITLE) slot = TITLE_START + 1;
    else if (word == NS) slot = NS_START + 1;
    else if (word == ID) slot = ID_START + 1;
  } else if (parent == REVISION) {
    if (word == TEXT) slot = TEXT_START + 1;
    else if (word == MODEL) slot = MODEL_START + 1;
  }
  if (slot != 0 && load<u32>(found + slot - 1) != 0) return usize.MAX_VALUE;
  return slot;
}

/**
 * Reads what stands between a tag's name and its end.
 *
 * @returns 0 for an opening tag, 1 for an empty element, 2 when unusual.
 */
function readAttributes(): u32 {
  let count: u32 = 0;
  while (at < limit) {
    const before = at;
    while (at < limit && isSpace(load<u8>(at))) at++;
    if (at == limit) return 2;
    const byte = load<u8>(at);
    if (byte == GREATER) {
      at++;
      return 0;
    }
    if (byte == SLASH) {
      at++;
      return at < limit && load<u8>(at++) == GREATER ? 1 : 2;
    }
    if (before == at || count == MAX_ATTRIBUTES) break;
    const name = at;
    while (
      at < limit && (isNameByte(load<u8>(at)) ||
        at > name && (load<u8>(at) == 0x3a || isDigit(load<u8>(at))))
    ) at++;
    const length = <u32> (at - name);
    if (length == 0 || limit - at < 3) return 2;
    if (load<u8>(at) != EQUALS || load<u8>(at + 1) != QUOTE) return 2;
    for (let i: u32 = 0; i < count; i++) {
      const other = attributeNames + i * 8;
      if (
        load<u32>(other, 4) == length &&
        memory.compare(load<u32>(other), name, length) == 0
      ) return 2;
    }
    store<u32>(attributeNames + count * 8, <u32> name);
    store<u32>(attributeNames + count++ * 8, length, 4);
    at += 2;
    for (;; at++) {
      if (at == limit) return 2;
      const byte = load<u8>(at);
      if (byte == QUOTE) break;
      if (byte == LESS || byte == AMPERSAND && entityLength(at, limit) == 0) {
        return 2;
      }
    }
    at++;
  }
  return 2;
}

function isDigit(byte: u32): bool {
  return byte >= 0x30 && byte <= 0x39;
}

/** Passes over text to the next tag. */
function skipText(): u32 {
  while (at < limit) {
    if (at + 16 <= limit) {
      const bytes = v128.load(at);
      const mask = i8x16.bitmask(v128.or(
        i8x16.eq(bytes, i8x16.splat(<i8> LESS)),
        i8x16.eq(bytes, i8x16.splat(<i8> AMPERSAND)),
      ));
      if (mask == 0) {
        at += 16;
        continue;
      }
      at += ctz(mask);
    }
    const byte = load<u8>(at);
    if (byte == LESS) return USUAL;
    if (byte == AMPERSAND) {
      const length = entityLength(at, limit);
      if (length == 0) return UNUSUAL;
      at += length;
    } else at++;
  }
  return USUAL;
}

/** The five entities, as words: &lt; &gt; &amp; &quot; &apos; */
const LT: u32 = 0x3b746c26, GT: u32 = 0x3b746726, AMP: u32 = 0x706d6126;
const QUOT: u32 = 0x6f757126, APOS: u32 = 0x6f706126;

/** How long the entity is that starts here; 0 when it is none of the five. */

function entityLength(from: usize, end: usize): usize {
  if (from + 4 > end) return 0;
  const word = load<u32>(from);
  if (word == LT || word == GT) return 4;
  if (word == AMP) {
    return from + 5 <= end && load<u8>(from, 4) == 0x3b ? 5 : 0;
  }
  if (from + 6 > end) return 0;
  if (word == QUOT) return load<u16>(from, 4) == 0x3b74 ? 6 : 0;
  return word == APOS && load<u16>(from, 4) == 0x3b73 ? 6 : 0;
}

/**
 * Decodes the entities of text that `readPage` has passed.
 *
 * @param out Where to; it may be up to 16 bytes longer than the text meanwhile.
 * @returns The end of what was written.
 */
export function decodeText(from: usize, end: usize, out: usize): usize {
  while (from < end) {
    if (from + 16 <= end) {
      const bytes = v128.load(from);
      v128.store(out, bytes);
      const mask = i8x16.bitmask(
        i8x16.eq(bytes, i8x16.splat(<i8> AMPERSAND)),
      );
      if (mask == 0) {
        from += 16;
        out += 16;
        continue;
      }
      from += ctz(mask);
      out += ctz(mask);
    }
    const byte = load<u8>(from);
    if (byte != AMPERSAND) {
      store<u8>(out++, byte);
      from++;
      continue;
    }
    const word = load<u32>(from);
    store<u8>(
      out++,
      word == LT
        ? <u8> LESS
        : word == GT
        ? <u8> GREATER
        : word == AMP
        ? <u8> AMPERSAND
        : word == QUOT
        ? <u8> QUOTE
        : 0x27,
    );
    from += entityLength(from, end);
  }
  return out;
}
