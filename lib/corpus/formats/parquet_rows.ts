/**
 * The texts of a parquet file as lines of JSON, page by page: a group of rows may
 * be the whole of a file, and a page is what has to be in memory.
 *
 * hyparquet reads what the file says of itself and takes pages apart; which
 * pages there are, and that they are not too large, is seen to here.
 *
 * @module
 */

import {
  brotliDecompressSync,
  crc32,
  gunzipSync,
  zstdDecompressSync,
} from "node:zlib";
import {
  type FileMetaData,
  type PageHeader,
  parquetMetadata,
  type RowGroup,
} from "npm:hyparquet@1.33.0";
import { parquetHeader, readPage } from "npm:hyparquet@1.33.0/src/column.js";
import { getSchemaPath } from "npm:hyparquet@1.33.0/src/schema.js";
import { compressors } from "npm:hyparquet-compressors@1.1.2";
import type { RandomBytes } from "./random_bytes.ts";

/** How long what a file says of itself may be; a million rows take some MB. */
const MOST_METADATA = 2 ** 26;
/** How long a page may be, packed or unpacked, in bytes, */
const MOST_PAGE = 2 ** 28;
/** and how many values it may have. */
const MOST_VALUES = 2 ** 24;
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
    throw new SyntaxError(
      `it has no column "${textField}" of text, but ${namesOf(metadata)}`,
    );
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
  readonly schemaPath: ReturnType<typeof getSchemaPath>;
}

function columnOf(
  { schema }: FileMetaData,
  name: string,
): Column | undefined {
  const schemaPath = soundly(() => {
    try {
      return getSchemaPath(schema, [name]);
    } catch {
      return undefined; // there is no such column
    }
  });
  const element = schemaPath?.at(-1)?.element;
  const type = element?.type;
  if (type === undefined || element?.repetition_type === "REPEATED") {
    return undefined;
  }
  return { name, type, schemaPath: schemaPath! };
}

function namesOf({ schema }: FileMetaData): string {
  return schema.filter(({ type }) => type !== undefined).slice(0, 20)
    .map(({ name }) => `"${name}"`).join(", ");
}

/** The values of a column in a group of rows, as they are in the file. */
async function* valuesOf(
  file: RandomBytes,
  group: RowGroup,
  column: Column,
): AsyncGenerator<unknown> {
  const chunk = group.columns
    .find(({ meta_data }) =>
      meta_data?.path_in_schema.length === 1 &&
      meta_data.path_in_schema[0] === column.name
    )?.meta_data;
  if (chunk === undefined) throw damaged();
  const element = {
    ...column.schemaPath.at(-1)!.element,
    // Text stays bytes, so that what is no UTF-8 is not changed.
    converted_type: undefined,
    logical_type: undefined,
  };
  const decoder = {
    pathInSchema: [column.name],
    schemaPath: column.schemaPath,
    element,
    type: chunk.type,
    codec: chunk.codec,
    compressors: COMPRESSORS,
    parsers: {},
    utf8: false,
  } as unknown as Parameters<typeof readPage>[2];
  let dictionary: Parameters<typeof readPage>[3];
  let left = Number(group.num_rows);
  for await (const { header, bytes } of pagesOf(file, chunk)) {
    if (left === 0) break;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const { data } = soundly(() =>
      readPage({ view, offset: 0 }, header, decoder, dictionary, undefined, 0)
    );
    if (data === undefined) throw damaged();
    if (header.type === "DICTIONARY_PAGE") {
      dictionary = data;
      continue;
    }
    const count = Math.min(left, data.length);
    for (let i = 0; i < count; i++) yield data[i];
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
    if (!(packed >= 0 && packed <= end - at)) throw damaged();
    refuseLarge(header);
    const bytes = await file.read(at, packed);
    at += packed;
    if (header.type === "INDEX_PAGE") continue;
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

/** Refuses a page that would become too much, before it is unpacked. */
function refuseLarge(header: PageHeader): void {
  const { compressed_page_size, uncompressed_page_size } = header;
  const head = header.data_page_header ?? header.data_page_header_v2 ??
    header.dictionary_page_header;
  if (!(uncompressed_page_size >= 0)) throw damaged();
  const isLarge = compressed_page_size > MOST_PAGE ||
    uncompressed_page_size > MOST_PAGE ||
    (head?.num_values ?? 0) > MOST_VALUES;
  if (isLarge) throw new RangeError("it has a page of more than 256 MiB");
  // Each value may be as long as all before it, whatever the page's length.
  if (head?.encoding === "DELTA_BYTE_ARRAY") {
    throw new RangeError("its texts are differences, which are not read");
  }
}

/**
 * Native where there is such a thing; none makes more than a page says that it
 * becomes. The package has them all, and these are the rest.
 */
const COMPRESSORS: typeof compressors = {
  ...compressors,
  GZIP: (bytes, length) => gunzipSync(bytes, { maxOutputLength: length || 1 }),
  BROTLI: (bytes, length) =>
    brotliDecompressSync(bytes, { maxOutputLength: length || 1 }),
  ZSTD: (bytes, length) =>
    zstdDecompressSync(bytes, { maxOutputLength: length || 1 }),
};

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** A row as a line of JSON. */
function lineOf(field: string, text: unknown, id: unknown): Uint8Array {
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

function nameOf(id: unknown): string | undefined {
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
