/**
 * `process-laws`: from pages of legislation to clean text.
 *
 * @module
 */

import { CORPUS_FORMATS } from "../corpus/output/document_batch.ts";
import {
  type LawPage,
  processLaws as process,
  type ProcessLawsResult,
} from "../stages/process_laws.ts";
import { portuguese } from "./process_laws.pt.ts";
import type { Command } from "./shared/command.ts";
import { onInterrupt, unlessInterrupted } from "./shared/interrupt.ts";
import { count, decimals, say, t } from "./shared/language.ts";
import {
  choice,
  flag,
  integer,
  requiredText,
  stageValues,
} from "./shared/options.ts";
import { noteUnread } from "./shared/documents.ts";
import { firstOf, megabytes, type Output } from "./shared/output.ts";

/** How many laws with several pages are named, at most. */
const MAX_REVISIONS = 20;

const options = {
  input: requiredText("PATH", "a page, or a folder of .html and .htm pages"),
  output: requiredText("FOLDER", "where the text goes"),
  index: flag("the input is an index: read the saved pages that it links to"),
  "keep-notes": flag(
    'keep notes of amendments, "(Incluído pela Lei nº ...)"',
  ),
  format: choice(CORPUS_FORMATS, "text, or a JSON object a line", {
    default: "txt",
  }),
  "min-chars": integer("shortest law to keep, in characters", { default: 100 }),
  verbose: flag("print a line about every page"),
};

/** The command. */
export const processLaws: Command<typeof options> = {
  name: "process-laws",
  summary: "Clean pages of legislation, as Planalto has them, into text files",
  options,
  portuguese,
  notes: "Revoked text (struck out) goes, and so do the pages' headers, " +
    "indexes and footers. Every\nlaw is a document, a paragraph, item or row " +
    "of a table a line, in laws_000.txt and so on\n(or laws_000.jsonl: id, " +
    "title, law, text). manifest.json beside them has the origin of each,\n" +
    "and which pages are revisions of one law. Pages: " +
    "https://www.planalto.gov.br/legislacao",
  examples: [
    "--input data/planalto --output data/laws_clean --verbose",
    "--input data/planalto/codigos.htm --index --output data/codes_clean",
  ],
  async run(values, output) {
    using interrupt = onInterrupt(output, t`stopping`);
    using progress = output.progress("process-laws");
    const result = await unlessInterrupted(
      interrupt,
      process({
        ...stageValues(values, "verbose"),
        keepNotes: values["keep-notes"],
        minChars: values["min-chars"],
        signal: interrupt.signal,
        onFiles: (files) => noteUnread(files, output),
        onPage: (page) => values.verbose && output.print(describe(page)),
        onProgress: ({ done, total, name }) =>
          progress.update(done, total, name),
      }),
    );
    if (result === undefined) {
      output.print(t`interrupted; nothing was written`);
      return { complete: false, output: values.output };
    }
    report(result, output);
    return { ...result };
  },
};

function describe({ name, dropped, ...page }: LawPage): string {
  if (dropped !== undefined) {
    return t`${name}: left out, ${say(LABELS[dropped])}`;
  }
  const title = page.title ?? t`no name found`;
  const { revoked, notes, repeatedArticles } = page.counts;
  const characters = count(page.characters);
  return t`${name}: ${title}, ${characters} [character|characters], ${page.encoding}, ${revoked} revoked, ${notes} [note|notes]` +
    (repeatedArticles === 0
      ? ""
      : t`, ${repeatedArticles} [article repeated|articles repeated]`);
}

const LABELS: Readonly<Record<string, string>> = {
  notHtml: "not HTML",
  tooShort: "shorter than --min-chars",
};

function report(result: ProcessLawsResult, output: Output): void {
  const { dropped, found, revisions, ignored, otherFiles, missing } = result;
  const size = megabytes(result.bytes);
  const seconds = decimals(result.seconds, 1);
  output.print(
    t`${
      count(result.documents)
    } [law|laws], ${size} MB of text in ${result.output}, from ${
      count(result.pages)
    } [page|pages] in ${seconds} s`,
  );
  output.print(
    t`taken out: ${
      count(found.revoked)
    } [revoked paragraph|revoked paragraphs], ${
      count(found.notes)
    } [note|notes], ${
      count(found.pageLines)
    } [line of the pages|lines of the pages]; not kept: ${dropped.notHtml} not HTML, ${dropped.tooShort} too short`,
  );
  if (found.strikesLeftOpen > 0) {
    output.print(
      t`warning: ${
        count(found.strikesLeftOpen)
      } [element that strikes out is|elements that strike out are] never closed and [was|were] ended with [its paragraph|their paragraphs]`,
    );
  }
  if (otherFiles > 0) {
    const names = firstOf(ignored, otherFiles);
    output.print(t`files of other types left out: ${otherFiles} (${names})`);
  }
  if (missing.length > 0) {
    const links = firstOf(missing), number = count(missing.length);
    output.warn(
      t`${number} [link of the index leads|links of the index lead] to no page in its folder: ${links}`,
    );
  }
  for (const { law, pages } of revisions.slice(0, MAX_REVISIONS)) {
    output.print(t`revisions of ${law!}: ${pages.join(", ")}`);
  }
}
