/**
 * What an ablation is trained and measured on: of a folder of works some are
 * held out whole, and the rest becomes a tokenizer and a dataset.
 *
 * @module
 */

import { splitWorks } from "../../tools/held_out_works.ts";

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

/** Makes a corpus, or finds that it was made. */
export async function makeCorpus(
  { works: source, folder, share, vocabSize, run }: CorpusOptions,
): Promise<Corpus> {
  const trained = `${folder}/train`, heldOut = `${folder}/held-out`;
  const tokenizer = `${folder}/tokenizer.json`, data = `${folder}/tokens`;
  const done = `${folder}/done`;
  const isDone = await Deno.stat(done).then(() => true, () => false);
  if (isDone) return { data, heldOut };
  await Deno.remove(data, { recursive: true }).catch(() => {});
  await splitWorks(source, { trained, heldOut, share });
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
