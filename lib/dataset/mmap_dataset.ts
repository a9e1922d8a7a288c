/**
 * A token file as numbered tokens, read where they are needed: a file larger
 * than memory opens at once.
 *
 * @module
 */

import { crc32 } from "node:zlib";
import { inHex } from "../checked_json.ts";
import { reasonOf } from "../files.ts";
import { placeOf } from "../placing.ts";
import { EventTurns } from "../turns.ts";
import { openTokenSource, type TokenSource } from "./token_source.ts";
import { TokenWindows } from "./windows.ts";

/** How a token file is opened. */
export interface MmapDatasetOptions {
  /** When given, every token is checked to be below it. */
  readonly vocabSize?: number;
  /** False to read the file instead of mapping it. */
  readonly mapping?: boolean;
}

/** How a token file is opened whose tokens are checked. */
export interface CheckOptions {
  /** Every token is checked to be below it. */
  readonly vocabSize: number;
  /** False to read the file instead of mapping it. */
  readonly mapping?: boolean;
  /** Looked at on the way; aborted, the file is closed. */
  readonly signal?: AbortSignal;
  /** Told how many tokens are checked, and of how many. */
  readonly onProgress?: (progress: { done: number; total: number }) => void;
}

/** The original program wrote the count of tokens first, for some time. */
const HEADER_BYTES = 8;
/** How many tokens are checked at once. */
const CHECK_TOKENS = 2 ** 16;

/**
 * A `train.bin` or `val.bin`: 16-bit little-endian ids, with or without the
 * original's 8-byte count before them.
 *
 * The file is mapped with libc's mmap where Deno allows FFI, otherwise read;
 * the tokens are the same. They are always copied out, so that nothing can
 * reach into the file once it is closed.
 *
 * @example
 * ```ts
 * import { MmapDataset } from "./mmap_dataset.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const path = await Deno.makeTempDir() + "/train.bin";
 * await Deno.writeFile(path, Uint8Array.of(2, 0, 0x39, 0x05, 3, 0));
 * using dataset = MmapDataset.open(path);
 * assertEquals(dataset.length, 3);
 * const tokens = new Uint16Array(2);
 * dataset.read(1, tokens);
 * assertEquals([...tokens], [1337, 3]);
 * ```
 */
export class MmapDataset implements Disposable {
  /** The file. */
  readonly path: string;
  /** How many tokens there are. */
  readonly length: number;
  /** Which tokens are to be predicted; see `TokenSequence`. */
  mask?: Uint8Array;
  /** True when the file is mapped into memory. */
  readonly mapped: boolean;
  /**
   * CRC-32 of the tokens' bytes, in hex; known where the tokens were checked as
   * the file was opened.
   */
  get crc32(): string | undefined {
    return this.#crc32;
  }

  readonly #first: number;
  #crc32?: string;
  #source?: TokenSource;

  private constructor(path: string, source: TokenSource) {
    this.path = path;
    this.mapped = source.mapped;
    this.#source = source;
    this.#first = hasHeader(source) ? HEADER_BYTES : 0;
    this.length = (source.size - this.#first) / 2;
    if (this.length === 0) throw malformed(path, "it holds no tokens");
  }

  /**
   * Opens a token file.
   *
   * @param options What to check and how to read.
   * @throws {Error} When the file cannot be read.
   * @throws {SyntaxError} When it is empty or of an odd length.
   * @throws {RangeError} When a token is beyond the vocabulary.
   */
  static open(
    path: string,
    { vocabSize, mapping = true }: MmapDatasetOptions = {},
  ): MmapDataset {
    let source: TokenSource;
    try {
      source = openTokenSource(placeOf(path), mapping);
    } catch (error) {
      throw new Error(`Cannot read dataset "${path}": ${reasonOf(error)}`, {
        cause: error,
      });
    }
    try {
      if (source.size === 0) throw malformed(path, "it is empty");
      if (source.size % 2 === 1) {
        throw malformed(path, `its length is odd (${source.size} bytes)`);
      }
      const dataset = new MmapDataset(path, source);
      if (vocabSize !== undefined) {
        for (const _ of dataset.#check(vocabSize)); // in one go
      }
      return dataset;
    } catch (error) {
      source[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Opens a token file as {@linkcode MmapDataset.open} does and checks its tokens,
   * which takes about a second a gigabyte, or as long as the disk does.
   *
   * @param options What to check, how to read, and who is told of it.
   * @throws {Error} As `open()`, and the signal's reason.
   */
  static async openChecked(
    path: string,
    { vocabSize, mapping, signal, onProgress }: CheckOptions,
  ): Promise<MmapDataset> {
    const dataset = MmapDataset.open(path, { mapping });
    try {
      const turns = new EventTurns();
      for (const done of dataset.#check(vocabSize)) {
        onProgress?.({ done, total: dataset.length });
        await turns.next();
        signal?.throwIfAborted();
      }
      return dataset;
    } catch (error) {
      dataset.close();
      throw error;
    }
  }

  /**
   * Copies tokens out.
   *
   * @param start The first token's number.
   * @param into Where to; filled as a whole.
   * @throws {RangeError} When the file has fewer.
   * @throws {Error} When the dataset is closed, or the file was cut short.
   */
  read(start: number, into: Uint16Array): void {
    if (this.#source === undefined) {
      throw new Error(`Cannot read dataset "${this.path}": it is closed`);
    }
    const end = start + into.length;
    if (!Number.isSafeInteger(start) || start < 0 || end > this.length) {
      throw new RangeError(
        `Cannot read dataset "${this.path}": it has ${this.length} tokens, not ${start} to ${end}`,
      );
    }
    // Every system that Deno runs on is little-endian, as the file is.
    const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
    try {
      this.#source.copy(this.#first + start * 2, bytes);
    } catch (error) {
      throw new Error(
        `Cannot read dataset "${this.path}": ${reasonOf(error)}`,
        { cause: error },
      );
    }
  }

  /**
   * The file as windows, as models see it.
   *
   * @param contextLength Tokens of a window, besides the one that is only a
   * target.
   * @throws {RangeError} When the file has not one window.
   */
  windows(contextLength: number): TokenWindows {
    return new TokenWindows(this, contextLength);
  }

  /** Closes the file; tokens read before stay valid. */
  close(): void {
    this.#source?.[Symbol.dispose]();
    this.#source = undefined;
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Reads all tokens once, for their checksum; says how many it has read. */
  *#check(vocabSize: number): Generator<number, void> {
    let sum = 0;
    const buffer = new Uint16Array(Math.min(CHECK_TOKENS, this.length));
    for (let start = 0; start < this.length; start += CHECK_TOKENS) {
      const tokens = buffer.subarray(0, this.length - start);
      this.read(start, tokens);
      sum = crc32(
        new Uint8Array(buffer.buffer, 0, tokens.byteLength),
        sum,
      );
      let highest = 0;
      for (let i = 0; i < tokens.length; i++) {
        if (tokens[i] > highest) highest = tokens[i];
      }
      if (highest >= vocabSize) {
        throw new RangeError(
          `Cannot use dataset "${this.path}": it has token ${highest}, the vocabulary ${vocabSize}; tokenize it again`,
        );
      }
      yield start + tokens.length;
    }
    this.#crc32 = inHex(sum);
  }
}

function hasHeader(source: TokenSource): boolean {
  if (source.size < HEADER_BYTES) return false;
  const header = new DataView(new ArrayBuffer(HEADER_BYTES));
  source.copy(0, new Uint8Array(header.buffer));
  const tokens = (source.size - HEADER_BYTES) / 2;
  return header.getBigUint64(0, true) === BigInt(tokens);
}

function malformed(path: string, reason: string): SyntaxError {
  return new SyntaxError(`Cannot read dataset "${path}": ${reason}`);
}
