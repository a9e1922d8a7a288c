/**
 * Tokenizer files of this and other programs, as the stages that exchange or
 * compare them read and place them.
 *
 * @module
 */

import { readBounded, reasonOf, withoutSlash } from "../files.ts";
import { type Kind, orSayKind } from "../input_kinds.ts";
import { framed } from "../tokenizer/interchange/framing.ts";
import { fromGpt2 } from "../tokenizer/interchange/gpt2.ts";
import {
  type FileFormat,
  type ParsedTokenizer,
  parseTokenizer,
  type TokenizerOptions,
} from "../tokenizer/interchange/parse_tokenizer.ts";
import { malformed } from "../tokenizer/parsing.ts";

/** No tokenizer of 65,536 ids comes near this, in bytes. */
const MAX_FILE_SIZE = 2 ** 26;

/** GPT-2's two files, by today's names and by those of its release. */
const GPT2_FILES = [
  ["vocab.json", "merges.txt"],
  ["encoder.json", "vocab.bpe"],
];
/** What a folder's tokenizer is, in the order they are looked for. */
const FOLDER_FILES = [
  ["tokenizer.json"],
  ["tokenizer.tiktoken"],
  ...GPT2_FILES,
];

/** Kinds of which the reader of a tokenizer says more. */
const READ: readonly Kind[] = ["tokenizer", "json", "legacyText", "nothing"];

/** What models are published with as their only tokenizer. */
const WORLD_FILES = [
  ["rwkv_vocab_v20230424.txt"],
  ["rwkv_vocab.txt"],
  ["20B_tokenizer.json"],
];

/** A tokenizer that was read. */
export interface TokenizerFile extends Omit<ParsedTokenizer, "format"> {
  /** The file that was read; of GPT-2's two the one with the ids. */
  readonly path: string;
  /** The format that was recognised. */
  readonly format: FileFormat | "gpt2";
}

/**
 * Reads a tokenizer of any known format, or says what was given instead.
 *
 * @param path A file, or the folder of `tokenizer.json`, of
 * `tokenizer.tiktoken`, or of `vocab.json` and `merges.txt`; either of these
 * means both.
 * @param options What it may not say.
 * @throws {Error} When a file cannot be read.
 * @throws {SyntaxError} When it is no tokenizer that can be used.
 */
export async function readTokenizerFile(
  path: string,
  options: TokenizerOptions = {},
): Promise<TokenizerFile> {
  return await orSayKind(
    path,
    ["a tokenizer", ...READ],
    () => readFiles(path, options),
  );
}

async function readFiles(
  path: string,
  options: TokenizerOptions,
): Promise<TokenizerFile> {
  const files = await filesOf(path);
  const texts: string[] = [];
  for (const file of files) texts.push(await readText(file));
  try {
    if (texts.length === 1) {
      return { path: files[0], ...parseTokenizer(texts[0], options) };
    }
    if (options.specialTokens !== undefined) {
      throw malformed("it names its special tokens itself; give none");
    }
    const [ids, merges] = texts;
    const imported = framed(fromGpt2(ids, merges), options);
    return { path: files[0], format: "gpt2", ...imported };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new SyntaxError(
      error.message.replace("a tokenizer", () => `tokenizer "${files[0]}"`),
    );
  }
}

/**
 * The tokenizer beside a model, by the names that tokenizers go by.
 *
 * @param path The model's file.
 * @returns The file, or the first of two; undefined where there is none.
 */
export async function tokenizerBeside(
  path: string,
): Promise<string | undefined> {
  const folder = path.replace(/[^/\\]*$/, "");
  for (const [name] of [...FOLDER_FILES, ...WORLD_FILES]) {
    const file = folder + name;
    if (await Deno.stat(file).then(() => true, () => false)) return file;
  }
  return undefined;
}

/**
 * Where a tokenizer goes: a path without an ending is the folder for it.
 *
 * @param output As given by the user.
 * @param name What the file is called in a folder.
 * @param isFile Which paths mean a file, where nothing is there yet.
 */
export async function placeIn(
  output: string,
  name: string,
  isFile: RegExp = /\.[^./\\]+$/,
): Promise<string> {
  const isFolder = await Deno.stat(output).then(
    ({ isDirectory }) => isDirectory,
    () => !isFile.test(output),
  );
  return isFolder ? `${withoutSlash(output)}/${name}` : output;
}

/** The one file, or GPT-2's two, that a path means. */
async function filesOf(path: string): Promise<string[]> {
  const { isDirectory } = await Deno.stat(path).catch((error) => {
    throw unreadable(path, error);
  });
  const exists = (file: string) =>
    Deno.stat(file).then(() => true, () => false);
  if (isDirectory) {
    const folder = `${withoutSlash(path)}/`;
    for (const names of FOLDER_FILES) {
      const files = names.map((name) => folder + name);
      if (await exists(files[0])) return files;
    }
    throw unreadable(path, new Error("the folder holds no tokenizer"));
  }
  const [, folder, name] = /^(.*[/\\])?([^]*)$/s.exec(path)!;
  const pair = GPT2_FILES.find((pair) => pair.includes(name)) ?? [name];
  return pair.map((file) => (folder ?? "") + file);
}

async function readText(path: string): Promise<string> {
  try {
    const bytes = await readBounded(path, MAX_FILE_SIZE);
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw unreadable(
      path,
      error instanceof TypeError ? new Error("it is not UTF-8 text") : error,
    );
  }
}

function unreadable(path: string, error: unknown): Error {
  return new Error(`Cannot read tokenizer "${path}": ${reasonOf(error)}`, {
    cause: error,
  });
}
