/**
 * A model's folder as one file, for browsers that save files and no folders.
 *
 * @module
 */

import { downloadZip } from "npm:client-zip@2.5.1";
import type { ChosenFile } from "./protocol.ts";

/**
 * A zip of a folder.
 *
 * @param folder What it is called.
 * @param files What is in it.
 */
export async function archiveOf(
  folder: string,
  files: readonly ChosenFile[],
): Promise<Blob> {
  const entries = files.map(({ name, blob }) => ({
    name: `${folder}/${name}`,
    input: blob,
  }));
  return await downloadZip(entries).blob();
}
