/**
 * Training and measuring models.
 *
 * ```ts
 * import { getLearningRate, TrainingConfig } from "@ptbr-slm/ptbr-slm/train";
 * import { assertEquals } from "@std/assert";
 *
 * const config = new TrainingConfig({ learningRate: 1e-3, warmupSteps: 10 });
 * assertEquals(getLearningRate(10, config), 1e-3);
 * ```
 *
 * @module
 */

export {
  DECAY_SCHEDULES,
  type DecaySchedule,
  type OptimizerName,
  OPTIMIZERS,
  type ScheduleName,
  SCHEDULES,
  type TrainedAdapter,
  type TrainingAliases,
  TrainingConfig,
  type TrainingFields,
} from "../training_config.ts";
export { crossEntropyLoss } from "./cross_entropy.ts";
export { type Evaluation, Evaluator } from "./evaluate.ts";
export {
  fitTraining,
  shapeThatFits,
  type TrainingFit,
  trainingMemory,
  type TrainingShape,
} from "./memory.ts";
export {
  type LoggedStep,
  run,
  type RunOptions,
  type RunResult,
  type TrainingProgress,
  type WindowSource,
} from "./run.ts";
export {
  type Budget,
  recipeFor,
  TRAINING_RECIPES,
  type TrainingFacts,
  type TrainingRecipe,
  type TrainingRecipeName,
} from "./recipe.ts";
export { type Kept, Optimizer, type UpdateOptions } from "./optimizer.ts";
export type { Validation } from "./validation.ts";
export type { Rewind } from "./rewind.ts";
export type { Spike } from "./spikes.ts";
export {
  measureSpeed,
  type PlannedRun,
  planRun,
  type RunPlan,
  type TrainingSpeed,
} from "./plan.ts";
export {
  type LogLine,
  moment,
  RunLog,
  type RunLogEntry,
  type RunLogLine,
  type RunLogOrigin,
  type RunLogRewind,
  type RunLogSkips,
  type RunLogSpike,
} from "./run_log.ts";
export {
  RunFolder,
  type RunFolderOptions,
  type TextSample,
} from "./run_folder/run_folder.ts";
export type { RunHabits, RunSettings } from "./run_folder/run_config.ts";
export { getLearningRate, getWeightDecay, type Schedule } from "./schedule.ts";
export {
  type RunProgress,
  type SlowestRank,
  type StepResult,
  Trainer,
} from "./trainer.ts";
