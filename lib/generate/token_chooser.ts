/**
 * The one way tokens are chosen from logits, for whoever asks for more than a
 * device can do: penalties on what was there, biases, and which tokens may.
 *
 * What happens, in this order:
 *
 * 1. the logit bias is added;
 * 2. penalties on tokens of the window: repetition (Keskar et al. 2019, "CTRL"),
 *    then frequency and presence (as in OpenAI's API);
 * 3. DRY, a penalty on what would go on with a repetition ("don't repeat
 *    yourself", p-e-w, text-generation-webui pull request 5677, 2024);
 * 4. the temperature divides;
 * 5. top-k (Fan et al. 2018), locally typical (Meister et al. 2023), top-p
 *    (Holtzman et al. 2020) and min-p (Nguyen et al. 2024) leave some tokens
 *    out, each looking only at what those before it left;
 * 6. one of those left is drawn.
 *
 * That is llama.cpp's order but for the temperature, which comes before what
 * leaves tokens out, as in transformers and in `sample`, so that a text is the
 * same here and on a device.
 *
 * @module
 */

import {
  checkSampling,
  chooseAt,
  likeliestId,
  likeliestIds,
  NO_TOKEN,
} from "../backend/sampling.ts";
import { hashKey, uniformAt } from "../random.ts";
import type {
  Choice,
  ChoosingSettings,
  DrySettings,
  LikelyToken,
} from "./choosing.ts";
import { repetitionsIn } from "./repetitions.ts";
import { assertToken } from "./sampler.ts";

/** Penalties and DRY look back so many tokens unless it is said otherwise. */
export const PENALTY_WINDOW = 1024;

/** The longest window: each token takes time that grows with it. */
export const LONGEST_WINDOW = 8192;

/** DRY takes no more from a logit, so that it stays a number. */
const STRONGEST = 1e30;

/** What a {@linkcode TokenChooser} is for. */
export interface TokenChooserOptions {
  /** Tokens of the vocabulary. */
  readonly vocabSize: number;
  /** How many of the likeliest tokens `choose` tells; none unless given. */
  readonly likeliest?: number;
}

/**
 * Chooses the tokens of one text, one after another.
 *
 * @example
 * ```ts
 * import { TokenChooser } from "./token_chooser.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const settings = { temperature: 0, seed: 1, presencePenalty: 1.5 };
 * const chooser = new TokenChooser(settings, { vocabSize: 3, likeliest: 1 });
 * const logits = new Float32Array([0, 2, 1]);
 * assertEquals(chooser.next(logits), 1);
 * const { id, likeliest: [first] } = chooser.choose(logits);
 * assertEquals([id, first.id], [2, 1]); // 1 was there and is taken less readily
 * ```
 */
export class TokenChooser {
  readonly #settings: ChoosingSettings;
  readonly #vocabSize: number;
  readonly #likeliest: number;
  readonly #temperature: number;
  readonly #key: number;
  /** Tokens of the window, the oldest first, or none where nobody asks. */
  #recent: number[] = [];
  readonly #window: number;
  /** How often each is in the window. */
  readonly #counts = new Map<number, number>();
  #position = 0;
  /** Logits with what was added and taken; made when first needed. */
  #values?: Float64Array;
  readonly #breakers: ReadonlySet<number>;

  /**
   * Begins a text.
   *
   * @param settings How to choose.
   * @param options Among how many tokens, and what to tell.
   * @throws {RangeError} When the settings make no sense.
   */
  constructor(settings: ChoosingSettings, options: TokenChooserOptions) {
    const { vocabSize, likeliest = 0 } = options;
    this.#temperature = checkChoosing(settings, vocabSize);
    if (!isCount(likeliest, vocabSize)) {
      throw new RangeError(
        `Cannot tell of the ${likeliest} likeliest tokens: the model has ${vocabSize}`,
      );
    }
    this.#settings = settings;
    this.#vocabSize = vocabSize;
    this.#likeliest = likeliest;
    this.#key = hashKey(settings.seed);
    this.#breakers = new Set(settings.dry?.breakers);
    this.#window = looksBack(settings)
      ? settings.penaltyWindow ?? PENALTY_WINDOW
      : 0;
  }

  /** Tokens chosen so far, which is what the next random number depends on. */
  get position(): number {
    return this.#position;
  }

  /**
   * Reads what stands before the text, for the penalties.
   *
   * @param ids The prompt, or its end.
   */
  readTokens(ids: ArrayLike<number>): void {
    const start = Math.max(0, ids.length - this.#window);
    for (let i = start; i < ids.length; i++) this.#remember(ids[i]);
  }

  /**
   * Chooses the next token.
   *
   * @param logits One a token, unnormalised; not changed.
   * @returns Its id.
   * @throws {RangeError} When the logits are not numbers, or too few or many.
   */
  next(logits: Float32Array): number {
    if (logits.length !== this.#vocabSize) {
      throw new RangeError(
        `Cannot choose a token: there are ${logits.length} logits, not ${this.#vocabSize}`,
      );
    }
    const uniform = uniformAt(this.#key, this.#position);
    const chosen = this.#draw(logits, uniform);
    const id = assertToken(chosen, this.#vocabSize);
    this.#position++;
    if (this.#window > 0) this.#remember(id);
    return id;
  }

  /**
   * As {@linkcode TokenChooser.next}, and tells how likely it was, and the
   * likeliest tokens: by the logits as they are, whatever the settings.
   *
   * @param logits One a token, unnormalised; not changed.
   * @throws {RangeError} As `next`.
   */
  choose(logits: Float32Array): Choice {
    const id = this.next(logits);
    const total = logTotal(logits);
    const told = (id: number): LikelyToken => ({
      id,
      logprob: logits[id] - total,
    });
    const likeliest = [...likeliestIds(logits, this.#likeliest)]
      .sort((a, b) => logits[b] - logits[a] || a - b);
    return { ...told(id), likeliest: likeliest.map(told) };
  }

  #draw(logits: Float32Array, uniform: number): number {
    const { topK, topP, typicalP, minP } = this.#settings;
    const temperature = this.#temperature;
    const isChanged = this.#recent.length > 0 ||
      !!this.#settings.logitBias?.size;
    const values = this.#values ??= new Float64Array(logits.length);
    values.set(logits);
    if (isChanged) this.#adjust(values);
    const best = likeliestId(values);
    if (best === NO_TOKEN || temperature === 0) return best;
    const leaving = { topK, typicalP, topP, minP };
    const among = { logits: values, best };
    return chooseAt(temperature, among, leaving, uniform);
  }

  /** Bias, penalties and DRY. */
  #adjust(logits: Float64Array): void {
    const { logitBias, dry } = this.#settings;
    logitBias?.forEach((bias, id) => logits[id] += bias);
    this.#penalize(logits);
    if (isStrong(dry)) this.#keepFromLooping(logits, dry);
  }

  #penalize(logits: Float64Array): void {
    const { repetitionPenalty = 1, presencePenalty = 0, frequencyPenalty = 0 } =
      this.#settings;
    for (const [id, count] of this.#counts) {
      if (logits[id] > 0) logits[id] /= repetitionPenalty;
      else logits[id] *= repetitionPenalty;
      logits[id] -= presencePenalty + count * frequencyPenalty;
    }
  }

  #keepFromLooping(logits: Float64Array, dry: DrySettings): void {
    const { multiplier, base, allowedLength } = dry;
    for (const [id, length] of repetitionsIn(this.#recent, this.#breakers)) {
      if (length < allowedLength) continue;
      const penalty = multiplier * base ** (length - allowedLength);
      logits[id] -= Math.min(penalty, STRONGEST);
    }
  }

  #remember(id: number): void {
    this.#recent.push(id);
    this.#counts.set(id, (this.#counts.get(id) ?? 0) + 1);
    if (this.#recent.length <= this.#window) return;
    const gone = this.#recent.shift()!;
    const left = this.#counts.get(gone)! - 1;
    if (left === 0) this.#counts.delete(gone);
    else this.#counts.set(gone, left);
  }
}

/**
 * Throws unless settings make sense.
 *
 * @param settings How tokens are to be chosen.
 * @param vocabSize Among how many.
 * @returns The temperature to use: not so low that f32 could not divide by it.
 * @throws {RangeError} When they do not.
 *
 * @example
 * ```ts
 * import { checkChoosing } from "./token_chooser.ts";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * assertEquals(checkChoosing({ temperature: 0.7, seed: 1 }, 100), 0.7);
 * assertThrows(
 *   () => checkChoosing({ temperature: 0.7, minP: 2, seed: 1 }, 100),
 *   RangeError,
 * );
 * ```
 */
export function checkChoosing(
  settings: ChoosingSettings,
  vocabSize: number,
): number {
  const { minP = 0, typicalP = 1, repetitionPenalty = 1 } = settings;
  if (!Number.isFinite(settings.seed)) {
    throw new RangeError(`Cannot sample with a seed of ${settings.seed}`);
  }
  if (!(minP >= 0 && minP <= 1)) {
    throw new RangeError(
      `Cannot sample among tokens ${minP} times as likely as the likeliest`,
    );
  }
  if (!(typicalP > 0 && typicalP <= 1)) {
    throw new RangeError(
      `Cannot sample among typical tokens of a probability of ${typicalP}`,
    );
  }
  if (!(repetitionPenalty > 0 && repetitionPenalty < Infinity)) {
    throw new RangeError(
      `Cannot sample with a repetition penalty of ${repetitionPenalty}`,
    );
  }
  const { presencePenalty = 0, frequencyPenalty = 0, penaltyWindow = 0 } =
    settings;
  for (const penalty of [presencePenalty, frequencyPenalty]) {
    if (Number.isFinite(penalty)) continue;
    throw new RangeError(`Cannot sample with a penalty of ${penalty}`);
  }
  if (!isCount(penaltyWindow, LONGEST_WINDOW)) {
    throw new RangeError(
      `Cannot look back at ${penaltyWindow} tokens: at most ${LONGEST_WINDOW}`,
    );
  }
  if (settings.dry !== undefined) checkDry(settings.dry);
  settings.logitBias?.forEach((bias, id) => {
    if (!Number.isInteger(id) || id < 0 || id >= vocabSize) {
      throw new RangeError(
        `Cannot bias token ${id}: the model has ${vocabSize}`,
      );
    }
    // -Infinity rules a token out; nothing but it could be chosen at Infinity.
    if (!(bias < Infinity)) {
      throw new RangeError(`Cannot bias token ${id} by ${bias}`);
    }
  });
  return checkSampling(settings, vocabSize);
}

/**
 * Whether a backend can choose by settings: they ask for no more than
 * temperature, top-k and top-p.
 *
 * @param settings How tokens are to be chosen.
 */
export function isForDevice(settings: ChoosingSettings): boolean {
  const { minP = 0, typicalP = 1, logitBias } = settings;
  return minP === 0 && typicalP === 1 && !logitBias?.size &&
    !looksBack(settings);
}

/** Whether anything depends on the tokens before. */
function looksBack(settings: ChoosingSettings): boolean {
  const { repetitionPenalty = 1, presencePenalty = 0, frequencyPenalty = 0 } =
    settings;
  return repetitionPenalty !== 1 || presencePenalty !== 0 ||
    frequencyPenalty !== 0 || isStrong(settings.dry);
}

function isStrong(dry: DrySettings | undefined): dry is DrySettings {
  return dry !== undefined && dry.multiplier > 0;
}

function checkDry({ multiplier, base, allowedLength }: DrySettings): void {
  if (!(multiplier >= 0 && multiplier < Infinity)) {
    throw new RangeError(`Cannot sample with DRY times ${multiplier}`);
  }
  if (!(base >= 1 && base < Infinity)) {
    throw new RangeError(`Cannot sample with DRY to the base ${base}`);
  }
  if (!(Number.isSafeInteger(allowedLength) && allowedLength >= 1)) {
    throw new RangeError(
      `Cannot sample with DRY from ${allowedLength} tokens on`,
    );
  }
}

function isCount(count: number, most: number): boolean {
  return Number.isInteger(count) && count >= 0 && count <= most;
}

/** The logarithm of the sum of the exponentials. */
function logTotal(logits: Float32Array): number {
  let max = -Infinity, total = 0;
  for (let id = 0; id < logits.length; id++) {
    if (logits[id] > max) max = logits[id];
  }
  for (let id = 0; id < logits.length; id++) {
    total += Math.exp(logits[id] - max);
  }
  return max + Math.log(total);
}
