/**
 * From pages of legislation to clean text.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { readUnpacked } from "../corpus/formats/text_source.ts";
import { decodeHtml } from "../corpus/laws/html_encoding.ts";
import {
  cleanLaw,
  type Law,
  type LawCounts,
} from "../corpus/laws/law_cleaner.ts";
import { followIndex } from "../corpus/laws/law_index.ts";
import { CorpusOutput } from "../corpus/output/corpus_output.ts";
import type { CorpusFormat } from "../corpus/output/document_batch.ts";
import {
  type InputFile,
  type InputFiles,
  isTextName,
  listFiles,
  refuseOverlap,
  textFormOf,
  totalSize,
} from "../input_files.ts";
import { refuseOtherKinds } from "../input_kinds.ts";
import { assertOptions, type OptionKinds, wholeFrom } from "../option_kinds.ts";
import type { Progress, StageOptions } from "./stage.ts";

/** Planalto's largest page has some 4 MB; this takes a gigabyte at the worst. */
const MAX_PAGE_BYTES = 16 << 20;
/** How many names of files that were left out are told, at most. */
const MAX_NAMES = 20;

/** How far `processLaws()` is, in bytes of the pages. */
export interface ProcessLawsProgress extends Progress {
  /** The page at hand. */
  readonly name: string;
}

/** What became of a page. */
export interface LawPage {
  /** Its name in the folder. */
  readonly name: string;
  /** The name of the law, where one was found. */
  readonly title?: string;
  /** UTF-16 units of the law's text. */
  readonly characters: number;
  /** In which encoding the page was read. */
  readonly encoding: string;
  /** Why it is left out, where it is. */
  readonly dropped?: "notHtml" | "tooShort";
  /** What was found on it. */
  readonly counts: LawCounts;
}

/** What `processLaws()` is to do. */
export interface ProcessLawsOptions extends StageOptions<ProcessLawsProgress> {
  /** A page, or a folder of `.html` and `.htm` pages. */
  readonly input: string;
  /** The folder that the corpus goes to. */
  readonly output: string;
  /**
   * Whether the input is an index: the pages that it links to are read, of those
   * in its folder, in the order of the links.
   */
  readonly index?: boolean;
  /** Whether notes of amendments stay, "(Incluído pela Lei nº ...)". */
  readonly keepNotes?: boolean;
  /** What a document looks like; `txt` unless given. */
  readonly format?: CorpusFormat;
  /** The shortest law to keep, in characters; 100 unless given. */
  readonly minChars?: number;
  /** Told of the pages, before they are read. */
  readonly onFiles?: (files: InputFiles) => void;
  /** Told of every page that was read. */
  readonly onPage?: (page: LawPage) => void;
}

/** What its options are. */
const OPTIONS: OptionKinds<ProcessLawsOptions> = {
  input: "text",
  output: "text",
  index: "flag?",
  keepNotes: "flag?",
  format: "text?",
  minChars: wholeFrom(0),
  onFiles: "function?",
  onPage: "function?",
  signal: "signal?",
  onProgress: "function?",
};

/** What `processLaws()` made. */
export interface ProcessLawsResult {
  /** It was not aborted. */
  readonly complete: true;
  /** The folder of the corpus. */
  readonly output: string;
  /** Laws in the corpus. */
  readonly documents: number;
  /** Pages read. */
  readonly pages: number;
  /** Pages left out, by the reason. */
  readonly dropped: Readonly<Record<"notHtml" | "tooShort", number>>;
  /** What was found on the pages that stay. */
  readonly found: Readonly<LawCounts>;
  /** Laws of which there is more than one page, and these. */
  readonly revisions: readonly { law?: string; pages: string[] }[];
  /** Links of the index to pages that are not there. */
  readonly missing: readonly string[];
  /** How many files of the folder are no pages. */
  readonly otherFiles: number;
  /** Their names, the first twenty. */
  readonly ignored: readonly string[];
  /** Files written. */
  readonly files: number;
  /** UTF-16 units of text. */
  readonly characters: number;
  /** Bytes of all files. */
  readonly bytes: number;
  /** How long it took. */
  readonly seconds: number;
}

/**
 * Cleans pages of legislation, as Planalto has them, into `laws_000.txt` and so
 * on with a `manifest.json`. An earlier corpus in the folder is replaced when
 * all is done.
 *
 * @param options The pages, the folder, and how to clean.
 * @returns What was made.
 * @throws {Error} When a page cannot be read, none holds a law, or the folder
 * cannot be written; when it is aborted, the signal's reason, and nothing is
 * written.
 *
 * @example
 * ```ts
 * import { processLaws } from "./process_laws.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.mkdir(`${folder}/pages`);
 * await Deno.writeTextFile(
 *   `${folder}/pages/lei.htm`,
 *   "<html><body><p>LEI Nº 8, DE 3 DE MAIO DE 1999<p>Art. 1º O remo é livre.",
 * );
 * const { documents } = await processLaws({
 *   input: `${folder}/pages`,
 *   output: `${folder}/laws`,
 *   minChars: 20,
 * });
 * assertEquals(documents, 1);
 * ```
 */
export async function processLaws(
  options: ProcessLawsOptions,
): Promise<ProcessLawsResult> {
  assertOptions("process laws", options, OPTIONS);
  const start = performance.now();
  const { input, output, format = "txt", minChars = 100 } = options;
  const { keepNotes = false, index = false, signal } = options;
  const found = await (index ? pagesOfIndex(input) : listPages(input));
  const { files, unread, ignored, missing, roots } = found;
  options.onFiles?.(found);
  await refuseOverlap(roots, output);
  await using corpus = await CorpusOutput.open(output, {
    command: "process-laws",
    format,
    prefix: "laws",
  });
  const sources: LawSource[] = [];
  const total = totalSize(files);
  let done = 0;
  for (const file of files) {
    signal?.throwIfAborted();
    options.onProgress?.({ done, total, name: file.name });
    const page = await readPage(file, keepNotes, minChars);
    const { name, law, dropped } = page;
    sources.push(sourceOf(page, corpus.totals.documents));
    if (dropped === undefined) {
      const { title, identity, text } = law;
      await corpus.add(text, { id: name, title, law: identity });
    }
    options.onPage?.(described(page));
    options.onProgress?.({ done: done += file.size, total, name });
  }
  const summary = summaryOf(sources);
  if (corpus.totals.documents === 0) {
    if (summary.dropped.notHtml === files.length) await refuseNoPage(input);
    throw new Error(
      `Cannot make a corpus of "${input}": none of its ${files.length} ` +
        `pages holds a law of ${minChars} characters or more`,
    );
  }
  signal?.throwIfAborted();
  const others = {
    ignored: ignored.slice(0, MAX_NAMES),
    otherFiles: ignored.length,
    missing,
  };
  await corpus.finish(() => ({
    options: { index, keepNotes, minChars, format },
    unread: unread.length > 0 ? unread : undefined,
    ...summary,
    ...others,
    sources,
  }));
  const { documents, files: written, characters, bytes } = corpus.totals;
  return {
    complete: true,
    output,
    documents,
    ...summary,
    ...others,
    files: written.length,
    characters,
    bytes,
    seconds: (performance.now() - start) / 1000,
  };
}

/** The pages to read, and links of an index that lead to none. */
interface Pages extends InputFiles {
  readonly missing: readonly string[];
}

async function listPages(input: string): Promise<Pages> {
  const found = await listFiles(
    input,
    (name) => isTextName(name) && textFormOf(name) === "page",
  );
  if (found.files.length > 0) return { ...found, missing: [] };
  await refuseNoPage(input);
  throw new Error(
    `Cannot make a corpus of "${input}": it holds no .html or .htm page`,
  );
}

/** The pages that an index leads to, of those in its folder and below. */
async function pagesOfIndex(input: string): Promise<Pages> {
  const bytes = await readUnpacked(input, MAX_PAGE_BYTES);
  const folder = input.replace(/[^/\\]*$/, "");
  const found = await listPages(folder === "" ? "." : folder);
  const files = new Map(found.files.map((file) => [file.name, file]));
  files.delete(input.slice(folder.length));
  const links = followIndex(decodeHtml(bytes).text, [...files.keys()]);
  if (links.pages.length === 0) {
    throw new Error(
      `Cannot make a corpus of "${input}": none of its links leads to a page ` +
        "in its folder",
    );
  }
  const pages = links.pages.map((name) => files.get(name)!);
  return { ...found, files: pages, ignored: [], missing: links.missing };
}

function refuseNoPage(input: string): Promise<void> {
  return refuseOtherKinds(input, "a page of HTML", ["page", "pages"]);
}

/** A page that was read. */
interface Page {
  readonly name: string;
  /** Bytes of all files. */
  readonly bytes: number;
  readonly sha256: string;
  readonly encoding: string;
  readonly law: Law;
  /** Why it is left out, where it is. */
  readonly dropped?: "notHtml" | "tooShort";
}

async function readPage(
  { name, path }: InputFile,
  keepNotes: boolean,
  minChars: number,
): Promise<Page> {
  const bytes = await readUnpacked(path, MAX_PAGE_BYTES);
  const { text, encoding } = decodeHtml(bytes);
  const law = cleanLaw(text, { keepNotes });
  return {
    name,
    bytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    encoding,
    law,
    dropped: !isHtml(text)
      ? "notHtml"
      : law.text.length < minChars
      ? "tooShort"
      : undefined,
  };
}

/** Whether a text has markup near its beginning and no binary data. */
function isHtml(text: string): boolean {
  const head = text.slice(0, 1 << 16);
  // A dump of a wiki has some of these elements too.
  return !head.includes("\0") && !/<mediawiki[\s>]/.test(head) &&
    /<(?:!doctype|html|head|body|p|div|table|font|center|title)\b/i.test(head);
}

function described({ name, encoding, law, dropped }: Page): LawPage {
  const { title, text, counts } = law;
  return { name, title, characters: text.length, encoding, dropped, counts };
}

type LawSource = ReturnType<typeof sourceOf>;

/** What became of a page; where in the corpus it is, if it was kept. */
function sourceOf({ law, dropped, ...page }: Page, document: number) {
  return {
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
    strikesLeftOpen: 0,
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
