/**
 * A folder that one process at a time writes into. The lock is the operating
 * system's, on a file in the folder, so it ends with its process however that
 * ends: a lock of the dead is no lock.
 *
 * @module
 */

import { isUnfinished, readTextOf, reasonOf } from "./files.ts";
import { finishPlacing } from "./output_set.ts";
import { isGranted } from "./permissions.ts";
import { readPlacing } from "./placing.ts";

/** The file that is locked; it says by whom, for the message of the others. */
const LOCK = ".in-use";
/** A file of that name is never longer, in bytes. */
const LONGEST_LOCK = 1000;
/**
 * Whoever only looks whether it is locked has it for a moment: it is tried so
 * often, with so many ms in between.
 */
const ATTEMPTS = 5, PAUSE = 10;
/** So often a folder may be taken away between two looks at it. */
const MOST_ATTEMPTS = 1000;

/**
 * Takes a folder for writing, finishes what a crash kept from being put in place
 * there, and removes the temporary files that it left. Folders within it are not
 * taken.
 *
 * @param folder Which one; made where needed.
 * @returns The lock; dispose of it when all is written.
 * @throws {Error} When another process is writing there, or the system refuses.
 *
 * @example
 * ```ts
 * import { lockFolder } from "./folder_lock.ts";
 * import { assertRejects } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * {
 *   await using _lock = await lockFolder(folder);
 *   await assertRejects(() => lockFolder(folder), Error, "in use by process");
 * }
 * await using _again = await lockFolder(folder);
 * ```
 */
export async function lockFolder(folder: string): Promise<AsyncDisposable> {
  const path = `${folder}/${LOCK}`;
  let isMade = false;
  try {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      isMade = await makeFolder(folder);
      const lock = await tryToLock(path);
      if (lock === undefined) continue;
      await clear(folder, lock);
      return isMade ? removingEmpty(folder, lock) : lock;
    }
    throw new Error("others take it and leave it again");
  } catch (error) {
    if (isMade) await Deno.remove(folder).catch(() => {}); // others may be in it
    throw new Error(`Cannot write into "${folder}": ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

/**
 * Finishes what a crash kept from being put in place in a folder, so that its
 * files can be listed and belong together.
 *
 * @returns Whether there was something.
 * @throws {Error} When it cannot be finished, as where nothing may be written.
 */
export async function settleFolder(folder: string): Promise<boolean> {
  if (readPlacing(folder) === undefined) return false;
  // On a terminal Deno would ask.
  if (!isGranted({ name: "write", path: folder })) {
    throw new Error(
      `Cannot read "${folder}": putting its files in place was cut short; run again what makes them`,
    );
  }
  try {
    await using _lock = await lockFolder(folder);
    return true;
  } catch (error) {
    const { cause } = error as Error;
    throw new Error(
      `Cannot read "${folder}": its files are being replaced: ${
        reasonOf(cause ?? error)
      }`,
      { cause },
    );
  }
}

/** Makes a folder where there is none; whether it did. */
async function makeFolder(folder: string): Promise<boolean> {
  const found = await statOf(folder);
  if (found?.isDirectory === false) throw new Deno.errors.NotADirectory();
  await Deno.mkdir(folder, { recursive: true });
  return found === undefined;
}

/** A lock with which the folder goes too, where nothing was written into it. */
function removingEmpty(folder: string, lock: AsyncDisposable): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      await lock[Symbol.asyncDispose]();
      await Deno.remove(folder).catch(() => {}); // not empty, as a rule
    },
  };
}

/** The lock; undefined where its file, or the folder, was removed meanwhile. */
async function tryToLock(path: string): Promise<AsyncDisposable | undefined> {
  const found = await entryAt(path);
  if (found !== undefined) assertLock(found);
  let file: Deno.FsFile;
  try {
    // A new file only where there is nothing, not even a link to nowhere.
    const createNew = found === undefined;
    file = await Deno.open(path, { createNew, read: true, write: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (error instanceof Deno.errors.AlreadyExists) return undefined;
    throw error;
  }
  let isOwn = false;
  try {
    if (!await lockSoon(file)) throw await inUse(path);
    // Whoever had it before may have removed the file after it was opened here:
    // then others lock another one. Nor may it have become a link meanwhile, as
    // what that leads to would be written over.
    const [own, there] = [await file.stat(), await entryAt(path)];
    if (there !== undefined) assertLock(there);
    if (own.dev !== there?.dev || own.ino !== there?.ino) {
      file.close();
      return undefined;
    }
    isOwn = true;
    const holder = { process: Deno.pid, since: new Date().toISOString() };
    await file.truncate();
    await file.write(new TextEncoder().encode(JSON.stringify(holder)));
  } catch (error) {
    if (isOwn) await Deno.remove(path).catch(() => {}); // as on a full disk
    file.close();
    throw error;
  }
  return {
    async [Symbol.asyncDispose]() {
      // Removed while it is still held. Windows keeps what is open.
      await Deno.remove(path).catch(() => {});
      file.close();
      if (Deno.build.os === "windows") await Deno.remove(path).catch(() => {});
    },
  };
}

async function lockSoon(file: Deno.FsFile): Promise<boolean> {
  for (let attempt = 1;; attempt++) {
    if (await file.tryLock(true)) return true;
    if (attempt === ATTEMPTS) return false;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

/**
 * Whether a process writes into a folder now. Nothing is written: to read the
 * file of the lock is enough.
 *
 * @param folder Which one.
 * @returns False also where the last one died; undefined where the system does
 * not say.
 *
 * @example
 * ```ts
 * import { isFolderLocked, lockFolder } from "./folder_lock.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * {
 *   await using _lock = await lockFolder(folder);
 *   assertEquals(await isFolderLocked(folder), true);
 * }
 * assertEquals(await isFolderLocked(folder), false);
 * ```
 */
export async function isFolderLocked(
  folder: string,
): Promise<boolean | undefined> {
  try {
    using file = await Deno.open(`${folder}/${LOCK}`);
    return !await file.tryLock(false); // with the file it is let go again
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? false : undefined;
  }
}

/**
 * Refuses a folder that a process writes into now, with the words of
 * {@linkcode lockFolder}, before anything is judged by what is in it meanwhile.
 *
 * @param folder Which one.
 * @throws {Error} When it is taken.
 */
export async function assertFolderFree(folder: string): Promise<void> {
  if (!await isFolderLocked(folder)) return;
  const taken = await inUse(`${folder}/${LOCK}`);
  throw new Error(`Cannot write into "${folder}": ${reasonOf(taken)}`);
}

async function inUse(path: string): Promise<Error> {
  return new Error(`it is in use by ${await holderOf(path)}`);
}

/** Who has the lock, for people. */
async function holderOf(path: string): Promise<string> {
  try {
    const { process, since } = JSON.parse(await readTextOf(path, LONGEST_LOCK));
    const [, day, time] = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})/.exec(since)!;
    return `process ${Number(process)} since ${day} ${time} UTC`;
  } catch {
    return "another process"; // which is just writing this, or Windows hides it
  }
}

/** Refuses what this program cannot have made: it would be written over. */
function assertLock({ isFile, nlink }: Deno.FileInfo): void {
  if (isFile && (nlink ?? 1) <= 1) return;
  throw new Error(`its ${LOCK} is not a plain file of its own; remove it`);
}

function statOf(path: string): Promise<Deno.FileInfo | undefined> {
  return unlessMissing(Deno.stat(path));
}

/** What stands at a path itself, also where that is a link. */
function entryAt(path: string): Promise<Deno.FileInfo | undefined> {
  return unlessMissing(Deno.lstat(path));
}

async function unlessMissing<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Sees to what the dead have left in a folder. */
async function clear(folder: string, lock: AsyncDisposable): Promise<void> {
  try {
    await finishPlacing(folder);
    await removeUnfinished(folder);
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

async function removeUnfinished(folder: string): Promise<void> {
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (!isFile || !isUnfinished(name)) continue;
    await Deno.remove(`${folder}/${name}`).catch(() => {});
  }
}
