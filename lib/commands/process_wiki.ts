/**
 * `process-wiki`: from a Wikimedia dump to clean text.
 *
 * @module
 */

import { CORPUS_FORMATS } from "../corpus/output/document_batch.ts";
import { PROJECTS } from "../corpus/wiki/projects.ts";
import { compareCorpora } from "../stages/compare_corpora.ts";
import {
  processWiki as process,
  type ProcessWikiResult,
} from "../stages/process_wiki.ts";
import { portuguese } from "./process_wiki.pt.ts";
import type { Command } from "./shared/command.ts";
import { comparisonLines } from "./shared/comparison_lines.ts";
import { onInterrupt, unlessInterrupted } from "./shared/interrupt.ts";
import { count, decimals, say, t } from "./shared/language.ts";
import {
  choice,
  flag,
  integer,
  requiredText,
  stageValues,
  text,
  THREADS,
  UsageError,
  type Values,
} from "./shared/options.ts";
import { filesOf, megabytes, type Output } from "./shared/output.ts";

const options = {
  input: text(
    "FILE",
    "Wikimedia dump, .xml or .xml.bz2 (required, but to compare alone)",
  ),
  output: requiredText("FOLDER", "where the text goes"),
  compare: text(
    "FOLDER",
    "an earlier corpus of the same pages: say what is different now",
  ),
  examples: integer("with --compare: how many of each list to show", {
    default: 10,
    min: 0,
  }),
  format: choice(CORPUS_FORMATS, "text, or a JSON object a line", {
    default: "txt",
  }),
  projects: choice(
    ["auto", ...PROJECTS],
    "whose rules to follow; auto asks the dump",
    { default: "auto" },
  ),
  "min-chars": integer("shortest article to keep, in characters", {
    default: 100,
  }),
  "articles-per-file": integer("articles in one file", {
    default: 10_000,
    min: 1,
  }),
  "keep-disambiguation": flag("keep pages that list what a name may mean"),
  restart: flag("throw away what an interrupted run has left"),
  ...THREADS,
};

/** The command. */
export const processWiki: Command<typeof options> = {
  name: "process-wiki",
  summary: "Clean the articles of a Wikimedia dump into text files",
  options,
  portuguese,
  notes: "Writes wiki_000.txt and so on, a paragraph a line and a blank line " +
    "between articles\n(or wiki_000.jsonl: id, title, url, text), and " +
    "manifest.json. An earlier corpus in the\nfolder is replaced when all is " +
    "done. After an interruption the same command goes on\nwhere the last " +
    "complete file ended.\nDumps: https://dumps.wikimedia.org/ptwiki/ " +
    "(pages-articles, with or without multistream).\nWith --compare, what a newer version of the cleaner changes is shown; without --input,\nthe corpus that is in the folder is compared.",
  examples: [
    "--input ptwiki-latest-pages-articles.xml.bz2 --output data/wiki_clean",
    "--input ptwikisource-latest-pages-articles.xml.bz2 --output data/livros --format jsonl",
    "--compare data/wiki_clean_old --output data/wiki_clean",
  ],
  async run(values, output) {
    const { input, output: folder, compare, examples } = values;
    if (input === undefined && compare === undefined) {
      throw new UsageError("give --input, --compare or both");
    }
    using interrupt = onInterrupt(output, t`stopping`);
    const { signal } = interrupt;
    const made = input === undefined
      ? undefined
      : await clean({ ...values, input }, output, signal);
    if (compare === undefined || made?.complete === false) return { ...made };
    using progress = output.progress("compare");
    const comparison = await unlessInterrupted(
      interrupt,
      compareCorpora({
        old: compare,
        new: folder,
        examples,
        signal,
        onProgress: ({ done, total }) => progress.update(done, total),
      }),
    );
    if (comparison === undefined) {
      output.print(t`interrupted`);
      return { ...made, complete: false };
    }
    for (const line of comparisonLines(comparison)) output.print(line);
    return { complete: true, ...made, comparison };
  },
};

/** What is told of a corpus as JSON. */
interface Reported {
  readonly complete: boolean;
  readonly [field: string]: unknown;
}

/** Makes the corpus. */
async function clean(
  values: Values<typeof options> & { readonly input: string },
  output: Output,
  signal: AbortSignal,
): Promise<Reported> {
  using progress = output.progress("process-wiki");
  const start = performance.now();
  const result = await process({
    ...stageValues(values, "compare", "examples"),
    input: values.input,
    minChars: values["min-chars"],
    articlesPerFile: values["articles-per-file"],
    keepDisambiguation: values["keep-disambiguation"],
    signal,
    onResume: ({ files, articles }) =>
      output.note(
        t`going on after ${filesOf(files)} with ${
          count(articles)
        } [article|articles]`,
      ),
    onProgress: ({ done, total, xml, articles }) => {
      const rate = decimals(xml / 1000 / (performance.now() - start), 0);
      progress.update(
        done,
        total,
        t`${rate} MB/s of XML  ${count(articles)} [article|articles]`,
      );
    },
  });
  return report(result, output);
}

function report(
  result: ProcessWikiResult,
  output: Output,
): Reported {
  if (!result.complete) {
    output.print(t`interrupted; the same command goes on from here`);
    return { ...result };
  }
  const { pages, dropped, ...made } = result;
  const articles = count(made.articles);
  const size = megabytes(made.bytes);
  const files = filesOf(made.files);
  const seconds = decimals(made.seconds, 1);
  output.print(
    t`${articles} [article|articles], ${size} MB of text in ${files} in ${made.output}, from ${
      count(pages)
    } [page|pages] in ${seconds} s`,
  );
  output.print(t`not kept: ${describe(dropped)}`);
  return { ...made, pages, ...dropped };
}

function describe(dropped: Readonly<Record<string, number>>): string {
  return Object.entries(dropped)
    .map(([reason, pages]) =>
      `${count(pages)} ${say(LABELS[reason] ?? reason)}`
    )
    .join(", ");
}

const LABELS: Readonly<Record<string, string>> = {
  redirects: "redirects",
  otherNamespaces: "of other namespaces",
  otherModels: "not wikitext",
  disambiguations: "disambiguations",
  tooShort: "too short",
  uncorrected: "not corrected yet",
};
