/**
 * What a training will take: memory, disk, steps, tokens, time. Arithmetic, and
 * one short measurement.
 *
 * @module
 */

import type { RWKVConfig } from "../model/config.ts";
import { declaredParameters } from "../model/rwkv.ts";
import type { TrainingConfig } from "../training_config.ts";
import { keptValues } from "./optimizer.ts";
import { bytesOnDisk } from "./retention.ts";
import type { WindowSource } from "./run.ts";
import type { Trainer } from "./trainer.ts";

/** To predict takes of the time to learn, there being no way back, about. */
const FORWARD_SHARE = 1 / 3;
/** Tokens that a measurement begins with. */
const FIRST_PART = 128;
/** Seconds that are enough to know a speed by. */
const LONG_ENOUGH = 1;

/** What is to be planned. */
export interface PlannedRun {
  /** The model. */
  readonly model: RWKVConfig;
  /** The recipe. */
  readonly training: TrainingConfig;
  /** Values of what is saved; those of the model unless given. */
  readonly savedParameters?: number;
  /** Values kept besides; those of the model's optimizer unless given. */
  readonly keptValues?: number;
  /** Steps that are done already. */
  readonly firstStep: number;
  /** The last step to do. */
  readonly lastStep: number;
  /** Tokens of a window. */
  readonly contextLength: number;
  /** Tokens to train on. */
  readonly dataTokens: number;
  /** Tokens that each validation predicts; 0 where nothing is held out. */
  readonly validationTokens: number;
  /** How many checkpoints are kept; all of them unless given. */
  readonly keepLast?: number;
  /** Whether the model of the best validation is kept as well. */
  readonly keepBest?: boolean;
  /** How fast it learns, where that is known; see {@linkcode measureSpeed}. */
  readonly speed?: TrainingSpeed;
}

/** How fast a training is. */
export interface TrainingSpeed {
  /** Tokens whose gradients it computes in a second. */
  readonly tokensPerSecond: number;
  /** Seconds of an update of the weights, once a step. */
  readonly updateSeconds: number;
}

/** What a run takes, without its memory. */
export interface RunPlan {
  /** Trainable values. */
  readonly parameters: number;
  /** Steps to do. */
  readonly steps: number;
  /** Tokens of a step. */
  readonly tokensPerStep: number;
  /** Tokens to learn from. */
  readonly tokens: number;
  /** How often that is all of the data. */
  readonly epochs: number;
  /** Checkpoints that will be there at once, at most. */
  readonly checkpoints: number;
  /** Bytes of one, about. */
  readonly checkpointBytes: number;
  /** Bytes of all that will be there at once, at most, about. */
  readonly diskBytes: number;
  /** How fast it learns, where that was measured. */
  readonly tokensPerSecond?: number;
  /** Seconds to the end, validations among them, where that was measured. */
  readonly seconds?: number;
}

/**
 * Reckons what a run takes.
 *
 * @param run The run.
 *
 * @example
 * ```ts
 * import { RWKVConfig } from "../model/config.ts";
 * import { TrainingConfig } from "../training_config.ts";
 * import { planRun } from "./plan.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const plan = planRun({
 *   model: new RWKVConfig({ vocabSize: 8, dModel: 8, dFfn: 16 }),
 *   training: new TrainingConfig({ batchSize: 2, gradientAccumulation: 4 }),
 *   firstStep: 0,
 *   lastStep: 6000,
 *   contextLength: 100,
 *   dataTokens: 2_400_000,
 *   validationTokens: 0,
 *   speed: { tokensPerSecond: 500, updateSeconds: 0.4 },
 * });
 * assertEquals([plan.tokens, plan.epochs, plan.seconds], [4_800_000, 2, 12_000]);
 * assertEquals(plan.checkpoints, 3); // after 2500, 5000 and 6000 steps
 * ```
 */
export function planRun(run: PlannedRun): RunPlan {
  const { model, training, firstStep, lastStep, contextLength } = run;
  const { batchSize, gradientAccumulation } = training;
  const parameters = run.savedParameters ?? model.numParameters();
  const steps = lastStep - firstStep;
  const tokensPerStep = batchSize * contextLength * gradientAccumulation;
  const tokens = steps * tokensPerStep;
  /** Every so many steps and at the last. */
  const times = (every: number) =>
    Math.ceil(lastStep / every) - Math.floor(firstStep / every);
  // A checkpoint goes only once another is written.
  const { keepLast = Infinity, keepBest = false } = run;
  const checkpoints = Math.min(times(training.saveEvery), keepLast + 1);
  const models = keepBest ? 2 : 1;
  const kept = run.keptValues ??
    keptValues(declaredParameters(model), training);
  const bytes = bytesOnDisk(parameters, kept);
  // Once by the weights, once by their averages.
  const passes = training.emaDecay === undefined ? 1 : 2;
  const predicted = times(training.evalEvery) * passes * run.validationTokens;
  const timing = run.speed && timingOf(run.speed, { tokens, steps, predicted });
  return {
    parameters,
    steps,
    tokensPerStep,
    tokens,
    epochs: tokens / run.dataTokens,
    checkpoints,
    checkpointBytes: bytes.checkpoint,
    diskBytes: checkpoints * bytes.checkpoint + models * bytes.model,
    ...timing,
  };
}

/** How long work takes, and how fast it learns meanwhile. */
function timingOf(
  { tokensPerSecond: speed, updateSeconds }: TrainingSpeed,
  { tokens, steps, predicted }: {
    readonly tokens: number;
    readonly steps: number;
    readonly predicted: number;
  },
): Required<Pick<RunPlan, "tokensPerSecond" | "seconds">> {
  const learning = tokens / speed + steps * updateSeconds;
  return {
    tokensPerSecond: tokens / learning,
    seconds: learning + predicted * FORWARD_SHARE / speed,
  };
}

/**
 * Finds out how fast a training is, by parts of a micro-batch that are forgotten:
 * each larger than the one before, until one takes long enough or is the whole.
 *
 * @param trainer Ready to train; not to be trained afterwards, for the parts
 * hold memory.
 * @param loader Gives the tokens.
 * @param signal Looked at between parts; ends the measurement.
 */
export async function measureSpeed(
  trainer: Trainer,
  loader: WindowSource,
  signal?: AbortSignal,
): Promise<TrainingSpeed> {
  const batch = loader.next();
  const { contextLength: time } = loader, { length: all } = batch.inputs;
  for (let length = Math.min(FIRST_PART, time);; length = larger(length)) {
    const part = {
      rows: Math.max(1, length / time),
      inputs: batch.inputs.subarray(0, length),
      targets: batch.targets.subarray(0, length),
    };
    const rehearse = () => secondsOf(() => trainer.rehearse(part));
    let seconds = await rehearse();
    // Once more, as the first time memory is reserved too.
    if (seconds < LONG_ENOUGH) seconds = await rehearse();
    const isEnough = seconds >= LONG_ENOUGH || length === all;
    if (!isEnough && !signal?.aborted) continue;
    let times = 1;
    for (; seconds < LONG_ENOUGH && !signal?.aborted; times++) {
      seconds += await rehearse();
    }
    const updateSeconds = await secondsOf(() => trainer.rehearseUpdate());
    return { tokensPerSecond: times * length / seconds, updateSeconds };
  }

  /** Twice as many tokens, in whole windows where they are more than one. */
  function larger(length: number): number {
    const doubled = 2 * length < time
      ? 2 * length
      : Math.max(1, Math.floor(2 * length / time)) * time;
    return Math.min(doubled, all);
  }
}

async function secondsOf(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return Math.max(1e-6, (performance.now() - start) / 1000);
}
