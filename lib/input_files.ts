/**
 * The files that a command reads: one, those of a folder, or those of a
 * pattern with `*`, `**` and `?`, in an order that no file system decides.
 *
 * @module
 */

import { assertPlain, cannotRead } from "./files.ts";

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

/** The files of an input. */
export interface InputFiles {
  /** Those that are wanted, sorted by name. */
  readonly files: readonly InputFile[];
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

/** The endings of files of text. */
const TEXT_NAME = /\.(?:txt|md|jsonl)$/i;
/** More files than this are a mistake. */
const MOST_FILES = 1_000_000;

/** Whether each line of a file is a JSON object with a document. */
export function isJsonLines(name: string): boolean {
  return /\.jsonl$/i.test(name);
}

/** Whether a file is one document, whatever blank lines it has. */
export function isMarkdown(name: string): boolean {
  return /\.md$/i.test(name);
}

/**
 * Lists files. Of a folder and its subfolders, names that begin with a dot are
 * left out; a link to a file is read, one to a folder or to nothing is not.
 *
 * @param input A file of any name; a folder; or, where there is no such file, a
 * pattern: `*` and `?` stand for what has no slash, `**` for any folders.
 * @param isWanted Says by its name whether a folder's file is meant.
 * @throws {Error} When the input cannot be read.
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
        await walk(path, pattern, `${name}/`);
        continue;
      }
      const wanted = pattern === undefined
        ? isWanted(entry.name)
        : pattern.test(path);
      const info = wanted ? await statOf(path, entry) : undefined;
      if (info?.isFile) take(path, name, info);
      else if (pattern === undefined) ignored.push(name);
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
  } catch (error) {
    throw cannotRead(input, error);
  }
  files.sort((a, b) => a.name < b.name ? -1 : 1);
  const roots = isPattern ? files.map(({ path }) => path) : [input];
  return { files, ignored: ignored.sort(), roots };
}

/**
 * Lists files of text: as {@linkcode listFiles}, of a folder those that end in
 * `.txt`, `.md` or `.jsonl`.
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
    (name) => TEXT_NAME.test(name) && name !== DROPPED,
  );
  if (found.files.length === 0) {
    throw new Error(
      `Cannot read "${input}": it holds no .txt, .md or .jsonl file`,
    );
  }
  if (!mayBeEmpty && totalSize(found.files) === 0) {
    throw new Error(`Cannot read "${input}": it is empty`);
  }
  return found;
}

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

/** What is known of a folder's entry; undefined of a link that leads nowhere. */
async function statOf(
  path: string,
  { isSymlink }: Deno.DirEntry,
): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    const leadsNowhere = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.FilesystemLoop;
    if (isSymlink && leadsNowhere) return undefined;
    throw error;
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
