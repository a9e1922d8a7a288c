/**
 * From the options of a training to its recipe: what is given, and what follows
 * from the model, the data and how long the run may take.
 *
 * @module
 */

import { MmapDataset } from "../dataset/mmap_dataset.ts";
import { splitPath } from "../dataset/dataset_info.ts";
import type { RWKVConfig } from "../model/config.ts";
import { planRun } from "../train/plan.ts";
import {
  type Budget,
  recipeFor,
  type TrainingRecipe,
  type TrainingRecipeName,
} from "../train/recipe.ts";
import type { TrainingConfig, TrainingFields } from "../training_config.ts";
import type { RunSpeed } from "./training.ts";
import type { DataSource } from "./training_options.ts";

/** How much a run may be. At most one of them. */
export interface BudgetOptions {
  /** Hours that it may take on this machine. */
  readonly hours?: number;
  /** Tokens that it may read. */
  readonly tokens?: number;
  /** Optimizer steps. */
  readonly maxSteps?: number;
}

/** What a recipe is settled from. */
interface Wanted {
  readonly recipe: TrainingRecipeName;
  readonly model: RWKVConfig;
  readonly data: readonly DataSource[];
  /** Whether its weights have learnt before. */
  readonly hasLearnt: boolean;
  /** Fields that are given. */
  readonly given: Partial<TrainingFields>;
  readonly budget: BudgetOptions;
  /** How fast a recipe of the kind is; asked only where hours are given. */
  readonly measure: (training: TrainingConfig) => Promise<RunSpeed>;
}

const HOUR = 3600;
/** What a run may be planned for, in hours. */
const LONGEST = 24 * 366;
/** Validations take their share of the time: so often it is reckoned again. */
const ROUNDS = 4;

/**
 * Settles the recipe of a run.
 *
 * @param wanted What is asked for.
 * @throws {TypeError} When hours, tokens and steps are given together.
 * @throws {RangeError} For a value that cannot be.
 */
export async function settleRecipe(
  { recipe, model, data, hasLearnt, given, budget, measure }: Wanted,
): Promise<TrainingRecipe> {
  assertOne(budget);
  const { hours, tokens, maxSteps } = budget;
  const facts = {
    model,
    contextLength: model.maxSeqLen,
    dataTokens: data.reduce((sum, { path }) => sum + tokensIn(path), 0),
    hasLearnt,
    given,
  };
  const settle = (budget?: Budget, fields = given) =>
    recipeFor(recipe, { ...facts, budget, given: fields });
  if (maxSteps !== undefined) return settle({ steps: maxSteps });
  if (tokens !== undefined) {
    if (!(Number.isSafeInteger(tokens) && tokens >= 1)) {
      throw new RangeError(
        `Cannot train on ${tokens} tokens: give a whole number from 1 on`,
      );
    }
    return settle({ tokens });
  }
  if (hours === undefined) return settle();
  if (!(hours > 0 && hours <= LONGEST)) {
    throw new RangeError(
      `Cannot train for ${hours} hours: give a number above 0, up to ${LONGEST}`,
    );
  }
  const { validationTokens, ...speed } = await measure(settle().training);
  const { contextLength, dataTokens } = facts;
  const secondsOf = (training: TrainingConfig) =>
    planRun({
      model,
      training,
      firstStep: 0,
      lastStep: training.maxSteps,
      contextLength: training.sequenceLength ?? contextLength,
      dataTokens,
      validationTokens,
      speed,
    }).seconds!;
  // The size of a step is settled by a first guess, the steps by what it takes.
  let budgeted = hours * HOUR * speed.tokensPerSecond;
  const { gradientAccumulation } = settle({ tokens: budgeted }).training;
  const fields = { ...given, gradientAccumulation };
  for (let round = 0; round < ROUNDS; round++) {
    const { training } = settle({ tokens: budgeted }, fields);
    budgeted *= hours * HOUR / secondsOf(training);
  }
  return settle({ tokens: budgeted }, fields);
}

/** One of them says how long a run is. */
function assertOne({ hours, tokens, maxSteps }: BudgetOptions): void {
  const given = Object.entries({ hours, tokens, maxSteps })
    .filter(([, value]) => value !== undefined).map(([name]) => name);
  if (given.length < 2) return;
  throw new TypeError(
    `Cannot train: ${given[0]} and ${given[1]} are both given`,
  );
}

/** How many tokens a dataset has to train on. */
function tokensIn(path: string): number {
  const isFolder = Deno.statSync(path).isDirectory;
  using dataset = MmapDataset.open(isFolder ? splitPath(path, "train") : path);
  return dataset.length;
}
