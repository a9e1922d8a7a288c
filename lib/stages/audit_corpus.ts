/**
 * What folders of text hold, and what is wrong with them.
 *
 * @module
 */

import { addFaults, type Faults, noFaults } from "../corpus/audit/faults.ts";
import type { Repeats } from "../corpus/audit/repeat_counter.ts";
import {
  type Languages,
  newRepetitions,
  type Repetitions,
  SourceAudit,
  type SourceReport,
} from "../corpus/audit/source_audit.ts";
import { loadLanguageIdentifier } from "../corpus/measures/language.ts";
import {
  findTextFiles,
  type TextFile,
  type TextFiles,
} from "../corpus/documents/text_files.ts";
import { totalSize } from "../input_files.ts";
import { assertOptions, type OptionKinds } from "../option_kinds.ts";
import type { Progress, StageOptions } from "./stage.ts";
import { refuseMade } from "./text_input.ts";

/** How far `auditCorpus()` is, in bytes of the files. */
export interface AuditCorpusProgress extends Progress {
  /** The file at hand. */
  readonly name: string;
}

/** What `auditCorpus()` is to do. */
export interface AuditCorpusOptions extends StageOptions<AuditCorpusProgress> {
  /** Files, or folders of files of text, each a source. */
  readonly input: readonly string[];
  /** Told of each source's files, before they are read. */
  readonly onFiles?: (files: TextFiles) => void;
}

/** What its options are. */
const OPTIONS: OptionKinds<AuditCorpusOptions> = {
  input: "texts",
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
 * @throws {Error} When a file cannot be read or a source has none; when it is
 * aborted, the signal's reason.
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
  const { input, signal, onProgress } = options;
  const start = performance.now();
  const sources: { name: string; files: readonly TextFile[] }[] = [];
  for (const name of input) {
    await refuseMade(name);
    const found = await findTextFiles(name, { mayBeEmpty: true });
    options.onFiles?.(found);
    sources.push({ name, files: found.files });
  }
  const total = totalSize(sources.flatMap(({ files }) => files));
  const identifier = await loadLanguageIdentifier();
  const overall = sources.length > 1 ? newRepetitions() : undefined;
  const reports: SourceReport[] = [];
  let done = 0;
  for (const { name, files } of sources) {
    const audit = new SourceAudit(name, identifier, overall);
    for (const file of files) {
      await audit.add(file, (bytes) => {
        signal?.throwIfAborted();
        onProgress?.({ done: done + bytes, total, name: file.name });
      });
      done += file.size;
    }
    reports.push(audit.report());
  }
  return {
    complete: true,
    sources: reports,
    ...overall === undefined ? {} : { all: summaryOf(reports, overall) },
    bytes: total,
    seconds: (performance.now() - start) / 1000,
  };
}

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
    repeatedParagraphs: paragraphs.repeats(),
    repeatedDocuments: documents.repeats(),
  };
}
