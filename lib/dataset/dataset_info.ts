/**
 * `dataset.json`: what the token files beside it hold and which tokenizer made
 * them.
 *
 * @module
 */

import { withoutChecksum } from "../checked_json.ts";
import { cannotRead, readTextOf, reasonOf } from "../files.ts";
import type { SplitName } from "./split.ts";

/** Figures of one token file. */
export interface SplitInfo {
  /** Tokens, framing included. */
  readonly tokens: number;
  /** Documents. */
  readonly documents: number;
  /** Bytes of normalised text that the tokens stand for. */
  readonly bytes: number;
  /** Bytes of the documents as they were read. */
  readonly sourceBytes: number;
  /** CRC-32 of the tokens' bytes, in hex; absent of older datasets. */
  readonly crc32?: string;
  /**
   * CRC-32 of the file beside it that says which tokens are to be predicted;
   * absent where all are.
   */
  readonly maskCrc32?: string;
}

/** The content of a `dataset.json`. */
export interface DatasetInfo {
  /** SHA-256 of the tokenizer, as `identityOf()` gives it. */
  readonly tokenizer: string;
  /** How many ids the tokenizer has. */
  readonly vocabSize: number;
  /**
   * What a document was in the text: `blank-lines`, `files`, `jsonl`, or some of
   * these; absent of older datasets.
   */
  readonly documentsBy?: string;
  /** What was held out; absent of older datasets. */
  readonly heldOut?: {
    /** The share that was asked for. */
    readonly fraction: number;
    /** The share of the text's bytes that whole works came to. */
    readonly share: number;
  };
  /** What `train.bin` holds. */
  readonly train: SplitInfo;
  /** What `val.bin` holds, where there is one. */
  readonly val?: SplitInfo;
}

/** A name is all that differs between the parts' files. */
export function splitName(split: SplitName): string {
  return `${split}.bin`;
}

/** Where it is said which tokens of a part are to be predicted. */
export function maskName(split: SplitName): string {
  return `${split}.mask`;
}

/** Where the file of a part is. */
export function splitPath(folder: string, split: SplitName): string {
  return `${folder}/${splitName(split)}`;
}

/** The fields of a description; another one is damaged, or of a later version. */
const FIELDS = [
  ...["tokenizer", "vocabSize", "documentsBy", "heldOut", "train", "val"],
];

/** The file of a description. */
export const INFO_NAME = "dataset.json";

/**
 * Reads a folder's `dataset.json`.
 *
 * @param folder A folder that `tokenize` wrote, or one of the original
 * program's, which has no such file.
 * @returns The description, if there is one.
 * @throws {SyntaxError} When the file is not a description.
 *
 * @example
 * ```ts
 * import { readDatasetInfo } from "./dataset_info.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await readDatasetInfo(await Deno.makeTempDir()), undefined);
 * ```
 */
export async function readDatasetInfo(
  folder: string,
): Promise<DatasetInfo | undefined> {
  const path = `${folder}/${INFO_NAME}`;
  let text: string;
  try {
    text = await readTextOf(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw cannotRead(path, error);
  }
  try {
    return check(JSON.parse(text));
  } catch (error) {
    throw new SyntaxError(`Cannot read "${path}": ${reasonOf(error)}`);
  }
}

function check(value: Record<string, unknown> | null): DatasetInfo {
  const rest = withoutChecksum(value ?? {});
  const unknown = Object.keys(rest).find((key) => !FIELDS.includes(key));
  if (unknown !== undefined) {
    throw new SyntaxError(
      `it has a field ${unknown}: it is damaged, or of a later version`,
    );
  }
  const { tokenizer, vocabSize, documentsBy, heldOut, train, val } = rest;
  if (typeof tokenizer !== "string" || !/^[0-9a-f]{64}$/.test(tokenizer)) {
    throw new SyntaxError('"tokenizer" is not a SHA-256');
  }
  return {
    tokenizer,
    vocabSize: count(vocabSize, "vocabSize"),
    ...(documentsBy === undefined
      ? {}
      : { documentsBy: checkText(documentsBy, "documentsBy") }),
    ...(heldOut === undefined ? {} : { heldOut: checkHeldOut(heldOut) }),
    train: checkSplit(train, "train"),
    ...(val === undefined ? {} : { val: checkSplit(val, "val") }),
  };
}

function checkSplit(value: unknown, name: string): SplitInfo {
  if (typeof value !== "object" || value === null) {
    throw new SyntaxError(`"${name}" is missing`);
  }
  const figures = value as Record<string, unknown>;
  const of = (figure: string) => count(figures[figure], `${name}.${figure}`);
  return {
    tokens: of("tokens"),
    documents: of("documents"),
    bytes: of("bytes"),
    sourceBytes: of("sourceBytes"),
    ...(figures.crc32 === undefined
      ? {}
      : { crc32: checkText(figures.crc32, `${name}.crc32`) }),
    ...(figures.maskCrc32 === undefined
      ? {}
      : { maskCrc32: checkText(figures.maskCrc32, `${name}.maskCrc32`) }),
  };
}

function checkText(value: unknown, name: string): string {
  if (typeof value === "string") return value;
  throw new SyntaxError(`"${name}" is no text`);
}

function checkHeldOut(value: unknown): NonNullable<DatasetInfo["heldOut"]> {
  const { fraction, share } = (value ?? {}) as Record<string, unknown>;
  if (typeof fraction !== "number" || typeof share !== "number") {
    throw new SyntaxError('"heldOut" has no "fraction" and "share"');
  }
  return { fraction, share };
}

function count(value: unknown, name: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) {
    throw new SyntaxError(`"${name}" is not a count`);
  }
  return value as number;
}
