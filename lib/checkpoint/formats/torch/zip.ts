/**
 * The index of a zip archive whose entries are stored as they are, which is
 * how PyTorch writes its files; a compressed entry is refused, so that nothing
 * can be larger than the file it comes in.
 *
 * @module
 */

import {
  type ByteSource,
  malformed,
  Span,
} from "../../encoding/byte_source.ts";
import {
  checkPlaces,
  MAX_NAME,
  MAX_TENSORS,
} from "../../encoding/tensor_file.ts";

/** Bytes of the records, without what follows them. */
const END_SIZE = 22;
const LOCATOR_SIZE = 20;
const END64_SIZE = 56;
const ENTRY_SIZE = 46;
const LOCAL_SIZE = 30;
/** The longest comment after the end record. */
const MAX_COMMENT = 0xffff;
/** Bytes of the index. */
const MAX_INDEX = 2 ** 24;
/** Entries beside the tensors' own. */
const MAX_ENTRIES = MAX_TENSORS + 64;

const SIGNATURES = {
  local: 0x04034b50,
  entry: 0x02014b50,
  end: 0x06054b50,
  end64: 0x06064b50,
  locator: 0x07064b50,
} as const;

/**
 * Reads an archive's index.
 *
 * @returns Where each entry's bytes stand, by its name.
 * @throws {SyntaxError} When it is malformed, or an entry is compressed,
 * encrypted or there twice.
 *
 * @example
 * ```ts
 * import { memorySource } from "../../encoding/byte_source.ts";
 * import { readZip } from "./zip.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const empty = new Uint8Array(22);
 * empty.set([0x50, 0x4b, 5, 6]);
 * assertEquals(readZip(memorySource("example", empty)).size, 0);
 * ```
 */
export function readZip(source: ByteSource): ReadonlyMap<string, Span> {
  const { count, offset, length, end } = readEnd(source);
  if (length > end - offset || length > MAX_INDEX || count > MAX_ENTRIES) {
    throw untrue(source);
  }
  const view = viewOf(source, offset, length);
  const entries = new Map<string, Span>();
  const places = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    const { name, place, next } = readEntry(source, view, at);
    if (entries.has(name)) throw malformed(source, `it has ${name} twice`);
    entries.set(name, place);
    places.push({ name, offset: place.offset, length: place.length });
    at = next;
  }
  checkPlaces(source, places, { start: 0, end: offset });
  return entries;
}

interface End {
  readonly count: number;
  readonly offset: number;
  readonly length: number;
  /** Where the index must be over. */
  readonly end: number;
}

/** The record at the end, which says where the index is. */
function readEnd(source: ByteSource): End {
  const start = Math.max(0, source.length - END_SIZE - MAX_COMMENT);
  const tail = viewOf(source, start, source.length - start);
  for (let at = tail.byteLength - END_SIZE; at >= 0; at--) {
    if (tail.getUint32(at, true) !== SIGNATURES.end) continue;
    const comment = tail.getUint16(at + 20, true);
    if (at + END_SIZE + comment !== tail.byteLength) continue;
    return readEnd64(source, start + at) ?? {
      count: tail.getUint16(at + 10, true),
      length: tail.getUint32(at + 12, true),
      offset: tail.getUint32(at + 16, true),
      end: start + at,
    };
  }
  throw malformed(source, "it is cut short: the zip's end is not there");
}

/** The larger form of that record, where there is one. */
function readEnd64(source: ByteSource, end: number): End | undefined {
  if (end < LOCATOR_SIZE) return undefined;
  const locator = viewOf(source, end - LOCATOR_SIZE, LOCATOR_SIZE);
  if (locator.getUint32(0, true) !== SIGNATURES.locator) return undefined;
  const at = whole(source, locator, 8);
  if (at > end - LOCATOR_SIZE - END64_SIZE) {
    throw untrue(source);
  }
  const record = viewOf(source, at, END64_SIZE);
  if (record.getUint32(0, true) !== SIGNATURES.end64) {
    throw untrue(source);
  }
  return {
    count: whole(source, record, 32),
    length: whole(source, record, 40),
    offset: whole(source, record, 48),
    end: at,
  };
}

/** One entry of the index. */
function readEntry(
  source: ByteSource,
  index: DataView,
  at: number,
): { name: string; place: Span; next: number } {
  const fail = (): never => {
    throw untrue(source);
  };
  if (at + ENTRY_SIZE > index.byteLength) fail();
  if (index.getUint32(at, true) !== SIGNATURES.entry) fail();
  const nameLength = index.getUint16(at + 28, true);
  const extraLength = index.getUint16(at + 30, true);
  const extra = at + ENTRY_SIZE + nameLength;
  const next = extra + extraLength + index.getUint16(at + 32, true);
  if (nameLength > MAX_NAME || next > index.byteLength) fail();
  const name = new TextDecoder().decode(
    new Uint8Array(index.buffer, at + ENTRY_SIZE, nameLength),
  );
  const flags = index.getUint16(at + 8, true);
  if (index.getUint16(at + 10, true) !== 0 || flags & 1) {
    throw malformed(
      source,
      `${name} is compressed or encrypted; PyTorch stores it plain`,
    );
  }
  // What does not fit stands in the extra field instead, in this order.
  const large = largeFields(source, index, { at: extra, length: extraLength });
  const field = (offset: number) => {
    const small = index.getUint32(offset, true);
    return small === 0xffffffff ? large.shift() ?? fail() : small;
  };
  const length = field(at + 24), stored = field(at + 20);
  const offset = field(at + 42);
  if (length !== stored) fail();
  return {
    name,
    place: new Span(dataOffset(source, offset), length),
    next,
  };
}

/** The 64-bit numbers of an entry's extra field. */
function largeFields(
  source: ByteSource,
  index: DataView,
  { at, length }: { at: number; length: number },
): number[] {
  for (const end = at + length; at + 4 <= end;) {
    const size = index.getUint16(at + 2, true);
    if (at + 4 + size > end) break;
    if (index.getUint16(at, true) === 1) {
      return Array.from(
        { length: Math.floor(size / 8) },
        (_, i) => whole(source, index, at + 4 + 8 * i),
      );
    }
    at += 4 + size;
  }
  return [];
}

/** Where an entry's bytes begin, after its own head. */
function dataOffset(source: ByteSource, offset: number): number {
  if (offset > source.length - LOCAL_SIZE) {
    throw malformed(source, "an entry lies beyond its data");
  }
  const head = viewOf(source, offset, LOCAL_SIZE);
  if (head.getUint32(0, true) !== SIGNATURES.local) {
    throw malformed(source, "an entry is not where the index says");
  }
  return offset + LOCAL_SIZE + head.getUint16(26, true) +
    head.getUint16(28, true);
}

/** A 64-bit number, which cannot be larger than the file. */
function whole(source: ByteSource, view: DataView, at: number): number {
  const value = view.getBigUint64(at, true);
  if (value <= source.length) return Number(value);
  throw untrue(source);
}

function untrue(source: ByteSource): SyntaxError {
  return malformed(source, "its index cannot be true");
}

function viewOf(source: ByteSource, offset: number, length: number): DataView {
  const bytes = new Uint8Array(length);
  source.read(bytes, offset);
  return new DataView(bytes.buffer);
}
