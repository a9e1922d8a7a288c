/**
 * The files within a zip, where they stand: what the page has saved can be
 * chosen again as it is.
 *
 * @module
 */

import { readZip } from "../checkpoint/formats/torch/zip.ts";
import { openBlob } from "./model_store.ts";
import { type ChosenFile, TroubleError } from "./protocol.ts";

/**
 * The files within a zip.
 *
 * @param archive The zip, whose files are not compressed.
 * @throws {TroubleError} When it is none, or they are.
 */
export function filesIn({ name, blob }: ChosenFile): readonly ChosenFile[] {
  let entries;
  try {
    entries = readZip(openBlob(name, blob));
  } catch (cause) {
    throw new TroubleError(
      "notAModel",
      `Cannot look into "${name}": it is damaged or compressed; unpack it and choose what was in it`,
      { cause },
    );
  }
  const stem = name.replace(/\.zip$/i, "");
  return [...entries].filter(([path]) => !path.endsWith("/")).map(
    ([path, { offset, length }]) => {
      const [file, folder = stem] = path.split("/").reverse();
      return { name: file, folder, blob: blob.slice(offset, offset + length) };
    },
  );
}
