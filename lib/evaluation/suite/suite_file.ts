/**
 * Files of tasks: lines of JSON, or parquet as model hubs have it.
 *
 * - Last words: `sentence` and `last_word`, as CALAME-PT and LAMBADA-PT have
 *   them, the sentence without its last word; or `text`, as OpenAI's LAMBADA has
 *   it, whose last word is the one behind the last space.
 * - Pairs: `right` and `wrong`, and `phenomenon`; or `sentence_good`,
 *   `sentence_bad` and `UID`, as BLiMP has them.
 *
 * @module
 */

import {
  brotliDecompressSync,
  gunzipSync,
  zstdDecompressSync,
} from "node:zlib";
import {
  parquetMetadata,
  parquetReadObjects,
  parquetSchema,
} from "npm:hyparquet@1.33.0";
import { readWhole, reasonOf } from "../../files.ts";
import type { GrammarPair } from "../pairs/contrast.ts";
import { assertParquetBounds } from "./parquet_bounds.ts";
import { firstWordOf, type LastWordTask } from "./last_word.ts";

/** No suite comes near this, in bytes, packed or not; */
const MOST_BYTES = 2 ** 26;
/** nor this, in rows. */
const MOST_ROWS = 1_000_000;

/** How columns may be packed besides snappy, which the reader itself knows. */
const COMPRESSORS = {
  BROTLI: unpackedBy(brotliDecompressSync),
  GZIP: unpackedBy(gunzipSync),
  ZSTD: unpackedBy(zstdDecompressSync),
};

/** A row, and its number: that of its line, where it has one. */
interface Row {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly number: number;
}

/**
 * Reads texts whose last word is to be found.
 *
 * @param path A file of lines of JSON, or a parquet file.
 * @throws {SyntaxError} When a row has neither form; it is named.
 * @throws {Error} When the file cannot be read, or has no rows.
 *
 * @example
 * ```ts
 * import { readLastWords } from "./suite_file.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const path = await Deno.makeTempFile({ suffix: ".jsonl" });
 * await Deno.writeTextFile(path, '{"text": "A onça bebeu água"}\n');
 * assertEquals(await readLastWords(path), [
 *   { context: "A onça bebeu", word: "água" },
 * ]);
 * ```
 */
export async function readLastWords(path: string): Promise<LastWordTask[]> {
  const columns = ["sentence", "last_word", "text"];
  return (await rowsOf(path, columns)).map(({ fields, number }) => {
    const { sentence, last_word: word, text } = fields;
    const task = typeof sentence === "string" && typeof word === "string"
      ? { context: sentence.trimEnd(), word: word.trim() }
      : typeof text === "string"
      ? cutBeforeLast(text.trimEnd())
      : undefined;
    if (task === undefined) {
      throw new SyntaxError(
        `Cannot read "${path}": row ${number} has neither "sentence" and "last_word" nor "text"`,
      );
    }
    if (firstWordOf(task.word) === undefined) {
      throw new SyntaxError(
        `Cannot read "${path}": the last word of row ${number} is none`,
      );
    }
    return task;
  });
}

/**
 * Reads minimal pairs.
 *
 * @param path A file of lines of JSON, or a parquet file.
 * @throws {SyntaxError} When a row has neither form; it is named.
 * @throws {Error} When the file cannot be read, or has no rows.
 */
export async function readPairs(path: string): Promise<GrammarPair[]> {
  const columns = [
    ...["right", "wrong", "phenomenon"],
    ...["sentence_good", "sentence_bad", "UID"],
  ];
  return (await rowsOf(path, columns)).map(({ fields, number }) => {
    const {
      right = fields.sentence_good,
      wrong = fields.sentence_bad,
      phenomenon = fields.UID ?? "",
    } = fields;
    if (
      typeof right !== "string" || typeof wrong !== "string" ||
      typeof phenomenon !== "string"
    ) {
      throw new SyntaxError(
        `Cannot read "${path}": row ${number} has neither "right" and "wrong" nor "sentence_good" and "sentence_bad"`,
      );
    }
    return { phenomenon, right, wrong };
  });
}

function cutBeforeLast(text: string): LastWordTask {
  const at = text.search(/\s\S*$/);
  return at < 0
    ? { context: "", word: text }
    : { context: text.slice(0, at).trimEnd(), word: text.slice(at + 1) };
}

/** The rows of a file; one at least. */
async function rowsOf(path: string, columns: string[]): Promise<Row[]> {
  const bytes = await readWhole(path, MOST_BYTES);
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, 4));
  const rows = head === "PAR1"
    ? await parquetRows(path, bytes.buffer.slice(0, bytes.length), columns)
    : jsonRows(path, bytes);
  if (rows.length === 0) throw new Error(`Cannot read "${path}": it is empty`);
  return rows;
}

function jsonRows(path: string, bytes: Uint8Array): Row[] {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new SyntaxError(
      `Cannot read "${path}": it is neither parquet nor UTF-8 text`,
    );
  }
  const rows: Row[] = [];
  for (const [i, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const number = i + 1;
    const fields = parsed(line);
    if (fields === undefined) {
      throw new SyntaxError(
        `Cannot read "${path}": line ${number} is no JSON object`,
      );
    }
    rows.push({ fields, number });
  }
  return rows;
}

function parsed(line: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(line);
    const isObject = typeof value === "object" && value !== null &&
      !Array.isArray(value);
    return isObject ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Unpacks no more than there should be. */
function unpackedBy(
  unpack: (
    bytes: Uint8Array,
    options: { readonly maxOutputLength: number },
  ) => Uint8Array,
) {
  return (bytes: Uint8Array, length: number): Uint8Array =>
    unpack(bytes, { maxOutputLength: Math.max(1, length) });
}

/** What is unpacked is bounded by what its pages say before it is begun. */
async function parquetRows(
  path: string,
  file: ArrayBuffer,
  columns: readonly string[],
): Promise<Row[]> {
  try {
    const metadata = parquetMetadata(file);
    const names = parquetSchema(metadata).children
      .map(({ element }) => element.name);
    const wanted = columns.filter((name) => names.includes(name));
    assertParquetBounds(file, metadata, wanted, {
      bytes: MOST_BYTES,
      rows: MOST_ROWS,
    });
    const rows = await parquetReadObjects({
      file,
      metadata,
      compressors: COMPRESSORS,
      columns: wanted,
    });
    assertShort(rows);
    return rows.map((fields, i) => ({ fields, number: i + 1 }));
  } catch (error) {
    // Where a field is not what it must be, the reader stumbles.
    const said = reasonOf(error);
    const hasStumbled = error instanceof TypeError || /undefined/.test(said);
    const reason = hasStumbled ? "it is damaged" : said;
    throw new SyntaxError(`Cannot read "${path}" as parquet: ${reason}`);
  }
}

/** A text of a page is there once, however many rows have it. */
function assertShort(rows: readonly Record<string, unknown>[]): void {
  let length = 0;
  for (const row of rows) {
    for (const value of Object.values(row)) {
      if (typeof value === "string") length += value.length;
    }
  }
  if (length <= MOST_BYTES) return;
  throw new RangeError(`its texts have more than ${MOST_BYTES} characters`);
}
