/**
 * From a folder of text files to clean text.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { RepeatedLines } from "../corpus/clean/boilerplate.ts";
import { WordForms } from "../corpus/clean/hyphens.ts";
import { readPage } from "../corpus/formats/html_text.ts";
import { readAllText } from "../corpus/formats/text_source.ts";
import {
  type BlankLines,
  cleanEdgesInSteps,
  type CleanedText,
  type CleaningCounts,
  cleanInSteps,
  decodeLegacy,
  noCleaning,
  type TextCleanerOptions,
} from "../corpus/clean/text_cleaner.ts";
import { readJsonLines } from "../corpus/documents/json_lines.ts";
import {
  findTextFiles,
  type TextFile,
  type TextFiles,
} from "../corpus/documents/text_files.ts";
import { CorpusFolder } from "../corpus/output/corpus_folder.ts";
import { cannotRead, readWhole, writeFileAtomic } from "../files.ts";
import {
  type InputFile,
  isJsonLines,
  packingOf,
  refuseOverlap,
  textFormOf,
  totalSize,
  withoutTextEnding,
} from "../input_files.ts";
import { type Kind, kindOf } from "../input_kinds.ts";
import { EventTurns } from "../turns.ts";
import { assertOptions, type OptionKinds, wholeFrom } from "../option_kinds.ts";
import type { Progress, StageOptions } from "./stage.ts";

/** A file is cleaned as a whole; a larger one has to be split. */
const MAX_FILE_BYTES = 256 << 20;

/** How far `cleanCorpus()` is, in bytes of all passes together. */
export interface CleanCorpusProgress extends Progress {
  /**
   * Whether files are compared, for lines that many have and words that lines
   * break; the forms of such words are counted; or files are cleaned.
   */
  readonly pass: "comparing" | "counting" | "cleaning";
  /** The file at hand. */
  readonly name: string;
}

/** What became of a file. */
export interface CleanedFile {
  /** Its name in the input. */
  readonly name: string;
  /** Its name in the output; absent where nothing was left. */
  readonly file?: string;
  /** Its encoding; absent where it is no text. */
  readonly encoding?: string;
  /** Its length as it was given. */
  readonly bytesBefore: number;
  /** The length of the clean text. */
  readonly bytesAfter: number;
  /** SHA-256 of that; absent where nothing was left. */
  readonly sha256?: string;
  /** Lines that were dropped, by whichever rule. */
  readonly linesDropped: number;
  /** Whether hard line breaks were undone. */
  readonly unwrapped: boolean;
}

/** What `cleanCorpus()` is to do; every rule can be left out. */
export interface CleanCorpusOptions extends StageOptions<CleanCorpusProgress> {
  /** A text file, or a folder of such files. */
  readonly input: string;
  /** The folder that the clean files go to. */
  readonly output: string;
  /** What blank lines divide; found out for each file unless given. */
  readonly blankLines?: BlankLines;
  /** Whether to leave mojibake, controls and odd spaces. */
  readonly keepCharacters?: boolean;
  /** Whether to leave lines that were broken at a page's width. */
  readonly keepLineBreaks?: boolean;
  /** Whether to leave tags, wikitext and Markdown. */
  readonly keepMarkup?: boolean;
  /** Whether to leave maintenance lines and headers of pages. */
  readonly keepBoilerplate?: boolean;
  /** Whether to leave lines that many files begin or end with. */
  readonly keepRepeated?: boolean;
  /** Shorter lines are dropped; 0 unless given. */
  readonly minLineChars?: number;
  /** Told of the files, before they are read. */
  readonly onFiles?: (files: TextFiles) => void;
  /** Told of every file that was cleaned. */
  readonly onFile?: (file: CleanedFile) => void;
}

/** What its options are. */
const OPTIONS: OptionKinds<CleanCorpusOptions> = {
  input: "text",
  output: "text",
  blankLines: "text?",
  keepCharacters: "flag?",
  keepLineBreaks: "flag?",
  keepMarkup: "flag?",
  keepBoilerplate: "flag?",
  keepRepeated: "flag?",
  minLineChars: wholeFrom(0),
  onFiles: "function?",
  onFile: "function?",
  signal: "signal?",
  onProgress: "function?",
};

/** What was done to all files. */
export interface CleanCorpusTotals {
  /** Files written. */
  files: number;
  /** Files of which nothing was left. */
  emptied: number;
  /** Files left out as they are no text, whatever their name. */
  notText: number;
  /** Documents in the clean text. */
  documents: number;
  /** Lines that were dropped, by whichever rule. */
  linesDropped: number;
  /** Files of which hard line breaks were undone. */
  unwrapped: number;
  /** Files read as Windows-1252. */
  decodedAsWindows1252: number;
  /** U+FFFD in the clean text: characters that were lost before. */
  lostCharacters: number;
  /** Its length as it was given. */
  bytesBefore: number;
  /** The length of the clean text. */
  bytesAfter: number;
  /** What each rule did. */
  readonly rules: CleaningCounts;
}

/** What `cleanCorpus()` made. */
export interface CleanCorpusResult extends Readonly<CleanCorpusTotals> {
  /** It was not aborted. */
  readonly complete: true;
  /** The folder of the clean files. */
  readonly output: string;
  /** Files of the folder that have other names than text has. */
  readonly ignored: number;
  /** How long it took. */
  readonly seconds: number;
}

/**
 * Repairs and cleans text files. Every file is written under its name with
 * `.txt`, a paragraph a line and a blank line between documents; a
 * `manifest.json` says what each rule did. An earlier corpus of clean files in
 * the folder is replaced when all is done, so that meanwhile there must be room
 * for both.
 *
 * @param options The files, the folder, and how to clean.
 * @returns What was made.
 * @throws {Error} When a file cannot be read, none has text, or the folder
 * cannot be written; when it is aborted, the signal's reason, and nothing is
 * written.
 *
 * @example
 * ```ts
 * import { cleanCorpus } from "./clean_corpus.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.mkdir(`${folder}/books`);
 * await Deno.writeFile(
 *   `${folder}/books/a.txt`,
 *   Uint8Array.fromHex("97204ee36f2e"), // Windows-1252
 * );
 * const { files } = await cleanCorpus({
 *   input: `${folder}/books`,
 *   output: `${folder}/clean`,
 * });
 * assertEquals(files, 1);
 * assertEquals(await Deno.readTextFile(`${folder}/clean/a.txt`), "— Não.\n");
 * ```
 */
export async function cleanCorpus(
  options: CleanCorpusOptions,
): Promise<CleanCorpusResult> {
  assertOptions("clean a corpus", options, OPTIONS);
  const start = performance.now();
  const { input, output, signal } = options;
  const found = await findTextFiles(input, { mayBeEmpty: true });
  const { files, unread, ignored, roots } = found;
  options.onFiles?.(found);
  await refuseOverlap(roots, output);
  const targets = targetsOf(files);
  await using corpus = await CorpusFolder.open(output, {
    command: "clean-corpus",
    writes: targets,
  });
  const { totals, sources } = await cleanFiles(files, targets, corpus, options);
  if (totals.files === 0) refuseNothing(input, totals);
  signal?.throwIfAborted();
  await corpus.publish(
    {
      options: rulesOf(options),
      documentsBy: "blank-lines",
      ...totals,
      unread: unread.length > 0 ? unread : undefined,
      ignored,
      sources: sources.map(({ unwrapped: _, ...source }) => source),
    },
    sources.flatMap(({ file }) => file === undefined ? [] : [file]),
  );
  return {
    complete: true,
    output,
    ...totals,
    ignored: ignored.length,
    seconds: (performance.now() - start) / 1000,
  };
}

async function cleanFiles(
  files: readonly TextFile[],
  targets: readonly string[],
  corpus: CorpusFolder,
  options: CleanCorpusOptions,
) {
  const { signal } = options;
  const compares = files.length > 1 &&
    !(options.keepRepeated && options.keepLineBreaks);
  const size = totalSize(files), total = size * (compares ? 3 : 1);
  let done = 0;
  const tell = (
    pass: CleanCorpusProgress["pass"],
    { name, size }: InputFile,
    share = 0,
  ) => {
    const within = Math.floor(share * size);
    options.onProgress?.({ done: done + within, total, pass, name });
  };
  const repeated = options.keepRepeated ? undefined : new RepeatedLines();
  const forms = new WordForms();
  for (const file of compares ? files : []) {
    signal?.throwIfAborted();
    tell("comparing", file);
    const read = await readInput(file);
    const rules = { ...cleaningOf(file, options, read), broken: forms };
    const edges = await inTurns(cleanEdgesInSteps(read?.text ?? "", rules), {
      signal,
      told: (share) => tell("comparing", file, share),
    });
    repeated?.add(edges);
    done += file.size;
  }
  // How the corpus writes the words that some of its lines break.
  for (const file of compares && !forms.isEmpty ? files : []) {
    signal?.throwIfAborted();
    tell("counting", file);
    forms.count(trimmedLines((await readInput(file))?.text ?? ""));
    done += file.size;
  }
  if (compares) done = 2 * size;
  const totals = noTotals();
  const sources: CleanedFile[] = [];
  for (const [i, file] of files.entries()) {
    signal?.throwIfAborted();
    tell("cleaning", file);
    const read = await readInput(file);
    const rules = {
      ...cleaningOf(file, options, read),
      ...(compares ? { repeated, forms } : {}),
    };
    const cleaned = await inTurns(cleanInSteps(read?.text ?? "", rules), {
      signal,
      told: (share) => tell("cleaning", file, share),
    });
    const bytes = new TextEncoder().encode(cleaned.text);
    const isEmpty = cleaned.text === "";
    if (!isEmpty) await writeFileAtomic(corpus.staged(targets[i]), bytes);
    const source = {
      name: file.name,
      file: isEmpty ? undefined : targets[i], // absent where nothing was left
      encoding: read?.encoding,
      bytesBefore: file.size,
      bytesAfter: bytes.length,
      sha256: isEmpty
        ? undefined
        : createHash("sha256").update(bytes).digest("hex"),
      linesDropped: cleaned.dropped,
      unwrapped: cleaned.unwrapped,
    };
    count(totals, source, cleaned);
    sources.push(source);
    options.onFile?.(source);
    done += file.size;
    tell("cleaning", file);
  }
  return { totals, sources };
}

function* trimmedLines(text: string): Generator<string> {
  for (let at = 0, end = 0; at <= text.length; at = end + 1) {
    end = text.indexOf("\n", at);
    if (end < 0) end = text.length;
    yield text.slice(at, end).trim();
  }
}

/** Takes the steps of a text, which may be large, and lets a signal in. */
async function inTurns<Result>(
  steps: Generator<number, Result>,
  { signal, told }: {
    readonly signal?: AbortSignal;
    readonly told: (share: number) => void;
  },
): Promise<Result> {
  const turns = new EventTurns();
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await turns.next();
    signal?.throwIfAborted();
    told(step.value);
  }
}

function noTotals(): CleanCorpusTotals {
  return {
    files: 0,
    emptied: 0,
    notText: 0,
    documents: 0,
    linesDropped: 0,
    unwrapped: 0,
    decodedAsWindows1252: 0,
    lostCharacters: 0,
    bytesBefore: 0,
    bytesAfter: 0,
    rules: noCleaning(),
  };
}

function count(
  totals: CleanCorpusTotals,
  { file, encoding, bytesBefore, bytesAfter }: CleanedFile,
  { text, documents, dropped, unwrapped, counts }: CleanedText,
): void {
  totals[
    encoding === undefined
      ? "notText"
      : file === undefined
      ? "emptied"
      : "files"
  ]++;
  totals.documents += documents;
  totals.linesDropped += dropped;
  totals.unwrapped += unwrapped ? 1 : 0;
  totals.decodedAsWindows1252 += encoding === "windows-1252" ? 1 : 0;
  totals.lostCharacters += text.match(/\ufffd/g)?.length ?? 0;
  totals.bytesBefore += bytesBefore;
  totals.bytesAfter += bytesAfter;
  for (const rule of Object.keys(counts) as (keyof CleaningCounts)[]) {
    totals.rules[rule] += counts[rule];
  }
}

/** What has the name of a text and is none. */
const NO_TEXT: readonly Kind[] = [
  "archive",
  "binary",
  "dump",
  "model",
  "pdf",
  "picture",
  "program",
  "tokens",
  "weights",
];

/** A file that was read. */
interface ReadText {
  readonly text: string;
  readonly encoding: string;
  /** What blank lines divide, where its form says it. */
  readonly blankLines?: BlankLines;
}

/**
 * A file's text; the documents of a .jsonl or .parquet file with blank lines
 * between them, and so the paragraphs of pages and books. Undefined of a file
 * that is no text.
 */
async function readInput(file: InputFile): Promise<ReadText | undefined> {
  const { path } = file;
  const kind = await kindOf(path), form = textFormOf(path);
  if (kind !== undefined && NO_TEXT.includes(kind)) return undefined;
  const isPacked = packingOf(path) !== undefined;
  if (kind === "page" && !isPacked) {
    const bytes = await readWhole(path, MAX_FILE_BYTES);
    const { paragraphs, encoding } = readPage(bytes);
    return ofParagraphs(paragraphs, encoding);
  }
  if (isJsonLines(path)) return await readObjects(file);
  if (form === "page" || form === "book") {
    const text = new TextDecoder().decode(await readMade(file));
    return ofParagraphs(text.trimEnd().split("\n"), "utf-8");
  }
  return decodeLegacy(
    isPacked ? await readMade(file) : await readWhole(path, MAX_FILE_BYTES),
  );
}

/** What a file becomes that is not text itself. */
async function readMade(file: InputFile): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await readAllText(file, MAX_FILE_BYTES);
  } catch (error) {
    throw cannotRead(file.path, error);
  }
}

async function readObjects(file: InputFile): Promise<ReadText> {
  const documents: string[] = [];
  let length = 0;
  for await (const document of readJsonLines(file)) {
    documents.push(document);
    length += document.length;
    if (length <= MAX_FILE_BYTES) continue;
    throw new RangeError(
      `Cannot read "${file.path}": it has more than ${
        MAX_FILE_BYTES >> 20
      } MiB of text, so it has to be split; build-corpus reads it as it is`,
    );
  }
  return { text: documents.join("\n\n"), encoding: "utf-8" };
}

function ofParagraphs(
  paragraphs: readonly string[],
  encoding: string,
): ReadText {
  return { text: paragraphs.join("\n\n"), encoding, blankLines: "paragraphs" };
}

/** The rules, as the manifest has them. */
function rulesOf(options: CleanCorpusOptions) {
  return {
    blankLines: options.blankLines ?? "auto",
    keepCharacters: options.keepCharacters ?? false,
    keepLineBreaks: options.keepLineBreaks ?? false,
    keepMarkup: options.keepMarkup ?? false,
    keepBoilerplate: options.keepBoilerplate ?? false,
    keepRepeated: options.keepRepeated ?? false,
    minLineChars: options.minLineChars ?? 0,
  };
}

function cleaningOf(
  { name, documents, because }: TextFile,
  options: CleanCorpusOptions,
  read?: ReadText,
): TextCleanerOptions {
  const { blankLines, ...rules } = rulesOf(options);
  if (read?.blankLines !== undefined) {
    return { ...rules, blankLines: read.blankLines };
  }
  const markdown = textFormOf(name) === "markdown";
  if (documents === "jsonl") {
    return { ...rules, markdown, blankLines: "documents" };
  }
  // Of a single text the cleaner itself finds out, looking at all of it.
  const found = because === "looked"
    ? "auto"
    : documents === "files"
    ? "paragraphs"
    : "documents";
  return {
    ...rules,
    markdown,
    blankLines: blankLines === "auto" ? found : blankLines,
  };
}

/** `a.md` and `a.html.gz` become `a.txt`, unless another file does. */
function targetsOf(files: readonly InputFile[]): string[] {
  const taken = new Set(
    files.map(({ name }) => name).filter((name) => /\.txt$/i.test(name)),
  );
  return files.map(({ name }) => {
    if (/\.txt$/i.test(name)) return name;
    let target = `${withoutTextEnding(name)}.txt`;
    for (let n = 1; taken.has(target); n++) {
      target = n === 1 ? `${name}.txt` : `${name}_${n}.txt`;
    }
    taken.add(target);
    return target;
  });
}

function refuseNothing(
  input: string,
  { emptied, notText }: CleanCorpusTotals,
): never {
  const files = emptied + notText;
  const reason = emptied === 0
    ? files === 1 ? "it is binary data" : "all its files are binary data"
    : files === 1
    ? "nothing of it is left"
    : `nothing of its ${files} files is left`;
  throw new Error(`Cannot make a corpus of "${input}": ${reason}`);
}
