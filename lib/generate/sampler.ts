/**
 * What may come next: choosing a token, listing the likeliest.
 *
 * @module
 */

import {
  checkSampling,
  NO_TOKEN,
  sample,
  type SamplingOptions,
} from "../backend/sampling.ts";
import { hashKey, uniformAt } from "../random.ts";

export { sample, type SamplingOptions } from "../backend/sampling.ts";

/**
 * Chooses a token: a function of the logits, one a token and unnormalised, to
 * its id. The array is the sampler's own to change.
 */
export type Sampler = (logits: Float32Array) => number;

/** How {@linkcode sampling} chooses. */
export interface SeededSampling extends SamplingOptions {
  /** Equal seeds give equal choices. */
  readonly seed: number;
}

/** A token with its probability. */
export interface Candidate {
  /** Token id. */
  readonly id: number;
  /** Its probability among all tokens. */
  readonly probability: number;
}

/**
 * The sampler that takes the likeliest token.
 *
 * @example
 * ```ts
 * import { greedy } from "./sampler.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(greedy()(new Float32Array([0, 2, 1])), 1);
 * ```
 */
export function greedy(): Sampler {
  return (logits) => sample(logits, { temperature: 0 }, 0);
}

/**
 * A sampler by temperature, top-k and top-p. It counts its choices, so that one
 * of its own for each text gives what `Generator.generate` gives for the same
 * options.
 *
 * @param options How to choose.
 * @throws {RangeError} When the options make no sense.
 *
 * @example
 * ```ts
 * import { sampling } from "./sampler.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const logits = new Float32Array([0, 2, 1]);
 * const three = () => {
 *   const sampler = sampling({ temperature: 0.8, topK: 2, seed: 7 });
 *   return [sampler(logits), sampler(logits), sampler(logits)];
 * };
 * assertEquals(three(), three());
 * ```
 */
export function sampling({ seed, ...options }: SeededSampling): Sampler {
  const temperature = checkSampling(options, 1);
  const key = hashKey(seed);
  let position = 0;
  return (logits) =>
    sample(logits, { ...options, temperature }, uniformAt(key, position++));
}

/**
 * Has a sampler choose.
 *
 * @param sampler Any sampler.
 * @param logits One a token; the sampler's to change.
 * @throws {RangeError} When what it gives is no token.
 */
export function chooseBy(sampler: Sampler, logits: Float32Array): number {
  return assertToken(sampler(logits), logits.length);
}

/**
 * Gives a chosen token back.
 *
 * @param id What was chosen.
 * @param count How many tokens there are.
 * @throws {RangeError} When it is none.
 */
export function assertToken(id: number, count: number): number {
  if (id === NO_TOKEN) {
    throw new RangeError(
      "Cannot choose a token: the model's logits are not numbers",
    );
  }
  if (Number.isInteger(id) && id >= 0 && id < count) return id;
  throw new RangeError(
    `Cannot choose token ${id}: the model has ${count}`,
  );
}

/**
 * The likeliest tokens with their probabilities, likeliest first.
 *
 * @param logits One a token, unnormalised.
 * @param count How many.
 * @throws {RangeError} When a logit is not a number or the largest is infinite.
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
  const max = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  if (!Number.isFinite(max)) {
    throw new RangeError("Cannot list tokens: the logits are not numbers");
  }
  let total = 0;
  for (const logit of logits) total += Math.exp(logit - max);
  return [...logits.keys()]
    .sort((a, b) => logits[b] - logits[a] || a - b)
    .slice(0, count)
    .map((id) => ({ id, probability: Math.exp(logits[id] - max) / total }));
}
