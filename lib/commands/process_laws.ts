/**
 * `process-laws`: from pages of legislation to clean text.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { CorpusOutput } from "../corpus/output/corpus_output.ts";
import { decodeHtml } from "../corpus/laws/html_encoding.ts";
import {
  cleanLaw,
  type Law,
  type LawCounts,
} from "../corpus/laws/law_cleaner.ts";
import type { Command } from "./shared/command.ts";
import {
  choice,
  flag,
  integer,
  requiredText,
  type Values,
} from "./shared/options.ts";
import { readWhole } from "../files.ts";
import { listFiles } from "../input_files.ts";
import { refuseOverlap } from "./shared/refuse_overlap.ts";
import { megabytes, type Output } from "./shared/output.ts";

/** Planalto's largest page has some 4 MB; this takes a gigabyte at the worst. */
const MAX_PAGE_BYTES = 16 << 20;
/** How many names of files that were left out are told, at most. */
const MAX_NAMES = 20;

const options = {
  input: requiredText("PATH", "a page, or a folder of .html and .htm pages"),
  output: requiredText("FOLDER", "where the text goes"),
  "keep-notes": flag(
    'keep notes of amendments, "(Incluído pela Lei nº ...)"',
  ),
  format: choice(["txt", "jsonl"], "text, or a JSON object a line", {
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
  notes: "Revoked text (struck out) goes, and so do the pages' headers, " +
    "indexes and footers. Every\nlaw is a document, a paragraph, item or row " +
    "of a table a line, in laws_000.txt and so on\n(or laws_000.jsonl: id, " +
    "title, law, text). manifest.json beside them has the origin of each,\n" +
    "and which pages are revisions of one law. Pages: " +
    "https://www.planalto.gov.br/legislacao",
  examples: ["--input data/planalto --output data/laws_clean --verbose"],
  async run(values, output) {
    const start = performance.now();
    const { input, output: folder } = values;
    const { files, ignored, roots } = await listFiles(
      input,
      (name) => /\.x?html?$/i.test(name),
    );
    if (files.length === 0) {
      throw new Error(
        `Cannot make a corpus of "${input}": it holds no .html or .htm page`,
      );
    }
    await refuseOverlap(roots, folder);
    await using corpus = await CorpusOutput.open(folder, {
      format: values.format,
      prefix: "laws",
    });
    using progress = output.progress("process-laws");
    const sources: LawSource[] = [];
    for (const [i, { path, name }] of files.entries()) {
      const page = await readPage(path, values);
      sources.push(sourceOf(name, page, corpus.totals.documents));
      if (page.dropped === undefined) {
        const { title, identity, text } = page.law;
        await corpus.add(text, { id: name, title, law: identity });
      }
      if (values.verbose) output.print(describe(name, page));
      progress.update(i + 1, files.length, name);
    }
    if (corpus.totals.documents === 0) {
      throw new Error(
        `Cannot make a corpus of "${input}": none of its ${files.length} ` +
          `pages holds a law of ${values["min-chars"]} characters or more`,
      );
    }
    const summary = summaryOf(sources);
    await corpus.finish(() => ({
      options: {
        keepNotes: values["keep-notes"],
        minChars: values["min-chars"],
        format: values.format,
      },
      ...summary,
      ignored: ignored.slice(0, MAX_NAMES),
      otherFiles: ignored.length,
      sources,
    }));
    const { documents, files: written, characters, bytes } = corpus.totals;
    const seconds = (performance.now() - start) / 1000;
    output.print(
      `${documents} laws, ${megabytes(bytes)} MB of text in ` +
        `${folder}, from ${files.length} pages in ${seconds.toFixed(1)} s`,
    );
    report(summary, ignored, output);
    return {
      documents,
      ...summary,
      otherFiles: ignored.length,
      files: written.length,
      characters,
      bytes,
      seconds,
      output: folder,
    };
  },
};

/** A page that was read. */
interface Page {
  readonly bytes: number;
  readonly sha256: string;
  readonly encoding: string;
  readonly law: Law;
  /** Why it is left out, where it is. */
  readonly dropped?: "notHtml" | "tooShort";
}

async function readPage(
  path: string,
  values: Values<typeof options>,
): Promise<Page> {
  const bytes = await readWhole(path, MAX_PAGE_BYTES);
  const { text, encoding } = decodeHtml(bytes);
  const law = cleanLaw(text, { keepNotes: values["keep-notes"] });
  return {
    bytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    encoding,
    law,
    dropped: !isHtml(text)
      ? "notHtml"
      : law.text.length < values["min-chars"]
      ? "tooShort"
      : undefined,
  };
}

/** Whether a text has markup near its beginning and no binary data. */
function isHtml(text: string): boolean {
  const head = text.slice(0, 1 << 16);
  return !head.includes("\0") &&
    /<(?:!doctype|html|head|body|p|div|table|font|center|title)\b/i.test(head);
}

type LawSource = ReturnType<typeof sourceOf>;

/** What became of a page; where in the corpus it is, if it was kept. */
function sourceOf(
  name: string,
  { law, dropped, ...page }: Page,
  document: number,
) {
  return {
    name,
    ...page,
    law: law.identity,
    document: dropped === undefined ? document : undefined,
    dropped,
    counts: law.counts,
  };
}

/** What became of all pages. */
function summaryOf(sources: readonly LawSource[]) {
  const dropped = { notHtml: 0, tooShort: 0 };
  const found: LawCounts = {
    revoked: 0,
    notes: 0,
    pageLines: 0,
    tableRows: 0,
    repeatedArticles: 0,
  };
  for (const source of sources) {
    if (source.dropped !== undefined) dropped[source.dropped]++;
    else {
      for (const key of Object.keys(found) as (keyof LawCounts)[]) {
        found[key] += source.counts[key];
      }
    }
  }
  const kept = sources.filter((source) => source.dropped === undefined);
  // Laws of which there is more than one page.
  const revisions = [...Map.groupBy(kept, ({ law }) => law)]
    .filter(([law, { length }]) => law !== undefined && length > 1)
    .map(([law, pages]) => ({ law, pages: pages.map(({ name }) => name) }));
  return { pages: sources.length, dropped, found, revisions };
}

function describe(
  name: string,
  { encoding, law, dropped }: Page,
): string {
  if (dropped !== undefined) return `${name}: left out, ${LABELS[dropped]}`;
  const { revoked, notes, repeatedArticles } = law.counts;
  return `${name}: ${law.title ?? "no name found"}, ${law.text.length} ` +
    `characters, ${encoding}, ${revoked} revoked, ${notes} notes` +
    (repeatedArticles === 0 ? "" : `, ${repeatedArticles} articles repeated`);
}

const LABELS: Readonly<Record<string, string>> = {
  notHtml: "not HTML",
  tooShort: "too short",
};

function report(
  { dropped, found, revisions }: ReturnType<typeof summaryOf>,
  ignored: readonly string[],
  output: Output,
): void {
  output.print(
    `taken out: ${found.revoked} revoked paragraphs, ${found.notes} notes, ` +
      `${found.pageLines} lines of the pages; not kept: ${dropped.notHtml} ` +
      `not HTML, ${dropped.tooShort} too short`,
  );
  if (ignored.length > 0) {
    const names = ignored.slice(0, 3).join(", ");
    output.print(
      `${ignored.length} files of other types left out: ${names}` +
        (ignored.length > 3 ? ", ..." : ""),
    );
  }
  for (const { law, pages } of revisions.slice(0, MAX_NAMES)) {
    output.print(`revisions of ${law}: ${pages.join(", ")}`);
  }
}
