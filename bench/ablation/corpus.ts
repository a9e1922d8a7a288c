/**
 * What an ablation is trained and measured on: of a folder of works some are
 * held out whole, and the rest becomes a tokenizer and a dataset.
 *
 * @module
 */

import { hash32 } from "../../lib/random.ts";
import { crc32 } from "node:zlib";

/** The files of an ablation. */
export interface Corpus {
  /** The dataset. */
  readonly data: string;
  /** A folder of works that nobody was trained on. */
  readonly heldOut: string;
}

/** How a corpus is made. */
export interface CorpusOptions {
  /** A folder of works, a file each. */
  readonly works: string;
  /** Where to make it; what is there is not made again. */
  readonly folder: string;
  /** How much is held out, as a share of the bytes. */
  readonly share: number;
  /** Ids of the tokenizer. */
  readonly vocabSize: number;
  /** Runs a command of the program. */
  readonly run: (args: string[]) => Promise<unknown>;
}

/** Works and their lengths, in an order that their names alone make. */
async function worksIn(folder: string, below = "") {
  const works: { path: string; name: string; size: number; order: number }[] =
    [];
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

/** Makes a corpus, or finds that it was made. */
export async function makeCorpus(
  { works: source, folder, share, vocabSize, run }: CorpusOptions,
): Promise<Corpus> {
  const trained = `${folder}/train`, heldOut = `${folder}/held-out`;
  const tokenizer = `${folder}/tokenizer.json`, data = `${folder}/tokens`;
  const done = `${folder}/done`;
  const isDone = await Deno.stat(done).then(() => true, () => false);
  if (isDone) return { data, heldOut };
  for (const made of [trained, heldOut, data]) {
    await Deno.remove(made, { recursive: true }).catch(() => {});
  }
  await Deno.mkdir(trained, { recursive: true });
  await Deno.mkdir(heldOut, { recursive: true });
  const works = await worksIn(source);
  const all = works.reduce((sum, { size }) => sum + size, 0);
  let held = 0;
  for (const { path, name, size } of works) {
    // A work that is too long for the share stays with the others.
    const isHeld = held + size <= share * all;
    if (isHeld) held += size;
    await Deno.copyFile(path, `${isHeld ? heldOut : trained}/${name}`);
  }
  if (held === 0 || held === all) {
    throw new RangeError(`Cannot hold out a share of "${source}"`);
  }
  await run([
    ...["train-tokenizer", "--corpus", trained, "--output", tokenizer],
    ...["--vocab-size", String(vocabSize), "--quiet"],
  ]);
  await run([
    ...["tokenize", "--input", trained, "--output", data, "--quiet"],
    ...["--tokenizer", tokenizer, "--documents", "files"],
    ...["--val-fraction", "0"],
  ]);
  await Deno.writeTextFile(done, "");
  return { data, heldOut };
}
