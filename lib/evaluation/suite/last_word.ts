/**
 * Predicting the last word of a text, as LAMBADA (Paperno et al. 2016) and
 * CALAME-PT ask it.
 *
 * @module
 */

import type { Generator } from "../../generate/generator.ts";
import type { Tokenizer } from "../../tokenizer/tokenizer.ts";
import { type Accuracy, accuracyOf } from "./accuracy.ts";
import type { Scorer, ScoringOptions } from "./scorers.ts";

/** A text whose last word is to be found. */
export interface LastWordTask {
  /** All that comes before, without a space behind it. */
  readonly context: string;
  /** The word. */
  readonly word: string;
}

/** What was found out. */
export interface LastWordAccuracy extends Accuracy {
  /** e^(mean -ln p of the word): how many words it had to choose from. */
  readonly perplexity: number;
  /** Tokens that the words are. */
  readonly tokens: number;
}

/** Who is asked. */
export interface LastWordModel {
  /** Its likeliest continuations. */
  readonly generator: Generator;
  /** Its tokenizer. */
  readonly tokenizer: Tokenizer;
  /** How likely it finds texts. */
  readonly score: Scorer;
}

/** No word is longer, in tokens; none of ours is of more than a byte each. */
const MOST_TOKENS = 48;
/** So many tokens more, so that it is seen where the word ends. */
const BEYOND = 2;

/**
 * The word that a continuation begins with, without punctuation.
 *
 * @param text What comes after a context.
 * @returns Undefined where there is none.
 *
 * @example
 * ```ts
 * import { firstWordOf } from "./last_word.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(firstWordOf(" guarda-chuva, e saiu"), "guarda-chuva");
 * assertEquals(firstWordOf("..."), undefined);
 * ```
 */
export function firstWordOf(text: string): string | undefined {
  return /[\p{L}\p{M}\p{N}]+(?:[-'’][\p{L}\p{M}\p{N}]+)*/u
    .exec(text.trimStart().split(/\s/, 1)[0])?.[0];
}

/**
 * Asks for last words: whether the likeliest continuation begins with the word,
 * letter by letter, punctuation aside; and how likely the word is, whatever
 * follows it.
 *
 * @param tasks One or more.
 * @param model Who is asked.
 * @param options A signal; and who is told how many tasks are done, the words'
 * probabilities first.
 * @throws {RangeError} When there are no tasks.
 */
export async function predictLastWords(
  tasks: readonly LastWordTask[],
  { generator, tokenizer, score }: LastWordModel,
  { signal, onProgress }: ScoringOptions = {},
): Promise<LastWordAccuracy> {
  const start = tokenizer.vocab.specialId("[BOS]");
  const encode = (text: string) => [start, ...tokenizer.encode(text)];
  const texts = tasks.flatMap(({ context, word }) => {
    const whole = encode(`${context} ${word}`);
    return [whole, whole.slice(0, sameUntil(whole, encode(context)))];
  });
  const lengths = tasks.map((_, i) =>
    texts[2 * i].length - texts[2 * i + 1].length
  );
  const all = texts.reduce((sum, ids) => sum + ids.length - 1, 0);
  const scores = await score(texts, {
    signal,
    onProgress: (read) => onProgress?.(Math.floor(tasks.length * read / all)),
  });
  const nats = tasks.map((_, i) => scores[2 * i + 1] - scores[2 * i]);
  const wanted = tasks.map(({ context }) => ({ prompt: context, seed: 0 }));
  const maxTokens = Math.min(MOST_TOKENS, Math.max(...lengths) + BEYOND);
  let right = 0, done = 0;
  const written = generator.writeAll(wanted, {
    maxTokens,
    temperature: 0,
    signal,
  });
  for await (const { text } of written) {
    if (firstWordOf(text) === firstWordOf(tasks[done].word)) right++;
    onProgress?.(tasks.length + ++done);
  }
  return {
    ...accuracyOf(right, tasks.length),
    perplexity: Math.exp(
      nats.reduce((sum, value) => sum + value, 0) / tasks.length,
    ),
    tokens: lengths.reduce((sum, length) => sum + length, 0),
  };
}

/** How many ids two texts begin with alike. */
function sameUntil(one: readonly number[], other: readonly number[]): number {
  let length = 0;
  while (length < other.length && one[length] === other[length]) length++;
  return length;
}
