/**
 * What checkpoints are called, and which file a person means by a path.
 *
 * @module
 */

import { reasonOf, withoutSlash } from "../../files.ts";

/** The file of the finished model. */
export const FINAL_MODEL = "model_final.mpk";

/** The file of the model that did best in a validation. */
export const BEST_MODEL = "best.mpk";

/** The file of the finished adapter, where one was trained. */
export const FINAL_ADAPTER = "adapter.safetensors";

/** The file of the adapter that did best in a validation. */
export const BEST_ADAPTER = "best.safetensors";

/**
 * The name of the checkpoint after a step.
 *
 * @param step Steps done.
 *
 * @example
 * ```ts
 * import { checkpointName } from "./paths.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(checkpointName(2500), "checkpoint_2500.mpk");
 * ```
 */
export function checkpointName(step: number): string {
  return `checkpoint_${step}.mpk`;
}

/**
 * Finds the file that a path stands for: a folder means its newest
 * `checkpoint_*.mpk` (the highest step), or where it has none its
 * `model_final.mpk`; `x.bin` or a bare `x` means `x.mpk`, as the Rust program
 * had it.
 *
 * @param path A file or a folder.
 * @returns The path of a file that is there.
 * @throws {Error} When none is.
 */
export async function resolveCheckpoint(path: string): Promise<string> {
  const isFolder = (await statOf(path))?.isDirectory ?? false;
  const wanted = isFolder ? path : path.replace(/\.bin$/i, ".mpk");
  const found = await statOf(wanted);
  if (found?.isDirectory) {
    return `${withoutSlash(wanted)}/${await newestIn(wanted)}`;
  }
  if (found !== undefined) return wanted;
  const withEnding = `${wanted}.mpk`;
  if (!/\.mpk$/i.test(wanted) && await statOf(withEnding) !== undefined) {
    return withEnding;
  }
  throw new Error(
    `Cannot read checkpoint "${wanted}": no such file or folder`,
  );
}

/**
 * Finds the adapter that a path stands for: a folder means the one that was
 * finished there.
 *
 * @param path A file or a folder.
 * @returns The path as it is where it is no folder, or has no adapter.
 */
export async function resolveAdapter(path: string): Promise<string> {
  if (!(await statOf(path))?.isDirectory) return path;
  const finished = `${withoutSlash(path)}/${FINAL_ADAPTER}`;
  return await statOf(finished) === undefined ? path : finished;
}

/**
 * The steps of the checkpoints in a folder, the newest first.
 *
 * @param folder Where to look.
 * @returns None where there is no such folder.
 */
export async function checkpointsIn(folder: string): Promise<number[]> {
  const steps: number[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const [, step] = /^checkpoint_(0|[1-9]\d{0,14})\.mpk$/.exec(name) ?? [];
      if (!isDirectory && step !== undefined) steps.push(Number(step));
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw new Error(`Cannot read folder "${folder}": ${reasonOf(error)}`, {
      cause: error,
    });
  }
  return steps.sort((a, b) => b - a);
}

/**
 * The name of the newest checkpoint in a folder.
 *
 * @param folder Where to look.
 * @returns Undefined when there is none, or no such folder.
 */
export async function newestCheckpoint(
  folder: string,
): Promise<string | undefined> {
  const [newest] = await checkpointsIn(folder);
  return newest === undefined ? undefined : checkpointName(newest);
}

async function newestIn(folder: string): Promise<string> {
  const newest = await newestCheckpoint(folder);
  if (newest !== undefined) return newest;
  const hasFinal = await statOf(`${withoutSlash(folder)}/${FINAL_MODEL}`);
  if (hasFinal !== undefined) return FINAL_MODEL;
  throw new Error(
    `Cannot read checkpoint "${folder}": there is no checkpoint_*.mpk in ` +
      "this folder",
  );
}

async function statOf(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new Error(`Cannot read checkpoint "${path}": ${reasonOf(error)}`, {
      cause: error,
    });
  }
}
