/**
 * Which file of a folder is the model, as programs lay folders of models out.
 *
 * @module
 */

import { reasonOf, withoutSlash } from "../../files.ts";

/** What weights are called; the index of such that are in several files. */
const WEIGHTS = /\.(?:safetensors|pth|gguf|mpk|mpk\.gz|bin)$/i;
const INDEX = /\.(?:safetensors|bin)\.index\.json$/i;
/** Names that are the whole model wherever they stand. */
const USUAL = ["model.safetensors", "model_final.mpk", "pytorch_model.bin"];

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
  const weights = names.filter((name) => WEIGHTS.test(name)).sort();
  const name = USUAL.find((name) => weights.includes(name)) ??
    (weights.length === 1 ? weights[0] : undefined);
  if (name !== undefined) return `${withoutSlash(folder)}/${name}`;
  const index = names.find((name) => INDEX.test(name));
  if (index !== undefined) {
    throw cannot(
      `its weights are in several files, of which ${index} is the list; ` +
        "save them as one first",
    );
  }
  throw cannot(
    weights.length === 0
      ? "the folder holds no weights"
      : `the folder holds ${weights.slice(0, 4).join(", ")}` +
        `${weights.length > 4 ? " and more" : ""}; name the one that is meant`,
  );
}
