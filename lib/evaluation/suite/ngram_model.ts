/**
 * A model of n-grams of tokens with interpolated Kneser-Ney smoothing (Chen &
 * Goodman 1999, "An empirical study of smoothing techniques for language
 * modeling", section 3), as the baseline that counts and does not learn.
 *
 * n-grams are numbered by the order of their keys, and the key of one is the
 * number of all its tokens but the last, and the last: sorted arrays of numbers
 * hold them all, and a look-up is for each order a binary search among what
 * follows one context.
 *
 * @module
 */

import { EventTurns } from "../../turns.ts";

/** Tokens are 16 bits, so a key is the context's number and so many more. */
const WIDTH = 2 ** 16;
/** Most tokens that are learnt from; each takes some 50 bytes on the way. */
const MOST_TOKENS = 2 ** 24;
/** Orders beyond this one would see nothing twice. */
const MOST_ORDER = 6;

/** What n-grams are learnt from. */
export interface NgramOptions {
  /** n: tokens of the longest n-gram; 1 for unigrams. */
  readonly order: number;
  /** How many ids there are. */
  readonly vocabSize: number;
  /** The token before a document, which nothing predicts. */
  readonly start: number;
  /** With whose reason counting ends between orders. */
  readonly signal?: AbortSignal;
}

/** The n-grams of one length. */
interface Level {
  /** Sorted: (number of the context, last token). */
  readonly keys: Float64Array;
  /** Where the keys of each context begin, and behind the last one. */
  readonly starts: Uint32Array;
  /** How often each was there; of shorter ones, after how many tokens. */
  readonly counts: Uint32Array;
  /** Each as a context: the counts of what follows, */
  readonly following: Float64Array;
  /** and how many different tokens do. */
  readonly kinds: Uint32Array;
  /** What is taken from every count. */
  discount: number;
}

/**
 * n-grams, and how likely they make a text.
 *
 * @example
 * ```ts
 * import { NgramModel } from "./ngram_model.ts";
 * import { assert } from "@std/assert";
 *
 * const documents = [[0, 1, 2, 3], [0, 1, 2, 4], [0, 5, 6, 3]];
 * const model = await NgramModel.count(documents, {
 *   order: 3,
 *   vocabSize: 8,
 *   start: 0,
 * });
 * assert(
 *   model.logProbability([0, 1, 2]) > model.logProbability([0, 1, 6]),
 * );
 * ```
 */
export class NgramModel {
  readonly #order: number;
  readonly #vocabSize: number;
  readonly #start: number;
  /** By length, from 1 on. */
  readonly #levels: Level[] = [];
  /** The empty context. */
  readonly #all = { following: 0, kinds: 0 };

  private constructor({ order, vocabSize, start }: NgramOptions) {
    this.#order = order;
    this.#vocabSize = vocabSize;
    this.#start = start;
  }

  /**
   * Counts.
   *
   * @param documents Ids of each, its start token before them.
   * @param options The longest n-gram, and what ids there are.
   * @throws {RangeError} When the order is none from 1 to 6, there is nothing to
   * learn from, or it is more than 16 Mi tokens.
   */
  static async count(
    documents: Iterable<ArrayLike<number>>,
    options: NgramOptions,
  ): Promise<NgramModel> {
    const { order, signal } = options;
    if (!(Number.isInteger(order) && order >= 1 && order <= MOST_ORDER)) {
      throw new RangeError(
        `Cannot count n-grams: the order must be from 1 to ${MOST_ORDER}, not ${order}`,
      );
    }
    const model = new NgramModel(options);
    const tokens = model.#joined(documents), turns = new EventTurns();
    let numbers: Uint32Array = new Uint32Array(tokens.length);
    for (let n = 1; n <= order; n++) {
      await turns.next();
      signal?.throwIfAborted();
      numbers = model.#countOf(n, tokens, numbers);
    }
    model.#sumUp();
    return model;
  }

  /** How many different n-grams there are, by their length. */
  get sizes(): number[] {
    return this.#levels.map(({ counts }) =>
      counts.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0)
    );
  }

  /**
   * Σ ln p of every token but the first, which is the start.
   *
   * @param ids A text with its start token before it.
   */
  logProbability(ids: ArrayLike<number>): number {
    let contexts = this.#startContexts();
    let sum = 0;
    for (let i = 1; i < ids.length; i++) {
      sum += Math.log(this.#probability(contexts, ids[i]));
      contexts = this.#after(contexts, ids[i]);
    }
    return sum;
  }

  /**
   * The probability of each id to follow a text.
   *
   * @param ids The text, with its start token before it.
   */
  distribution(ids: ArrayLike<number>): Float64Array {
    let contexts = this.#startContexts();
    for (let i = 1; i < ids.length; i++) {
      contexts = this.#after(contexts, ids[i]);
    }
    return Float64Array.from(
      { length: this.#vocabSize },
      (_, id) => this.#probability(contexts, id),
    );
  }

  /** All documents, each behind as many start tokens as a context has. */
  #joined(documents: Iterable<ArrayLike<number>>): Uint16Array {
    const before = Math.max(1, this.#order - 1);
    let tokens = new Uint16Array(2 ** 16), length = 0;
    for (const ids of documents) {
      const needed = length + before + ids.length - 1;
      if (needed > MOST_TOKENS) {
        throw new RangeError(
          `Cannot count n-grams: the text has more than ${MOST_TOKENS} tokens`,
        );
      }
      if (needed > tokens.length) {
        const larger = new Uint16Array(2 * needed);
        larger.set(tokens.subarray(0, length));
        tokens = larger;
      }
      for (let i = 0; i < before; i++) tokens[length++] = this.#start;
      for (let i = 1; i < ids.length; i++) tokens[length++] = ids[i];
    }
    if (length === 0) {
      throw new RangeError("Cannot count n-grams: there is no text");
    }
    return tokens.subarray(0, length);
  }

  /**
   * Counts the n-grams of one length.
   *
   * @param numbers The number of the shorter one that ends at each token.
   * @returns The number of the one that ends there.
   */
  #countOf(n: number, tokens: Uint16Array, numbers: Uint32Array): Uint32Array {
    const { length } = tokens;
    const contextAt = (i: number) => n === 1 ? 0 : numbers[i - 1];
    const sorted = new Float64Array(Math.max(0, length - n + 1));
    for (let i = n - 1; i < length; i++) {
      sorted[i - n + 1] = contextAt(i) * WIDTH + tokens[i];
    }
    const keys = withoutEqual(sorted.sort());
    const contexts = n === 1 ? 1 : this.#levels[n - 2].keys.length;
    const starts = startsOf(keys, contexts);
    const next = new Uint32Array(length);
    for (let i = n - 1; i < length; i++) {
      next[i] = find({ keys, starts }, contextAt(i), tokens[i]);
    }
    const counts = new Uint32Array(keys.length);
    if (n === this.#order) {
      for (let i = n - 1; i < length; i++) {
        if (tokens[i] !== this.#start) counts[next[i]]++;
      }
    }
    if (n > 1) this.#continue(n, { keys, numbers, next });
    this.#levels.push({
      keys,
      starts,
      counts,
      following: new Float64Array(keys.length),
      kinds: new Uint32Array(keys.length),
      discount: 0,
    });
    return next;
  }

  /** A shorter n-gram counts by how many different tokens stand before it. */
  #continue(
    n: number,
    { keys, numbers, next }: {
      readonly keys: Float64Array;
      readonly numbers: Uint32Array;
      readonly next: Uint32Array;
    },
  ): void {
    const suffixes = new Uint32Array(keys.length);
    for (let i = n - 1; i < next.length; i++) suffixes[next[i]] = numbers[i];
    const { counts } = this.#levels[n - 2];
    for (let i = 0; i < keys.length; i++) {
      if (keys[i] % WIDTH !== this.#start) counts[suffixes[i]]++;
    }
  }

  /** What follows each context, and what is discounted. */
  #sumUp(): void {
    for (const [above, level] of this.#levels.entries()) {
      const { keys, counts } = level;
      let once = 0, twice = 0;
      for (let i = 0; i < keys.length; i++) {
        const count = counts[i];
        if (count === 0) continue;
        if (count === 1) once++;
        if (count === 2) twice++;
        if (above === 0) {
          this.#all.following += count;
          this.#all.kinds++;
          continue;
        }
        const context = this.#levels[above - 1];
        const number = Math.floor(keys[i] / WIDTH);
        context.following[number] += count;
        context.kinds[number]++;
      }
      // n1 / (n1 + 2 n2), their equation 17; half where none comes once.
      level.discount = once === 0 ? 0.5 : once / (once + 2 * twice);
    }
  }

  /** The numbers of the contexts of 1 token, 2 tokens, ... at a start. */
  #startContexts(): number[] {
    let contexts: number[] = [];
    for (let i = 1; i < Math.max(2, this.#order); i++) {
      contexts = this.#after(contexts, this.#start);
    }
    return contexts;
  }

  /** Those contexts one token later; as many as there are. */
  #after(contexts: readonly number[], id: number): number[] {
    const found: number[] = [];
    for (let n = 1; n < this.#order; n++) {
      const context = n === 1 ? 0 : contexts[n - 2];
      const number = find(this.#levels[n - 1], context, id);
      if (number < 0) break;
      found.push(number);
      if (contexts.length < n) break;
    }
    return found;
  }

  /** From the shortest context to the longest that was seen. */
  #probability(contexts: readonly number[], id: number): number {
    // p(w) = max(c(w) - D, 0) / c + D · kinds / c · 1 / vocabulary
    let probability = 1 / this.#vocabSize;
    for (let n = 1; n <= Math.min(this.#order, contexts.length + 1); n++) {
      const level = this.#levels[n - 1], { counts, discount } = level;
      const context = n === 1 ? 0 : contexts[n - 2];
      const { following, kinds } = n === 1 ? this.#all : {
        following: this.#levels[n - 2].following[context],
        kinds: this.#levels[n - 2].kinds[context],
      };
      if (following === 0) break;
      const number = find(level, context, id);
      const count = number < 0 ? 0 : counts[number];
      probability = (Math.max(count - discount, 0) +
        discount * kinds * probability) / following;
    }
    return probability;
  }
}

/** Sorted numbers, each once. */
function withoutEqual(sorted: Float64Array): Float64Array {
  let length = 0;
  for (let i = 0; i < sorted.length; i++) {
    if (i === 0 || sorted[i] !== sorted[i - 1]) sorted[length++] = sorted[i];
  }
  return sorted.slice(0, length);
}

/** Where the keys of each context begin. */
function startsOf(keys: Float64Array, contexts: number): Uint32Array {
  const starts = new Uint32Array(contexts + 1);
  for (const key of keys) starts[Math.floor(key / WIDTH) + 1]++;
  for (let i = 0; i < contexts; i++) starts[i + 1] += starts[i];
  return starts;
}

/** The number of an n-gram; -1 where it was not seen. */
function find(
  { keys, starts }: Pick<Level, "keys" | "starts">,
  context: number,
  id: number,
): number {
  const key = context * WIDTH + id;
  let low = starts[context], high = starts[context + 1] - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    if (keys[middle] === key) return middle;
    if (keys[middle] < key) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
