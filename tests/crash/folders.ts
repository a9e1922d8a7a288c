/**
 * What is in a folder after something befell the program that wrote into it.
 *
 * @module
 */

import { crc32 } from "node:zlib";

/** Files by their path in the folder, each with its sum. */
export type Content = Record<string, string>;

/**
 * Everything below a folder; nothing where there is none.
 *
 * @param varying Files of which only the kind is compared.
 */
export async function contentOf(
  folder: string,
  varying = /^$/,
  below = "",
): Promise<Content> {
  const content: Content = {};
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder + below)) {
      const path = `${below}/${name}`;
      if (isDirectory) {
        Object.assign(content, await contentOf(folder, varying, path));
      } else if (!varying.test(name)) {
        const bytes = await Deno.readFile(folder + path);
        content[path] = `${bytes.length} ${crc32(bytes).toString(16)}`;
      } else {
        content[path.replace(/\d{9,}/, "N")] = "varies";
      }
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return Object.fromEntries(
    Object.entries(content).sort(([a], [b]) => a < b ? -1 : 1),
  );
}

/** The same without what nobody reads: the lock, and what is under construction. */
export function readable(content: Content): Content {
  return Object.fromEntries(
    Object.entries(content).filter(([path]) => !/[.]tmp$|[/][.]/.test(path)),
  );
}

/** Whether two folders have the same. */
export function isSame(one: Content, other: Content): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** What there is of two versions of the same files. */
export type Version = "nothing" | "older" | "newer" | "part" | "mixed" | "torn";

/**
 * Finds out which version a folder has.
 *
 * @param found What it has.
 * @param older What it had before.
 * @param newer What it will have.
 * @returns `part` where files of one version are missing, `torn` where one is of
 * neither.
 */
export function versionOf(
  found: Content,
  older: Content,
  newer: Content,
): Version {
  if (Object.keys(found).length === 0) return "nothing";
  if (isSame(found, older)) return "older";
  if (isSame(found, newer)) return "newer";
  const among = (content: Content) =>
    Object.entries(found).filter(([path, sum]) => content[path] === sum).length;
  const all = Object.keys(found).length;
  if (among(older) === all || among(newer) === all) return "part";
  const isOfOne = Object.entries(found).every(([path, sum]) =>
    older[path] === sum || newer[path] === sum
  );
  return isOfOne ? "mixed" : "torn";
}

/** Copies a folder with all that is in it. */
export async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}
