/**
 * What a stage may write over: what an earlier run of its like has written, and
 * nothing else. What people gave to be read, and what is plainly of another
 * kind, would be lost.
 *
 * @module
 */

import { folderOf, isThere, readTextOf } from "../files.ts";
import { type Kind, kindOf, wordsOf } from "../input_kinds.ts";

/** No tokenizer of 65,536 ids comes near this, in bytes. */
const MOST_TOKENIZER = 2 ** 26;
/** Files that only a model's folder has. */
const MODEL_FILE = /\.mpk$/i;
/** Files that only a training leaves. */
const RUN_FILE = /^(?:metrics\.jsonl|checkpoint_\d+\.mpk)$/;

/** What may stand where something shall be written. */
export interface Replaceable {
  /** What is of the kind that is written, besides nothing. */
  readonly kinds: readonly Kind[];
  /** The files that were read. */
  readonly read?: readonly string[];
  /** What names the file; `--output` unless given. */
  readonly flag?: string;
}

/**
 * Checks that a file may be written.
 *
 * @param path Which one; there need be none.
 * @param may What may stand there.
 * @throws {Error} When it is one of those that were read, or of another kind.
 *
 * @example
 * ```ts
 * import { assertReplaceable } from "./written_files.ts";
 * import { assertRejects } from "@std/assert";
 *
 * const path = `${await Deno.makeTempDir()}/a.txt`;
 * await assertReplaceable(path, { kinds: ["tokenizer"] });
 * await Deno.writeTextFile(path, "Era uma vez.\n");
 * await assertRejects(
 *   () => assertReplaceable(path, { kinds: ["tokenizer"] }),
 *   Error,
 *   "text is there",
 * );
 * ```
 */
export async function assertReplaceable(
  path: string,
  { kinds, read = [], flag = "--output" }: Replaceable,
): Promise<void> {
  const there = await Deno.realPath(path).catch(() => undefined);
  if (there === undefined) return;
  for (const one of read) {
    if (await Deno.realPath(one).catch(() => undefined) === there) {
      throw new Error(`Cannot write "${path}": it is the file that was read`);
    }
  }
  const kind = await kindOf(path);
  if (kind === undefined || kind === "nothing" || kinds.includes(kind)) return;
  throw new Error(
    `Cannot write "${path}": ${wordsOf(kind)} is there; give another ${flag}`,
  );
}

/**
 * Checks that a tokenizer may be written: as {@linkcode assertReplaceable}, and
 * not over that of a model, which is of no use without it.
 *
 * @param path The tokenizer's file.
 * @param content What it will be, where that is known: the same may be written
 * again.
 * @param read The files that were read.
 * @throws {Error} When it may not.
 */
export async function assertTokenizerReplaceable(
  path: string,
  content: string | undefined,
  read: readonly string[] = [],
): Promise<void> {
  await assertReplaceable(path, { kinds: ["tokenizer", "json"], read });
  if (!await has(folderOf(path), MODEL_FILE)) return;
  // A file that cannot be read, or is longer than any tokenizer, is another.
  if (await isThere(path) && await textOf(path) !== content) {
    throw new Error(
      `Cannot write "${path}": it belongs to the model beside it; give another --output`,
    );
  }
}

/**
 * Checks that a folder is not that of a training, whose model would be lost.
 *
 * @throws {Error} When it is.
 */
export async function assertNoTraining(folder: string): Promise<void> {
  if (await has(folder, RUN_FILE)) {
    throw new Error(
      `Cannot write into "${folder}": a training is there; give another --output`,
    );
  }
}

async function textOf(path: string): Promise<string | undefined> {
  return await readTextOf(path, MOST_TOKENIZER).catch(() => undefined);
}

async function has(folder: string, wanted: RegExp): Promise<boolean> {
  try {
    for await (const { name } of Deno.readDir(folder)) {
      if (wanted.test(name)) return true;
    }
  } catch {
    // Not there, so there is nothing in it.
  }
  return false;
}
