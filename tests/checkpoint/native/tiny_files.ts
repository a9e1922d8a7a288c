/**
 * Small checkpoints, whole and changed, for the tests of their files.
 *
 * @module
 */

import { decode, encode } from "@msgpack/msgpack";
import type { Parameter } from "../../../lib/model/parameters.ts";
import { saveModel } from "../../../lib/checkpoint/native/mpk_writer.ts";
import { momentsOf, readersOf, STATE, tinyModel } from "../models.ts";

/** What a checkpoint of a run holds beside the weights. */
export const SNAPSHOT = {
  state: STATE,
  moments: (parameter: Parameter) => readersOf(momentsOf(parameter)),
};

/** What a file decodes to. */
// deno-lint-ignore no-explicit-any
export type Tree = any;

/** The file's tree, changed, as a file of its own. */
export async function changed(
  path: string,
  change: (tree: Tree) => void,
): Promise<string> {
  // As a file without checksums, which old ones are.
  const { checksums: _, ...tree } = decode(await Deno.readFile(path)) as Tree;
  change(tree);
  const other = await Deno.makeTempFile({ suffix: ".mpk" });
  await Deno.writeFile(other, encode(tree));
  return other;
}

/** Writes a checkpoint of a few hundred weights into a folder of its own. */
export async function tinyFile(
  fields: Parameters<typeof tinyModel>[0],
  options?: Parameters<typeof saveModel>[2],
): Promise<string> {
  const path = await Deno.makeTempDir() + "/checkpoint_7.mpk";
  await saveModel(path, tinyModel(fields), options);
  return path;
}
