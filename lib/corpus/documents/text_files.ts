/**
 * The files of text that a command reads, and what a document is in each: as
 * the manifest of the corpus says, else by a rule that looks at names, sizes
 * and at most a megabyte of text.
 *
 * @module
 */

import { blankLinesDivideParagraphs } from "../clean/text_cleaner.ts";
import { cannotRead, withoutSlash } from "../../files.ts";
import { openText } from "../formats/text_source.ts";
import {
  type InputFile,
  type InputFiles,
  isJsonLines,
  isOneDocument,
  listTextFiles,
  withoutPacking,
  withoutTextEnding,
} from "../../input_files.ts";
import { listTexts } from "../../input_kinds.ts";
import { settleFolder } from "../../folder_lock.ts";
import { readManifest } from "../output/corpus_folder.ts";
import {
  DOCUMENT_RULES,
  type DocumentRule,
  type RuledFile,
  ruleOf,
} from "./document_rule.ts";

/** Why a file has its rule. */
export type RuleReason =
  | "asked"
  | "manifest"
  | "ending"
  | "numbered"
  | "large"
  | "looked"
  | "folder";

/** A file of text. */
export interface TextFile extends InputFile, RuledFile {
  /** What a document is in it. */
  readonly documents: DocumentRule;
  /** Why. */
  readonly because: RuleReason;
}

/** The files of text of an input. */
export interface TextFiles extends InputFiles {
  /** Those to read, sorted by name. */
  readonly files: readonly TextFile[];
  /** Names of texts that a corpus's manifest does not name: not of it. */
  readonly leftOut: readonly string[];
}

/** A work that is one file is not longer, in bytes; the Bible has some 4 MB. */
const LONGEST_WORK = 2 ** 24;
/** How much of a text is looked at, in bytes. */
const LOOK_BYTES = 2 ** 20;

/**
 * Lists files of text, as `listTextFiles()` does, and finds what a document is
 * in each. With `auto`:
 *
 * - of a folder with the manifest of a corpus, what that says, and only the
 *   files that it names;
 * - `.jsonl` has one a line, `.parquet` one a row; `.md`, `.html` and `.epub`
 *   are one;
 * - `NAME_000.txt` and what is numbered like it, and any file of more than 16
 *   MiB, has blocks between blank lines;
 * - another file is one document; where it is the only one, and blank lines do
 *   not just divide its paragraphs, it has blocks.
 *
 * @param input A file, a folder or a pattern.
 * @param options The rule of all files, instead of `auto`; where objects and
 * tables have the text, `text` unless given; whether the files may be empty.
 * @throws {Error} When the input cannot be read, or holds nothing to read.
 *
 * @example
 * ```ts
 * import { findTextFiles } from "./text_files.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * for (const name of ["a.txt", "b.txt"]) {
 *   await Deno.writeTextFile(`${folder}/${name}`, "Um.\n\nDois.\n");
 * }
 * const { files } = await findTextFiles(folder);
 * assertEquals(files.map(({ documents }) => documents), ["files", "files"]);
 * ```
 */
export async function findTextFiles(
  input: string,
  { documents = "auto", textField, mayBeEmpty = false }: {
    readonly documents?: DocumentRule | "auto";
    readonly textField?: string;
    readonly mayBeEmpty?: boolean;
  } = {},
): Promise<TextFiles> {
  if (documents !== "auto" && !DOCUMENT_RULES.includes(documents)) {
    throw new RangeError(
      `Cannot read documents by "${documents}": it is one of auto, ${
        DOCUMENT_RULES.join(", ")
      }`,
    );
  }
  const list = mayBeEmpty ? listTexts : listTextFiles;
  let found = await list(input);
  if (await settleAll(input, found)) found = await list(input);
  const corpora = await corporaOf(input, found);
  const leftOut: string[] = [];
  const kept: { readonly file: InputFile; readonly corpus?: Corpus }[] = [];
  for (const file of found.files) {
    const corpus = corpora.find(({ root }) => file.path.startsWith(root));
    const isNamed = corpus?.names.has(
      withoutPacking(file.path.slice(corpus.root.length)),
    );
    if (corpus?.isWhole && !isNamed) leftOut.push(file.name);
    else kept.push({ file, corpus: isNamed ? corpus : undefined });
  }
  if (kept.length === 0) {
    throw new Error(
      `Cannot read "${input}": none of the files that its manifest names is there`,
    );
  }
  const names = new Set(found.files.map(({ path }) => withoutTextEnding(path)));
  const isPart = (path: string) =>
    NUMBER.test(withoutTextEnding(path)) &&
    names.has(withoutTextEnding(path).replace(NUMBER, "_000"));
  const isOnly =
    kept.filter(({ file, corpus }) => corpus === undefined && isPlain(file))
      .length === 1;
  const files: TextFile[] = [];
  for (const { file, corpus } of kept) {
    const ruled = (documents: DocumentRule, because: RuleReason) => {
      const rule = ruleOf({ path: file.path, documents });
      const field = textField === undefined ? {} : { textField };
      files.push({ ...file, ...field, documents: rule, because });
    };
    if (isJsonLines(file.path)) ruled("jsonl", "ending");
    else if (documents !== "auto") ruled(documents, "asked");
    else if (corpus !== undefined) ruled(corpus.documents, "manifest");
    else if (isOneDocument(file.path)) ruled("files", "ending");
    else if (isPart(file.path)) ruled("blank-lines", "numbered");
    else if (file.size > LONGEST_WORK) ruled("blank-lines", "large");
    else if (isOnly) ruled(await look(file.path), "looked");
    else ruled("files", "folder");
  }
  return { ...found, files, leftOut };
}

/** The number of a corpus's file, which begin at 0: `wiki_000.txt`. */
const NUMBER = /_\d{3,}$/;

/** Whether a file's ending leaves open what a document is. */
function isPlain({ path }: InputFile): boolean {
  return !isJsonLines(path) && !isOneDocument(path);
}

/** One document, or blocks: what a text looks like. */
async function look(path: string): Promise<DocumentRule> {
  try {
    await using source = await openText({ path });
    const head = new Uint8Array(LOOK_BYTES);
    let length = 0;
    while (length < head.length) {
      const read = await source.read(head.subarray(length));
      if (read === null) break;
      length += read;
    }
    const text = new TextDecoder().decode(head.subarray(0, length));
    return blankLinesDivideParagraphs(text) ? "files" : "blank-lines";
  } catch (error) {
    throw cannotRead(path, error);
  }
}

/** A corpus that one of our commands wrote. */
interface Corpus {
  /** What the paths of its files begin with. */
  readonly root: string;
  /** The names of its files behind that. */
  readonly names: ReadonlySet<string>;
  /** What a document is in them. */
  readonly documents: DocumentRule;
  /** Whether all of it was asked for, and not one of its files. */
  readonly isWhole: boolean;
}

/** The corpora among the files, the innermost first. */
async function corporaOf(
  input: string,
  { files, ignored }: InputFiles,
): Promise<Corpus[]> {
  const isFolder = (await Deno.stat(input).catch(() => undefined))?.isDirectory;
  // As `listFiles()` makes paths of names.
  const base = isFolder ? rootOf(files[0]) : "";
  const roots = isFolder
    ? ignored.filter((name) => /(?:^|\/)manifest\.json$/.test(name))
      .map((name) => base + name.slice(0, -"manifest.json".length))
    : [...new Set(files.map(({ path }) => path.replace(/[^/\\]*$/, "")))];
  const corpora: Corpus[] = [];
  for (const root of roots) {
    const folder = root === "" ? "." : withoutSlash(root);
    const corpus = corpusOf(await readManifest(folder));
    if (corpus !== undefined) {
      corpora.push({ root, ...corpus, isWhole: isFolder === true });
    }
  }
  return corpora.sort((a, b) => b.root.length - a.root.length);
}

/**
 * Sees to it that no folder has files of an old and of a new corpus.
 *
 * @returns Whether something was still to be done somewhere.
 */
async function settleAll(
  input: string,
  { files, ignored }: InputFiles,
): Promise<boolean> {
  const folders = new Set([input]);
  const base = rootOf(files[0]);
  for (const path of [...files.map(({ path }) => path), ...ignored]) {
    // A corpus may have files in folders of its own.
    for (let at = path; at.startsWith(base) && at.length > base.length;) {
      at = at.replace(/(?:^|[/\\])[^/\\]*$/, "");
      folders.add(at === "" ? "." : at);
    }
  }
  let some = false;
  for (const folder of folders) some = await settleFolder(folder) || some;
  return some;
}

/** What stands before a file's name in its path. */
function rootOf({ path, name }: InputFile): string {
  return path.slice(0, path.length - name.length);
}

/**
 * What a manifest says. One without `documentsBy` was written before there was
 * such a field, when all corpora had blank lines between documents.
 */
function corpusOf(
  manifest: Record<string, unknown> = {},
): Pick<Corpus, "names" | "documents"> | undefined {
  const { files, sources, documents, documentsBy } = manifest;
  const names = Number.isSafeInteger(documents)
    ? namesIn(files, "name") ?? namesIn(sources, "file")
    : undefined;
  if (names === undefined) return undefined;
  const rule = DOCUMENT_RULES.find((rule) => rule === documentsBy);
  return { names: new Set(names), documents: rule ?? "blank-lines" };
}

/** The names in a list of a manifest; undefined where it has none. */
function namesIn(list: unknown, key: string): string[] | undefined {
  if (!Array.isArray(list)) return undefined;
  const names = list.map((entry) => entry?.[key])
    .filter((name) => typeof name === "string");
  return names.length === 0 ? undefined : names;
}
