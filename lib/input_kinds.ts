/**
 * What a file or folder is, told from its first bytes and its names, so that a
 * command which was given the wrong thing can say what that is and which
 * command takes it.
 *
 * It looks and does not judge: whether a file is sound is for its reader to say.
 *
 * @module
 */

import { openPlain, readHead } from "./files.ts";
import {
  type InputFiles,
  isTextName,
  listTextFiles,
  type Packing,
  packingOf,
  textFormOf,
} from "./input_files.ts";
import { encodingOf } from "./text_encoding.ts";

/** How much of a file is looked at, in bytes. */
const HEAD_BYTES = 1 << 16;
/** How many names of a folder are looked at, */
const MOST_NAMES = 10_000;
/** and how many of all its folders, where itself it says nothing. */
const MOST_NAMES_BELOW = 100;

/** What an input may be. */
export type Kind = keyof typeof KINDS;

const TEXT_TAKERS = "tokenize and train-tokenizer take";

/** What each kind is called, and which command does what with it. */
const KINDS = {
  dump: ["a Wikimedia dump", "process-wiki takes"],
  page: ["a page of HTML", "process-laws takes"],
  pages: ["a folder of HTML pages", "process-laws takes"],
  text: ["text", TEXT_TAKERS],
  texts: ["a folder of text", TEXT_TAKERS],
  jsonLines: ["documents as lines of JSON", TEXT_TAKERS],
  table: ["documents as rows of parquet", TEXT_TAKERS],
  book: ["a book in EPUB", TEXT_TAKERS],
  legacyText: ["text that is not UTF-8", "clean-corpus takes"],
  tokenizer: ["a tokenizer", "tokenize takes as --tokenizer"],
  dataset: ["a tokenized dataset", "train and evaluate take as --data"],
  datasets: ["a folder of datasets", "train takes one by one as --data"],
  tokens: ["a file of tokens", "train and evaluate take as --data"],
  model: ["a model", "generate takes as --model"],
  models: ["a folder of models", "generate takes one by one as --model"],
  state: ["a saved state", "generate takes as --load-state"],
  weights: ["weights of another program", "import-model takes"],
  recipe: ["a recipe of sources", "build-corpus takes"],
  settings: ["a file of settings", "every command takes as --config"],
  json: ["JSON", undefined],
  archive: ["an archive", undefined],
  picture: ["a picture", undefined],
  pdf: ["a PDF", undefined],
  program: ["a program", undefined],
  binary: ["binary data", undefined],
  nothing: ["empty", undefined],
  folder: ["a folder", undefined],
} as const satisfies Record<string, readonly [string, string | undefined]>;

/** Kinds of which a reader can say more than that it is not its own. */
const UNTOLD: readonly Kind[] = ["binary", "folder"];

/**
 * Finds out what a path leads to.
 *
 * @param path A file or a folder.
 * @returns Undefined where nothing can be read there.
 *
 * @example
 * ```ts
 * import { kindOf } from "./input_kinds.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/a.txt`, "Era uma vez.\n");
 * assertEquals(await kindOf(`${folder}/a.txt`), "text");
 * assertEquals(await kindOf(folder), "texts");
 * ```
 */
export async function kindOf(path: string): Promise<Kind | undefined> {
  try {
    const { isDirectory, isFile, size } = await Deno.stat(path);
    if (isDirectory) return await kindOfFolder(path);
    if (!isFile) return undefined; // a device, a pipe
    const name = path.split(/[\\/]/).at(-1)!.toLowerCase();
    return size === 0 ? "nothing" : kindOfFile(name, await headOf(path), size);
  } catch {
    return undefined;
  }
}

/**
 * Refuses what is plainly something else than wanted. What cannot be read or
 * recognised passes: its reader has better words for it.
 *
 * @param path What was given.
 * @param wanted What it should be, with its article: `a model`.
 * @param kinds The kinds that are right.
 * @throws {Error} When it is of another kind, with the command that takes it.
 *
 * @example
 * ```ts
 * import { refuseOtherKinds } from "./input_kinds.ts";
 * import { assertRejects } from "@std/assert";
 *
 * const path = await Deno.makeTempFile({ suffix: ".txt" });
 * await Deno.writeTextFile(path, "Era uma vez.\n");
 * await assertRejects(
 *   () => refuseOtherKinds(path, "a model", ["model"]),
 *   Error,
 *   "as a model: it is text, which tokenize and train-tokenizer take",
 * );
 * ```
 */
export async function refuseOtherKinds(
  path: string,
  wanted: string,
  kinds: readonly Kind[],
): Promise<void> {
  const kind = await kindOf(path);
  if (kind === undefined || UNTOLD.includes(kind) || kinds.includes(kind)) {
    return;
  }
  const [description, taken] = KINDS[kind];
  const message = `Cannot use "${path}" as ${wanted}: it is ${description}`;
  throw new Error(
    taken === undefined ? message : `${message}, which ${taken}`,
  );
}

/**
 * Does something with a file and, where that fails as it is of another kind,
 * says so.
 *
 * @param path What was given.
 * @param wanted What it should be, with its article.
 * @param kinds The kinds of which the work's own words are better.
 */
export async function orSayKind<T>(
  path: string,
  [wanted, ...kinds]: [wanted: string, ...kinds: Kind[]],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await refuseOtherKinds(path, wanted, kinds);
    throw error;
  }
}

/** What a kind is called, with its article. */
export function wordsOf(kind: Kind): string {
  return KINDS[kind][0];
}

/** What commands that read text may be given. */
const TEXT_KINDS: readonly Kind[] = [
  "text",
  "texts",
  "jsonLines",
  "table",
  "book",
  "legacyText",
  "nothing",
];

/**
 * Lists files of text, all of which may be empty, as `listTextFiles()` does.
 *
 * @param input A file, a folder or a pattern.
 * @throws {Error} When the input cannot be read, holds no such file, or is
 * plainly something else; then with the command that takes it.
 *
 * @example
 * ```ts
 * import { listTexts } from "./input_kinds.ts";
 * import { assertRejects } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/rwkv.gguf`, "GGUF");
 * await assertRejects(
 *   () => listTexts(folder),
 *   Error,
 *   "it is weights of another program, which import-model takes",
 * );
 * ```
 */
export async function listTexts(input: string): Promise<InputFiles> {
  const kinds = textFormOf(input) === "page"
    ? [...TEXT_KINDS, "page" as const]
    : TEXT_KINDS;
  const refuse = () => refuseOtherKinds(input, "text", kinds);
  try {
    const found = await listTextFiles(input, { mayBeEmpty: true });
    // Of a folder names are looked at; one file may have any name.
    if (found.files.length === 1 && found.files[0].path === input) {
      await refuse();
    }
    return found;
  } catch (error) {
    await refuse();
    throw error;
  }
}

/** The kind of a folder by its names, else by those one level down. */
async function kindOfFolder(path: string): Promise<Kind> {
  const entries = await entriesOf(path, MOST_NAMES);
  const kind = kindOfNames(entries.map(({ name }) => name.toLowerCase()));
  if (kind !== "folder") return kind;
  let left = MOST_NAMES_BELOW;
  for (const { name, isDirectory } of entries) {
    if (left === 0) break;
    if (!isDirectory) continue;
    const below = await entriesOf(`${path}/${name}`, left).catch(() => []);
    left -= Math.max(1, below.length);
    const kind = kindOfNames(below.map(({ name }) => name.toLowerCase()));
    if (kind in GATHERED) return GATHERED[kind as keyof typeof GATHERED];
  }
  return "folder";
}

/** What a folder is that has such folders. */
const GATHERED = {
  dataset: "datasets",
  model: "models",
  pages: "pages",
  texts: "texts",
} as const satisfies Partial<Record<Kind, Kind>>;

async function entriesOf(
  folder: string,
  most: number,
): Promise<Deno.DirEntry[]> {
  const entries: Deno.DirEntry[] = [];
  for await (const entry of Deno.readDir(folder)) {
    if (!entry.name.startsWith(".")) entries.push(entry);
    if (entries.length === most) break;
  }
  return entries;
}

function kindOfNames(names: readonly string[]): Kind {
  const some = (pattern: RegExp) => names.some((name) => pattern.test(name));
  if (names.length === 0) return "nothing";
  if (some(/^(?:dataset\.json|train(?:_\d+)?\.bin)$/)) return "dataset";
  if (some(/^(?:model_final|checkpoint_\d+|best)\.mpk$/)) return "model";
  if (some(/\.(?:safetensors|pth|gguf)$/)) return "weights";
  const texts = names.filter(isTextName);
  if (texts.some((name) => textFormOf(name) !== "page")) return "texts";
  if (texts.length > 0) return "pages";
  if (some(/^(?:tokenizer\.json|vocab\.(?:json|bpe)|encoder\.json)$/)) {
    return "tokenizer";
  }
  return "folder";
}

async function headOf(path: string): Promise<Uint8Array> {
  using file = await openPlain(path);
  return await readHead(file, HEAD_BYTES);
}

/** First bytes that tell what a file is. */
const SIGNATURES: readonly [bytes: string, kind: Kind][] = [
  ["PTBR-SES", "state"],
  ["BZh", "dump"],
  ["GGUF", "weights"],
  ["fmgg", "weights"], // rwkv.cpp: 0x67676d66, the lowest byte first
  ["\x80\x02", "weights"], // a pickle, as torch wrote before it used zip
  ["%PDF", "pdf"],
  ["\x89PNG", "picture"],
  ["\xff\xd8\xff", "picture"],
  ["GIF8", "picture"],
  ["\x7fELF", "program"],
  ["MZ\x90", "program"],
  ["\xfd7zXZ", "archive"],
  ["7z\xbc\xaf", "archive"],
  ["\x28\xb5\x2f\xfd", "archive"], // zstd
];

/** First bytes of what is packed. */
const PACKED: Readonly<Record<Packing, string>> = {
  gz: "\x1f\x8b",
  zst: "\x28\xb5\x2f\xfd",
  bz2: "BZh",
  xz: "\xfd7zXZ",
};

/** What a file is whose name says that it is packed text, a table or a book. */
function kindOfPacked(name: string, latin: string): Kind | undefined {
  const packing = packingOf(name), form = textFormOf(name);
  if (packing === undefined) {
    if (form === "table" && latin.startsWith("PAR1")) return "table";
    return form === "book" && latin.startsWith("PK\x03\x04")
      ? "book"
      : undefined;
  }
  if (!latin.startsWith(PACKED[packing])) return undefined;
  return form === "lines"
    ? "jsonLines"
    : form === "table" || form === "book" || form === "page"
    ? form
    : "text";
}

function kindOfFile(name: string, head: Uint8Array, size: number): Kind {
  // A character a byte; a decoder's "latin1" is another encoding.
  const latin = String.fromCharCode(...head.subarray(0, 256));
  const packed = kindOfPacked(name, latin);
  if (packed !== undefined) return packed;
  const found = SIGNATURES.find(([bytes]) => latin.startsWith(bytes));
  if (found !== undefined) return found[1];
  if (latin.startsWith("PK\x03\x04")) {
    return /data\.pkl|^PK[^]{28}archive\//.test(latin) || /\.pt[h]?$/.test(name)
      ? "weights"
      : "archive";
  }
  if (latin.startsWith("\x1f\x8b")) {
    return /\.mpk\.gz$/.test(name) ? "weights" : "archive";
  }
  // A map of MessagePack whose first key is `metadata`.
  if (/^[\x80-\x8f]\xa8metadata/.test(latin)) return "model";
  const first = head.length < 8
    ? 0n
    : new DataView(head.buffer, head.byteOffset).getBigUint64(0, true);
  if (latin[8] === "{" && first > 1n && first <= BigInt(size) - 8n) {
    return "weights"; // safetensors: the length of its head, and the head
  }
  if (size > 8 && first === BigInt(size - 8) / 2n) return "tokens";
  return kindOfText(name, head, size);
}

function kindOfText(name: string, head: Uint8Array, size: number): Kind {
  const isBin = /\.bin$/.test(name);
  const isUtf8 = isSoundUtf8(head, head.length === size);
  if (isUtf8 && isBin && head.includes(0)) return "tokens";
  const marked = encodingOf(head); // UTF-8 where there is no mark of UTF-16
  const encoding = isUtf8 || marked !== "utf-8" ? marked : "windows-1252";
  if (!encoding.startsWith("utf-16")) {
    if (!isUtf8 && isBin || !isMostlyText(head)) return "binary";
  }
  const text = new TextDecoder(encoding).decode(head);
  // What begins with prose may speak of HTML further down.
  if (/^\s*</.test(text)) {
    if (/<mediawiki[\s>]/.test(text)) return "dump";
    if (/<(?:!doctype html|html|head|body)[\s>]/i.test(text)) return "page";
  }
  if (!isUtf8) return "legacyText";
  if (/\.toml$/.test(name)) {
    return /^\s*\[\[sources?\]\]/m.test(text) ? "recipe" : "settings";
  }
  if (isTokenizer(text)) return "tokenizer";
  if (/\.jsonl$/.test(name) || /^\{[^\n]*\}\r?\n\{/.test(text)) {
    return "jsonLines";
  }
  return /^\s*[[{]\s*["[{\d]/.test(text) && /\.json$/.test(name)
    ? "json"
    : "text";
}

/** Ours, one of Hugging Face's, or a vocabulary of the World models. */
function isTokenizer(text: string): boolean {
  return /^\s*\{\s*"(?:id_to_token|merges|special_tokens)"/.test(text) ||
    /^\s*\{[^]{0,400}"added_tokens"\s*:/.test(text) ||
    /^1 b?['"][^\n]*['"] \d+\r?\n2 b?['"]/.test(text) ||
    /^#version: 0\.2/.test(text) ||
    // tiktoken's: bytes in base64 and their ranks.
    /^[A-Za-z\d+/]+={1,2} \d+\r?(?:\n|$)/.test(text);
}

/** Whether bytes are UTF-8; the last character of a part may be cut. */
function isSoundUtf8(head: Uint8Array, isWhole: boolean): boolean {
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true });
    decoder.decode(head, { stream: !isWhole });
    return true;
  } catch {
    return false;
  }
}

/** Whether bytes look like text: hardly a control but those of lines and pages. */
function isMostlyText(head: Uint8Array): boolean {
  let controls = 0;
  for (const byte of head) {
    const isOfText = byte === 9 || byte === 10 || byte === 12 || byte === 13;
    if (byte < 32 && !isOfText) controls++;
  }
  return controls * 1000 <= Math.max(1000, head.length);
}
