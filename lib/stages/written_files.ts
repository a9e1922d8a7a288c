/**
 * What a stage may write over: what an earlier run of its like has written, and
 * nothing else. What people gave to be read, and what is plainly of another
 * kind, would be lost.
 *
 * @module
 */

import { INFO_NAME, splitPath } from "../dataset/dataset_info.ts";
import {
  cannotRead,
  cannotWrite,
  folderOf,
  isThere,
  openPlain,
  readBounded,
  readHead,
  readTextOf,
} from "../files.ts";
import { type Kind, kindOf, wordsOf } from "../input_kinds.ts";
import { readGivenVocab } from "../load_checkpoint.ts";
import { readStarts } from "../train/run_folder/run_record.ts";

/** No tokenizer of 65,536 ids comes near this, in bytes. */
const MOST_TOKENIZER = 2 ** 26;
/** Files that only a model's folder has. */
const MODEL_FILE = /\.mpk$/i;
/** Files that only a dataset has. */
const DATASET_FILE = /^(?:dataset\.json|train(?:_\d+)?\.bin)$/;
/** What the description of a dataset says, even a damaged one. */
const DATASET_INFO = /"vocabSize"\s*:[^]*"sourceBytes"\s*:/;
/** How the files of a run begin that are written before its `run.json`. */
const RUN_FILES: readonly [name: string, own: RegExp][] = [
  ["config.toml", /^# ptbr-slm /],
  ["model.toml", /^# ptbr-slm /],
  [
    "metrics.jsonl",
    /^\{"step":\d+,.*"(?:learningRate|initializedFrom|rewind)":/,
  ],
  ["samples.jsonl", /^\{"step":\d+,"prompt":/],
];
/** So much of a file tells whose it is, in bytes. */
const HEAD_BYTES = 1000;
/** So much of a report does, which may begin with a long name, in bytes. */
const REPORT_HEAD_BYTES = 10_000;
/** Logits of 65,536 ids, in bytes. */
const MOST_LOGITS = 2 ** 18;
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
  await refuseKind(path, flag);
}

/** What reports may be written over. */
export interface ReplaceableReport {
  /** Whether a file that begins so is of the kind. */
  readonly isReport: (head: string) => boolean;
  /** Which command writes such reports. */
  readonly command: string;
  /** What names the file; `--html` unless given. */
  readonly flag?: string;
}

/**
 * Checks that a report may be written: over one of its kind, and nothing else.
 *
 * @param path Its file; there need be none.
 * @param kind What is of its kind.
 * @throws {Error} When another file is there, or it cannot be read.
 */
export async function assertReportReplaceable(
  path: string,
  { isReport, command, flag = "--html" }: ReplaceableReport,
): Promise<void> {
  if (!await isThere(path)) return;
  let head: string;
  try {
    using file = await openPlain(path);
    head = new TextDecoder().decode(await readHead(file, REPORT_HEAD_BYTES));
  } catch (error) {
    throw cannotWrite(path, error);
  }
  if (head === "" || isReport(head)) return;
  throw new Error(
    `Cannot write "${path}": it is no report of ${command}; give another ${flag}`,
  );
}

/** What may stand where a tokenizer shall be written. */
export interface ReplaceableTokenizer {
  /** What it will be, where that is known: the same may be written again. */
  readonly content?: string;
  /** The files that were read. */
  readonly read?: readonly string[];
  /**
   * Set where the tokenizer goes with what it is for: whether that is there and
   * is replaced too. Another tokenizer then is replaced with it, and not alone.
   */
  readonly isReplaced?: boolean;
  /** What is replaced, or may stand beside another tokenizer. */
  readonly beside?: "model" | "dataset";
}

/**
 * Checks that a tokenizer may be written: as {@linkcode assertReplaceable}, and
 * not over that of a model or a dataset, which are of no use without it.
 *
 * @param path The tokenizer's file.
 * @param may What may stand there.
 * @throws {Error} When it may not.
 */
export async function assertTokenizerReplaceable(
  path: string,
  { content, read = [], isReplaced, beside }: ReplaceableTokenizer,
): Promise<void> {
  await assertReplaceable(path, { kinds: ["tokenizer", "json"], read });
  // A file that cannot be read, or is longer than any tokenizer, is another.
  if (!await isThere(path) || await isTokenizer(path, content)) return;
  if (beside !== "model" && await has(folderOf(path), MODEL_FILE)) {
    throw new Error(
      `Cannot write "${path}": it belongs to the model beside it; give another --output`,
    );
  }
  const isOfDataset = /(?:^|[/\\])tokenizer\.json$/.test(path) &&
    beside !== "dataset" && await has(folderOf(path), DATASET_FILE);
  if (isOfDataset) {
    throw new Error(
      `Cannot write "${path}": it belongs to the dataset beside it; give another --output`,
    );
  }
  if (isReplaced === false) {
    throw new Error(
      `Cannot write "${path}": another tokenizer is there; give another --output`,
    );
  }
}

/**
 * Checks that a dataset and its tokenizer may be written into a folder: over an
 * earlier dataset of this program or the Rust program, and nothing else of these
 * names.
 *
 * @param folder Which one; there need be none.
 * @param tokenizer What the tokenizer's file will be.
 * @throws {Error} When they may not.
 */
export async function assertDatasetReplaceable(
  folder: string,
  tokenizer: string,
): Promise<void> {
  const info = `${folder}/${INFO_NAME}`;
  const isOwn = DATASET_INFO.test(await textOf(info) ?? "");
  if (!isOwn) await assertReplaceable(info, { kinds: [] });
  let isReplaced = isOwn;
  for (const name of ["train", "val"] as const) {
    const path = splitPath(folder, name);
    if (isOwn || !await isThere(path)) continue;
    if (!await beginsWithCount(path)) await refuseKind(path);
    isReplaced = true;
  }
  await assertTokenizerReplaceable(`${folder}/tokenizer.json`, {
    content: tokenizer,
    isReplaced,
    beside: isReplaced ? "dataset" : undefined,
  });
}

/**
 * Checks that a run may begin in a folder without checkpoints: there may be what
 * another has left that ended before its first, and nothing else of the names
 * that its files have.
 *
 * @param folder Which one; there need be none.
 * @param tokenizer What the tokenizer's file will be.
 * @throws {Error} When it may not.
 */
export async function assertRunReplaceable(
  folder: string,
  tokenizer: string,
): Promise<void> {
  let isOwn = (await readStarts(`${folder}/run.json`)).length > 0;
  for (const [name, own] of isOwn ? [] : RUN_FILES) {
    const path = `${folder}/${name}`;
    const head = await headOf(path);
    if (head === undefined || head === "") continue;
    if (!own.test(head)) await refuseKind(path);
    isOwn = true;
  }
  await assertTokenizerReplaceable(`${folder}/tokenizer.json`, {
    content: tokenizer,
    isReplaced: isOwn,
    beside: "model",
  });
}

/**
 * Checks that logits may be written: over nothing but numbers that could be some.
 *
 * @param path The file; there need be none.
 * @throws {Error} When they may not.
 */
export async function assertLogitsReplaceable(path: string): Promise<void> {
  await assertReplaceable(path, { kinds: ["binary", "tokens"] });
  const size = await Deno.stat(path).then(
    ({ isFile, size }) => isFile ? size : 0,
    () => 0,
  );
  if (size === 0) return;
  if (size % 4 !== 0 || size > MOST_LOGITS) await refuseKind(path);
  const { buffer, byteOffset } = await readBounded(path, MOST_LOGITS);
  const view = new DataView(buffer, byteOffset);
  for (let at = 0; at < size; at += 4) {
    const logit = Math.abs(view.getFloat32(at, true));
    // Ids of tokens, read as such numbers, are far from these.
    const isOne = logit === 0 || logit > 2 ** -40 && logit < 2 ** 20;
    if (!isOne) await refuseKind(path);
  }
}

/** Refuses to write over a file. */
async function refuseKind(path: string, flag = "--output"): Promise<never> {
  const kind = await kindOf(path) ?? "binary";
  throw new Error(
    `Cannot write "${path}": ${wordsOf(kind)} is there; give another ${flag}`,
  );
}

/** Whether a file begins with how many tokens follow, as the Rust program's. */
async function beginsWithCount(path: string): Promise<boolean> {
  try {
    using file = await openPlain(path);
    const { size } = await file.stat();
    const head = new DataView((await readHead(file, 8)).slice().buffer);
    return head.byteLength === 8 &&
      head.getBigUint64(0, true) * 2n === BigInt(size - 8);
  } catch {
    return false;
  }
}

/** How a text begins; undefined where there is none. */
async function headOf(path: string): Promise<string | undefined> {
  if (!await isThere(path)) return undefined;
  try {
    using file = await openPlain(path);
    return new TextDecoder().decode(await readHead(file, HEAD_BYTES));
  } catch (error) {
    throw cannotRead(path, error);
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

/** Whether a file is a tokenizer, in the form that it is written in or another. */
async function isTokenizer(
  path: string,
  content: string | undefined,
): Promise<boolean> {
  if (content === undefined) return false;
  if (await textOf(path) === content) return true;
  return await readGivenVocab(path).then(
    (vocab) => vocab.toString() === content,
    () => false,
  );
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
