/**
 * What a run that begins asks of its folder, and what it is known by.
 *
 * @module
 */

import { reasonOf } from "../files.ts";

/** What tells a run from all others. */
export function newRun(): string {
  return crypto.randomUUID().replaceAll("-", "").slice(-16);
}

/**
 * A new run never writes over the checkpoints of another, nor over what came of
 * one.
 *
 * @param folder Where it is to be.
 * @throws {Error} When it holds some, or cannot be looked into.
 */
export async function assertNoRun(folder: string): Promise<void> {
  let entries: Deno.DirEntry[];
  try {
    entries = await Array.fromAsync(Deno.readDir(folder));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw new Error(`Cannot write to "${folder}": ${reasonOf(error)}`);
  }
  const found = entries.find(({ name }) => /\.(?:mpk|safetensors)$/.test(name));
  if (found !== undefined) {
    throw new Error(
      `Cannot start a run in "${folder}": it holds ${found.name}; use resume, or another --output`,
    );
  }
}
