/**
 * The plainest model of tokens: how often each came so far, in what it learnt
 * from and in the document itself. What a model does better, it has from the
 * order of tokens.
 *
 * @module
 */

import type { TokenDocument } from "./documents.ts";
import { type DocumentCost, DocumentCounter } from "./cost.ts";

/** What every token is counted as before it came (Krichevsky and Trofimov). */
const PRIOR = 0.5;
/** How many tokens are read at once. */
const PART = 2 ** 16;

/** How documents are predicted. */
export interface UnigramOptions {
  /** Bytes of text each token id stands for; 0 for specials. */
  readonly byteLengths: ArrayLike<number>;
  /** How often each id came in what is learnt from; nothing unless given. */
  readonly counts?: ArrayLike<number>;
}

/**
 * Predicts a document, every token but its first.
 *
 * @param document The document.
 * @param options The ids, and what was learnt.
 * @returns What it cost.
 *
 * @example
 * ```ts
 * import { framedDocument } from "./documents.ts";
 * import { unigramCost } from "./unigram.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const about = { name: "a.txt", source: 0, bytes: 1 };
 * const document = framedDocument(about, [2], { start: 0, end: 1 });
 * const { nats } = unigramCost(document, { byteLengths: [0, 0, 1, 1] });
 * // ½ of 4 · ½, then ½ of 1 + 4 · ½.
 * assertAlmostEquals(nats, Math.log(4) + Math.log(6));
 * ```
 */
export function unigramCost(
  document: TokenDocument,
  { byteLengths, counts }: UnigramOptions,
): DocumentCost {
  const vocabulary = byteLengths.length;
  const seen = Float64Array.from(
    { length: vocabulary },
    (_, id) => (counts?.[id] ?? 0) + PRIOR,
  );
  let sum = seen.reduce((sum, count) => sum + count, 0);
  const counter = new DocumentCounter();
  const buffer = new Uint16Array(Math.min(PART, document.length));
  for (let at = 1; at < document.length; at += buffer.length) {
    const part = buffer.subarray(0, document.length - at);
    document.read(at, part);
    for (const id of part) {
      counter.add(Math.log(sum / seen[id]), byteLengths[id]);
      seen[id]++;
      sum++;
    }
  }
  return counter.end(document.bytes);
}
