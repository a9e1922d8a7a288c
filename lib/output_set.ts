/**
 * Several files that appear in a folder as one: all of the old ones are there,
 * or all of the new, whenever the process is killed.
 *
 * The new files are made under temporary names beside the old. Then a record is
 * written of what shall be moved where, and with it the new set counts: the
 * moves come after, and who finds a record that a crash has left does the rest
 * of them. `folder_lock.ts` looks for one whenever a folder is taken for writing;
 * readers, who may not write, ask `placing.ts` where a file is.
 *
 * @module
 */

import {
  cannotWrite,
  folderOf,
  isThere,
  type Staging,
  syncFolder,
  writeFileAtomic,
} from "./files.ts";
import { PLACING, type Placing, placingText, readPlacing } from "./placing.ts";

/**
 * Files for a folder that is locked by this process. Nothing appears there
 * before {@linkcode OutputSet.commit}.
 *
 * @example
 * ```ts
 * import { lockFolder } from "./folder_lock.ts";
 * import { OutputSet } from "./output_set.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * {
 *   await using _lock = await lockFolder(folder);
 *   await using set = new OutputSet(folder);
 *   await set.write("a.txt", "um");
 *   await set.write("b.txt", "dois");
 *   await set.commit();
 * }
 * const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
 * assertEquals(names.sort(), ["a.txt", "b.txt"]);
 * ```
 */
export class OutputSet implements Staging, AsyncDisposable {
  /** Where the files will stand. */
  readonly folder: string;
  /** The temporary names by those that the files shall have. */
  readonly #staged = new Map<string, string>();

  /** @param folder Which one; it is there, and locked. */
  constructor(folder: string) {
    this.folder = folder;
  }

  /** Adds a file that is whole; for those who write with `staging`. */
  take(path: string, temporary: string): void {
    this.#staged.set(this.#nameOf(path), this.#nameOf(temporary));
  }

  #nameOf(path: string): string {
    if (folderOf(path) === this.folder) return /[^/\\]*$/.exec(path)![0];
    throw new RangeError(
      `Cannot write "${path}" as one with what is in "${this.folder}"`,
    );
  }

  /** Adds a file. */
  async write(name: string, content: Uint8Array | string): Promise<void> {
    const path = `${this.folder}/${name}`;
    await writeFileAtomic(path, content, { staging: this });
  }

  /** How long a file of the set is, in bytes. */
  async sizeOf(name: string): Promise<number> {
    const { size } = await Deno.stat(
      `${this.folder}/${this.#staged.get(name)}`,
    );
    return size;
  }

  /**
   * Puts all the files in their places, in the order in which they were made.
   *
   * @param removed Names of older files that do not belong to the new set.
   */
  async commit(removed: readonly string[] = []): Promise<void> {
    const moves = [...this.#staged].map(([to, from]) => [from, to] as const);
    await placeTogether(this.folder, { moves, removed });
  }

  /** Removes what was not committed. */
  async [Symbol.asyncDispose](): Promise<void> {
    // With its record there a set is committed, even if it is not all in place.
    if (await isThere(`${this.folder}/${PLACING}`)) return;
    for (const temporary of this.#staged.values()) {
      await Deno.remove(`${this.folder}/${temporary}`).catch(() => {});
    }
  }
}

/**
 * Moves files of a folder to their names, and removes others, all at once.
 *
 * @param folder One that is locked by this process.
 * @param placing What is moved, synced before, and what is removed.
 * @throws {Error} When the system refuses; what was recorded by then is finished
 * when the folder is taken again.
 */
export async function placeTogether(
  folder: string,
  placing: Placing,
): Promise<void> {
  const inFolder = (error: unknown) => {
    throw cannotWrite(folder, error);
  };
  // The temporary names have to last before the record that tells of them.
  await syncFolder(folder).catch(inFolder);
  await writeFileAtomic(`${folder}/${PLACING}`, placingText(placing));
  await carryOut(folder, placing).catch(inFolder);
}

/**
 * Does what is left of moves that were recorded and cut short.
 *
 * @param folder One that is locked by this process.
 * @throws {SyntaxError} When its record cannot be understood.
 */
export async function finishPlacing(folder: string): Promise<void> {
  const placing = readPlacing(folder);
  if (placing !== undefined) await carryOut(folder, placing);
}

async function carryOut(
  folder: string,
  { moves, removed }: Placing,
): Promise<void> {
  const folders = new Set([folder]);
  for (const [, to] of moves) {
    folders.add(`${folder}/${to}`.replace(/[/][^/]*$/, ""));
  }
  for (const one of folders) await Deno.mkdir(one, { recursive: true });
  // At one go, for the sake of programs that know nothing of the record.
  for (const [from, to] of moves) {
    skipMissing(() => Deno.renameSync(`${folder}/${from}`, `${folder}/${to}`));
  }
  for (const name of removed) {
    skipMissing(() => Deno.removeSync(`${folder}/${name}`));
  }
  for (const one of folders) await syncFolder(one);
  await Deno.remove(`${folder}/${PLACING}`);
}

/** Does what may have been done already. */
function skipMissing(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
