/**
 * What `train()` and `resume()` are told, what they tell meanwhile, and what they
 * made.
 *
 * @module
 */

import type { Communicator } from "../distributed/communicator.ts";
import type { RWKVConfig } from "../model/config.ts";
import { type OptionKinds, wholeFromOr } from "../option_kinds.ts";
import type { RunPlan } from "../train/plan.ts";
import type { Rewind } from "../train/rewind.ts";
import type { TrainingProgress } from "../train/run.ts";
import type { Spike } from "../train/spikes.ts";
import type { StepResult } from "../train/trainer.ts";
import type { Validation } from "../train/validation.ts";
import type { TrainingConfig } from "../training_config.ts";
import type { ComputingOptions } from "./computing.ts";
import { STAGE_KINDS } from "./stage.ts";

/** One of several datasets that are trained on together. */
export interface DataSource {
  /** A folder of `train.bin`, or a token file. */
  readonly path: string;
  /** How many windows of it come to one of a source of weight 1. */
  readonly weight: number;
}

/** What is known when a training begins. */
export interface TrainingStart {
  /** The model's shape. */
  readonly model: RWKVConfig;
  /** The recipe. */
  readonly training: TrainingConfig;
  /** Trainable values. */
  readonly parameters: number;
  /** Tokens to train on. */
  readonly tokens: number;
  /** The last step to do. */
  readonly lastStep: number;
  /** Tokens of a step. */
  readonly tokensPerStep: number;
  /** Whether blocks are computed again on the way back. */
  readonly recompute: boolean;
  /** What computes, in words. */
  readonly backend: string;
  /** What each validation predicts; absent where nothing is held out. */
  readonly validation?: {
    /** Windows of the held-out text. */
    readonly windows: number;
    /** Whole windows that it has. */
    readonly available: number;
    /** Tokens in those that are predicted. */
    readonly tokens: number;
  };
}

/** What a training takes, reckoned before its first step. */
export interface TrainingPlan extends RunPlan {
  /** Bytes of memory of the whole program, about. */
  readonly memory: number;
  /** Bytes that are free, where that may be asked. */
  readonly memoryAvailable?: number;
  /**
   * Bytes that the run may still write, a little being left to the system, where
   * that may be asked.
   */
  readonly diskAvailable?: number;
  /** Whether blocks are computed again on the way back. */
  readonly recompute: boolean;
  /** Bytes of memory without that, where it is done because they are too many. */
  readonly memoryWithoutRecompute?: number;
  /** What computes, in words. */
  readonly backend: string;
}

/** Fields of a model as files of `--model-config` call them. */
export const FIELD_NAMES = {
  architecture: "architecture",
  dModel: "d_model",
  nLayers: "n_layers",
  dFfn: "d_ffn",
} as const;

/** What `train()` and `resume()` both take. */
export interface TrainingOptions extends ComputingOptions<TrainingProgress> {
  /** What to train on; a text is the path of one dataset. */
  readonly data: string | readonly DataSource[];
  /** The tokenizer of the data; the one beside the data unless given. */
  readonly tokenizer?: string;
  /** The folder that checkpoints go to; `checkpoints` unless given. */
  readonly output?: string;
  /**
   * Who trains together, all with the same options and folders; this process
   * alone unless given. The first rank writes the files.
   */
  readonly ranks?: Communicator;
  /** Whether to take less memory and more time even where all would fit. */
  readonly recompute?: boolean;
  /**
   * Windows of the held-out text that each validation predicts, or `"all"`; as
   * many as have 32,768 tokens unless given.
   */
  readonly evalWindows?: number | "all";
  /**
   * How many checkpoints of the run to keep, the newest, or `"all"`; all unless
   * given.
   */
  readonly keepLast?: number | "all";
  /**
   * Whether the model of the best validation is kept, as `best.mpk`; false unless
   * given.
   */
  readonly keepBest?: boolean;
  /**
   * Steps between samples of text, which go to `samples.jsonl`; with each
   * validation unless given.
   */
  readonly sampleEvery?: number | "never";
  /** Told once, before the first step. */
  readonly onStart?: (start: TrainingStart) => void;
  /** Told once, before the first step, what the run takes but for the time. */
  readonly onPlan?: (plan: TrainingPlan) => void;
  /** Told of every step. */
  readonly onStep?: (step: StepResult & { tokensPerSecond: number }) => void;
  /** Told when the run goes back to a checkpoint, as gradients were not finite. */
  readonly onRewind?: (rewind: Rewind) => void;
  /** Told of a checkpoint that is damaged, so that the one before it is taken. */
  readonly onDamaged?: (error: Error) => void;
  /**
   * Told of a damaged checkpoint of a later step: its name gets `.damaged`, so
   * that it is not taken for the newest.
   */
  readonly onSetAside?: (error: Error) => void;
  /**
   * Told when the device was lost and the run goes on from its last checkpoint on
   * a new one: once, and only where the stage opens the backend itself.
   */
  readonly onDeviceLost?: (loss: DeviceLoss) => void;
  /** Told of a step whose loss jumped up. */
  readonly onSpike?: (step: number, spike: Spike) => void;
  /** Told of every validation; the step is 0 for weights from elsewhere. */
  readonly onValidation?: (step: number, found: Validation) => void;
}

/** What its options are. */
export const TRAINING_KINDS: OptionKinds<TrainingOptions> = {
  ...STAGE_KINDS,
  backend: "backend?",
  data: "textOrList",
  ranks: "object?",
  tokenizer: "text?",
  output: "text?",
  recompute: "flag?",
  evalWindows: wholeFromOr("all", 1),
  keepLast: wholeFromOr("all", 1),
  keepBest: "flag?",
  sampleEvery: wholeFromOr("never", 1),
  onStart: "function?",
  onPlan: "function?",
  onStep: "function?",
  onDamaged: "function?",
  onSetAside: "function?",
  onRewind: "function?",
  onSpike: "function?",
  onDeviceLost: "function?",
  onValidation: "function?",
};

/** That the device of a run was lost. */
export interface DeviceLoss {
  /** What its driver says. */
  readonly reason: string;
  /** The step that the run goes on from. */
  readonly step: number;
}

/** What `train()` and `resume()` made. */
export interface TrainingResult {
  /** Steps done in all, earlier runs included. */
  readonly steps: number;
  /** Tokens learnt from in all. */
  readonly tokens: number;
  /** Mean loss of the last steps. */
  readonly loss?: number;
  /** Loss of the last validation. */
  readonly valLoss?: number;
  /** Bits per byte of the last validation. */
  readonly valBitsPerByte?: number;
  /** Windows of the held-out text that it predicted. */
  readonly valWindows?: number;
  /** Over this run, validation and saving left out. */
  readonly tokensPerSecond: number;
  /** Trainable values. */
  readonly parameters: number;
  /** What has computed, in words. */
  readonly backend: string;
  /** The last checkpoint, or the model when the run is complete. */
  readonly checkpoint: string;
  /** False when it was aborted. */
  readonly complete: boolean;
}
