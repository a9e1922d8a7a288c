/**
 * Which file of a folder on the disk is the model.
 *
 * @module
 */

import { reasonOf, withoutSlash } from "../../files.ts";
import { weightsAmong } from "./weights_among.ts";

/**
 * Finds the weights in a folder.
 *
 * @param folder The folder.
 * @returns The file.
 * @throws {Error} When there is none, or more than one that it could be.
 *
 * @example
 * ```ts
 * import { weightsIn } from "./weights_in_folder.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/config.json`, "{}");
 * await Deno.writeTextFile(`${folder}/rwkv.pth`, "");
 * assertEquals(await weightsIn(folder), `${folder}/rwkv.pth`);
 * ```
 */
export async function weightsIn(folder: string): Promise<string> {
  const cannot = (reason: string, cause?: unknown) =>
    new Error(`Cannot read model "${folder}": ${reason}`, { cause });
  const names: string[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (!isDirectory) names.push(name);
    }
  } catch (error) {
    throw cannot(reasonOf(error), error);
  }
  try {
    return `${withoutSlash(folder)}/${weightsAmong(names)}`;
  } catch (error) {
    throw cannot((error as Error).message);
  }
}
