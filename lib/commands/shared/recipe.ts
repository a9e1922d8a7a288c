/**
 * The flags for the fields of a recipe that have the names of these.
 *
 * @module
 */

import type { RecipeOptions } from "../../stages/recipe_options.ts";
import {
  DECAY_SCHEDULES,
  OPTIMIZERS,
  SCHEDULES,
} from "../../training_config.ts";
import { choice, decimal, flag, type Values } from "./options.ts";

/** A rate that is given as a multiple of another. */
const MULTIPLE = { max: 1000 };

/** The flags. */
export const RECIPE_OPTIONS = {
  schedule: choice(
    SCHEDULES,
    "how the rate falls: all the way (default: linear), or at the end (wsd)",
  ),
  "decay-share": decimal(
    "wsd: share of the steps in which the rate falls (default: 0.3)",
    { max: 1 },
  ),
  "final-rate": decimal(
    "rate at the last step as a share of the peak (default: 0.1)",
    { max: 1 },
  ),
  optimizer: choice(
    OPTIMIZERS,
    "what changes the matrices of the blocks (default: adamw)",
  ),
  "muon-momentum": decimal("muon: share of its momentum kept (default: 0.95)", {
    max: 0.99999,
  }),
  "muon-rate": decimal(
    "muon: its rate as a multiple of the learning rate (default: 1)",
    MULTIPLE,
  ),
  "embedding-rate": decimal(
    "the embedding's rate, as such a multiple (default: 1)",
    MULTIPLE,
  ),
  "head-rate": decimal(
    "the output head's rate, as such a multiple (default: 1)",
    MULTIPLE,
  ),
  "vector-rate": decimal(
    "the rate of norms and of vectors in the blocks, as such a multiple (default: 1)",
    MULTIPLE,
  ),
  "weight-decay-schedule": choice(
    DECAY_SCHEDULES,
    "whether the weight decay stays or goes with the rate (default: constant)",
  ),
  "cautious-weight-decay": flag(
    "let only weights decay that the step moves towards 0 anyway",
  ),
  "ema-decay": decimal(
    "keep moving averages of the weights, with that share kept at a step; finished models hold them",
    { max: 0.999999 },
  ),
} as const;

/** What they give, by the fields' names. */
export function recipeOf(values: Values<typeof RECIPE_OPTIONS>): RecipeOptions {
  return {
    schedule: values.schedule,
    decayShare: values["decay-share"],
    finalRate: values["final-rate"],
    optimizer: values.optimizer,
    muonMomentum: values["muon-momentum"],
    muonRate: values["muon-rate"],
    embeddingRate: values["embedding-rate"],
    headRate: values["head-rate"],
    vectorRate: values["vector-rate"],
    weightDecaySchedule: values["weight-decay-schedule"],
    cautiousWeightDecay: values["cautious-weight-decay"],
    emaDecay: values["ema-decay"],
  };
}
