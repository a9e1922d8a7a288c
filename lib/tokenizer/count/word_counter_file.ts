/**
 * Counted words as a file, so that another vocabulary of the same corpus need
 * not count again. The file says what it was counted from and is of use for
 * exactly that.
 *
 * Layout: `PTBRWORD`; the header's length in 4 bytes; the header, JSON padded
 * with blanks to a multiple of 8 bytes in all; then the counts as doubles, the
 * ends as 32-bit numbers, the words' bytes. Numbers are little-endian. The header
 * has the CRC-32 of all that follows it and of what else it says.
 *
 * @module
 */

import { crc32 } from "node:zlib";
import { AtomicFile, openPlain, reasonOf } from "../../files.ts";
import type { NormalizerSettings } from "../normalizer.ts";
import { LONGEST_WORD, type WordCount } from "./word_counter.ts";
import { MAX_WORD_BYTES, MAX_WORDS, type PackedWords } from "./word_table.ts";

const MAGIC = new TextEncoder().encode("PTBRWORD");
/** Raised when the same corpus would be counted otherwise. */
const VERSION = 4; // with a checksum
const MAX_HEADER = 4096;

/** All that a count depends on. */
export interface WordCountSource {
  /** The files' paths, sizes in bytes and CRC-32. */
  readonly files: readonly {
    readonly path: string;
    readonly size: number;
    readonly crc: number;
  }[];
  /** How many bytes of the files are used; absent for all. */
  readonly limit?: number;
  /** How the text was normalised. */
  readonly normalizer: NormalizerSettings;
}

interface Header {
  readonly source: string;
  readonly words: number;
  readonly wordBytes: number;
  readonly spacedWords: number;
  readonly bytes: number;
  readonly crc: number;
}

/** The checksum of what a file has. */
function crcOf(
  { crc: _, ...header }: Omit<Header, "crc"> & { crc?: number },
  words: PackedWords,
): number {
  return partsOf(words).reduce(
    (sum, { buffer, byteOffset, byteLength }) =>
      crc32(new Uint8Array(buffer, byteOffset, byteLength), sum),
    crc32(JSON.stringify(header)),
  );
}

/**
 * Writes a count, whole or not at all.
 *
 * @param path Where it shall stand.
 * @param count The words and totals.
 * @param source What was counted.
 * @throws {Error} When the file cannot be written.
 *
 * @example
 * ```ts
 * import { readWordCount, writeWordCount } from "./word_counter_file.ts";
 * import { countWords } from "./word_counter.ts";
 * import { PTBRNormalizer } from "../normalizer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const normalizer = new PTBRNormalizer();
 * const bytes = new TextEncoder().encode("sim e sim\n");
 * const source = {
 *   files: [{ path: "a.txt", size: 10, crc: 0 }],
 *   normalizer: normalizer.settings,
 * };
 * const count = await countWords([{ name: "a.txt", bytes }], { normalizer });
 * const path = await Deno.makeTempDir() + "/words.bin";
 * await writeWordCount(path, count, source);
 * assertEquals((await readWordCount(path, source))?.spacedWords, 3);
 * assertEquals(await readWordCount(path, { ...source, limit: 5 }), undefined);
 * ```
 */
export async function writeWordCount(
  path: string,
  { words, spacedWords, bytes }: WordCount,
  source: WordCountSource,
): Promise<void> {
  const facts = {
    source: await nameOf(source),
    words: words.ends.length,
    wordBytes: words.bytes.length,
    spacedWords,
    bytes,
  };
  const header = new TextEncoder().encode(JSON.stringify(
    { ...facts, crc: crcOf(facts, words) } satisfies Header,
  ));
  const start = MAGIC.length + 4;
  const length = Math.ceil((start + header.length) / 8) * 8 - start;
  const front = new Uint8Array(start + length).fill(0x20);
  front.set(MAGIC);
  new DataView(front.buffer).setUint32(MAGIC.length, length, true);
  front.set(header, start);
  await using file = await AtomicFile.create(path);
  await file.write(front);
  for (const { buffer, byteOffset, byteLength } of partsOf(words)) {
    await file.write(new Uint8Array(buffer, byteOffset, byteLength));
  }
  await file.commit();
}

/**
 * Reads a count back.
 *
 * @param source What it must have been counted from.
 * @returns The count; undefined when there is no file or it is of another
 * source.
 * @throws {SyntaxError} When the file is damaged.
 * @throws {Error} When it cannot be read.
 */
export async function readWordCount(
  path: string,
  source: WordCountSource,
): Promise<WordCount | undefined> {
  try {
    using file = await openPlain(path);
    const { size } = await file.stat();
    const header = await readHeader(file);
    if (header.source !== await nameOf(source)) return undefined;
    const { spacedWords, bytes } = header;
    const words = await readWords(file, header, size);
    if (crcOf(header, words) !== header.crc) {
      throw new SyntaxError("it is damaged: its checksum differs");
    }
    return { words, spacedWords, bytes };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    const message = `Cannot read word counts "${path}": ${reasonOf(error)}`;
    throw error instanceof SyntaxError
      ? new SyntaxError(message)
      : new Error(message, { cause: error });
  }
}

/**
 * A short name for a source. How letters and marks are told apart is Unicode's
 * and grows with the engine's version.
 */
async function nameOf(source: WordCountSource): Promise<string> {
  const { files, limit, normalizer } = source;
  const text = JSON.stringify([
    VERSION,
    Deno.version.v8,
    files.map(({ path, size, crc }) => [path, size, crc]),
    limit ?? null,
    Object.entries(normalizer),
  ]);
  const bytes = new TextEncoder().encode(text);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

async function readHeader(file: Deno.FsFile): Promise<Header> {
  const start = new Uint8Array(MAGIC.length + 4);
  await fill(file, start);
  if (MAGIC.some((byte, i) => start[i] !== byte)) {
    throw new SyntaxError("it is no file of word counts");
  }
  const length = new DataView(start.buffer).getUint32(MAGIC.length, true);
  if (length > MAX_HEADER) throw new SyntaxError("its header is too long");
  const bytes = new Uint8Array(length);
  await fill(file, bytes);
  const header: Partial<Header> | null = JSON.parse(
    new TextDecoder().decode(bytes),
  );
  const { words, wordBytes, spacedWords, bytes: read } = header ?? {};
  if (
    !isWhole(words, MAX_WORDS) || !isWhole(wordBytes, MAX_WORD_BYTES) ||
    !isWhole(spacedWords) || !isWhole(read)
  ) throw new SyntaxError("its header is incomplete");
  return header as Header;
}

async function readWords(
  file: Deno.FsFile,
  { words, wordBytes }: Header,
  size: number,
): Promise<PackedWords> {
  const start = await file.seek(0, Deno.SeekMode.Current);
  if (size !== start + 12 * words + wordBytes) {
    throw new SyntaxError(`it has ${size} bytes, not what its header says`);
  }
  const packed = {
    bytes: new Uint8Array(wordBytes),
    ends: new Uint32Array(words),
    counts: new Float64Array(words),
  };
  for (const { buffer } of partsOf(packed)) {
    await fill(file, new Uint8Array(buffer));
  }
  const { ends, counts } = packed;
  for (let i = 0, last = 0; i < words; last = ends[i++]) {
    const length = ends[i] - last;
    if (length < 1 || length > LONGEST_WORD || !isWhole(counts[i])) {
      throw new SyntaxError(`its word ${i} is damaged`);
    }
  }
  if (words > 0 && ends[words - 1] !== wordBytes) {
    throw new SyntaxError("its words are damaged");
  }
  return packed;
}

/** The arrays in the file's order. */
function partsOf({ bytes, ends, counts }: PackedWords) {
  return [counts, ends, bytes];
}

async function fill(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const read = await file.read(bytes.subarray(at));
    if (read === null) throw new SyntaxError("it was cut short");
    at += read;
  }
}

function isWhole(value: unknown, most = Number.MAX_SAFE_INTEGER): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0 &&
    (value as number) <= most;
}
