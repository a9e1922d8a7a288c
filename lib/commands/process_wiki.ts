/**
 * `process-wiki`: from a Wikimedia dump to clean text.
 *
 * @module
 */

import type { ArticleOptions } from "../corpus/wiki/article_batch.ts";
import {
  DumpFile,
  InputChanged,
  type ReadMark,
} from "../corpus/dump/dump_file.ts";
import { projectOf, PROJECTS } from "../corpus/wiki/projects.ts";
import { CorpusOutput } from "../corpus/output/corpus_output.ts";
import type { DumpPlace } from "../corpus/dump/dump_source.ts";
import { WikiDump } from "../corpus/wiki/wiki_dump.ts";
import { cannotRead } from "../files.ts";
import type { Command } from "./shared/command.ts";
import { onInterrupt } from "./shared/interrupt.ts";
import {
  choice,
  flag,
  integer,
  requiredText,
  THREADS,
  type Values,
} from "./shared/options.ts";
import { megabytes, type Output } from "./shared/output.ts";
import { usefulThreads } from "./shared/useful_threads.ts";

/** How many times as long as the bzip2 of it XML is, about. */
const XML_RATIO = 4;

const options = {
  input: requiredText("FILE", "Wikimedia dump, .xml or .xml.bz2"),
  output: requiredText("FOLDER", "where the text goes"),
  format: choice(["txt", "jsonl"], "text, or a JSON object a line", {
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
  notes: "Writes wiki_000.txt and so on, a paragraph a line and a blank line " +
    "between articles\n(or wiki_000.jsonl: id, title, url, text), and " +
    "manifest.json. An earlier corpus in the\nfolder is replaced when all is " +
    "done. After an interruption the same command goes on\nwhere the last " +
    "complete file ended.\nDumps: https://dumps.wikimedia.org/ptwiki/ " +
    "(pages-articles, with or without multistream).",
  examples: [
    "--input ptwiki-latest-pages-articles.xml.bz2 --output data/wiki_clean",
    "--input ptwikisource-latest-pages-articles.xml.bz2 --output data/livros --format jsonl",
  ],
  async run(values, output) {
    const start = performance.now();
    const { input, output: folder } = values;
    const file = await DumpFile.open(input).catch((error) => {
      throw cannotRead(input, error);
    });
    await using corpus: WikiCorpus = await CorpusOutput.open(folder, {
      prefix: "wiki",
      documentsPerFile: values["articles-per-file"],
      format: values.format,
      identity: identityOf(values, file.size),
      restart: values.restart,
    });
    using interrupt = onInterrupt(output, "stopping");
    file.expect(corpus.read);
    if (corpus.read !== undefined) {
      output.note(
        `going on after ${corpus.totals.files.length} complete files ` +
          `(${corpus.totals.documents} articles)`,
      );
    }
    const done = corpus.complete ||
      await write(corpus, file, values, interrupt.signal, output);
    if (!done) {
      output.print("interrupted; the same command goes on from here");
      return { complete: false, output: folder };
    }
    const { pages, ...dropped } = corpus.counts;
    if (corpus.totals.documents === 0) {
      corpus.discard();
      throw new Error(
        `Cannot make a corpus of "${input}": none of its ${pages} pages is ` +
          `an article of ${values["min-chars"]} characters or more`,
      );
    }
    const read = await file.whole();
    const residue = sorted(corpus.residue);
    await corpus.finish(
      () => describe(values, read, pages, dropped, residue),
      read,
    );
    return report(corpus, values, (performance.now() - start) / 1000, output);
  },
};

type WikiCorpus = CorpusOutput<DumpPlace, ReadMark>;

/** Makes the corpus; false when it was interrupted. */
async function write(
  corpus: WikiCorpus,
  file: DumpFile,
  values: Values<typeof options>,
  signal: AbortSignal,
  output: Output,
): Promise<boolean> {
  const { input } = values;
  const start = performance.now();
  using progress = output.progress("process-wiki");
  let xml = 0;
  try {
    const dump = await WikiDump.open(file);
    const compressed = /\.bz2$/i.test(input);
    const threads = values.threads ??
      usefulThreads(compressed ? file.size * XML_RATIO : file.size);
    const documents = dump.documents(articleOptions(values, dump), {
      threads,
      from: corpus.place,
    });
    for await (const batch of documents) {
      if (signal.aborted) return false;
      await corpus.addBatch(batch, batch.place, () => file.mark);
      xml += batch.xml;
      const rate = xml / 1000 / (performance.now() - start);
      progress.update(
        file.position,
        file.size,
        `${rate.toFixed(0)} MB/s of XML  ${corpus.totals.documents} articles`,
      );
    }
  } catch (error) {
    // Nothing can come of a damaged dump.
    if (error instanceof SyntaxError) corpus.discard();
    throw ofFile(error, input);
  }
  return true;
}

function articleOptions(
  values: Values<typeof options>,
  { site }: WikiDump,
): ArticleOptions {
  return {
    site,
    project: values.projects === "auto"
      ? projectOf(site.database)
      : values.projects,
    format: values.format,
    minChars: values["min-chars"],
    disambiguations: values["keep-disambiguation"],
  };
}

/** What has to be the same for an interrupted run to be continued. */
function identityOf(
  values: Values<typeof options>,
  bytes: number,
): Record<string, unknown> {
  return { source: nameOf(values.input), bytes, ...settingsOf(values) };
}

function settingsOf(values: Values<typeof options>): Record<string, unknown> {
  return {
    format: values.format,
    projects: values.projects,
    minChars: values["min-chars"],
    articlesPerFile: values["articles-per-file"],
    keepDisambiguation: values["keep-disambiguation"],
  };
}

/** The manifest, but for the totals. */
function describe(
  values: Values<typeof options>,
  read: { bytes: number; sha256: string },
  pages: number,
  dropped: Record<string, number>,
  residue: Record<string, number>,
): Record<string, unknown> {
  return {
    source: { name: nameOf(values.input), ...read },
    options: settingsOf(values),
    pages,
    dropped,
    residue,
  };
}

function report(
  corpus: WikiCorpus,
  { output: folder }: Values<typeof options>,
  seconds: number,
  output: Output,
): Record<string, unknown> {
  const { documents, files, characters, bytes } = corpus.totals;
  const { pages, ...dropped } = corpus.counts;
  output.print(
    `${documents} articles, ${megabytes(bytes)} MB of text in ` +
      `${files.length} ${files.length === 1 ? "file" : "files"} in ` +
      `${folder}, from ${pages} pages in ${seconds.toFixed(1)} s`,
  );
  output.print(
    "not kept: " +
      Object.entries(dropped).map(([reason, count]) =>
        `${count} ${LABELS[reason] ?? reason}`
      ).join(", "),
  );
  return {
    articles: documents,
    ...dropped,
    files: files.length,
    characters,
    bytes,
    residue: sorted(corpus.residue),
    seconds,
    output: folder,
  };
}

const LABELS: Readonly<Record<string, string>> = {
  redirects: "redirects",
  otherNamespaces: "of other namespaces",
  otherModels: "not wikitext",
  disambiguations: "disambiguations",
  tooShort: "too short",
  uncorrected: "not corrected yet",
};

function sorted(counts: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).sort());
}

function nameOf(path: string): string {
  return path.split(/[\\/]/).at(-1)!;
}

/** Says which file was at fault, unless it was the one being written. */
function ofFile(error: unknown, path: string): unknown {
  if (!(error instanceof Error)) return error;
  if (error instanceof SyntaxError) {
    const reason = error.message.replace(/^Cannot [^:]*: /, "");
    return new SyntaxError(`Cannot read "${path}": ${reason}`, {
      cause: error,
    });
  }
  if (error instanceof InputChanged) {
    return new Error(
      `Cannot go on with "${path}": ${error.message} the work on it began; ` +
        "--restart begins anew",
      { cause: error },
    );
  }
  return error.message.startsWith("Cannot ") ? error : cannotRead(path, error);
}
