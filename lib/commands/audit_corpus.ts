/**
 * `audit-corpus`: what folders of text hold, and what is wrong with them.
 *
 * @module
 */

import { addFaults, type Faults, noFaults } from "../corpus/audit/faults.ts";
import type { Repeats } from "../corpus/audit/repeat_counter.ts";
import {
  newRepetitions,
  type Repetitions,
  SourceAudit,
  type SourceReport,
} from "../corpus/audit/source_audit.ts";
import { loadLanguageIdentifier } from "../corpus/measures/language.ts";
import type { Command } from "./shared/command.ts";
import { requiredText } from "./shared/options.ts";
import { type InputFile, listTextFiles, totalSize } from "../input_files.ts";
import { megabytes, type Output, table } from "./shared/output.ts";

const options = {
  input: requiredText(
    "PATH,...",
    "folders of .txt, .md and .jsonl files, each a source, or files",
  ),
};

/** The command. */
export const auditCorpus: Command<typeof options> = {
  name: "audit-corpus",
  summary: "Show what text files hold and what is wrong with them",
  options,
  notes: "Counts lost characters (U+FFFD), controls, mojibake, markup, " +
    "documents in other languages,\nparagraphs and documents that were there " +
    "before, and lengths. Blank lines divide documents;\nin .jsonl files each " +
    'object is one, its text the field "text".',
  examples: [
    "--input data/wiki_clean",
    "--input data/wiki_clean,data/laws_clean --json",
  ],
  async run(values, output) {
    const start = performance.now();
    const sources: { name: string; files: readonly InputFile[] }[] = [];
    for (const name of values.input.split(",")) {
      const { files } = await listTextFiles(name, { mayBeEmpty: true });
      sources.push({ name, files });
    }
    const total = totalSize(sources.flatMap(({ files }) => files));
    using progress = output.progress("audit-corpus");
    const identifier = await loadLanguageIdentifier();
    const overall = sources.length > 1 ? newRepetitions() : undefined;
    const reports: SourceReport[] = [];
    let done = 0;
    for (const { name, files } of sources) {
      const audit = new SourceAudit(name, identifier, overall);
      for (const file of files) {
        await audit.add(
          file,
          (bytes) => progress.update(done + bytes, total, file.name),
        );
        done += file.size;
      }
      reports.push(audit.report());
    }
    const all = overall && summaryOf(reports, overall);
    printTables(reports, all, output);
    const seconds = (performance.now() - start) / 1000;
    output.print(`${megabytes(total)} MB read in ${seconds.toFixed(1)} s`);
    return { sources: reports, ...(all && { all }), bytes: total, seconds };
  },
};

/** What all sources hold together. */
type Summary = ReturnType<typeof summaryOf>;

function summaryOf(
  reports: readonly SourceReport[],
  { paragraphs, documents }: Repetitions,
) {
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

function printTables(
  reports: readonly SourceReport[],
  all: Summary | undefined,
  output: Output,
): void {
  const rows: Summary[] = [...reports, ...all === undefined ? [] : [all]];
  printTable(output, "What there is", [
    ["source", "files", "documents", "MB", "foreign", "repeated: paragraphs"]
      .concat("of text", "documents"),
    ...rows.map((row) => [
      row.name,
      String(row.files),
      String(row.documents),
      megabytes(row.bytes),
      percent(row.languages.foreign),
      share(row.repeatedParagraphs, "items"),
      share(row.repeatedParagraphs, "characters"),
      share(row.repeatedDocuments, "items"),
    ]),
  ]);
  printTable(output, "What is wrong", [
    ["source", ...Object.values(LABELS), "files not UTF-8"],
    ...rows.map(({ name, faults, invalidFiles }) => [
      name,
      ...faultCells(faults),
      String(invalidFiles),
    ]),
  ]);
  printLengths(output, "Documents by characters", reports, "documentLengths");
  printLengths(output, "Lines by characters", reports, "lineLengths");
  const worst = reports.flatMap((report) =>
    report.worst.map((file) => ({ ...file, source: report.name }))
  ).sort((a, b) => b.rate - a.rate).slice(0, MAX_WORST);
  if (worst.length === 0) return;
  printTable(output, "Worst files", [
    ["file", "faults a million characters", ...Object.values(LABELS)],
    ...worst.map(({ name, rate, faults }) => [
      name,
      rate.toFixed(0),
      ...faultCells(faults),
    ]),
  ]);
}

const MAX_WORST = 10;

const LABELS: Readonly<Record<keyof Faults, string>> = {
  replacement: "U+FFFD",
  c0: "C0",
  c1: "C1",
  mojibake: "mojibake",
  tags: "tags",
  entities: "entities",
  wikitext: "wikitext",
};

function faultCells(faults: Faults): string[] {
  return (Object.keys(LABELS) as (keyof Faults)[]).map((kind) =>
    String(faults[kind])
  );
}

function printLengths(
  output: Output,
  title: string,
  reports: readonly SourceReport[],
  of: "documentLengths" | "lineLengths",
): void {
  const { from } = reports[0][of];
  const columns = [...from.keys()].filter((column) =>
    reports.some((report) => report[of].counts[column] > 0)
  );
  if (columns.length === 0) return;
  const heads = columns.map((column) =>
    column + 1 < from.length ? `<${from[column + 1]}` : `${from[column]}+`
  );
  printTable(output, title, [
    ["source", ...heads],
    ...reports.map((report) => [
      report.name,
      ...columns.map((column) => String(report[of].counts[column])),
    ]),
  ]);
}

function printTable(
  output: Output,
  title: string,
  rows: readonly (readonly string[])[],
): void {
  output.print(title);
  for (const line of table(rows)) output.print(`  ${line}`);
  output.print("");
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** A share in percent, marked by ~ where a sample was counted. */
function share(repeats: Repeats, of: "items" | "characters"): string {
  return (repeats.sampled < 1 ? "~" : "") + percent(repeats[of]);
}
