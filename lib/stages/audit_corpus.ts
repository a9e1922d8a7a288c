/**
 * What folders of text hold, and what is wrong with them.
 *
 * @module
 */

import {
  auditPage,
  isAuditPage,
  type ShownAudit,
} from "../corpus/audit/audit_page.ts";
import { addFaults, type Faults, noFaults } from "../corpus/audit/faults.ts";
import type { Repeats } from "../corpus/audit/repeat_counter.ts";
import {
  type Languages,
  newRepetitions,
  noVarieties,
  type Repetitions,
  SourceAudit,
  type SourceReport,
  type Varieties,
} from "../corpus/audit/source_audit.ts";
import { SourceSurvey } from "../corpus/audit/survey.ts";
import { type Filters, PRESETS } from "../corpus/build/filters.ts";
import type { Recipe, RecipeSource } from "../corpus/build/recipe.ts";
import { loadLanguageIdentifier } from "../corpus/measures/language.ts";
import {
  findTextFiles,
  type TextFile,
  type TextFiles,
} from "../corpus/documents/text_files.ts";
import { writeFileAtomic } from "../files.ts";
import { totalSize } from "../input_files.ts";
import { assertOptions, type OptionKinds } from "../option_kinds.ts";
import { readRecipe } from "./corpus_recipe.ts";
import type { Progress, StageOptions } from "./stage.ts";
import { refuseMade } from "./text_input.ts";
import { assertReportReplaceable } from "./written_files.ts";

/** How far `auditCorpus()` is, in bytes of the files. */
export interface AuditCorpusProgress extends Progress {
  /** The file at hand. */
  readonly name: string;
}

/** What `auditCorpus()` is to do. */
export interface AuditCorpusOptions extends StageOptions<AuditCorpusProgress> {
  /**
   * Files, or folders of files of text, each a source; absent where a recipe
   * names them.
   */
  readonly input?: readonly string[];
  /** A recipe, or its TOML file, whose sources are audited. */
  readonly recipe?: string | Recipe;
  /** Whether a recipe's sources may lie outside the working folder. */
  readonly allowOutside?: boolean;
  /** The file that a page goes to, on which one sees what is counted. */
  readonly html?: string;
  /** Told of each source's files, before they are read. */
  readonly onFiles?: (files: TextFiles) => void;
}

/** What its options are. */
const OPTIONS: OptionKinds<AuditCorpusOptions> = {
  input: "texts?",
  recipe: "textOrObject?",
  allowOutside: "flag?",
  html: "text?",
  onFiles: "function?",
  signal: "signal?",
  onProgress: "function?",
};

/** What all sources hold together. */
export interface AuditSummary {
  /** What it is called in reports. */
  readonly name: string;
  /** How many files there are. */
  readonly files: number;
  /** Files with bytes that are not valid in their encoding. */
  readonly invalidFiles: number;
  /** Lines of JSON that cannot be read, are too long, or without text. */
  readonly badObjects: number;
  /** How many documents there are. */
  readonly documents: number;
  /** The length of the files. */
  readonly bytes: number;
  /** What is wrong. */
  readonly faults: Faults;
  /** Which languages the documents are in. */
  readonly languages: Languages;
  /** How the documents in Portuguese are written. */
  readonly varieties: Varieties;
  /** How much of the lines was there before. */
  readonly repeatedParagraphs: Repeats;
  /** How much of the documents was there before. */
  readonly repeatedDocuments: Repeats;
}

/** What `auditCorpus()` found. */
export interface AuditCorpusResult {
  /** It was not aborted. */
  readonly complete: true;
  /** What each source is like. */
  readonly sources: readonly SourceReport[];
  /** All of them together, where there are several. */
  readonly all?: AuditSummary;
  /** Bytes read. */
  readonly bytes: number;
  /** How long it took. */
  readonly seconds: number;
}

/**
 * Counts what is wrong with text files, what repeats, and which languages they
 * are in.
 *
 * @param options The sources.
 * @returns What was found.
 * @throws {TypeError} When there is neither an input nor a recipe, or both.
 * @throws {SyntaxError} When the recipe is not right.
 * @throws {RangeError} When it leads out of the working folder.
 * @throws {Error} When a file cannot be read or a source has none, or another
 * file than such a page is where the page goes; when it is aborted, the
 * signal's reason.
 *
 * @example
 * ```ts
 * import { auditCorpus } from "./audit_corpus.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/a.txt`, "Um.\n\nDois <b>dois</b>.\n");
 * const { sources: [source] } = await auditCorpus({ input: [folder] });
 * assertEquals([source.documents, source.faults.tags], [2, 2]);
 * ```
 */
export async function auditCorpus(
  options: AuditCorpusOptions,
): Promise<AuditCorpusResult> {
  assertOptions("audit a corpus", options, OPTIONS);
  const { html, signal, onProgress } = options;
  const start = performance.now();
  if (html !== undefined) {
    await assertReportReplaceable(html, {
      isReport: isAuditPage,
      command: "audit-corpus",
    });
  }
  const sources = await sourcesOf(options);
  const total = totalSize(sources.flatMap(({ files }) => files));
  const identifier = await loadLanguageIdentifier();
  const overall = sources.length > 1 ? newRepetitions() : undefined;
  const reports: SourceReport[] = [];
  const shown: ShownAudit["sources"][number][] = [];
  // The page stays of a size that a browser opens, however many there are.
  const excerpt = Math.max(
    80,
    Math.min(600, Math.floor(6000 / sources.length)),
  );
  let done = 0;
  for (const { name, files, filters, textField } of sources) {
    const survey = html === undefined
      ? undefined
      : new SourceSurvey({ filters, identifier, excerpt });
    const audit = new SourceAudit(name, identifier, {
      overall,
      survey,
      textField,
    });
    for (const file of files) {
      await audit.add(file, (bytes) => {
        signal?.throwIfAborted();
        onProgress?.({ done: done + bytes, total, name: file.name });
      });
      done += file.size;
    }
    const report = audit.report();
    reports.push(report);
    if (survey !== undefined) shown.push({ report, survey: survey.report() });
  }
  if (html !== undefined) {
    const { recipe } = options;
    await writeFileAtomic(
      html,
      await auditPage({
        sources: shown,
        recipe: typeof recipe === "object" ? "the recipe" : recipe,
      }),
    );
  }
  return {
    complete: true,
    sources: reports,
    ...overall === undefined ? {} : { all: summaryOf(reports, overall) },
    bytes: total,
    seconds: (performance.now() - start) / 1000,
  };
}

/** A source and what is asked of its documents. */
interface AuditedSource extends Pick<RecipeSource, "name" | "filters"> {
  readonly files: readonly TextFile[];
  readonly textField?: string;
}

async function sourcesOf(
  { input, recipe, onFiles, allowOutside = false }: AuditCorpusOptions,
): Promise<AuditedSource[]> {
  if ((input === undefined) === (recipe === undefined)) {
    throw new TypeError(
      "Cannot audit a corpus: give input or recipe, one of them",
    );
  }
  const given = recipe === undefined
    ? input!.map((path) => ({ name: path, path, filters: WEB }))
    : (typeof recipe === "string"
      ? await readRecipe(recipe, allowOutside)
      : recipe).sources;
  const sources: AuditedSource[] = [];
  for (const { path, ...source } of given) {
    await refuseMade(path);
    const { documents } = source as Partial<RecipeSource>;
    const found = await findTextFiles(path, { documents, mayBeEmpty: true });
    onFiles?.(found);
    sources.push({ ...source, files: found.files });
  }
  return sources;
}

/** What is asked of documents where there is no recipe. */
const WEB: Filters = { language: "pt", thresholds: PRESETS.web };

function summaryOf(
  reports: readonly SourceReport[],
  { paragraphs, documents }: Repetitions,
): AuditSummary {
  const sum = (of: (report: SourceReport) => number) =>
    reports.reduce((total, report) => total + of(report), 0);
  const faults = noFaults();
  const languages: Record<string, number> = {};
  for (const report of reports) {
    addFaults(faults, report.faults);
    for (const [code, n] of Object.entries(report.languages.documents)) {
      languages[code] = (languages[code] ?? 0) + n;
    }
  }
  const varieties = noVarieties();
  for (const { varieties: { variants, spellings } } of reports) {
    addCounts(varieties.variants, variants);
    addCounts(varieties.spellings, spellings);
  }
  const judged = sum((report) => report.languages.judged);
  const foreign = judged - (languages.pt ?? 0);
  return {
    name: "all",
    files: sum((report) => report.files),
    invalidFiles: sum((report) => report.invalidFiles),
    badObjects: sum((report) => report.badObjects),
    documents: sum((report) => report.documents),
    bytes: sum((report) => report.bytes),
    faults,
    languages: {
      judged,
      foreign: foreign / Math.max(1, judged),
      documents: languages,
    },
    varieties,
    repeatedParagraphs: paragraphs.repeats(),
    repeatedDocuments: documents.repeats(),
  };
}

function addCounts<K extends string>(
  to: Record<K, number>,
  more: Readonly<Record<K, number>>,
): void {
  for (const key of Object.keys(to) as K[]) to[key] += more[key];
}
