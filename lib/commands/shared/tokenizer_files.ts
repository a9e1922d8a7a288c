/**
 * Tokenizer files of this and other programs, as the commands that exchange or
 * compare them read and place them.
 *
 * @module
 */

import { reasonOf, withoutSlash } from "../../files.ts";
import { fromGpt2 } from "../../tokenizer/interchange/gpt2.ts";
import {
  type FileFormat,
  type ParsedTokenizer,
  parseTokenizer,
} from "../../tokenizer/interchange/parse_tokenizer.ts";
import { UsageError } from "./options.ts";

/** No tokenizer of 65,536 ids comes near this, in bytes. */
const MAX_FILE_SIZE = 2 ** 26;

/** GPT-2's two files, by today's names and by those of its release. */
const GPT2_FILES = [["vocab.json", "merges.txt"], [
  "encoder.json",
  "vocab.bpe",
]];
/** What a folder's tokenizer may be called, where it is one file. */
const FILE_NAMES = ["tokenizer.json", "tokenizer.tiktoken"];

/** A tokenizer that was read. */
export interface TokenizerFile extends Omit<ParsedTokenizer, "format"> {
  /** The file that was read; of GPT-2's two the one with the ids. */
  readonly path: string;
  /** The format that was recognised. */
  readonly format: FileFormat | "gpt2";
}

/**
 * Reads a tokenizer of any known format.
 *
 * @param path A file, or the folder of `tokenizer.json`, of
 * `tokenizer.tiktoken`, or of `vocab.json` and `merges.txt`; either of these
 * means both.
 * @param specialTokens Ids by name, which only tiktoken's format lacks.
 * @throws {Error} When a file cannot be read.
 * @throws {SyntaxError} When it is no tokenizer that can be used.
 */
export async function readTokenizerFile(
  path: string,
  specialTokens?: ReadonlyMap<string, number>,
): Promise<TokenizerFile> {
  const files = await filesOf(path);
  const texts: string[] = [];
  for (const file of files) texts.push(await readText(file));
  try {
    if (texts.length === 1) {
      return { path: files[0], ...parseTokenizer(texts[0], specialTokens) };
    }
    if (specialTokens !== undefined) {
      throw new UsageError("--special-tokens is for tiktoken's format only");
    }
    const [ids, merges] = texts;
    return { path: files[0], format: "gpt2", ...fromGpt2(ids, merges) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new SyntaxError(
      error.message.replace("a tokenizer", () => `tokenizer "${files[0]}"`),
    );
  }
}

/**
 * Where a tokenizer goes: a path without an ending is the folder for it.
 *
 * @param output As given by the user.
 * @param name What the file is called in a folder.
 */
export async function placeIn(output: string, name: string): Promise<string> {
  const isFolder = await Deno.stat(output).then(
    ({ isDirectory }) => isDirectory,
    () => !/\.[^./\\]+$/.test(output),
  );
  return isFolder ? `${withoutSlash(output)}/${name}` : output;
}

/**
 * Checks that a file to be written is none of those that were read.
 *
 * @throws {Error} When it is.
 */
export async function checkApart(
  written: string,
  read: string,
): Promise<void> {
  const [to, from] = await Promise.all(
    [written, read].map((path) => Deno.realPath(path).catch(() => undefined)),
  );
  if (to !== undefined && to === from) {
    throw new Error(`Cannot write "${written}": it is the file that was read`);
  }
}

/** The one file, or GPT-2's two, that a path means. */
async function filesOf(path: string): Promise<string[]> {
  let isDirectory: boolean;
  try {
    ({ isDirectory } = await Deno.stat(path));
  } catch (error) {
    throw unreadable(path, error);
  }
  const slash = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  const folder = isDirectory
    ? `${withoutSlash(path)}/`
    : path.slice(0, slash + 1);
  const name = path.slice(slash + 1);
  for (const file of isDirectory ? FILE_NAMES : []) {
    if (await exists(folder + file)) return [folder + file];
  }
  for (const pair of GPT2_FILES) {
    if (!isDirectory && !pair.includes(name)) continue;
    const files = pair.map((file) => folder + file);
    if (!isDirectory || await exists(files[0])) return files;
  }
  if (!isDirectory) return [path];
  throw unreadable(path, new Error("the folder holds no tokenizer"));
}

async function readText(path: string): Promise<string> {
  try {
    const { size } = await Deno.stat(path);
    if (size > MAX_FILE_SIZE) throw new Error("it is too large");
    const bytes = await Deno.readFile(path);
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw unreadable(
      path,
      error instanceof TypeError ? new Error("it is not UTF-8 text") : error,
    );
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

function unreadable(path: string, error: unknown): Error {
  return new Error(`Cannot read tokenizer "${path}": ${reasonOf(error)}`, {
    cause: error,
  });
}
