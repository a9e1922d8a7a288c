/**
 * Recipes: what a training's settings are where nobody gives them, from the
 * model's size and family and from how much it will read.
 *
 * The figures they come from stand in `bench/LOG.md`, under "Learning".
 *
 * @module
 */

import type { ArchitectureName } from "../model/architecture.ts";
import { TrainingConfig, type TrainingFields } from "../training_config.ts";

/** The recipes by name: `original` is that of the Rust program. */
export const TRAINING_RECIPES = ["tuned", "original"] as const;

/** A recipe's name. */
export type TrainingRecipeName = typeof TRAINING_RECIPES[number];

/** How much is to be read in all. */
export type Budget = { readonly tokens: number } | { readonly steps: number };

/** What a recipe depends on. */
export interface TrainingFacts {
  /** The model's family and width. */
  readonly model: {
    readonly architecture: ArchitectureName;
    readonly dModel: number;
  };
  /** Tokens of a window. */
  readonly contextLength: number;
  /** Tokens there are to learn from. */
  readonly dataTokens: number;
  /** What is to be read in all; the data four times unless given. */
  readonly budget?: Budget;
  /** Whether the weights have learnt before. */
  readonly hasLearnt?: boolean;
  /** What is given already. */
  readonly given?: Partial<TrainingFields>;
}

/** A recipe's settings. */
export interface TrainingRecipe {
  /** All fields, the given ones among them. */
  readonly training: TrainingConfig;
  /** What share of a branch to drop; the model's own where absent. */
  readonly dropout?: number;
}

/** The width at which the rates were measured. */
const MEASURED_WIDTH = 256;
/** The best peak rates there. */
const PEAK_RATE: Record<ArchitectureName, number> = {
  classic: 4e-3,
  rwkv4: 4e-3,
  rwkv6: 3e-3,
  rwkv7: 3e-3,
};
/**
 * How much less wider models want, as a power of how much wider they are: so that
 * a width of 768 comes near the 6e-4 of RWKV-4's own 169 M.
 */
const WIDTH_POWER = 1.5;
/** The share of a rate where the weights have learnt before, not to lose it. */
const LEARNT_SHARE = 0.1;
/** Tokens of a micro-batch, where windows are not longer. */
const MICRO_BATCH = 1024;
/**
 * Tokens of a step to the square root of all tokens: short runs want many small
 * steps, long ones less noise.
 */
const STEP_SHARE = 1;
/** To read again is worth nearly as much as new text up to so many times. */
const GOOD_EPOCHS = 4;
/** The share of a branch that is dropped where it is read more often. */
const DROPOUT = 0.1;
/** The share of the steps over which the rate climbs. */
const WARMUP_SHARE = 0.04;
/** So many validations and checkpoints a run has, but not within so few steps. */
const VALIDATIONS = 20, CHECKPOINTS = 10, FEWEST_STEPS = 10;

/**
 * Settles what is not given.
 *
 * @param name Which recipe.
 * @param facts What is to be trained, on what, and how much of it.
 * @returns A whole recipe.
 * @throws {RangeError} For a given value that cannot be.
 *
 * @example
 * ```ts
 * import { recipeFor } from "./recipe.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { training, dropout } = recipeFor("tuned", {
 *   model: { architecture: "rwkv4", dModel: 256 },
 *   contextLength: 256,
 *   dataTokens: 4_194_304,
 * });
 * assertEquals([training.batchSize, training.gradientAccumulation], [4, 4]);
 * assertEquals(training.maxSteps, 4096); // four times the data
 * assertEquals([training.learningRate, dropout], [4e-3, 0]);
 * ```
 */
export function recipeFor(
  name: TrainingRecipeName,
  facts: TrainingFacts,
): TrainingRecipe {
  return name === "original" ? originalRecipe(facts) : tunedRecipe(facts);
}

/** The defaults of the fields, and 50,000 steps where nothing else is asked. */
function originalRecipe(
  { given = {}, budget, ...facts }: TrainingFacts,
): TrainingRecipe {
  const training = new TrainingConfig(given);
  if (budget === undefined) return { training };
  const maxSteps = stepsOf(budget, tokensOfStep(training, facts.contextLength));
  return { training: new TrainingConfig({ ...given, maxSteps }) };
}

function tunedRecipe(facts: TrainingFacts): TrainingRecipe {
  const { dataTokens, given = {} } = facts;
  const { budget = { tokens: GOOD_EPOCHS * dataTokens } } = facts;
  const contextLength = given.sequenceLength ?? facts.contextLength;
  // As many steps of c·√tokens are tokens in all, each has c²·steps.
  const wanted = "steps" in budget
    ? STEP_SHARE ** 2 * budget.steps
    : STEP_SHARE * Math.sqrt(budget.tokens);
  const batchSize = given.batchSize ??
    Math.max(1, Math.round(Math.min(MICRO_BATCH, wanted) / contextLength));
  const microBatch = batchSize * contextLength;
  const gradientAccumulation = given.gradientAccumulation ??
    2 ** Math.max(0, Math.min(16, Math.round(Math.log2(wanted / microBatch))));
  const tokensPerStep = microBatch * gradientAccumulation;
  const maxSteps = given.maxSteps ?? stepsOf(budget, tokensPerStep);
  const isReadOften = maxSteps * tokensPerStep > GOOD_EPOCHS * dataTokens;
  const original = new TrainingConfig();
  const every = (times: number, most: number) =>
    Math.min(most, Math.max(FEWEST_STEPS, Math.ceil(maxSteps / times)));
  const training = new TrainingConfig({
    ...given,
    batchSize,
    gradientAccumulation,
    maxSteps,
    learningRate: given.learningRate ?? peakRate(facts),
    warmupSteps: given.warmupSteps ?? Math.ceil(WARMUP_SHARE * maxSteps),
    evalEvery: given.evalEvery ?? every(VALIDATIONS, original.evalEvery),
    saveEvery: given.saveEvery ?? every(CHECKPOINTS, original.saveEvery),
  });
  return { training, dropout: isReadOften ? DROPOUT : 0 };
}

function stepsOf(budget: Budget, tokensPerStep: number): number {
  if ("steps" in budget) return budget.steps;
  return Math.max(1, Math.round(budget.tokens / tokensPerStep));
}

function tokensOfStep(
  { batchSize, gradientAccumulation, sequenceLength }: TrainingConfig,
  contextLength: number,
): number {
  return batchSize * gradientAccumulation * (sequenceLength ?? contextLength);
}

function peakRate({ model, hasLearnt = false }: TrainingFacts): number {
  const { architecture, dModel } = model;
  const narrowness = Math.min(1, MEASURED_WIDTH / dModel);
  const rate = PEAK_RATE[architecture] * narrowness ** WIDTH_POWER *
    (hasLearnt ? LEARNT_SHARE : 1);
  return Number(rate.toPrecision(2));
}
