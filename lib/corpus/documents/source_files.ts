/**
 * The files of a source of documents: a file, a folder, or a pattern with `*`,
 * `**` and `?`.
 *
 * @module
 */

import { reasonOf } from "../../files.ts";

/** A file of documents. */
export interface SourceFile {
  /** Where it is. */
  readonly path: string;
  /** Its length in bytes. */
  readonly size: number;
  /** When it was last changed, in ms since 1970. */
  readonly changed: number;
  /** Whether each line is a JSON object; else blank lines divide documents. */
  readonly json: boolean;
}

/** The endings that are read: text, and JSON Lines. */
const ENDING = /\.(?:txt|jsonl)$/i;
/** More files than this are a mistake. */
const MOST_FILES = 1_000_000;

/**
 * Lists a source's files, sorted by path.
 *
 * @param source A file, a folder (its `.txt` and `.jsonl` files, with
 * subfolders; names that begin with a dot are left out), or a pattern: `*` and
 * `?` stand for what has no slash, `**` for any folders.
 * @throws {Error} When it cannot be read or there is no such file.
 *
 * @example
 * ```ts
 * import { listSourceFiles } from "./source_files.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * for (const name of ["b.txt", "a.jsonl", "c.html", ".d.txt"]) {
 *   await Deno.writeTextFile(`${folder}/${name}`, "x");
 * }
 * const names = async (source: string) =>
 *   (await listSourceFiles(source)).map(({ path }) => path.slice(-3));
 * assertEquals(await names(folder), ["onl", "txt"]);
 * assertEquals(await names(`${folder}/*.txt`), ["txt"]);
 * ```
 */
export async function listSourceFiles(source: string): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  const root = rootOf(source);
  const pattern = root === source ? undefined : patternOf(source);
  try {
    const info = await Deno.stat(root);
    const take = async (path: string) => {
      if (pattern === undefined ? !ENDING.test(path) : !pattern.test(path)) {
        return;
      }
      const { size, mtime, isFile } = await Deno.stat(path);
      if (!isFile) return;
      if (files.length === MOST_FILES) throw new Error("it has too many files");
      const json = /\.jsonl$/i.test(path);
      files.push({ path, size, changed: mtime?.getTime() ?? 0, json });
    };
    const walk = async (folder: string): Promise<void> => {
      for await (const { name, isDirectory } of Deno.readDir(folder)) {
        if (name.startsWith(".")) continue;
        const path = folder === "." && !source.startsWith(".")
          ? name
          : `${folder.replace(/\/$/, "")}/${name}`;
        if (isDirectory) await walk(path);
        else await take(path);
      }
    };
    if (info.isDirectory) await walk(root.replace(/(?<=.)\/+$/, ""));
    else {
      const { size, mtime } = info;
      const json = /\.jsonl$/i.test(root);
      files.push({ path: root, size, changed: mtime?.getTime() ?? 0, json });
    }
  } catch (error) {
    throw new Error(`Cannot read "${source}": ${reasonOf(error)}`, {
      cause: error,
    });
  }
  if (files.length === 0) {
    throw new Error(`Cannot read "${source}": it has no .txt or .jsonl file`);
  }
  return files.sort((a, b) => a.path < b.path ? -1 : 1);
}

/** The folder above the first part with a sign of a pattern. */
function rootOf(source: string): string {
  const sign = source.search(/[*?]/);
  if (sign < 0) return source;
  const slash = source.lastIndexOf("/", sign);
  return slash < 0 ? "." : slash === 0 ? "/" : source.slice(0, slash);
}

function patternOf(source: string): RegExp {
  const body = source.replace(/\*\*\/|\*\*|[*?]|[^*?]+/g, (part) => {
    if (part === "**/") return "(?:[^/]+/){0,64}";
    if (part === "**") return "[^]*";
    if (part === "*") return "[^/]*";
    if (part === "?") return "[^/]";
    return part.replace(/[\\^$.|+()[\]{}]/g, "\\$&");
  });
  return new RegExp(`^${body}$`);
}
