/**
 * How tokens are chosen: all that a front end may ask for.
 *
 * @module
 */

import type { SamplingOptions } from "../backend/sampling.ts";
import type { OptionKinds } from "../option_kinds.ts";

/** DRY ("don't repeat yourself"): a penalty on going on with a repetition. */
export interface DrySettings {
  /** How strong; 0 switches it off. */
  readonly multiplier: number;
  /** By what it grows with each token of the repetition; 1.75 as a rule. */
  readonly base: number;
  /** Repetitions of so many tokens cost nothing; 2 as a rule. */
  readonly allowedLength: number;
  /** Tokens across which nothing is a repetition, such as line ends. */
  readonly breakers?: readonly number[];
}

/** How tokens are chosen; every field can be sent to a Worker. */
export interface ChoosingSettings extends SamplingOptions {
  /** Equal seeds give equal texts. */
  readonly seed: number;
  /** Only tokens at least so likely, times the likeliest's probability, may. */
  readonly minP?: number;
  /** Locally typical sampling: the mass of the most typical tokens that may. */
  readonly typicalP?: number;
  /** Divides positive logits of tokens that were there, multiplies negative. */
  readonly repetitionPenalty?: number;
  /** Taken from the logit of a token that was there. */
  readonly presencePenalty?: number;
  /** Taken from the logit of a token, for each time that it was there. */
  readonly frequencyPenalty?: number;
  /** The penalties and DRY look back so many tokens, the prompt's among them. */
  readonly penaltyWindow?: number;
  /** Against loops. */
  readonly dry?: DrySettings;
  /** Added to the logits of tokens, by id. */
  readonly logitBias?: ReadonlyMap<number, number>;
}

/** A token beside others that might have been. */
export interface LikelyToken {
  /** Token id. */
  readonly id: number;
  /** The natural logarithm of its probability before any choosing. */
  readonly logprob: number;
}

/** What was chosen. */
export interface Choice extends LikelyToken {
  /** The likeliest tokens, as many as were asked for. */
  readonly likeliest: readonly LikelyToken[];
}

/** What settings are that nobody has to give. */
export const CHOOSING_KINDS: OptionKinds<
  Omit<ChoosingSettings, "seed" | "temperature">
> = {
  topK: "number?",
  topP: "number?",
  minP: "number?",
  typicalP: "number?",
  repetitionPenalty: "number?",
  presencePenalty: "number?",
  frequencyPenalty: "number?",
  penaltyWindow: "number?",
  dry: "object?",
  logitBias: "object?",
};
