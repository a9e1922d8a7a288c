/**
 * `process-wiki`: from a Wikimedia dump to clean text.
 *
 * @module
 */

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
  usefulThreads,
  type Values,
} from "./shared/options.ts";
import { filesOf, megabytes, type Output } from "./shared/output.ts";

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
    const name = input.split(/[\\/]/).at(-1)!;
    const file = await DumpFile.open(input).catch((error) => {
      throw cannotRead(input, error);
    });
    await using corpus: WikiCorpus = await CorpusOutput.open(folder, {
      prefix: "wiki",
      documentsPerFile: values["articles-per-file"],
      format: values.format,
      // What has to be the same for an interrupted run to be continued.
      identity: { source: name, bytes: file.size, ...settingsOf(values) },
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
    const residue = Object.fromEntries(Object.entries(corpus.residue).sort());
    await corpus.finish(
      () => ({
        source: { name, ...read },
        options: settingsOf(values),
        pages,
        dropped,
        residue,
      }),
      read,
    );
    const { documents, files, characters, bytes } = corpus.totals;
    const seconds = (performance.now() - start) / 1000;
    output.print(
      `${documents} articles, ${megabytes(bytes)} MB of text in ` +
        `${filesOf(files.length)} in ${folder}, from ${pages} pages in ` +
        `${seconds.toFixed(1)} s\n${describe(dropped)}`,
    );
    return {
      articles: documents,
      ...dropped,
      files: files.length,
      characters,
      bytes,
      residue,
      seconds,
      output: folder,
    };
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
    const { site } = dump;
    const documents = dump.documents({
      site,
      project: values.projects === "auto"
        ? projectOf(site.database)
        : values.projects,
      format: values.format,
      minChars: values["min-chars"],
      disambiguations: values["keep-disambiguation"],
    }, { threads, from: corpus.place });
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

function settingsOf(values: Values<typeof options>): Record<string, unknown> {
  return {
    format: values.format,
    projects: values.projects,
    minChars: values["min-chars"],
    articlesPerFile: values["articles-per-file"],
    keepDisambiguation: values["keep-disambiguation"],
  };
}

function describe(dropped: Record<string, number>): string {
  const reasons = Object.entries(dropped)
    .map(([reason, count]) => `${count} ${LABELS[reason] ?? reason}`);
  return `not kept: ${reasons.join(", ")}`;
}

const LABELS: Readonly<Record<string, string>> = {
  redirects: "redirects",
  otherNamespaces: "of other namespaces",
  otherModels: "not wikitext",
  disambiguations: "disambiguations",
  tooShort: "too short",
  uncorrected: "not corrected yet",
};

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
