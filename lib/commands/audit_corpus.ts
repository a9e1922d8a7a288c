/**
 * `audit-corpus`: what folders of text hold, and what is wrong with them.
 *
 * @module
 */

import type { Faults } from "../corpus/audit/faults.ts";
import type { Repeats } from "../corpus/audit/repeat_counter.ts";
import type { SourceReport } from "../corpus/audit/source_audit.ts";
import {
  auditCorpus as audit,
  type AuditCorpusResult,
  type AuditSummary,
} from "../stages/audit_corpus.ts";
import { portuguese } from "./audit_corpus.pt.ts";
import type { Command } from "./shared/command.ts";
import { onInterrupt, unlessInterrupted } from "./shared/interrupt.ts";
import { count, decimals, say, t } from "./shared/language.ts";
import { noteUnread } from "./shared/documents.ts";
import { SPELLINGS, VARIANTS } from "../corpus/measures/variants.ts";
import { text, UsageError } from "./shared/options.ts";
import { megabytes, type Output, table } from "./shared/output.ts";

const options = {
  input: text(
    "PATH,...",
    "folders of text (.txt .md .html .jsonl .parquet .epub), each a source, or files",
  ),
  recipe: text("FILE", "the sources of a recipe instead, with its thresholds"),
  html: text("FILE", "write a page on which one sees what is counted"),
};

/** The command. */
export const auditCorpus: Command<typeof options> = {
  name: "audit-corpus",
  summary: "Show what text files hold and what is wrong with them",
  options,
  portuguese,
  notes: "Counts lost characters (U+FFFD), controls, mojibake, markup, " +
    "documents in other languages,\nparagraphs and documents that were there " +
    "before, and lengths. Blank lines divide documents;\nin .jsonl files each " +
    'object is one, its text the field "text".\nThe page of --html shows, for each ' +
    "filter of build-corpus, whom it drops and who is near its\nthreshold, " +
    "which can be moved; and faults and languages with the text.",
  examples: [
    "--input data/wiki_clean",
    "--input data/wiki_clean,data/laws_clean --json",
    "--recipe configs/corpus.toml --html audit.html",
  ],
  async run(values, output) {
    const { input, recipe, html } = values;
    if ((input === undefined) === (recipe === undefined)) {
      throw new UsageError("give either --input or --recipe");
    }
    using interrupt = onInterrupt(output, t`stopping`);
    using progress = output.progress("audit-corpus");
    const result = await unlessInterrupted(
      interrupt,
      audit({
        input: input === undefined ? undefined : await inputsOf(input),
        recipe,
        html,
        allowOutside: values["allow-outside"],
        onFiles: (files) => noteUnread(files, output),
        signal: interrupt.signal,
        onProgress: ({ done, total, name }) =>
          progress.update(done, total, name),
      }),
    );
    if (result === undefined) {
      output.print(t`interrupted`);
      return { complete: false };
    }
    printTables(result, output);
    const size = megabytes(result.bytes);
    const seconds = decimals(result.seconds, 1);
    output.print(t`${size} MB read in ${seconds} s`);
    if (html !== undefined) output.print(t`page: ${html}`);
    return { ...result };
  },
};

/** The sources: a comma parts them, but where it is in the name of one. */
async function inputsOf(input: string): Promise<string[]> {
  const isOne = await Deno.stat(input).then(() => true, () => false);
  return isOne ? [input] : input.split(",");
}

function printTables(
  { sources: reports, all }: AuditCorpusResult,
  output: Output,
): void {
  const rows: AuditSummary[] = [
    ...reports,
    ...all === undefined ? [] : [{ ...all, name: say("all") }],
  ];
  printTable(output, "What there is", [
    ["source", "files", "documents", "MB", "foreign", "repeated: paragraphs"]
      .concat("of text", "documents").map(say),
    ...rows.map((row) => [
      row.name,
      count(row.files),
      count(row.documents),
      megabytes(row.bytes),
      percent(row.languages.foreign),
      share(row.repeatedParagraphs, "items"),
      share(row.repeatedParagraphs, "characters"),
      share(row.repeatedDocuments, "items"),
    ]),
  ]);
  const told = ({ varieties: { variants, spellings } }: AuditSummary) => [
    ...VARIANTS.map((variant) => variants[variant]),
    ...SPELLINGS.map((spelling) => spellings[spelling]),
  ];
  if (rows.some((row) => told(row).some((documents) => documents > 0))) {
    printTable(output, "How Portuguese is written, of what tells", [
      ["source", "pt-BR", "pt-PT", "by origin", "before 1990", "since 1990"]
        .map(say),
      ...rows.map((row) => [row.name, ...told(row).map(count)]),
    ]);
  }
  const hasBad = rows.some(({ badObjects }) => badObjects > 0);
  printTable(output, "What is wrong", [
    ["source", ...Object.values(LABELS), "files not UTF-8"]
      .concat(hasBad ? ["bad lines of .jsonl"] : []).map(say),
    ...rows.map(({ name, faults, invalidFiles, badObjects }) => [
      name,
      ...faultCells(faults),
      count(invalidFiles),
      ...hasBad ? [count(badObjects)] : [],
    ]),
  ]);
  if (rows.some(({ invalidFiles }) => invalidFiles > 0)) {
    output.print(t`clean-corpus makes UTF-8 of files that are not`);
    output.print("");
  }
  printLengths(output, "Documents by characters", reports, "documentLengths");
  printLengths(output, "Lines by characters", reports, "lineLengths");
  const worst = reports.flatMap((report) =>
    report.worst.map((file) => ({ ...file, source: report.name }))
  ).sort((a, b) => b.rate - a.rate).slice(0, MAX_WORST);
  if (worst.length === 0) return;
  printTable(output, "Worst files", [
    ["file", "faults a million characters", ...Object.values(LABELS)].map(say),
    ...worst.map(({ name, rate, faults }) => [
      name,
      count(Math.round(rate)),
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
    count(faults[kind])
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
    column + 1 < from.length
      ? `<${count(from[column + 1])}`
      : `${count(from[column])}+`
  );
  printTable(output, title, [
    [say("source"), ...heads],
    ...reports.map((report) => [
      report.name,
      ...columns.map((column) => count(report[of].counts[column])),
    ]),
  ]);
}

function printTable(
  output: Output,
  title: string,
  rows: readonly (readonly string[])[],
): void {
  output.print(say(title));
  for (const line of table(rows)) output.print(`  ${line}`);
  output.print("");
}

function percent(share: number): string {
  return `${decimals(100 * share, 1)} %`;
}

/** A share in percent, marked by ~ where a sample was counted. */
function share(repeats: Repeats, of: "items" | "characters"): string {
  return (repeats.sampled < 1 ? "~" : "") + percent(repeats[of]);
}
