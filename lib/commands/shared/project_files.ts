/**
 * Files that ship with the program, beside its sources or inside a compiled one.
 *
 * @module
 */

import { isThere } from "../../files.ts";

/** The folders they may be in: where one is first, for the shortest names. */
const ROOTS = [
  ".",
  // A library from the network has no folder.
  ...import.meta.dirname === undefined
    ? []
    : [`${import.meta.dirname}/../../..`],
];

/**
 * The folder that the project's files are in.
 *
 * @param path One of them, as from the project's folder.
 * @returns Undefined where the program came without it, as a library does.
 */
export async function rootOf(path: string): Promise<string | undefined> {
  for (const root of ROOTS) {
    if (await isThere(under(root, path))) return root;
  }
  return undefined;
}

/** A file of the project. */
export function under(root: string, path: string): string {
  return root === "." ? path : `${root}/${path}`;
}
