/**
 * Choosing the next token.
 *
 * @module
 */

/** How to choose. */
export interface SamplingOptions {
  /** Divides the logits; 0 takes the likeliest token. */
  readonly temperature: number;
  /** Only the k likeliest tokens may be chosen. */
  readonly topK?: number;
  /** Only the likeliest tokens that together reach this probability may. */
  readonly topP?: number;
}

/** A token with its probability. */
export interface Candidate {
  /** Token id. */
  readonly id: number;
  /** Its probability among all tokens. */
  readonly probability: number;
}

/** e^-20 of the likeliest: enough tokens for nearly every nucleus. */
const NUCLEUS_MARGIN = 20;

/**
 * Chooses a token.
 *
 * @param logits One a token, unnormalised.
 * @param options How to choose. top-k is applied before top-p (Holtzman et al.
 * 2020); equal logits count in the order of their ids.
 * @param uniform A random number in [0, 1).
 * @returns A token id.
 * @throws {RangeError} When a logit is not a number.
 *
 * @example
 * ```ts
 * import { sample } from "./sampler.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const logits = new Float32Array([0, 2, 1]);
 * assertEquals(sample(logits, { temperature: 0 }, 0.9), 1);
 * assertEquals(sample(logits, { temperature: 1, topK: 1 }, 0.9), 1);
 * ```
 */
export function sample(
  logits: Float32Array,
  { temperature, topK, topP }: SamplingOptions,
  uniform: number,
): number {
  const best = argmax(logits);
  if (temperature === 0) return best;
  const max = logits[best];
  const weightOf = (id: number) => Math.exp((logits[id] - max) / temperature);
  const ids = topK === undefined && topP === undefined
    ? Array.from(logits, (_, id) => id)
    : likeliest(logits, { max, temperature, topK, topP });
  let total = 0;
  for (const id of ids) total += weightOf(id);
  let left = uniform * total;
  for (const id of ids) {
    left -= weightOf(id);
    if (left < 0) return id;
  }
  return ids[ids.length - 1]; // rounding only
}

/**
 * The likeliest tokens with their probabilities, likeliest first.
 *
 * @param logits One a token, unnormalised.
 * @param count How many.
 *
 * @example
 * ```ts
 * import { topTokens } from "./sampler.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const [first] = topTokens(new Float32Array([0, 2, 1]), 1);
 * assertEquals(first.id, 1);
 * ```
 */
export function topTokens(logits: Float32Array, count: number): Candidate[] {
  const max = logits[argmax(logits)];
  let total = 0;
  for (const logit of logits) total += Math.exp(logit - max);
  return descending(logits, -Infinity).slice(0, count).map((id) => ({
    id,
    probability: Math.exp(logits[id] - max) / total,
  }));
}

/** The ids that top-k and top-p leave, likeliest first. */
function likeliest(
  logits: Float32Array,
  { max, temperature, topK, topP }: SamplingOptions & { max: number },
): number[] {
  if (topK !== undefined) {
    const ids = descending(logits, -Infinity).slice(0, topK);
    return topP === undefined ? ids : nucleus(ids, topP, weights(ids));
  }
  // Sorting the whole vocabulary is slow: try the part that nearly always holds
  // the nucleus, and take all of it only when that falls short.
  let all = 0;
  for (const logit of logits) all += Math.exp((logit - max) / temperature);
  const part = descending(logits, max - NUCLEUS_MARGIN * temperature);
  const mass = weights(part).reduce((a, b) => a + b, 0);
  const ids = mass >= topP! * all ? part : descending(logits, -Infinity);
  return nucleus(ids, topP!, weights(ids), all);

  function weights(ids: number[]): number[] {
    return ids.map((id) => Math.exp((logits[id] - max) / temperature));
  }
}

/** The shortest start of `ids` whose weights reach `share` of the total. */
function nucleus(
  ids: number[],
  share: number,
  weights: number[],
  total: number = weights.reduce((a, b) => a + b, 0),
): number[] {
  let sum = 0;
  const end = weights.findIndex((weight) => (sum += weight) >= share * total);
  return end < 0 ? ids : ids.slice(0, end + 1);
}

/** The ids whose logit is at least `floor`, by falling logit. */
function descending(logits: Float32Array, floor: number): number[] {
  const ids: number[] = [];
  for (let id = 0; id < logits.length; id++) {
    if (logits[id] >= floor) ids.push(id);
  }
  return ids.sort((a, b) => logits[b] - logits[a] || a - b);
}

/** The first of the largest. */
function argmax(logits: Float32Array): number {
  let best = 0;
  for (let id = 0; id < logits.length; id++) {
    if (Number.isNaN(logits[id])) {
      throw new RangeError(
        `Cannot choose a token: the logit of ${id} is not a number`,
      );
    }
    if (logits[id] > logits[best]) best = id;
  }
  return best;
}
