/**
 * The files that a command reads: one, those of a folder, or those of a
 * pattern with `*`, `**` and `?`, in an order that no file system decides.
 *
 * @module
 */

import { assertPlain, cannotRead, reasonOf } from "./files.ts";

/** A file to read. */
export interface InputFile {
  /** Where it is. */
  readonly path: string;
  /** Relative to the folder that was searched, with `/` between folders. */
  readonly name: string;
  /** Its length in bytes. */
  readonly size: number;
  /** When it was last changed, in ms since 1970; 0 where nobody knows. */
  readonly changed: number;
}

/** A file that is wanted and cannot be read. */
export interface UnreadFile {
  /** As an {@linkcode InputFile} has it; a folder's ends in `/`. */
  readonly name: string;
  /** Why, in a few words. */
  readonly reason: string;
}

/** The files of an input. */
export interface InputFiles {
  /** Those that are wanted, sorted by name. */
  readonly files: readonly InputFile[];
  /**
   * What is wanted of a folder or by a pattern and cannot be read, sorted: it is
   * left out. A file that is named itself is an error then.
   */
  readonly unread: readonly UnreadFile[];
  /** The names of a folder's other files, sorted. */
  readonly ignored: readonly string[];
  /** What nothing may be written into: the folder, or each file. */
  readonly roots: readonly string[];
}

/**
 * What `build-corpus` left out stands under this name beside what it wrote, and
 * is no text of the folder.
 */
export const DROPPED = "dropped.jsonl";

/** What files of text end in, by what such a file is. */
const FORMS = {
  txt: "text",
  md: "markdown",
  html: "page",
  htm: "page",
  xhtml: "page",
  jsonl: "lines",
  parquet: "table",
  epub: "book",
} as const;
/** What a file of text is by its name: a text that has any name is "text". */
export type TextForm = typeof FORMS[keyof typeof FORMS];

/** How files of text may be packed, by what such a file ends in. */
export const PACKINGS = ["gz", "zst", "bz2", "xz"] as const;
/** How a file is packed. */
export type Packing = typeof PACKINGS[number];

/** The endings of files of text. */
const TEXT_NAME = new RegExp(
  `\\.(${Object.keys(FORMS).join("|")})(?:\\.(${PACKINGS.join("|")}))?$`,
  "i",
);
/** More files than this are a mistake. */
const MOST_FILES = 1_000_000;

/** Whether a file has a name that files of text have. */
export function isTextName(name: string): boolean {
  return TEXT_NAME.test(name);
}

/**
 * What a file of text is, by its name; whether it is packed does not matter.
 *
 * @example
 * ```ts
 * import { packingOf, textFormOf } from "./input_files.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([textFormOf("a.md"), packingOf("a.md")], ["markdown", undefined]);
 * assertEquals([textFormOf("a.JSONL.gz"), packingOf("a.JSONL.gz")], ["lines", "gz"]);
 * ```
 */
export function textFormOf(name: string): TextForm {
  const ending = TEXT_NAME.exec(name)?.[1].toLowerCase();
  return FORMS[ending as keyof typeof FORMS] ?? "text";
}

/** How a file of text is packed, by its name; undefined where it is not. */
export function packingOf(name: string): Packing | undefined {
  const ending = TEXT_NAME.exec(name)?.[2]?.toLowerCase();
  return PACKINGS.find((packing) => packing === ending);
}

/** The name of what is in a file, as it was before it was packed. */
export function withoutPacking(name: string): string {
  const packing = packingOf(name);
  return packing === undefined ? name : name.slice(0, -packing.length - 1);
}

/** The name without what says that the file is text, and how it is packed. */
export function withoutTextEnding(name: string): string {
  return name.replace(TEXT_NAME, "");
}

/** Whether what is read of a file has a JSON object a line, a document each. */
export function isJsonLines(name: string): boolean {
  return ["lines", "table"].includes(textFormOf(name));
}

/** Whether a file is one document, whatever blank lines it has. */
export function isOneDocument(name: string): boolean {
  return ["markdown", "page", "book"].includes(textFormOf(name));
}

/**
 * Lists files. Of a folder and its subfolders, names that begin with a dot are
 * left out, and what cannot be opened, with the reason; a link to a file is
 * read, one to a folder or to nothing is not.
 *
 * @param input A file of any name; a folder; or, where there is no such file, a
 * pattern: `*` and `?` stand for what has no slash, `**` for any folders.
 * @param isWanted Says by its name whether a folder's file is meant.
 * @throws {Error} When the input cannot be read, or nothing that is wanted of it.
 *
 * @example
 * ```ts
 * import { listFiles } from "./input_files.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * for (const name of ["b.txt", "a.html", ".d.txt"]) {
 *   await Deno.writeTextFile(`${folder}/${name}`, "x");
 * }
 * const { files, ignored } = await listFiles(folder, (n) => n.endsWith(".txt"));
 * assertEquals([files.map(({ name }) => name), ignored], [["b.txt"], ["a.html"]]);
 * ```
 */
export async function listFiles(
  input: string,
  isWanted: (name: string) => boolean,
): Promise<InputFiles> {
  const files: InputFile[] = [], ignored: string[] = [];
  const unread: UnreadFile[] = [];
  const take = (path: string, name: string, info: Deno.FileInfo) => {
    if (files.length === MOST_FILES) throw new Error("it has too many files");
    const changed = info.mtime?.getTime() ?? 0;
    files.push({ path, name, size: info.size, changed });
  };
  const walk = async (root: string, pattern?: RegExp, prefix = "") => {
    const folder = root === "." && !input.startsWith(".")
      ? ""
      : `${root.replace(/[/\\]+$/, "")}/`;
    for await (const entry of Deno.readDir(root)) {
      if (entry.name.startsWith(".")) continue;
      const path = folder + entry.name, name = prefix + entry.name;
      if (entry.isDirectory) {
        await walk(path, pattern, `${name}/`).catch((error) => {
          if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
          unread.push({ name: `${name}/`, reason: reasonOf(error) });
        });
        continue;
      }
      const wanted = pattern === undefined
        ? isWanted(entry.name)
        : pattern.test(path);
      if (wanted) {
        const info = await openable(path);
        if (typeof info === "string") unread.push({ name, reason: info });
        else take(path, name, info);
      } else if (pattern === undefined) ignored.push(name);
    }
  };
  let isPattern = false;
  try {
    const info = await Deno.stat(input).catch((error) => {
      if (!/[*?]/.test(input)) throw error;
      isPattern = true;
    });
    if (info === undefined) await walk(rootOf(input), patternOf(input));
    else if (info.isDirectory) await walk(input);
    else {
      assertPlain(info);
      take(input, input.split(/[\\/]/).at(-1)!, info);
    }
    if (files.length === 0 && unread.length > 0) {
      const [{ name, reason }] = unread;
      throw new Error(`nothing of it can be read; of "${name}": ${reason}`);
    }
  } catch (error) {
    throw cannotRead(input, error);
  }
  const byName = (a: { name: string }, b: { name: string }) =>
    a.name < b.name ? -1 : 1;
  const roots = isPattern
    ? files.sort(byName).map(({ path }) => path)
    : [input];
  return {
    files: files.sort(byName),
    unread: unread.sort(byName),
    ignored: ignored.sort(),
    roots,
  };
}

/**
 * Lists files of text: as {@linkcode listFiles}, of a folder those that end in
 * `.txt`, `.md`, `.html`, `.jsonl`, `.parquet` or `.epub`, or in one of these
 * and `.gz`, `.zst`, `.bz2` or `.xz`.
 *
 * @param input A file, a folder or a pattern.
 * @param options Whether all of them may be empty.
 * @throws {Error} When the input cannot be read, holds no such file, or only
 * empty ones that may not be.
 */
export async function listTextFiles(
  input: string,
  { mayBeEmpty = false }: { readonly mayBeEmpty?: boolean } = {},
): Promise<InputFiles> {
  const found = await listFiles(
    input,
    (name) => isTextName(name) && name !== DROPPED,
  );
  if (found.files.length === 0) {
    throw new Error(`Cannot read "${input}": it holds no ${TEXT_ENDINGS} file`);
  }
  if (!mayBeEmpty && totalSize(found.files) === 0) {
    throw new Error(`Cannot read "${input}": it is empty`);
  }
  return found;
}

/** The endings of files of text, for messages. */
const TEXT_ENDINGS = ".txt, .md, .html, .jsonl, .parquet or .epub";

/** The length of files together, in bytes. */
export function totalSize(files: readonly InputFile[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}

/**
 * Refuses a folder to write that lies in an input or around it: it would be
 * read as input the next time, or written over it.
 *
 * @param roots The input, as {@linkcode InputFiles} has its roots.
 * @param folder Where something is to be written; it need not be there yet.
 * @throws {Error} Where they do not lie apart.
 *
 * @example
 * ```ts
 * import { refuseOverlap } from "./input_files.ts";
 * import { assertRejects } from "@std/assert";
 *
 * await refuseOverlap(["data/a"], "data/ab");
 * await assertRejects(
 *   () => refuseOverlap(["data/a"], "data/a/clean"),
 *   Error,
 *   'Cannot write into "data/a/clean": it and the input "data/a" must lie apart',
 * );
 * ```
 */
export async function refuseOverlap(
  roots: readonly string[],
  folder: string,
): Promise<void> {
  const to = `${await realPath(folder)}/`;
  for (const root of roots) {
    const from = `${await realPath(root)}/`;
    if (!from.startsWith(to) && !to.startsWith(from)) continue;
    throw new Error(
      `Cannot write into "${folder}": it and the input "${root}" must lie apart`,
    );
  }
}

/** An absolute path without links, of what is not there yet as well. */
async function realPath(path: string): Promise<string> {
  const real = await Deno.realPath(path).catch(() => undefined);
  if (real !== undefined) return real.replaceAll("\\", "/").replace(/\/$/, "");
  const [, parent = "", name] = /^(.*[/\\])?([^/\\]+)[/\\]*$/.exec(path) ??
    [, "", path];
  return `${await realPath(parent === "" ? "." : parent)}/${name}`;
}

/** What is known of a file that can be opened; else why it cannot. */
async function openable(path: string): Promise<Deno.FileInfo | string> {
  try {
    const info = await Deno.stat(path);
    if (info.isDirectory) throw new Error("it is a link to a folder");
    assertPlain(info);
    (await Deno.open(path)).close();
    return info;
  } catch (error) {
    const leadsNowhere = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.FilesystemLoop;
    return reasonOf(
      leadsNowhere ? new Error("it is a link that leads nowhere") : error,
    );
  }
}

/** The folder above the first part with a sign of a pattern. */
function rootOf(pattern: string): string {
  const slash = pattern.lastIndexOf("/", pattern.search(/[*?]/));
  return slash < 0 ? "." : slash === 0 ? "/" : pattern.slice(0, slash);
}

function patternOf(pattern: string): RegExp {
  const body = pattern.replace(/\*\*\/|\*\*|[*?]|[^*?]+/g, (part) => {
    if (part === "**/") return "(?:[^/]+/){0,64}";
    if (part === "**") return "[^]*";
    if (part === "*") return "[^/]*";
    if (part === "?") return "[^/]";
    return part.replace(/[\\^$.|+()[\]{}]/g, "\\$&");
  });
  return new RegExp(`^${body}$`);
}
