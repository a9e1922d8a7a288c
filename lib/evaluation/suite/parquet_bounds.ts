/**
 * What a parquet file would become in memory, from the heads of its pages. The
 * file's own sum at its end may say anything; room is made by what pages say.
 *
 * @module
 */

import type { FileMetaData } from "npm:hyparquet@1.33.0";
import { parquetHeader } from "npm:hyparquet@1.33.0/src/column.js";

/** How much a file may become. */
export interface ParquetBounds {
  /** Bytes of all pages, unpacked. */
  readonly bytes: number;
  /** Rows of the file, and values of a column in a group of them. */
  readonly rows: number;
}

/**
 * Refuses what would become too much, before any of it is unpacked.
 *
 * @param file All of the file.
 * @param metadata What stands at its end.
 * @param columns The columns that will be read.
 * @param most How much it may become.
 * @throws {RangeError} When it would become more, or a page is of a kind whose
 * size its head does not tell.
 * @throws {Error} When a head cannot be read.
 */
export function assertParquetBounds(
  file: ArrayBuffer,
  { row_groups, num_rows }: FileMetaData,
  columns: readonly string[],
  most: ParquetBounds,
): void {
  const assertFew = (count: number) => {
    if (count <= most.rows) return;
    throw new RangeError(`it has more than ${most.rows} rows`);
  };
  assertFew(Number(num_rows));
  assertFew(row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0));
  let bytes = 0;
  for (const { columns: chunks } of row_groups) {
    for (const { meta_data } of chunks) {
      if (meta_data === undefined) continue;
      if (!columns.includes(meta_data.path_in_schema[0])) continue;
      const { dictionary_page_offset, data_page_offset } = meta_data;
      const start = Number(dictionary_page_offset || data_page_offset);
      const length = Number(meta_data.total_compressed_size);
      const view = new DataView(file, start, length);
      let values = 0;
      for (const page of pagesIn(view)) {
        bytes += page.bytes;
        if (!(bytes <= most.bytes)) {
          throw new RangeError(`it has more than ${most.bytes} bytes unpacked`);
        }
        assertFew(values += page.values);
      }
    }
  }
}

/** How long pages become, and how many values they have. */
function* pagesIn(
  view: DataView<ArrayBuffer>,
): Generator<{ bytes: number; values: number }> {
  const reader = { view, offset: 0 };
  while (reader.offset < view.byteLength - 1) {
    const {
      uncompressed_page_size: bytes,
      compressed_page_size: packed,
      ...heads
    } = parquetHeader(reader);
    const head = heads.data_page_header ?? heads.data_page_header_v2 ??
      heads.dictionary_page_header;
    // Each value may be as long as all before it, whatever the page's length.
    if (head?.encoding === "DELTA_BYTE_ARRAY") {
      throw new RangeError("its texts are differences, which are not read");
    }
    if (!(packed >= 0 && bytes >= 0)) {
      throw new RangeError("a page has no length");
    }
    reader.offset += packed;
    yield { bytes, values: head?.num_values ?? 0 };
  }
}
