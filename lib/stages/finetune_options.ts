/**
 * What `finetune()` is told, what it does unless it is told, and what it made.
 *
 * @module
 */

import type { DocumentRule } from "../corpus/documents/document_rule.ts";
import type { TextFiles } from "../corpus/documents/text_files.ts";
import { oneOf, type OptionKinds, SEED } from "../option_kinds.ts";
import { RECIPE_KINDS, type RecipeOptions } from "./recipe_options.ts";
import {
  type DataSource,
  TRAINING_KINDS,
  type TrainingOptions,
  type TrainingResult,
} from "./training_options.ts";

/** What may be trained. */
export const FINETUNE_METHODS = ["full", "lora", "state"] as const;
/** See {@linkcode FINETUNE_METHODS}. */
export type FinetuneMethod = typeof FINETUNE_METHODS[number];

/** How it is done unless it is said otherwise. */
export const FINETUNING = {
  method: "lora",
  /** The peak of the learning rate, by what is trained. */
  learningRate: { full: 3e-4, lora: 1e-3, state: 0.1 },
  epochs: 3,
  gradAccum: 4,
  weightDecay: 0,
  mixShare: 0.2,
  valFraction: 0.05,
  keepLast: 2,
} as const;

/** What `finetune()` is to do. */
export interface FinetuneOptions
  extends Omit<TrainingOptions, "data">, RecipeOptions {
  /** The model to begin with: `model_final.mpk`, a checkpoint, or their folder. */
  readonly model: string;
  /**
   * What it is to learn: a dataset of `tokenize`, text files, or `.jsonl` of
   * questions and answers, of which the answers are learnt.
   */
  readonly data: string;
  /** All weights, a LoRA or the first state; `lora` unless given. */
  readonly method?: FinetuneMethod;
  /** A LoRA's rank; 32 unless given. */
  readonly loraRank?: number;
  /** A LoRA's alpha; as its rank unless given. */
  readonly loraAlpha?: number;
  /** The projections it adapts, with commas; `att,ffn` unless given. */
  readonly loraTargets?: string;
  /** With `full`: parts that stay as they are, with commas: `emb,head,att.key`. */
  readonly freeze?: string;
  /** A dataset of what it has learnt before, some of which is mixed in. */
  readonly mix?: string;
  /** The share of it; 0.2 unless given. */
  readonly mixShare?: number;
  /** What a document of a text is; see `tokenize()`. */
  readonly documents?: DocumentRule | "auto";
  /** The share of text to hold out; 0.05 unless given. */
  readonly valFraction?: number;
  /** How often the new data are seen; 3 times unless given. */
  readonly epochs?: number;
  /** Optimizer steps, instead of epochs. */
  readonly maxSteps?: number;
  /** Windows of a micro-batch; 2 unless given. */
  readonly batchSize?: number;
  /** Micro-batches of a step; 4 unless given. */
  readonly gradAccum?: number;
  /** Tokens of a window; the model's, or all there are, unless given. */
  readonly seqLen?: number;
  /** The peak of the learning rate; 3e-4, of a LoRA 1e-3, of a state 0.1. */
  readonly learningRate?: number;
  /** Steps up to the peak; 5 % of all unless given. */
  readonly warmupSteps?: number;
  /** Decoupled weight decay, of matrices; 0 unless given. */
  readonly weightDecay?: number;
  /** Bound of the gradients' norm; 1 unless given. */
  readonly maxGradNorm?: number;
  /** Share of each branch that is dropped; the model's unless given. */
  readonly dropout?: number;
  /** Steps between checkpoints; a fifth of all unless given. */
  readonly saveEvery?: number;
  /** Steps between validations; a fifth of all unless given. */
  readonly evalEvery?: number;
  /** Random seed; 42 unless given. */
  readonly seed?: number;
  /** Told how far text is made a dataset, in a unit of its own. */
  readonly onPrepare?: (progress: { done: number; total: number }) => void;
  /** Told of the files of text, and what a document is in them. */
  readonly onFiles?: (files: TextFiles) => void;
  /** Told of the datasets, as `resume()` wants them. */
  readonly onData?: (data: readonly DataSource[]) => void;
  /** Told what the model predicts before its first step. */
  readonly onMeasured?: (before: FinetuneMeasure) => void;
}

/** What its options are. */
export const FINETUNE_KINDS: OptionKinds<FinetuneOptions> = {
  ...TRAINING_KINDS,
  ...RECIPE_KINDS,
  model: "text",
  data: "text",
  method: oneOf(FINETUNE_METHODS),
  loraRank: "number?",
  loraAlpha: "number?",
  loraTargets: "text?",
  freeze: "text?",
  mix: "text?",
  mixShare: "number?",
  documents: "text?",
  valFraction: "number?",
  epochs: "number?",
  maxSteps: "number?",
  batchSize: "number?",
  gradAccum: "number?",
  seqLen: "number?",
  learningRate: "number?",
  warmupSteps: "number?",
  weightDecay: "number?",
  maxGradNorm: "number?",
  dropout: "number?",
  saveEvery: "number?",
  evalEvery: "number?",
  seed: SEED,
  onPrepare: "function?",
  onFiles: "function?",
  onData: "function?",
  onMeasured: "function?",
};

/** How well a model predicts what is held out, in bits per byte. */
export interface FinetuneMeasure {
  /** Of the new data; absent where nothing of them is held out. */
  readonly new?: number;
  /** Of what it has learnt before; absent without, or where nothing is. */
  readonly old?: number;
}

/** What `finetune()` made. */
export interface FinetuneResult extends TrainingResult {
  /** What was trained. */
  readonly method: FinetuneMethod;
  /** The datasets, as `resume()` wants them. */
  readonly data: readonly DataSource[];
  /** Before the first step. */
  readonly before: FinetuneMeasure;
  /** After the last; absent where it was aborted. */
  readonly after?: FinetuneMeasure;
}
