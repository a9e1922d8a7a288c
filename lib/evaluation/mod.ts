/**
 * How well models predict documents: what each document costs, intervals over
 * documents, baselines, and a report of it all as figures and as a page. And how
 * they do at tasks: pairs of sentences of which one is right, last words, texts
 * of their own.
 *
 * @module
 */

export {
  type AbsentBaseline,
  type BaselineDocuments,
  type BaselineName,
  BASELINES,
  measureBaseline,
} from "./baselines.ts";
export * from "./bootstrap.ts";
export * from "./document_evaluator.ts";
export * from "./documents.ts";
export * from "./report.ts";
export * from "./report_page.ts";
export * from "./cost.ts";
export { unigramCost, type UnigramOptions } from "./unigram.ts";
export {
  type AbsentReason,
  type CompressorName,
  COMPRESSORS,
} from "./compressors.ts";
export type { Contrast, GrammarPair, Phenomenon } from "./pairs/contrast.ts";
export { grammarPairs, PHENOMENA } from "./pairs/grammar_pairs.ts";
export * from "./suite/accuracy.ts";
export { type Diversity, diversityOf } from "./suite/diversity.ts";
export {
  firstWordOf,
  type LastWordAccuracy,
  type LastWordModel,
  type LastWordTask,
  predictLastWords,
} from "./suite/last_word.ts";
export * from "./suite/ngram_model.ts";
export * from "./suite/pair_suite.ts";
export * from "./suite/scorers.ts";
export * from "./suite/suite_file.ts";
