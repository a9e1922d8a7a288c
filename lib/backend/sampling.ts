/**
 * Choosing the next token, plainly: what {@linkcode Backend.sample} means.
 *
 * @module
 */

import { boundOfShare, exponentials } from "./exponentials.ts";

/** Logits, or the weights made of them. */
type Values = Float32Array | Float64Array;

/** How to choose. */
export interface SamplingOptions {
  /** Divides the logits; 0 takes the likeliest token. */
  readonly temperature: number;
  /** Only the k likeliest tokens may be chosen. */
  readonly topK?: number;
  /** Only the likeliest tokens that together reach this probability may. */
  readonly topP?: number;
}

/** The id that stands for no token, where logits are not numbers. */
export const NO_TOKEN: number = 2 ** 32 - 1;

/** Most tokens of a vocabulary: datasets hold ids of 16 bits. */
const MOST_TOKENS = 2 ** 16;

/** Buckets that logits are sorted into when looking for the last one left. */
const BUCKETS = 1024;

/** At most so many logits are sorted; more go through the buckets first. */
const FEW = 64;

/** Values in a block, of which only the largest or the sum is looked at first. */
const BLOCK = 32;

/** Below it, all but the likeliest tokens have no weight in f32. */
const COLDEST = 1e-30;

/**
 * Chooses a token.
 *
 * Of the tokens that the options leave, in the order of their ids, it is the
 * first at which the probabilities so far add up to more than `uniform`.
 *
 * @param logits One a token, unnormalised.
 * @param options How to choose. top-k is applied before top-p (Holtzman et al.
 * 2020); equal logits count in the order of their ids.
 * @param uniform A random number in [0, 1).
 * @returns A token id; {@linkcode NO_TOKEN} when a logit is not a number or the
 * largest is infinite.
 *
 * @example
 * ```ts
 * import { sample } from "./sampling.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const logits = new Float32Array([0, 2, 1]);
 * assertEquals(sample(logits, { temperature: 0 }, 0.9), 1);
 * assertEquals(sample(logits, { temperature: 1, topK: 1 }, 0.9), 1);
 * ```
 */
export function sample(
  logits: Float32Array | Float64Array,
  { temperature, topK, topP }: SamplingOptions,
  uniform: number,
): number {
  const values = new Float64Array(logits);
  const best = likeliestId(values);
  if (best === NO_TOKEN || temperature === 0) return best;
  return chooseAt(
    temperature,
    { logits: values, best },
    { topK, topP },
    uniform,
  );
}

/** Weights and ids, used again by every choice: it takes long to clear them. */
let scratch = new Float64Array(0), scratchIds = new Uint32Array(0);

/**
 * The part of {@linkcode sample} after the likeliest token is known to be one.
 *
 * @param temperature Above 0.
 * @param among Logits, and the id of the first of the largest, which is finite.
 * @param options What may be chosen.
 * @param uniform A random number in [0, 1).
 */
export function chooseAt(
  temperature: number,
  { logits, best }: { readonly logits: Float64Array; readonly best: number },
  options: LeavingOptions,
  uniform: number,
): number {
  const max = logits[best], { length } = logits;
  if (scratch.length < length) scratch = new Float64Array(length);
  const weights = scratch.subarray(0, length);
  const { topK = Infinity, topP = 1, typicalP = 1 } = options;
  if (topK < length) {
    // The others are not looked at, and an exponential takes its time.
    const left = likeliestIds(logits, topK);
    for (const id of left) {
      weights[id] = Math.exp((logits[id] - max) / temperature);
    }
    return chooseAmong(left, logits, weights, options, uniform);
  }
  const all = { max, divisor: temperature, into: weights };
  const sums = exponentials(logits, all);
  const bound = boundOfShare(topP, sums);
  if (topP === 1 || typicalP < 1 || bound === 0) {
    return chooseAmong(undefined, logits, weights, options, uniform);
  }
  const likely = idsAtLeast(weights, bound);
  const left = topmost(logits, likely, topP * sums.sum, weights);
  const others = { ...options, topP: 1 };
  return chooseAmong(left, logits, weights, others, uniform);
}

/** Which tokens may be chosen: each looks only at what those before it left. */
export interface LeavingOptions {
  /** The k likeliest. */
  readonly topK?: number;
  /**
   * The fewest whose surprise is nearest to the expected one (Meister et al.
   * 2023, "Locally Typical Sampling") that together reach this probability.
   */
  readonly typicalP?: number;
  /** The fewest of the likeliest that together reach this probability. */
  readonly topP?: number;
  /**
   * Those at least so likely, times the likeliest's probability (Nguyen et al.
   * 2024, "Turning Up the Heat: Min-p Sampling").
   */
  readonly minP?: number;
}

/**
 * The part of {@linkcode sample} after the weights, which may leave out more
 * than a backend does.
 *
 * @param logits One a token.
 * @param weights Each token's probability times any number.
 * @param options What may be chosen.
 * @param uniform A random number in [0, 1).
 */
export function choose(
  logits: Values,
  weights: Values,
  options: LeavingOptions,
  uniform: number,
): number {
  const { topK = Infinity } = options;
  const left = topK < logits.length ? likeliestIds(logits, topK) : undefined;
  return chooseAmong(left, logits, weights, options, uniform);
}

/** As {@linkcode choose}, after top-k; absent, that left all. */
function chooseAmong(
  left: Uint32Array | undefined,
  logits: Values,
  weights: Values,
  { typicalP = 1, topP = 1, minP = 0 }: Omit<LeavingOptions, "topK">,
  uniform: number,
): number {
  if (typicalP < 1) {
    left ??= idsAtLeast(weights, Number.MIN_VALUE);
    left = mostTypical(weights, left, typicalP);
  }
  if (topP < 1) {
    const total = sumOf(weights, left);
    // Tokens lighter than this weigh, all together, less than what is left out.
    const bound = 0.5 * (1 - topP) * total / weights.length;
    left ??= idsAtLeast(weights, bound);
    left = topmost(logits, left, topP * total, weights);
  }
  if (minP > 0) {
    left ??= idsAtLeast(weights, Number.MIN_VALUE);
    let most = 0;
    for (const id of left) most = Math.max(most, weights[id]);
    left = left.filter((id) => weights[id] >= minP * most);
  }
  if (left === undefined) return draw(weights, uniform);
  const ids = left.sort();
  const own = new Float64Array(ids.length);
  for (let i = 0; i < own.length; i++) own[i] = weights[ids[i]];
  return ids[draw(own, uniform)];
}

/**
 * The likeliest tokens, in any order; equal ones in the order of their ids.
 *
 * @param logits One a token.
 * @param count How many.
 */
export function likeliestIds(logits: Values, count: number): Uint32Array {
  if (count < 1) return new Uint32Array(0);
  return topmost(logits, idsAtLeast(logits, boundOf(logits, count)), count);
}

/**
 * Throws unless the options of {@linkcode Backend.sample} make sense.
 *
 * @param options The options.
 * @param width Tokens of the vocabulary.
 * @returns The temperature to use: not so low that f32 could not divide by it.
 */
export function checkSampling(
  { temperature, topK, topP }: SamplingOptions,
  width: number,
): number {
  if (!(temperature >= 0 && temperature < Infinity)) {
    throw new RangeError(`Cannot sample at a temperature of ${temperature}`);
  }
  if (topK !== undefined && !(Number.isInteger(topK) && topK > 0)) {
    throw new RangeError(`Cannot sample among the ${topK} likeliest tokens`);
  }
  if (topP !== undefined && !(topP > 0 && topP <= 1)) {
    throw new RangeError(
      `Cannot sample among tokens that reach a probability of ${topP}`,
    );
  }
  if (width > MOST_TOKENS) {
    throw new RangeError(
      `Cannot sample among ${width} tokens: at most ${MOST_TOKENS}`,
    );
  }
  return temperature === 0 ? 0 : Math.max(temperature, COLDEST);
}

/** A bound that at least `count` logits reach; the higher, the fewer do. */
function boundOf(logits: Values, count: number): number {
  const blocks = Math.floor(logits.length / BLOCK);
  if (count > blocks / 2) return -Infinity;
  const largest = new Float64Array(blocks);
  for (let block = 0; block < blocks; block++) {
    let max = logits[block * BLOCK];
    for (let i = block * BLOCK; i < (block + 1) * BLOCK; i++) {
      if (logits[i] > max) max = logits[i];
    }
    largest[block] = max;
  }
  return largest.sort()[blocks - count];
}

/** The ids of values that reach a bound, good until the next call. */
function idsAtLeast(values: Values, bound: number): Uint32Array {
  const { length } = values;
  if (scratchIds.length < length) scratchIds = new Uint32Array(length);
  const ids = scratchIds;
  let count = 0;
  for (let id = 0; id < length; id++) {
    if (values[id] >= bound) ids[count++] = id;
  }
  return ids.subarray(0, count);
}

/** See {@linkcode LeavingOptions.typicalP}; changes the ids. */
function mostTypical(
  weights: Values,
  ids: Uint32Array,
  typicalP: number,
): Uint32Array {
  const total = sumOf(weights, ids);
  let expected = 0;
  for (const id of ids) {
    const p = weights[id] / total;
    if (p > 0) expected -= p * Math.log(p);
  }
  const nearness = new Float64Array(weights.length);
  for (const id of ids) {
    nearness[id] = -Math.abs(-Math.log(weights[id] / total) - expected);
  }
  return topmost(nearness, ids, typicalP * total, weights);
}

function sumOf(values: Values, ids: Uint32Array | undefined): number {
  let sum = 0;
  for (let i = 0; i < (ids ?? values).length; i++) {
    sum += values[ids === undefined ? i : ids[i]];
  }
  return sum;
}

/**
 * The fewest of the largest logits whose weights add up to a goal, without
 * sorting all: they are put into buckets of equal width, then those in the
 * bucket at which the goal is reached, until few are left to sort.
 *
 * @param ids Whose logits; changed.
 * @param weights By id; absent: each weighs 1.
 * @returns Their ids, in any order.
 */
function topmost(
  logits: Values,
  ids: Uint32Array,
  goal: number,
  weights?: Values,
): Uint32Array {
  const found = new Uint32Array(ids.length);
  const buckets = new Uint16Array(ids.length), sums = new Float64Array(BUCKETS);
  let count = 0, left = ids;
  for (;;) {
    const { low, high } = rangeOf(logits, left);
    const scale = (BUCKETS - 1) / (high - low);
    // Infinite where all are equal, or too near or too far for f64 to divide.
    if (left.length <= FEW || !(scale > 0 && scale < Infinity)) break;
    sums.fill(0);
    for (let i = 0; i < left.length; i++) {
      // -Infinity, which low never is, falls into the last bucket too.
      const place = (high - logits[left[i]]) * scale;
      buckets[i] = place < BUCKETS ? place : BUCKETS - 1;
      sums[buckets[i]] += weights === undefined ? 1 : weights[left[i]];
    }
    let end = 0;
    while (end < BUCKETS - 1 && sums[end] < goal) goal -= sums[end++];
    let inside = 0;
    for (let i = 0; i < left.length; i++) {
      if (buckets[i] < end) found[count++] = left[i];
      else if (buckets[i] === end) left[inside++] = left[i];
    }
    left = left.subarray(0, inside);
  }
  left.sort((a, b) => logits[b] - logits[a] || a - b);
  for (const id of left) {
    found[count++] = id;
    goal -= weights === undefined ? 1 : weights[id];
    if (goal <= 0) break;
  }
  return found.subarray(0, count);
}

/** The largest and the smallest finite logit of some. */
function rangeOf(
  logits: Values,
  ids: Uint32Array,
): { low: number; high: number } {
  let low = Infinity, high = -Infinity;
  for (let i = 0; i < ids.length; i++) {
    const logit = logits[ids[i]];
    if (logit > high) high = logit;
    if (logit < low && logit > -Infinity) low = logit;
  }
  return { low: Math.min(low, high), high };
}

/** The first place where the weights so far pass `uniform` times their total. */
function draw(weights: Values, uniform: number): number {
  const sums = new Float64Array(Math.ceil(weights.length / BLOCK));
  let total = 0, last = 0;
  for (let block = 0; block < sums.length; block++) {
    const end = Math.min(weights.length, (block + 1) * BLOCK);
    let sum = 0;
    for (let i = block * BLOCK; i < end; i++) sum += weights[i];
    if (sum > 0) last = block;
    sums[block] = sum;
    total += sum;
  }
  const goal = uniform * total;
  let block = 0, sum = 0;
  while (block < last && sum + sums[block] <= goal) sum += sums[block++];
  const end = Math.min(weights.length, (block + 1) * BLOCK);
  let found = block * BLOCK;
  for (let i = found; i < end; i++) {
    if (weights[i] > 0) found = i;
    sum += weights[i];
    if (sum > goal) break;
  }
  return found;
}

/**
 * The id of the first of the largest logits, or {@linkcode NO_TOKEN} as of
 * {@linkcode sample}.
 *
 * @param logits One a token.
 */
export const likeliestId: (logits: Float64Array) => number = finder();

/** The same of logits as a model puts them out. */
export const likeliestOf: (logits: Float32Array) => number = finder();

/** A function for each kind of array: one for several would be slow for all. */
function finder<V extends Values>(): (logits: V) => number {
  return (logits) => {
    let best = 0, max = logits[0];
    for (let id = 0; id < logits.length; id++) {
      const logit = logits[id];
      if (logit <= max) continue;
      if (Number.isNaN(logit)) return NO_TOKEN;
      best = id;
      max = logit;
    }
    return Number.isFinite(max) ? best : NO_TOKEN;
  };
}
