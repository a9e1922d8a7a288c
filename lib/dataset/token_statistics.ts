/**
 * Figures of a token file, and some of its text, without holding it in memory.
 *
 * @module
 */

import { Random } from "../random.ts";
import { EventTurns } from "../turns.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { StreamDecoder } from "../tokenizer/stream_decoder.ts";
import type { TokenSequence } from "./windows.ts";

/** What a token file holds. */
export interface TokenStatistics {
  /** All tokens. */
  readonly tokens: number;
  /** How many tokens stand for text, framing left out. */
  readonly textTokens: number;
  /** Documents, as many as there are [BOS]. */
  readonly documents: number;
  /** Text tokens of the longest run without a special token. */
  readonly longestDocument: number;
  /** Bytes of text that the tokens stand for. */
  readonly bytes: number;
  /** Runs without white space in that text. */
  readonly words: number;
  /** How often each id occurs. */
  readonly uses: Float64Array;
}

/** What goes along with counting. */
interface CountOptions {
  /** Ends it. */
  readonly signal?: AbortSignal;
  /** Is told the tokens counted so far. */
  readonly onProgress?: (tokens: number) => void;
}

/** How much is read at once, in tokens. */
const READ_TOKENS = 2 ** 16;
/** How far from its place a sample may begin, in tokens. */
const SEARCH_TOKENS = 2 ** 16;
/** How long a sample is at most, in tokens. */
const SAMPLE_TOKENS = 64;
/** Keeps the choice of samples apart from other uses of a seed. */
const SAMPLE_STREAM = 0x5a3e;

/**
 * Counts what a token file holds. Memory: a piece of it and a number an id.
 *
 * @param sequence The file; every token is below the vocabulary's size.
 * @param tokenizer What made the tokens.
 * @param options What is told, and what may end it.
 * @throws The reason of the signal when it is aborted.
 *
 * @example
 * ```ts
 * import { countTokens } from "./token_statistics.ts";
 * import { BPETokenizer } from "../tokenizer/bpe/bpe_tokenizer.ts";
 * import { BPETrainer } from "../tokenizer/bpe/bpe_trainer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("sim\n");
 * const { vocab } = await new BPETrainer().train([{ name: "a", bytes }]);
 * const tokenizer = new BPETokenizer(vocab);
 * const ids = Uint16Array.of(2, ...tokenizer.encode("sim e não"), 3);
 * const { documents, words, bytes: length } = await countTokens({
 *   path: "a",
 *   length: ids.length,
 *   read: (start, into) => into.set(ids.subarray(start, start + into.length)),
 * }, tokenizer);
 * assertEquals([documents, words, length], [1, 3, 10]);
 * ```
 */
export async function countTokens(
  sequence: TokenSequence,
  tokenizer: Tokenizer,
  { signal, onProgress }: CountOptions = {},
): Promise<TokenStatistics> {
  const { vocab } = tokenizer;
  const special = new Set(vocab.specialTokens.values());
  const uses = new Float64Array(vocab.size);
  const words = new WordScanner(vocab.preTokenizer === "original");
  const turns = new EventTurns();
  let documentTokens = 0, longestDocument = 0;
  const buffer = new Uint16Array(Math.min(READ_TOKENS, sequence.length));
  for (let start = 0; start < sequence.length; start += READ_TOKENS) {
    await turns.next();
    signal?.throwIfAborted();
    const ids = buffer.subarray(0, sequence.length - start);
    sequence.read(start, ids);
    for (const id of ids) {
      uses[id]++;
      if (special.has(id)) {
        words.end();
        documentTokens = 0;
      } else {
        words.push(vocab.tokens[id]);
        longestDocument = Math.max(longestDocument, ++documentTokens);
      }
    }
    onProgress?.(start + ids.length);
  }
  words.end();
  let textTokens = 0, bytes = 0;
  uses.forEach((count, id) => {
    if (!special.has(id)) textTokens += count;
    bytes += count * tokenizer.byteLength(id);
  });
  const bos = vocab.specialTokens.get("[BOS]");
  // The last document ends with what would begin another, where it is the same.
  const beyond = bos === vocab.specialTokens.get("[EOS]") ? 1 : 0;
  return {
    tokens: sequence.length,
    textTokens,
    documents: bos === undefined ? 0 : Math.max(0, uses[bos] - beyond),
    longestDocument,
    bytes,
    words: words.count,
    uses,
  };
}

/**
 * Counts words as `countSpacedWords()` does, of text that comes in bytes, a
 * character's bytes maybe apart.
 */
class WordScanner {
  count = 0;
  readonly #marks: boolean;
  #inside = false;
  // A byte that with 0xa0 after it is a blank: the no-break space's first, or
  // that of the original's mark for a blank.
  #lead = false;

  constructor(marks: boolean) {
    this.#marks = marks;
  }

  push(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i];
      const led = this.#lead;
      this.#lead = byte === 0xc2 || (byte === 0xc4 && this.#marks);
      if (led && byte === 0xa0) this.#inside = false;
      else if (led || !(this.#lead || isBlank(byte))) this.#enter();
      if (isBlank(byte)) this.#inside = false;
    }
  }

  /** Ends the text. */
  end(): void {
    if (this.#lead) this.#enter();
    this.#lead = false;
    this.#inside = false;
  }

  #enter(): void {
    if (!this.#inside) this.count++;
    this.#inside = true;
  }
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

/** A piece of a token file as text. */
export interface TokenSample {
  /** Which token it begins with. */
  readonly start: number;
  /** Its text, as far as the document or the sample goes. */
  readonly text: string;
}

/**
 * Decodes the beginnings of some documents, those at a place in each of as many
 * equal parts of the file. Where no [BOS] is near, the sample begins there.
 *
 * @param sequence The file.
 * @param tokenizer What made the tokens.
 * @param options How many, and what chooses them.
 * @returns The samples in the file's order, none twice.
 */
export function sampleTokens(
  sequence: TokenSequence,
  tokenizer: Tokenizer,
  { count, seed }: { count: number; seed: number },
): TokenSample[] {
  const random = new Random(seed, SAMPLE_STREAM);
  const samples = new Map<number, TokenSample>();
  for (let i = 0; i < count; i++) {
    const part = (i + random.uniform()) / count;
    const near = Math.floor(part * sequence.length);
    const start = documentNear(sequence, tokenizer, near);
    const text = textFrom(sequence, tokenizer, start);
    samples.set(start, { start, text });
  }
  return [...samples.values()].sort((a, b) => a.start - b.start);
}

/** Text up to the document's or the sample's end, the last character whole. */
function textFrom(
  sequence: TokenSequence,
  tokenizer: Tokenizer,
  start: number,
): string {
  const eos = tokenizer.vocab.specialTokens.get("[EOS]");
  const decoder = new StreamDecoder(tokenizer);
  let text = "";
  for (const id of readFrom(sequence, start, SAMPLE_TOKENS + 1)) {
    if (id === eos) break;
    text += decoder.push(id);
  }
  return text;
}

/** Where the document begins that a place is in, else the next one. */
function documentNear(
  sequence: TokenSequence,
  tokenizer: Tokenizer,
  near: number,
): number {
  const bos = tokenizer.vocab.specialTokens.get("[BOS]");
  if (bos === undefined) return near;
  const first = Math.max(0, near - SEARCH_TOKENS);
  const before = readFrom(sequence, first, near - first + 1).lastIndexOf(bos);
  if (before >= 0) return first + before;
  const next = readFrom(sequence, near, SEARCH_TOKENS).indexOf(bos);
  return next < 0 ? near : near + next;
}

function readFrom(
  sequence: TokenSequence,
  start: number,
  length: number,
): Uint16Array {
  const ids = new Uint16Array(Math.min(length, sequence.length - start));
  sequence.read(start, ids);
  return ids;
}
