/**
 * What belongs to a model: which files of a folder, which addresses beside one.
 *
 * @module
 */

import { CHAT_FILE } from "../serve/http/chat_template.ts";
import { folderName, type Place } from "./model_store.ts";
import { type ChosenFile, TroubleError } from "./protocol.ts";

/** Endings of files of weights. */
const WEIGHTS = /\.(?:mpk|safetensors|gguf|pth|bin)$/i;
/** Files that belong to a model beside its weights. */
const BESIDE = /^(?:tokenizer\.json|config\.json|chat\.toml|.*vocab.*\.txt)$/i;
/** What a model's file is called in a folder of ours. */
const FINAL = "model_final.mpk";
const TOKENIZER = "tokenizer.json";

/**
 * The files of a model at an address.
 *
 * @param given The address of its weights, or of the folder that has them.
 * @param base Where the page is, for addresses that begin there.
 * @throws {TroubleError} When it is no address that a page may ask.
 */
export function placeOf(given: string, base: string): Place {
  const url = URL.parse(given.trim(), base);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new TroubleError(
      "unreachable",
      `Cannot get "${given}": it is no address of the web`,
    );
  }
  url.hash = "";
  const isFile = WEIGHTS.test(url.pathname);
  if (!isFile && !url.pathname.endsWith("/")) url.pathname += "/";
  const weights = isFile ? url : beside(url, FINAL);
  const [folder, file] = decodeURIComponent(weights.pathname).split("/")
    .slice(-2);
  const name = file === FINAL && folder ? folder : file.replace(WEIGHTS, "");
  const hasOwnTokenizer = /\.gguf$/i.test(file);
  return {
    name: folderName(name),
    url: url.href,
    files: [
      { name: TOKENIZER, isOptional: hasOwnTokenizer },
      { name: CHAT_FILE, isOptional: true },
      { name: file, url: weights.href },
    ].map((it) => ({ url: beside(weights, it.name).href, ...it })),
  };
}

function beside(url: URL, name: string): URL {
  const other = new URL(url);
  other.pathname = url.pathname.replace(/[^/]*$/, encodeURIComponent(name));
  return other;
}

/**
 * The files of a model among those that were chosen.
 *
 * @param chosen All of a folder, or some of it.
 * @throws {TroubleError} When there are no weights among them.
 */
export function modelFilesOf(
  chosen: readonly ChosenFile[],
): { readonly name: string; readonly files: readonly ChosenFile[] } {
  const weights = chosen.filter(({ name }) => WEIGHTS.test(name));
  const [first] = [
    ...weights.filter(({ name }) => name === FINAL),
    ...weights.toSorted((a, b) => b.name.localeCompare(a.name)),
  ];
  if (first === undefined) {
    throw new TroubleError(
      "notAModel",
      "Cannot find a model: no file ends in .mpk, .safetensors, .gguf, .pth or .bin",
    );
  }
  const files = [first, ...chosen.filter(({ name }) => BESIDE.test(name))];
  const name = first.name === FINAL
    ? first.folder ?? "model"
    : first.name.replace(WEIGHTS, "");
  return { name: folderName(name), files };
}
