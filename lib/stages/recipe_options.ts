/**
 * What of a training's recipe its options have by the names of its fields.
 *
 * @module
 */

import { oneOf, type OptionKinds } from "../option_kinds.ts";
import {
  DECAY_SCHEDULES,
  OPTIMIZERS,
  SCHEDULES,
  type TrainingFields,
} from "../training_config.ts";

/** The fields that are options by their own names; see {@linkcode TrainingFields}. */
export type RecipeOptions = Partial<
  Pick<
    TrainingFields,
    | "schedule"
    | "decayShare"
    | "finalRate"
    | "optimizer"
    | "muonMomentum"
    | "muonRate"
    | "embeddingRate"
    | "headRate"
    | "vectorRate"
    | "weightDecaySchedule"
    | "cautiousWeightDecay"
    | "emaDecay"
  >
>;

/** What its options are. */
export const RECIPE_KINDS: OptionKinds<RecipeOptions> = {
  schedule: oneOf(SCHEDULES),
  decayShare: "number?",
  finalRate: "number?",
  optimizer: oneOf(OPTIMIZERS),
  muonMomentum: "number?",
  muonRate: "number?",
  embeddingRate: "number?",
  headRate: "number?",
  vectorRate: "number?",
  weightDecaySchedule: oneOf(DECAY_SCHEDULES),
  cautiousWeightDecay: "flag?",
  emaDecay: "number?",
};

/** Those of them that are given, and nothing else. */
export function recipeOptionsOf(options: RecipeOptions): RecipeOptions {
  return Object.fromEntries(
    Object.entries(options).filter(([name, value]) =>
      Object.hasOwn(RECIPE_KINDS, name) && value !== undefined
    ),
  );
}
