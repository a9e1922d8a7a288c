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
  TrainingConfig,
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

/** What does nothing with another optimizer, or with another schedule. */
const OF_MUON = ["muonMomentum", "muonRate"] as const;
const OF_WSD = ["decayShare"] as const;

/**
 * Refuses what would do nothing. A field that is given its default passes, as a
 * run's `config.toml` names them all.
 *
 * @throws {TypeError} When a field is given whose optimizer or schedule is another.
 */
export function refuseIdle(
  given: RecipeOptions,
  { optimizer, schedule }: TrainingConfig,
): void {
  const defaults = new TrainingConfig();
  const isGiven = (name: keyof RecipeOptions) =>
    given[name] !== undefined && given[name] !== defaults[name];
  const ofMuon = OF_MUON.find(isGiven), ofWsd = OF_WSD.find(isGiven);
  if (ofMuon !== undefined && optimizer !== "muon") {
    throw new TypeError(`Cannot use ${ofMuon}: the optimizer is ${optimizer}`);
  }
  if (ofWsd !== undefined && schedule !== "wsd") {
    throw new TypeError(`Cannot use ${ofWsd}: the schedule is ${schedule}`);
  }
}
