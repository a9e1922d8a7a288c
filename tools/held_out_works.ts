/**
 * Works of a folder, some of them held out whole: what is measured on them is
 * how well a model reads what it has never seen a page of.
 *
 * @module
 */

import { hash32 } from "../lib/random.ts";
import { crc32 } from "node:zlib";

/** Where the works go, and how many. */
export interface Split {
  /** The folder of those to learn from; made anew. */
  readonly trained: string;
  /** The folder of the others; made anew. */
  readonly heldOut: string;
  /** How much is held out at most, as a share of the bytes. */
  readonly share: number;
}

interface Work {
  readonly path: string;
  readonly name: string;
  readonly size: number;
  readonly order: number;
}

/** As many words in a row are hardly written twice by chance. */
const RUN_WORDS = 8;
/** What share of a held-out work's runs may stand in another one. */
const SHARED_RUNS = 0.02;

/** Works and their lengths, in an order that their names alone make. */
async function worksIn(folder: string, below = ""): Promise<Work[]> {
  const works: Work[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) works.push(...await worksIn(path, `${below}${name}-`));
    else if (/\.(?:txt|md)$/.test(name)) {
      const { size } = await Deno.stat(path);
      const own = below + name;
      works.push({ path, name: own, size, order: hash32(crc32(own)) });
    }
  }
  return works.sort((a, b) => a.order - b.order || (a.name < b.name ? -1 : 1));
}

/**
 * The works that no other one has pages of: a story that a book gathers, or a
 * novel's first version, would be learnt there and measured here.
 */
async function worksOfTheirOwn(works: readonly Work[]): Promise<Set<Work>> {
  const owners = new Map<number, Work | null>();
  const runs = new Map<Work, Set<number>>();
  for (const work of works) {
    const own = runsOf(await Deno.readTextFile(work.path));
    runs.set(work, own);
    for (const run of own) owners.set(run, owners.has(run) ? null : work);
  }
  return new Set(works.filter((work) => {
    const own = runs.get(work)!;
    let shared = 0;
    for (const run of own) if (owners.get(run) === null) shared++;
    return shared <= SHARED_RUNS * own.size;
  }));
}

/** Hashes of a text's runs of words, whatever stands between them. */
function runsOf(text: string): Set<number> {
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  return new Set(
    words.slice(RUN_WORDS - 1)
      .map((_, i) => crc32(words.slice(i, i + RUN_WORDS).join(" "))),
  );
}

/**
 * Copies works into two folders, a file each; which, follows from their names
 * and texts alone.
 *
 * @throws {RangeError} When nothing, or everything, would be held out.
 */
export async function splitWorks(
  source: string,
  { trained, heldOut, share }: Split,
): Promise<void> {
  for (const folder of [trained, heldOut]) {
    await Deno.remove(folder, { recursive: true }).catch(() => {});
    await Deno.mkdir(folder, { recursive: true });
  }
  const works = await worksIn(source);
  const own = await worksOfTheirOwn(works);
  const all = works.reduce((sum, { size }) => sum + size, 0);
  let held = 0;
  for (const work of works) {
    const { path, name, size } = work;
    // A work that is too long for the share stays with the others.
    const isHeld = own.has(work) && held + size <= share * all;
    if (isHeld) held += size;
    await Deno.copyFile(path, `${isHeld ? heldOut : trained}/${name}`);
  }
  if (held === 0 || held === all) {
    throw new RangeError(`Cannot hold out a share of "${source}"`);
  }
}
