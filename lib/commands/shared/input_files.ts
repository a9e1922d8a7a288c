/**
 * The files that a command reads from a folder, in an order that does not
 * depend on the file system.
 *
 * @module
 */

import { reasonOf } from "../../files.ts";
import { UsageError } from "./command.ts";

/** A file to read. */
export interface InputFile {
  /** Where it is. */
  readonly path: string;
  /** Relative to the input folder, with `/` between folders. */
  readonly name: string;
}

/** The files at a path. */
export interface InputFiles {
  /** Those that are wanted, in the order of their names. */
  readonly files: readonly InputFile[];
  /** The names of the others, in order. */
  readonly ignored: readonly string[];
}

/**
 * Finds the files at a path and in its subfolders. Names that begin with a dot
 * are not looked at, links are not followed.
 *
 * @param input A folder, or one file.
 * @param isWanted Says by its name whether a file is meant.
 */
export async function findFiles(
  input: string,
  isWanted: (name: string) => boolean,
): Promise<InputFiles> {
  const files: InputFile[] = [], ignored: string[] = [];
  const take = (path: string, name: string) => {
    if (isWanted(name)) files.push({ path, name });
    else ignored.push(name);
  };
  const walk = async (folder: string, prefix: string) => {
    for await (const entry of Deno.readDir(folder)) {
      if (entry.name.startsWith(".")) continue;
      const path = `${folder}/${entry.name}`, name = prefix + entry.name;
      if (entry.isDirectory) await walk(path, `${name}/`);
      else if (entry.isFile) take(path, name);
      else ignored.push(name);
    }
  };
  try {
    const info = await Deno.stat(input);
    if (info.isDirectory) await walk(input.replace(/(?<=.)\/+$/, ""), "");
    else take(input, input.split(/[\\/]/).at(-1)!);
  } catch (error) {
    throw cannotRead(input, error);
  }
  files.sort((a, b) => a.name < b.name ? -1 : 1);
  return { files, ignored: ignored.sort() };
}

/**
 * Refuses an output inside the input or around it: it would be read as input
 * the next time, or written over it.
 *
 * @throws {UsageError} Where they overlap.
 */
export async function refuseOverlap(
  input: string,
  output: string,
): Promise<void> {
  const [from, to] = await Promise.all(
    [input, output].map((path) => Deno.realPath(path).catch(() => undefined)),
  );
  const inside = to !== undefined && from !== undefined &&
    (`${to}/`.startsWith(`${from}/`) || from.startsWith(`${to}/`));
  if (inside || `${output}/`.startsWith(`${input.replace(/\/+$/, "")}/`)) {
    throw new UsageError(
      `--output "${output}" and --input "${input}" must lie apart`,
    );
  }
}

/**
 * Reads a file that has to be in memory as a whole.
 *
 * @param path The file.
 * @param maxBytes A larger one is refused.
 */
export async function readWhole(
  path: string,
  maxBytes: number,
): Promise<Uint8Array> {
  try {
    const { size } = await Deno.stat(path);
    if (size > maxBytes) {
      throw new RangeError(
        `it has more than ${maxBytes} bytes, so it has to be split`,
      );
    }
    return await Deno.readFile(path);
  } catch (error) {
    throw cannotRead(path, error);
  }
}

/** What to throw when a path cannot be read. */
export function cannotRead(path: string, error: unknown): Error {
  return new Error(`Cannot read "${path}": ${reasonOf(error)}`, {
    cause: error,
  });
}
