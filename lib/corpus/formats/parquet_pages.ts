/**
 * A page of a parquet file as values, in memory that its own head bounds: what
 * it says of itself is checked before room is made for it, and runs of repeated
 * values are never longer than the page.
 *
 * @module
 */

import {
  brotliDecompressSync,
  gunzipSync,
  zstdDecompressSync,
} from "node:zlib";
import type { ColumnMetaData, PageHeader } from "npm:hyparquet@1.33.0";
import { decompressPage } from "npm:hyparquet@1.33.0/src/datapage.js";
import { readPlain } from "npm:hyparquet@1.33.0/src/plain.js";
import { compressors } from "npm:hyparquet-compressors@1.1.2";

/** How long a page may be, packed or unpacked, in bytes, */
const MOST_PAGE = 2 ** 28;
/** and how many values it may have. */
const MOST_VALUES = 2 ** 24;
/** A place in a dictionary has no more bits than this. */
const MOST_WIDTH = 24;

/** What has to be known of a column to take its pages apart. */
export interface PageColumn {
  readonly type: ColumnMetaData["type"];
  readonly codec: ColumnMetaData["codec"];
  /** Whether rows may have no value. */
  readonly isOptional: boolean;
}

/** A value of a page: bytes, a number, or nothing. */
export type PageValue = Uint8Array | number | bigint | undefined;

/** Native where there is such a thing; none makes more than a page may have. */
const COMPRESSORS: typeof compressors = {
  ...compressors,
  GZIP: (bytes, length) => gunzipSync(bytes, { maxOutputLength: length || 1 }),
  BROTLI: (bytes, length) =>
    brotliDecompressSync(bytes, { maxOutputLength: length || 1 }),
  ZSTD: (bytes, length) =>
    zstdDecompressSync(bytes, { maxOutputLength: length || 1 }),
};

/**
 * Refuses a page that would become too much, before it is read.
 *
 * @throws {SyntaxError} When its head makes no sense.
 * @throws {RangeError} When it is too large, or is written in a way that says
 * too little of what it becomes.
 */
export function assertPage(header: PageHeader): void {
  const { compressed_page_size, uncompressed_page_size } = header;
  const head = header.data_page_header ?? header.data_page_header_v2 ??
    header.dictionary_page_header;
  const sizes = [
    compressed_page_size,
    uncompressed_page_size,
    head?.num_values ?? 0,
  ];
  if (!sizes.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw damaged();
  }
  if (Math.max(sizes[0], sizes[1]) > MOST_PAGE || sizes[2] > MOST_VALUES) {
    throw new RangeError("it has a page of more than 256 MiB");
  }
  const encoding = head?.encoding;
  if (encoding !== undefined && !/^(?:PLAIN|.*_DICTIONARY)$/.test(encoding)) {
    throw new RangeError(
      "its texts are neither plain nor in a dictionary, which is what is read",
    );
  }
}

/**
 * The values of a page that {@linkcode assertPage} has passed.
 *
 * @param dictionary The values that places stand for.
 * @throws {Error} When it is damaged; the package has words of its own.
 */
export function readPageValues(
  header: PageHeader,
  bytes: Uint8Array,
  column: PageColumn,
  dictionary: ArrayLike<PageValue> | undefined,
): ArrayLike<PageValue> {
  const { codec, type, isOptional } = column;
  const unpacked = (packed: Uint8Array, length: number) =>
    decompressPage(packed, length, codec, COMPRESSORS);
  const size = header.uncompressed_page_size;
  if (header.dictionary_page_header !== undefined) {
    const { num_values } = header.dictionary_page_header;
    return plain(unpacked(bytes, size), type, num_values);
  }
  const v1 = header.data_page_header, v2 = header.data_page_header_v2;
  let levels: Uint32Array | undefined, values: Uint8Array;
  const count = (v1 ?? v2)!.num_values;
  if (v2 !== undefined) {
    const length = v2.definition_levels_byte_length;
    if (v2.repetition_levels_byte_length !== 0 || !(length <= bytes.length)) {
      throw damaged();
    }
    if (isOptional) levels = readRuns(bytes.subarray(0, length), 1, count);
    values = bytes.subarray(length);
    if (v2.is_compressed !== false && size > length) {
      values = unpacked(values, size - length);
    }
  } else {
    values = unpacked(bytes, size);
    if (isOptional) {
      const end = 4 + viewOf(values).getUint32(0, true);
      levels = readRuns(values.subarray(4, end), 1, count);
      values = values.subarray(end);
    }
  }
  const some = levels?.reduce((sum, level) => sum + level, 0) ?? count;
  const found = (v1 ?? v2)!.encoding === "PLAIN"
    ? plain(values, type, some)
    : lookedUp(values, some, dictionary);
  if (levels === undefined || some === count) return found;
  let at = 0;
  return Array.from(levels, (level) => level === 1 ? found[at++] : undefined);
}

function plain(
  bytes: Uint8Array,
  type: PageColumn["type"],
  count: number,
): ArrayLike<PageValue> {
  const values = readPlain(
    { view: viewOf(bytes) as DataView<ArrayBuffer>, offset: 0 },
    type,
    count,
    undefined,
  );
  return values as ArrayLike<PageValue>;
}

/** Values by their places in a dictionary. */
function lookedUp(
  bytes: Uint8Array,
  count: number,
  dictionary: ArrayLike<PageValue> | undefined,
): PageValue[] {
  const width = bytes[0] ?? 0;
  if (width > MOST_WIDTH) throw damaged();
  const places = readRuns(bytes.subarray(1), width, count);
  return Array.from(places, (place) => {
    if (dictionary === undefined || place >= dictionary.length) {
      throw damaged();
    }
    return dictionary[place];
  });
}

/**
 * Numbers as parquet's hybrid of runs and packed bits has them.
 *
 * @param width The bits of a number, at most 24.
 * @param count How many numbers there are.
 */
function readRuns(
  bytes: Uint8Array,
  width: number,
  count: number,
): Uint32Array {
  const numbers = new Uint32Array(count);
  const whole = Math.ceil(width / 8);
  let at = 0, filled = 0;
  const next = () => {
    if (at >= bytes.length) throw damaged();
    return bytes[at++];
  };
  while (filled < count) {
    let head = 0, shift = 0, byte: number;
    do {
      byte = next();
      head += (byte & 0x7f) * 2 ** shift;
      shift += 7;
    } while (byte > 0x7f && shift < 35);
    const length = Math.floor(head / 2);
    if (length === 0) throw damaged();
    if (head % 2 === 0) {
      let value = 0;
      for (let i = 0; i < whole; i++) value |= next() << 8 * i;
      const end = Math.min(count, filled + length);
      numbers.fill(value, filled, end);
      filled = end;
      continue;
    }
    // Groups of eight numbers; the last may have more than there are left.
    let bits = 0, value = 0;
    for (let i = 0; i < 8 * length && filled < count; i++) {
      while (bits < width) {
        value |= next() << bits;
        bits += 8;
      }
      numbers[filled++] = value & (1 << width) - 1;
      value >>>= width;
      bits -= width;
    }
    at += Math.floor(bits / 8);
  }
  return numbers;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function damaged(): SyntaxError {
  return new SyntaxError("it is damaged");
}
