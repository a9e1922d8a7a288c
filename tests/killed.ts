/**
 * What a process that was killed leaves, looked at as a reader does and as the
 * next start finds it; and deaths at a chosen step.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { lockFolder } from "../lib/folder_lock.ts";
import { placeOf, readPlacing } from "../lib/placing.ts";

/** The files of a folder by their names, as text of one byte a character. */
export type Contents = Readonly<Record<string, string>>;

/** All files of a folder and its folders, hidden ones too. */
export async function contentsOf(folder: string): Promise<Contents> {
  const found: Record<string, string> = {};
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (!isDirectory) found[name] = await readsAs(path);
    else {
      for (const [below, content] of Object.entries(await contentsOf(path))) {
        found[`${name}/${below}`] = content;
      }
    }
  }
  return sorted(found);
}

/** The files of a folder as readers of ours find them, whatever was cut short. */
export async function seenIn(folder: string): Promise<Contents> {
  const { moves = [], removed = [] } = readPlacing(folder) ?? {};
  const names = new Set(moves.map(([, to]) => to));
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (isFile && !/^\.|\.tmp$/.test(name)) names.add(name);
  }
  for (const name of removed) names.delete(name);
  const found: Record<string, string> = {};
  for (const name of names) {
    found[name] = await readsAs(placeOf(`${folder}/${name}`));
  }
  return sorted(found);
}

/**
 * Checks that a folder in which a process has died holds the one or the other as
 * a whole: for readers, and, with nothing else beside it, after the next start.
 *
 * @returns The number of the one that it holds.
 */
export async function assertOneOf(
  folder: string,
  whole: readonly Contents[],
): Promise<number> {
  const key = (contents: Contents) => JSON.stringify(contents);
  const seen = key(await seenIn(folder));
  const which = whole.findIndex((one) => key(one) === seen);
  assert(which >= 0, `mixed: ${Object.keys(JSON.parse(seen))}`);
  await nextStart(folder);
  assertEquals(key(await contentsOf(folder)), key(whole[which]));
  return which;
}

/** What every command does first that writes into a folder. */
export async function nextStart(folder: string): Promise<void> {
  await using _lock = await lockFolder(folder);
}

/** What changes a disk. */
const CHANGES = [
  ...["rename", "renameSync", "remove", "removeSync", "mkdir", "open"],
] as const;

/**
 * Does work in this process until it has changed the disk so many times; then
 * it is as if it were dead: nothing that it tries has any effect.
 *
 * @param changes After how many.
 * @returns Whether it came to its end before.
 */
export async function livesFor(
  changes: number,
  work: () => Promise<unknown>,
): Promise<boolean> {
  const system = Deno as unknown as Record<
    string,
    (...args: unknown[]) => unknown
  >;
  const own = CHANGES.map((name) => [name, system[name]] as const);
  let left = changes;
  for (const [name, change] of own) {
    system[name] = (...args) => {
      const reads = name === "open" &&
        !(args[1] as Deno.OpenOptions | undefined)?.write;
      if (reads || left-- > 0) return change.apply(Deno, args);
      const death = new Error("killed");
      if (name.endsWith("Sync")) throw death;
      return Promise.reject(death);
    };
  }
  try {
    await work();
    return left >= 0;
  } catch (error) {
    if (left < 0) return false;
    throw error;
  } finally {
    for (const [name, change] of own) system[name] = change;
  }
}

async function readsAs(path: string): Promise<string> {
  return new TextDecoder("latin1").decode(await Deno.readFile(path));
}

function sorted(found: Record<string, string>): Contents {
  return Object.fromEntries(
    Object.entries(found).sort(([a], [b]) => a < b ? -1 : 1),
  );
}

/** Ends a process with -9, unless it has come to its end before. */
export function killAfter(
  child: Deno.ChildProcess,
  milliseconds: number,
): void {
  const timer = setTimeout(() => kill(child), milliseconds);
  child.status.then(() => clearTimeout(timer));
}

/** Ends a process with -9 some time after it has begun to write into a folder. */
export function killOnceWriting(
  child: Deno.ChildProcess,
  folder: string,
  milliseconds: number,
): void {
  const isWriting = () => {
    for (const { name } of Deno.readDirSync(folder)) {
      if (/\.tmp$|^\.placing/.test(name)) return true;
    }
    return false;
  };
  const timer = setInterval(() => {
    if (!isWriting()) return;
    clearInterval(timer);
    killAfter(child, milliseconds);
  });
  child.status.then(() => clearInterval(timer));
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}
