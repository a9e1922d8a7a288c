/**
 * From dumps, pages of law and text files to clean text.
 *
 * ```ts
 * import { WikiCleaner } from "@ptbr-slm/ptbr-slm/corpus";
 * import { assertEquals } from "@std/assert";
 *
 * const text = new WikiCleaner().clean("O '''Sol''' é uma [[estrela]].");
 * assertEquals(text, "O Sol é uma estrela.");
 * ```
 *
 * @module
 */

export { countFaults, type Faults } from "./audit/faults.ts";
export type { WorkersOptions } from "../workers.ts";
export type { RepeatCounter, Repeats } from "./audit/repeat_counter.ts";
export type { TextHash } from "../text_hash.ts";
export {
  type AuditFile,
  type Histogram,
  type Languages,
  type Repetitions,
  SourceAudit,
  type SourceReport,
  type TextCounts,
  type Varieties,
  type WorstFile,
} from "./audit/source_audit.ts";
export {
  buildByRecipe,
  type BuildOptions,
  type BuildPass,
} from "./build/corpus_builder.ts";
export type {
  CorpusFile,
  CorpusManifest,
  SourceSummary,
} from "./build/corpus_files.ts";
export type { SourceTally, Tally } from "./build/decisions.ts";
export {
  type Filters,
  judge,
  type Judged,
  PRESETS,
  RULE_NAMES,
  type Verdict,
} from "./build/filters.ts";
export {
  type DuplicateRules,
  parseRecipe,
  type Recipe,
  type RecipeSource,
} from "./build/recipe.ts";
export {
  type Spelling,
  SPELLINGS,
  type Variant,
  VARIANTS,
  type Written,
  writtenIn,
} from "./measures/variants.ts";
export type {
  ChangedDocument,
  CorpusComparison,
} from "./compare/comparison.ts";
export type {
  ChangedLine,
  ChangeKind,
  Replacement,
} from "./compare/text_changes.ts";
export { RepeatedLines } from "./clean/boilerplate.ts";
export { WordForms } from "./clean/hyphens.ts";
export { repairC1, repairMojibake } from "./clean/mojibake.ts";
export {
  type BlankLines,
  type CleanedText,
  type CleaningCounts,
  cleanText,
  decodeLegacy,
  repairText,
  type TextCleanerOptions,
} from "./clean/text_cleaner.ts";
export {
  DOCUMENT_RULES,
  type DocumentRule,
  type RuledFile,
} from "./documents/document_rule.ts";
export type {
  RuleReason,
  TextFile,
  TextFiles,
} from "./documents/text_files.ts";
export type { InputFile, InputFiles, UnreadFile } from "../input_files.ts";
export {
  openText,
  type TextSource,
  type TextSourceFile,
} from "./formats/text_source.ts";
export {
  type HttpAnswer,
  HttpSource,
  type HttpSourceOptions,
} from "./download/http_source.ts";
export {
  download,
  type Downloaded,
  type DownloadOptions,
} from "./download/resumable_download.ts";
export {
  type Checksum,
  type DumpFile,
  findDump,
  type RemoteFile,
} from "./download/wikimedia.ts";
export type { Page } from "./dump/dump_pages.ts";
export type { DumpPlace, DumpSource } from "./dump/dump_source.ts";
export { type DecodedHtml, decodeHtml } from "./laws/html_encoding.ts";
export {
  cleanLaw,
  type Law,
  type LawCleanerOptions,
  type LawCounts,
} from "./laws/law_cleaner.ts";
export {
  type IdentifiedLanguage,
  type LanguageIdentifier,
  loadLanguageIdentifier,
} from "./measures/language.ts";
export type { Words } from "./measures/words.ts";
export {
  CORPUS_FORMATS,
  type CorpusFormat,
  type DocumentBatch,
  type PageCounts,
} from "./output/document_batch.ts";
export type {
  ArticleBatch,
  ArticleOptions,
  Site,
} from "./wiki/article_batch.ts";
export type {
  Article,
  WikiStreamOptions,
  WikiStreamStats,
} from "./wiki/page_selector.ts";
export { type Project, PROJECTS } from "./wiki/projects.ts";
export { type DumpBatch, WikiDump } from "./wiki/wiki_dump.ts";
export type { WorkPage } from "./wiki/works.ts";
export { WikiStreamParser } from "./wiki/wiki_stream_parser.ts";
export { Namespaces } from "./wikitext/namespaces.ts";
export {
  WikiCleaner,
  type WikiCleanerOptions,
} from "./wikitext/wiki_cleaner.ts";
