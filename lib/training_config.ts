/**
 * The recipe of a training run.
 *
 * @module
 */

import {
  type Fields,
  oneOf,
  optionalOneOf,
  optionalReal,
  optionalText,
  optionalWhole,
  readFields,
  real,
  whole,
  yesNo,
} from "./fields.ts";

/** What changes the matrices of the blocks; AdamW all else. */
export const OPTIMIZERS = ["adamw", "muon"] as const;

/** What changes the matrices of the blocks. */
export type OptimizerName = typeof OPTIMIZERS[number];

/**
 * How the rate goes on from its peak to the last step: `linear` and `cosine` fall
 * all the way, `wsd` (warm-up, stable, decay) stays and falls linearly at the end.
 */
export const SCHEDULES = ["linear", "cosine", "wsd"] as const;

/** How the rate goes on from its peak to the last step. */
export type ScheduleName = typeof SCHEDULES[number];

/** Whether the weight decay λ stays, or rises and falls with the rate. */
export const DECAY_SCHEDULES = ["constant", "rate"] as const;

/** Whether the weight decay stays, or rises and falls with the rate. */
export type DecaySchedule = typeof DECAY_SCHEDULES[number];

/** The fields of a {@linkcode TrainingConfig}. */
export interface TrainingFields {
  /** Peak learning rate. */
  readonly learningRate: number;
  /** Windows of a micro-batch. */
  readonly batchSize: number;
  /** Micro-batches whose gradients make one step. */
  readonly gradientAccumulation: number;
  /**
   * Parts that the gradients of a step are made in and added up from; several
   * processes share them. One when absent, which has other bits than more.
   */
  readonly gradientParts?: number;
  /** Tokens of a window; the model's `maxSeqLen` when absent. */
  readonly sequenceLength?: number;
  /** Steps over which the rate climbs to its peak. */
  readonly warmupSteps: number;
  /** Steps in all; at the last the rate is `finalRate` of its peak. */
  readonly maxSteps: number;
  /** How the rate goes there. */
  readonly schedule: ScheduleName;
  /** `wsd`: the share of all steps in which the rate falls. */
  readonly decayShare: number;
  /** The rate at the last step, as a share of its peak. */
  readonly finalRate: number;
  /** What changes the matrices of the blocks. */
  readonly optimizer: OptimizerName;
  /** `muon`: how much of its momentum stays at a step. */
  readonly muonMomentum: number;
  /** `muon`: the matrices' learning rate over the others'. */
  readonly muonRate: number;
  /** The embedding's learning rate over `learningRate`. */
  readonly embeddingRate: number;
  /** The same of the output head. */
  readonly headRate: number;
  /** The same of norms and of all in the blocks that is no matrix. */
  readonly vectorRate: number;
  /** Decoupled weight decay. */
  readonly weightDecay: number;
  /** How it changes over the steps. */
  readonly weightDecaySchedule: DecaySchedule;
  /** Whether only weights decay that the step moves towards 0 anyway. */
  readonly cautiousWeightDecay: boolean;
  /**
   * What the moving average of the weights keeps of itself at a step; no average
   * when absent.
   */
  readonly emaDecay?: number;
  /** Bound of the gradients' global norm. */
  readonly clipNorm: number;
  /** AdamW β₁. */
  readonly beta1: number;
  /** AdamW β₂. */
  readonly beta2: number;
  /** AdamW ε. */
  readonly epsilon: number;
  /** Steps between checkpoints. */
  readonly saveEvery: number;
  /** Steps between validations. */
  readonly evalEvery: number;
  /** Steps between lines of `metrics.jsonl`. */
  readonly logEvery: number;
  /** Seed of the initial weights, the order of the data and dropout. */
  readonly seed: number;
  /**
   * Whether documents come in another order each epoch and windows are cut from
   * them, rather than shuffled windows at fixed places.
   */
  readonly shuffleDocuments: boolean;
  /**
   * Whether each row of a batch reads on where it ended in the step before, with
   * the state that it left there; gradients end at the window's edge. Documents
   * are then shuffled too.
   */
  readonly carryState: boolean;
  /**
   * Steps over which windows grow to their length, from an eighth of it; there
   * are more of them meanwhile, so a step has the same tokens. No state is
   * carried on before.
   */
  readonly sequenceWarmup: number;
  /** Fine-tuning: what is trained; all weights when absent. */
  readonly adapter?: "lora" | "state";
  /** `lora`: rows of A, columns of B. */
  readonly loraRank?: number;
  /** `lora`: over the rank, what B·A is multiplied by. */
  readonly loraAlpha?: number;
  /** `lora`: the projections, with commas, as `att.key` or `ffn`. */
  readonly loraTargets?: string;
  /** Parts that stay as they are, with commas, as `emb` or `att.key`. */
  readonly freeze?: string;
}

/** An adapter that a recipe trains. */
export type TrainedAdapter =
  | {
    readonly kind: "lora";
    /** Rows of A, columns of B. */
    readonly rank: number;
    /** Over the rank, what B·A is multiplied by. */
    readonly alpha: number;
    /** The projections, as `att.key` or `ffn`. */
    readonly targets: readonly string[];
  }
  | { readonly kind: "state" };

/** Other names that people know a field by. */
export interface TrainingAliases {
  /** `clipNorm`. */
  readonly maxGradNorm?: number;
}

const FIELDS: Fields<TrainingFields> = {
  learningRate: real(3e-4, 0, 1),
  batchSize: whole(2, 1, 65_536),
  gradientAccumulation: whole(16, 1, 65_536),
  gradientParts: optionalWhole(1, 65_536),
  sequenceLength: optionalWhole(1, 65_536),
  warmupSteps: whole(500, 0, 1e9),
  maxSteps: whole(50_000, 1, 1e9),
  schedule: oneOf<ScheduleName>("linear", SCHEDULES),
  decayShare: real(0.3, 0, 1), // 20 to 40 % are usual
  finalRate: real(0.1, 0, 1),
  optimizer: oneOf<OptimizerName>("adamw", OPTIMIZERS),
  muonMomentum: real(0.95, 0, 0.99999), // Jordan's
  muonRate: real(1, 0, 1000),
  embeddingRate: real(1, 0, 1000),
  headRate: real(1, 0, 1000),
  vectorRate: real(1, 0, 1000),
  weightDecay: real(0.01, 0, 10),
  weightDecaySchedule: oneOf<DecaySchedule>("constant", DECAY_SCHEDULES),
  cautiousWeightDecay: yesNo(false),
  emaDecay: optionalReal(0, 0.999999),
  clipNorm: real(1, 1e-6, 1e6),
  beta1: real(0.9, 0, 0.99999),
  beta2: real(0.99, 0, 0.99999), // RWKV-4's; Burn's default was 0.999
  epsilon: real(1e-8, 1e-20, 1),
  saveEvery: whole(2500, 1, 1e9),
  evalEvery: whole(500, 1, 1e9),
  logEvery: whole(10, 1, 1e9),
  seed: whole(42, 0, 2 ** 32 - 1),
  shuffleDocuments: yesNo(false),
  carryState: yesNo(false),
  sequenceWarmup: whole(0, 0, 1e9),
  adapter: optionalOneOf(["lora", "state"]),
  loraRank: optionalWhole(1, 4096),
  loraAlpha: optionalReal(1e-6, 1e6),
  loraTargets: optionalText(),
  freeze: optionalText(),
};

/** A LoRA unless it is said otherwise. */
export const LORA = { rank: 32, alpha: 32, targets: "att,ffn" } as const;

/** The fields, which the class so has without naming each again. */
export interface TrainingConfig extends TrainingFields {}

/**
 * The recipe of a training run.
 *
 * @example
 * ```ts
 * import { TrainingConfig } from "./training_config.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const config = new TrainingConfig({ maxSteps: 100 });
 * assertEquals(config.gradientAccumulation, 16);
 * ```
 */
export class TrainingConfig {
  /**
   * Checks the fields.
   *
   * @param fields What differs from the defaults.
   * @throws {RangeError} For a value that cannot be, or a field with two.
   */
  constructor(
    { maxGradNorm, ...fields }: Partial<TrainingFields> & TrainingAliases = {},
  ) {
    const { clipNorm = maxGradNorm } = fields;
    if (maxGradNorm !== undefined && clipNorm !== maxGradNorm) {
      throw new RangeError(
        `Cannot use clipNorm ${clipNorm} and maxGradNorm ${maxGradNorm}: they are one field`,
      );
    }
    const given = { ...fields, clipNorm };
    Object.assign(this, readFields("training", FIELDS, given));
  }

  /** As `clipNorm`. */
  get maxGradNorm(): number {
    return this.clipNorm;
  }

  /** What is trained beside the model, whose weights then stay as they are. */
  get trainedAdapter(): TrainedAdapter | undefined {
    if (this.adapter !== "lora") return this.adapter && { kind: this.adapter };
    const { loraRank: rank = LORA.rank, loraTargets = LORA.targets } = this;
    const targets = partsIn(loraTargets);
    return { kind: "lora", rank, alpha: this.loraAlpha ?? LORA.alpha, targets };
  }

  /** The parts that stay as they are. */
  get frozenParts(): readonly string[] {
    return partsIn(this.freeze ?? "");
  }

  /** The fields alone, for a checkpoint. */
  toJSON(): TrainingFields {
    return { ...this };
  }
}

/** Names with commas between. */
function partsIn(list: string): string[] {
  return list.split(",").map((part) => part.trim()).filter((part) =>
    part !== ""
  );
}
