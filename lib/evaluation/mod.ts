/**
 * How well models predict documents: what each document costs, intervals over
 * documents, baselines, and a report of it all as figures and as a page.
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
