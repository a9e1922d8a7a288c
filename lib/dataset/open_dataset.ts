/**
 * Opens what `tokenize` wrote and checks that its parts and the tokenizer
 * belong together.
 *
 * @module
 */

import { crc32 } from "node:zlib";
import { inHex } from "../checked_json.ts";
import { isThere, readWhole, withoutSlash } from "../files.ts";
import { placeOf } from "../placing.ts";
import { identityOf, type Vocab } from "../tokenizer/tokenizer.ts";
import {
  type DatasetInfo,
  maskName,
  readDatasetInfo,
  type SplitInfo,
  splitPath,
} from "./dataset_info.ts";
import { type CheckOptions, MmapDataset } from "./mmap_dataset.ts";
import type { SplitName } from "./split.ts";

/** An open dataset. */
export interface OpenDataset extends Disposable {
  /** What to train on. */
  readonly train: MmapDataset;
  /** What is held out, where something is. */
  readonly val?: MmapDataset;
  /** The description, where the folder has one. */
  readonly info?: DatasetInfo;
}

/**
 * Opens a dataset.
 *
 * @param path A folder with `train.bin` or that file itself, which means the
 * folder; or a single token file of any other name.
 * @param vocab The tokenizer it must belong to. Where a description says which
 * one made it, that one; otherwise every token must be below its size.
 * @param options How to read, and who is told of the checks, a file after the
 * other.
 * @returns The parts; dispose of them to close the files.
 * @throws {Error} When a file cannot be read, is damaged, or belongs to another tokenizer
 * or run of `tokenize`.
 *
 * @example
 * ```ts
 * import { openDataset } from "./open_dataset.ts";
 * import { TokenizedDatasetWriter } from "./dataset_writer.ts";
 * import { BPETokenizer } from "../tokenizer/bpe/bpe_tokenizer.ts";
 * import { BPETrainer } from "../tokenizer/bpe/bpe_trainer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("a\n");
 * const { vocab } = await new BPETrainer().train([{ name: "a", bytes }]);
 * const tokenizer = new BPETokenizer(vocab);
 * const folder = await Deno.makeTempDir();
 * await using writer = await TokenizedDatasetWriter.create(folder, tokenizer);
 * await writer.write("train", tokenizer.encode("oi"), 2);
 * await writer.finish();
 *
 * using dataset = await openDataset(folder, vocab);
 * assertEquals(dataset.train.length, 4);
 * assertEquals(dataset.val, undefined);
 * ```
 */
export async function openDataset(
  path: string,
  vocab: Vocab,
  options: Omit<CheckOptions, "vocabSize"> = {},
): Promise<OpenDataset> {
  const checks = { ...options, vocabSize: vocab.size };
  const folder = await folderOf(path);
  using opened = new DisposableStack();
  if (folder === undefined) {
    const train = opened.use(await MmapDataset.openChecked(path, checks));
    const closing = opened.move();
    return { train, [Symbol.dispose]: () => closing.dispose() };
  }
  const info = await readDatasetInfo(folder);
  if (info !== undefined) await checkTokenizer(folder, info, vocab);
  const train = opened.use(
    await MmapDataset.openChecked(splitPath(folder, "train"), checks),
  );
  const val = await hasVal(folder, info)
    ? opened.use(
      await MmapDataset.openChecked(splitPath(folder, "val"), checks),
    )
    : undefined;
  checkWhole(train, info?.train);
  if (val !== undefined) checkWhole(val, info?.val);
  train.mask = await readMask(folder, "train", info?.train);
  if (val !== undefined) val.mask = await readMask(folder, "val", info?.val);
  const closing = opened.move();
  return { train, val, info, [Symbol.dispose]: () => closing.dispose() };
}

/** The folder that is meant; undefined for a single token file. */
async function folderOf(path: string): Promise<string | undefined> {
  const [, before] = path.match(/^(|.*[/\\])train\.bin$/) ?? [];
  if (before !== undefined) return before === "" ? "." : before.slice(0, -1);
  const isFolder = await Deno.stat(path).then(
    ({ isDirectory }) => isDirectory,
    () => false, // opening it as a file says what is wrong
  );
  return isFolder ? withoutSlash(path) : undefined;
}

/** Which tokens of a part are to be predicted, where that is not all. */
async function readMask(
  folder: string,
  split: SplitName,
  said: SplitInfo | undefined,
): Promise<Uint8Array | undefined> {
  if (said?.maskCrc32 === undefined) return undefined;
  const path = `${folder}/${maskName(split)}`;
  const mask = await readWhole(placeOf(path), said.tokens);
  const sum = inHex(crc32(mask));
  if (mask.length === said.tokens && sum === said.maskCrc32) return mask;
  throw new Error(
    `Cannot use dataset "${path}": it is damaged: its checksum is ${sum}, dataset.json says ${said.maskCrc32}; make it again`,
  );
}

async function checkTokenizer(
  path: string,
  info: DatasetInfo,
  vocab: Vocab,
): Promise<void> {
  const identity = await identityOf(vocab);
  if (info.tokenizer !== identity) {
    throw new Error(
      `Cannot use dataset "${path}": it was made with another tokenizer ` +
        `(${info.tokenizer.slice(0, 12)}, not ${identity.slice(0, 12)}); ` +
        "give that one or tokenize again",
    );
  }
}

/** With a description it decides; without, the file's being there. */
async function hasVal(
  path: string,
  info: DatasetInfo | undefined,
): Promise<boolean> {
  if (info !== undefined) return info.val !== undefined;
  return await isThere(splitPath(path, "val"));
}

/**
 * Holds an open token file against its description.
 *
 * @param dataset Opened with its tokens checked.
 * @param said What `dataset.json` says of it, if anything.
 * @throws {Error} When it is not what that says.
 */
export function checkWhole(
  dataset: MmapDataset,
  said: SplitInfo | undefined,
): void {
  if (said === undefined) return;
  const { path, length, crc32 } = dataset;
  if (length !== said.tokens) {
    throw new Error(
      `Cannot use dataset "${path}": it has ${length} tokens, dataset.json says ${said.tokens}; tokenize again`,
    );
  }
  if (said.crc32 !== undefined && said.crc32 !== crc32) {
    throw new Error(
      `Cannot use dataset "${path}": it is damaged: its checksum is ${crc32}, dataset.json says ${said.crc32}; tokenize again`,
    );
  }
}
