/**
 * From a Wikimedia dump to clean text.
 *
 * @module
 */

import {
  DumpFile,
  InputChanged,
  type ReadMark,
} from "../corpus/dump/dump_file.ts";
import type { DumpPlace } from "../corpus/dump/dump_source.ts";
import { CorpusOutput } from "../corpus/output/corpus_output.ts";
import type {
  CorpusFormat,
  PageCounts,
} from "../corpus/output/document_batch.ts";
import { type Project, projectOf, PROJECTS } from "../corpus/wiki/projects.ts";
import { type DumpBatch, WikiDump } from "../corpus/wiki/wiki_dump.ts";
import { cannotRead } from "../files.ts";
import { refuseOtherKinds } from "../input_kinds.ts";
import { usefulThreads } from "../workers.ts";
import {
  assertOptions,
  oneOf,
  type OptionKinds,
  wholeFrom,
} from "../option_kinds.ts";
import type { Progress, StageOptions } from "./stage.ts";

/** How many times as long as the bzip2 of it XML is, about. */
const XML_RATIO = 4;

/** What a cleaner of another number began, this one does not go on with. */
const CLEANER = 2;

/** How far `processWiki()` is, in bytes of the dump. */
export interface ProcessWikiProgress extends Progress {
  /** Bytes of XML that this call has read. */
  readonly xml: number;
  /** Articles in the corpus so far. */
  readonly articles: number;
}

/** What `processWiki()` is to do. */
export interface ProcessWikiOptions extends StageOptions<ProcessWikiProgress> {
  /** A dump, `.xml` or `.xml.bz2`. */
  readonly input: string;
  /** The folder that the corpus goes to. */
  readonly output: string;
  /** What a document looks like; `txt` unless given. */
  readonly format?: CorpusFormat;
  /** Whose rules to follow; unless given, `auto` asks the dump. */
  readonly projects?: Project | "auto";
  /** The shortest article to keep, in characters; 100 unless given. */
  readonly minChars?: number;
  /** Articles in one file; 10,000 unless given. */
  readonly articlesPerFile?: number;
  /** Whether pages are kept that list what a name may mean. */
  readonly keepDisambiguation?: boolean;
  /** Whether what an interrupted run has left is thrown away. */
  readonly restart?: boolean;
  /** How many threads; what the dump is worth unless given. */
  readonly threads?: number;
  /** Told when an interrupted run is continued: what it had completed. */
  readonly onResume?: (done: { files: number; articles: number }) => void;
}

/** What its options are. */
const OPTIONS: OptionKinds<ProcessWikiOptions> = {
  input: "text",
  output: "text",
  format: "text?",
  projects: oneOf(["auto", ...PROJECTS]),
  minChars: wholeFrom(0),
  articlesPerFile: "number?",
  keepDisambiguation: "flag?",
  restart: "flag?",
  threads: wholeFrom(1),
  onResume: "function?",
  signal: "signal?",
  onProgress: "function?",
};

/** What `processWiki()` made; `complete` is false when it was aborted. */
export type ProcessWikiResult =
  | { readonly complete: false; readonly output: string }
  | {
    readonly complete: true;
    readonly output: string;
    readonly articles: number;
    /** Pages in the dump. */
    readonly pages: number;
    /** Pages that are no articles, by the reason. */
    readonly dropped: Readonly<PageCounts>;
    /** Files written. */
    readonly files: number;
    /** UTF-16 units of text. */
    readonly characters: number;
    readonly bytes: number;
    /** Markup that could not be read and had to be stripped, by kind. */
    readonly residue: Readonly<PageCounts>;
    readonly seconds: number;
  };

/**
 * Cleans the articles of a dump into `wiki_000.txt` and so on with a
 * `manifest.json`. An earlier corpus in the folder is replaced when all is done.
 * After an abort or a crash the same call goes on where the last complete file
 * ended.
 *
 * @param options The dump, the folder, and how to clean.
 * @returns What was made, or that the work was aborted.
 * @throws {Error} When the dump cannot be read or holds no article, or the
 * folder cannot be written.
 *
 * @example
 * ```ts
 * import { processWiki } from "./process_wiki.ts";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * const input = `${folder}/dump.xml`;
 * const text = "O '''Sol''' é uma [[estrela]]. ".repeat(9);
 * await Deno.writeTextFile(input, `<mediawiki><page><title>Sol</title><ns>0</ns>
 *   <revision><text>${text}</text></revision></page></mediawiki>`);
 * const result = await processWiki({ input, output: `${folder}/clean` });
 * assert(result.complete);
 * assertEquals([result.articles, result.files], [1, 1]);
 * ```
 */
export async function processWiki(
  options: ProcessWikiOptions,
): Promise<ProcessWikiResult> {
  assertOptions("process a dump", options, OPTIONS);
  const start = performance.now();
  const { input, output, minChars = 100 } = options;
  const settings = settingsOf(options);
  const name = input.split(/[\\/]/).at(-1)!;
  const file = await DumpFile.open(input).catch(async (error) => {
    await refuseOther(input);
    throw cannotRead(input, error);
  });
  await using corpus: WikiCorpus = await CorpusOutput.open(output, {
    command: "process-wiki",
    prefix: "wiki",
    documentsPerFile: settings.articlesPerFile,
    format: settings.format,
    // What has to be the same for an interrupted run to be continued.
    identity: {
      source: name,
      bytes: file.size,
      cleaner: CLEANER,
      ...settings,
    },
    restart: options.restart ?? false,
  });
  file.expect(corpus.read);
  if (corpus.read !== undefined) {
    const { files, documents } = corpus.totals;
    options.onResume?.({ files: files.length, articles: documents });
  }
  const done = corpus.complete || await write(corpus, file, options, settings);
  if (!done) return { complete: false, output };
  const { pages, ...dropped } = corpus.counts;
  if (corpus.totals.documents === 0) {
    corpus.discard();
    throw new Error(
      `Cannot make a corpus of "${input}": none of its ${pages} pages is ` +
        `an article of ${minChars} characters or more`,
    );
  }
  const read = await file.whole();
  const residue = Object.fromEntries(Object.entries(corpus.residue).sort());
  await corpus.finish(
    () => ({
      source: { name, ...read },
      options: settings,
      pages,
      dropped,
      residue,
    }),
    read,
  );
  const { documents, files, characters, bytes } = corpus.totals;
  return {
    complete: true,
    output,
    articles: documents,
    pages,
    dropped,
    files: files.length,
    characters,
    bytes,
    residue,
    seconds: (performance.now() - start) / 1000,
  };
}

function refuseOther(input: string): Promise<void> {
  return refuseOtherKinds(input, "a dump", ["dump"]);
}

type WikiCorpus = CorpusOutput<DumpPlace, ReadMark>;
type Settings = ReturnType<typeof settingsOf>;

/** Makes the corpus; false when it was interrupted. */
async function write(
  corpus: WikiCorpus,
  file: DumpFile,
  options: ProcessWikiOptions,
  settings: Settings,
): Promise<boolean> {
  const { signal, onProgress } = options;
  let xml = 0;
  for await (const batch of read(corpus, file, options, settings)) {
    if (signal?.aborted) return false;
    await corpus.addBatch(batch, batch.place, () => file.mark);
    xml += batch.xml;
    onProgress?.({
      done: file.position,
      total: file.size,
      xml,
      articles: corpus.totals.documents,
    });
  }
  return true;
}

/** Reads the dump, apart from what is done with it: errors here are its own. */
async function* read(
  corpus: WikiCorpus,
  file: DumpFile,
  { input, threads }: ProcessWikiOptions,
  { projects, format, minChars, keepDisambiguation }: Settings,
): AsyncGenerator<DumpBatch> {
  try {
    const dump = await WikiDump.open(file);
    const compressed = /\.bz2$/i.test(input);
    const { site } = dump;
    yield* dump.documents({
      site,
      project: projects === "auto" ? projectOf(site.database) : projects,
      format,
      minChars,
      disambiguations: keepDisambiguation,
    }, {
      threads: threads ??
        usefulThreads(compressed ? file.size * XML_RATIO : file.size),
      from: corpus.place,
    });
  } catch (error) {
    if (error instanceof SyntaxError) {
      corpus.discard(); // nothing can come of a damaged dump
      await refuseOther(input);
    }
    throw ofFile(error, input);
  }
}

/** What the text depends on, as the manifest has it. */
function settingsOf(options: ProcessWikiOptions) {
  return {
    format: options.format ?? "txt",
    projects: options.projects ?? "auto",
    minChars: options.minChars ?? 100,
    articlesPerFile: options.articlesPerFile ?? 10_000,
    keepDisambiguation: options.keepDisambiguation ?? false,
  };
}

/** Says which file was at fault. */
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
