/**
 * The texts of a parquet file as lines of JSON, page by page: a group of rows may
 * be the whole of a file, and a page is what has to be in memory.
 *
 * hyparquet reads what the file and its pages say of themselves; which pages
 * there are is seen to here, what is in them by `parquet_pages.ts`.
 *
 * @module
 */

import { crc32 } from "node:zlib";
import {
  type FileMetaData,
  type PageHeader,
  parquetMetadata,
  type RowGroup,
} from "npm:hyparquet@1.33.0";
import { parquetHeader } from "npm:hyparquet@1.33.0/src/column.js";
import { assertPage, type PageValue, readPageValues } from "./parquet_pages.ts";
import type { RandomBytes } from "./random_bytes.ts";

/** How long what a file says of itself may be; a million rows take some MB. */
const MOST_METADATA = 2 ** 26;
/** A page's head may have two texts in it: the first and the last. */
const HEAD_BYTES = [2 ** 12, 2 ** 22] as const;
/** How much is gathered before it is passed on, in characters. */
const PIECE = 2 ** 18;
/** What stands at both ends of a file. */
const MAGIC = "PAR1";

/**
 * Reads the texts of a file.
 *
 * @param file The file.
 * @param textField The column of the texts; of `id`, where there is such a
 * column of text or numbers, the names.
 * @returns Lines of JSON, `{"id": …, "text": …}`, in pieces; a row without text
 * has an empty one. Text that is not UTF-8 stands there as it is.
 * @throws {SyntaxError} When it is no parquet file, damaged or cut off, has no
 * such column, or one of another kind.
 * @throws {RangeError} When what has to be in memory is too much.
 */
export async function* readParquet(
  file: RandomBytes,
  textField: string,
): AsyncGenerator<Uint8Array> {
  const metadata = await readMetadata(file);
  const text = columnOf(metadata, textField);
  if (text === undefined || text.type !== "BYTE_ARRAY") {
    throw lacking(metadata, textField);
  }
  const id = columnOf(metadata, "id");
  let pieces: Uint8Array[] = [], length = 0;
  for (const group of metadata.row_groups) {
    const names = id === undefined
      ? undefined
      : valuesOf(file, group, id)[Symbol.asyncIterator]();
    for await (const value of valuesOf(file, group, text)) {
      const line = lineOf(textField, value, (await names?.next())?.value);
      pieces.push(line);
      if ((length += line.length) < PIECE) continue;
      yield joined(pieces, length);
      pieces = [];
      length = 0;
    }
  }
  if (length > 0) yield joined(pieces, length);
}

/** What a file says of itself at its end. */
async function readMetadata(file: RandomBytes): Promise<FileMetaData> {
  if (file.size === 0) throw new SyntaxError("it has no data");
  if (file.size < 12) throw new SyntaxError("it is no parquet file");
  const latin = new TextDecoder("latin1");
  const tail = await file.read(file.size - 8, 8);
  if (latin.decode(await file.read(0, 4)) !== MAGIC) {
    throw new SyntaxError("it is no parquet file");
  }
  if (latin.decode(tail.subarray(4)) !== MAGIC) {
    throw new SyntaxError("it is cut off");
  }
  const length = new DataView(tail.buffer, tail.byteOffset).getUint32(0, true);
  if (length > Math.min(file.size - 12, MOST_METADATA)) throw damaged();
  const bytes = await file.read(file.size - 8 - length, length + 8);
  return soundly(() => parquetMetadata(bytes, { geoparquet: false }));
}

/** A column that has one value a row, or none. */
interface Column {
  readonly name: string;
  readonly type: string;
  readonly isOptional: boolean;
}

/** What is read: texts as they are, and names that may be numbers. */
const TYPES = ["BYTE_ARRAY", "INT32", "INT64"];

/** A column that is not within another; undefined where there is none. */
function columnOf(
  { schema }: FileMetaData,
  name: string,
): Column | undefined {
  // Depth first, from the root, each with the number of those within it.
  let within = 0;
  for (const element of schema.slice(1)) {
    const { type = "", num_children = 0, repetition_type } = element;
    const isOutside = within === 0;
    if (!isOutside) within--;
    within += num_children;
    if (!isOutside || element.name !== name || !TYPES.includes(type)) continue;
    return repetition_type === "REPEATED"
      ? undefined
      : { name, type, isOptional: repetition_type === "OPTIONAL" };
  }
  return undefined;
}

/** Of the columns only those are named that could be read instead. */
function lacking(metadata: FileMetaData, textField: string): SyntaxError {
  const names = metadata.schema.map(({ name }) => name);
  const others = [...new Set(names)]
    .filter((name) => columnOf(metadata, name)?.type === "BYTE_ARRAY")
    .slice(0, 20).map((name) => `"${name}"`);
  return new SyntaxError(
    others.length === 0
      ? "it has no column of text"
      : `it has no column "${textField}" of text, but ${others.join(", ")}: ` +
        "a recipe of build-corpus says which (text_field)",
  );
}

/** The values of a column in a group of rows, as they are in the file. */
async function* valuesOf(
  file: RandomBytes,
  group: RowGroup,
  { name, isOptional }: Column,
): AsyncGenerator<PageValue> {
  const chunk = group.columns.find(({ meta_data }) =>
    meta_data?.path_in_schema.length === 1 &&
    meta_data.path_in_schema[0] === name
  )?.meta_data;
  if (chunk === undefined) throw damaged();
  const column = { type: chunk.type, codec: chunk.codec, isOptional };
  let dictionary: ArrayLike<PageValue> | undefined;
  let left = Number(group.num_rows);
  for await (const { header, bytes } of pagesOf(file, chunk)) {
    if (left === 0) break;
    const values = soundly(() =>
      readPageValues(header, bytes, column, dictionary)
    );
    if (header.type === "DICTIONARY_PAGE") {
      dictionary = values;
      continue;
    }
    const count = Math.min(left, values.length);
    for (let i = 0; i < count; i++) yield values[i];
    left -= count;
  }
  if (left > 0) throw damaged();
}

/** A page: what it says of itself, and its bytes. */
interface Page {
  readonly header: PageHeader;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The pages of a column in a group of rows. */
async function* pagesOf(
  file: RandomBytes,
  { dictionary_page_offset, data_page_offset, total_compressed_size }:
    NonNullable<RowGroup["columns"][number]["meta_data"]>,
): AsyncGenerator<Page> {
  let at = Number(dictionary_page_offset || data_page_offset);
  const end = at + Number(total_compressed_size);
  if (!(at >= 4 && end >= at && end <= file.size)) throw damaged();
  while (at < end) {
    const { header, length } = await readHeader(file, at, end);
    at += length;
    const packed = header.compressed_page_size;
    assertPage(header);
    if (packed > end - at) throw damaged();
    const bytes = await file.read(at, packed);
    at += packed;
    if (!PAGES.includes(header.type)) continue;
    if (header.crc !== undefined && crc32(bytes) !== header.crc >>> 0) {
      throw damaged();
    }
    yield { header, bytes };
  }
}

/** What a page says of itself, and how long that is. */
async function readHeader(
  file: RandomBytes,
  at: number,
  end: number,
): Promise<{ header: PageHeader; length: number }> {
  for (const most of HEAD_BYTES) {
    const length = Math.min(most, end - at);
    const bytes = await file.read(at, length);
    const reader = { view: new DataView(bytes.buffer), offset: 0 };
    try {
      return { header: parquetHeader(reader), length: reader.offset };
    } catch {
      if (length < most) break; // there is no more of it
    }
  }
  throw damaged();
}

/** Pages that have values; there are others, of indices. */
const PAGES = ["DATA_PAGE", "DATA_PAGE_V2", "DICTIONARY_PAGE"];

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** A row as a line of JSON. */
function lineOf(field: string, text: PageValue, id: PageValue): Uint8Array {
  const name = nameOf(id);
  const head = name === undefined ? "{" : `{"id":${JSON.stringify(name)},`;
  const bytes = text instanceof Uint8Array ? text : new Uint8Array();
  const key = JSON.stringify(field);
  try {
    const value = JSON.stringify(utf8.decode(bytes));
    return encoder.encode(`${head}${key}:${value}}\n`);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // Whoever reads the line finds, and says, that it is not UTF-8.
    const kept = bytes.map((byte) =>
      byte < 0x20 || byte === 0x22 || byte === 0x5c ? 0x20 : byte
    );
    const before = encoder.encode(`${head}${key}:"`);
    const after = encoder.encode('"}\n');
    return joined(
      [before, kept, after],
      before.length + kept.length + after.length,
    );
  }
}

function nameOf(id: PageValue): string | undefined {
  if (id instanceof Uint8Array) return new TextDecoder().decode(id);
  return typeof id === "number" || typeof id === "bigint"
    ? String(id)
    : undefined;
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Whatever the package says of data that it cannot read. */
function soundly<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw damaged(error);
  }
}

function damaged(cause?: unknown): SyntaxError {
  return new SyntaxError("it is damaged", { cause });
}
