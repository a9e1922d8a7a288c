/**
 * The pipeline's stages, in the order data flows: each command as a function.
 *
 * @module
 */

export type { BlasAdvice } from "./blas_advice.ts";
export * from "./doctor.ts";
export * from "./download.ts";
export * from "./download_dataset.ts";
export * from "./process_wiki.ts";
export * from "./process_laws.ts";
export * from "./clean_corpus.ts";
export * from "./compare_corpora.ts";
export * from "./audit_corpus.ts";
export * from "./build_corpus.ts";
export * from "./train.ts";
export * from "./quantize.ts";
export * from "./resume.ts";
export * from "./finetune.ts";
export {
  FINETUNE_METHODS,
  type FinetuneMeasure,
  type FinetuneMethod,
  type FinetuneOptions,
  type FinetuneResult,
  FINETUNING,
} from "./finetune_options.ts";
export type { RecipeOptions } from "./recipe_options.ts";
export type { RunPlan } from "../train/plan.ts";
export type {
  DataSource,
  DeviceLoss,
  TrainingOptions,
  TrainingPlan,
  TrainingResult,
  TrainingStart,
} from "./training_options.ts";
export * from "./dashboard.ts";
export * from "./evaluate.ts";
export * from "./evaluate_documents.ts";
export * from "./evaluate_suite.ts";
export * from "./test_model.ts";
export {
  generate,
  type GenerateTextOptions,
  type GenerateTextResult,
} from "./generate.ts";
export * from "./conversation.ts";
export * from "./generate_many.ts";
export type { ToldToken, WritingOptions } from "./writing.ts";
export * from "./logits.ts";
export {
  serve,
  type ServedFiles,
  type ServeLogEntry,
  type ServeOptions,
  type ServeResult,
  SERVING,
} from "./serve.ts";
export * from "./import_tokenizer.ts";
export * from "./export_tokenizer.ts";
export * from "./import_model.ts";
export * from "./export_model.ts";
export {
  EXPORT_NUMBERS,
  type ExportNumbers,
  MODEL_FORMATS,
  type ModelFormat,
} from "./export_plans.ts";
export type { ComputingOptions } from "./computing.ts";
export type { ModelFiles } from "./model_files.ts";
export type { Progress, StageOptions } from "./stage.ts";
export * from "./tokenize.ts";
export * from "./train_tokenizer.ts";
export * from "./evaluate_tokenizer.ts";
export * from "./inspect_dataset.ts";
export type { TextInput } from "./text_input.ts";
export type { LongToken } from "../dataset/tokenizer_report.ts";
export type { TokenSample } from "../dataset/token_statistics.ts";
export type { TokenizerFile } from "./tokenizer_files.ts";
export * from "./verify.ts";
