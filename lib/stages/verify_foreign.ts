/**
 * Files of other programs, as exports write them: they carry no checksums, and
 * those whose structure can be read here are read.
 *
 * @module
 */

import { UNSUPPORTED } from "../checkpoint/encoding/byte_source.ts";
import { FileSource } from "../checkpoint/encoding/file_source.ts";
import { readGguf } from "../checkpoint/formats/gguf/gguf_reader.ts";
import { readSafetensors } from "../checkpoint/formats/safetensors.ts";
import { readTextOf, reasonOf } from "../files.ts";
import { readTokenizerFile } from "./tokenizer_files.ts";

/** What was found of one. */
export interface ForeignState {
  /** Whether it could be read, or nothing can be said of it. */
  readonly state: "unchecked" | "unknown";
  /** Why nothing can be said. */
  readonly reason?: string;
}

/** Names of such files. */
const NAMES = [
  ...[/\.safetensors$/, /\.gguf$/, /\.pth$/, /\.tiktoken$/],
  ...[/^(?:vocab|encoder)\.json$/, /^vocab\.bpe$/, /^rwkv_vocab\w*\.txt$/],
  ...[/^config\.json$/, /^tokenizer_config\.json$/],
];

/**
 * The files of a folder that are of other programs, in an order of kinds.
 *
 * @param names All names of the folder.
 */
export function foreignNames(names: readonly string[]): string[] {
  const found = NAMES.flatMap((pattern) =>
    names.filter((name) => pattern.test(name))
  );
  // By itself a text of that name may be anything.
  return names.includes("vocab.json") && names.includes("merges.txt")
    ? [...found, "merges.txt"]
    : found;
}

/** Whether a file is called as those of other programs are. */
export function isForeign(path: string): boolean {
  const [name] = /[^/\\]*$/.exec(path)!;
  return foreignNames([name, "vocab.json"]).includes(name);
}

/** Whether a `tokenizer.json` is of Hugging Face's kind. */
export async function isForeignTokenizer(path: string): Promise<boolean> {
  try {
    const file = JSON.parse(await readTextOf(path));
    return Array.isArray(file?.added_tokens) || typeof file?.model === "object";
  } catch {
    return false; // which its reader tells of
  }
}

/**
 * Reads what can be read of a file.
 *
 * @param path The file.
 * @throws {SyntaxError} When it is cut short or otherwise not whole.
 */
export async function readForeign(path: string): Promise<ForeignState> {
  if (/\.(?:safetensors|gguf)$/.test(path)) return await readWeights(path);
  if (!/(?:\.tiktoken|[/\\](?:tokenizer|vocab|encoder)\.json)$/.test(path)) {
    return { state: "unknown" };
  }
  try {
    await readTokenizerFile(path);
    return { state: "unchecked" };
  } catch (error) {
    return { state: "unknown", reason: reasonOf(error) }; // other kinds are many
  }
}

/** Reads the header of weights, and whether the file is as long as it says. */
async function readWeights(path: string): Promise<ForeignState> {
  using file = await FileSource.open(path, "model");
  try {
    if (/\.gguf$/.test(path)) readGguf(file);
    else readSafetensors(file);
    return { state: "unchecked" };
  } catch (error) {
    if ((error as Error).cause !== UNSUPPORTED) throw error;
    return { state: "unknown", reason: reasonOf(error) };
  }
}
