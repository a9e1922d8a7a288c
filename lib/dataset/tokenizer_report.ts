/**
 * How well a tokenizer fits a text.
 *
 * @module
 */

import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { encodeDocuments } from "./document_encoder.ts";
import type { TextDocument } from "./documents.ts";

/** What a tokenizer makes of a text. */
export interface TokenizerReport {
  /** Documents of the text. */
  readonly documents: number;
  /** How many runs without white space the text has. */
  readonly words: number;
  /** Its bytes as they were read: the same for every tokenizer. */
  readonly bytes: number;
  /** How many tokens the text becomes, without framing. */
  readonly tokens: number;
  /** Tokens that stand for what has none: those of [UNK]. */
  readonly unknownTokens: number;
  /** Ids that the text never needs, special tokens left out. */
  readonly unusedIds: number;
  /** The tokens of the most bytes, the longest first. */
  readonly longestTokens: readonly LongToken[];
  /** Seconds that reading and encoding took. */
  readonly seconds: number;
}

/** One of the longest tokens. */
export interface LongToken {
  /** The token. */
  readonly id: number;
  /** Its text; bytes that are no whole character show as U+FFFD. */
  readonly text: string;
  /** How many bytes it has. */
  readonly bytes: number;
  /** How often the text uses it. */
  readonly uses: number;
}

/** How to report. */
interface ReportOptions {
  /** How many Workers; with 1, the default, none is started. */
  readonly threads?: number;
  /** How many of the longest tokens to name; 10 unless given. */
  readonly longest?: number;
  /** Ends it; looked at between batches. */
  readonly signal?: AbortSignal;
  /** Is told the bytes encoded so far. */
  readonly onProgress?: (bytes: number) => void;
}

/**
 * Encodes a text and counts.
 *
 * @param documents The text.
 * @throws {Error} When there is no text; the reason of the signal when it is
 * aborted.
 *
 * @example
 * ```ts
 * import { reportTokenizer } from "./tokenizer_report.ts";
 * import { BPETokenizer } from "../tokenizer/bpe/bpe_tokenizer.ts";
 * import { BPETrainer } from "../tokenizer/bpe/bpe_trainer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("sim e sim e sim\n");
 * const { vocab } = await new BPETrainer().train([{ name: "a", bytes }]);
 * const documents = [{ text: "sim sim", sourceBytes: 7 }];
 * const { tokens, words, longestTokens } = await reportTokenizer(
 *   documents,
 *   new BPETokenizer(vocab),
 * );
 * assertEquals([tokens, words], [2, 2]);
 * assertEquals(longestTokens[0].text, " sim");
 * ```
 */
export async function reportTokenizer(
  documents: AsyncIterable<TextDocument> | Iterable<TextDocument>,
  tokenizer: Tokenizer,
  { threads, longest = 10, signal, onProgress }: ReportOptions = {},
): Promise<TokenizerReport> {
  const { vocab } = tokenizer;
  const uses = new Float64Array(vocab.size);
  const start = performance.now();
  let count = 0, words = 0, bytes = 0, tokens = 0;
  const batches = encodeDocuments(documents, tokenizer, { threads, signal });
  for await (const batch of batches) {
    for (const document of batch) {
      count++;
      words += document.words;
      bytes += document.sourceBytes;
      tokens += document.tokens.length;
      for (const id of document.tokens) uses[id]++;
    }
    onProgress?.(bytes);
  }
  if (tokens === 0) {
    throw new Error("Cannot evaluate the tokenizer: there is no text");
  }
  const special = new Set(vocab.specialTokens.values());
  const unknown = vocab.specialTokens.get("[UNK]");
  return {
    documents: count,
    words,
    bytes,
    tokens,
    unknownTokens: unknown === undefined ? 0 : uses[unknown],
    unusedIds: uses.filter((used, id) => used === 0 && !special.has(id)).length,
    longestTokens: longestOf(tokenizer, uses, longest),
    seconds: (performance.now() - start) / 1000,
  };
}

function longestOf(
  tokenizer: Tokenizer,
  uses: Float64Array,
  count: number,
): LongToken[] {
  const lengths = Array.from(
    { length: tokenizer.vocab.size },
    (_, id) => [id, tokenizer.byteLength(id)] as const,
  );
  return lengths
    .filter(([, bytes]) => bytes > 0)
    .sort(([a, i], [b, j]) => j - i || a - b)
    .slice(0, count)
    .map(([id, bytes]) => ({
      id,
      text: tokenizer.decode([id], { isPart: true }),
      bytes,
      uses: uses[id],
    }));
}
