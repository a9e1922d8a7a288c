/**
 * Which file of a folder is the model, as programs lay folders of models out.
 *
 * @module
 */

/** What weights are called; the index of such that are in several files. */
const WEIGHTS = /\.(?:safetensors|pth|gguf|mpk|mpk\.gz|bin)$/i;
const INDEX = /\.(?:safetensors|bin)\.index\.json$/i;
/** Names that are the whole model wherever they stand. */
const USUAL = ["model.safetensors", "model_final.mpk", "pytorch_model.bin"];

/**
 * Finds the weights.
 *
 * @param names What is in the folder.
 * @returns The file's name.
 * @throws {Error} With the reason alone, when there are none, or more than one that it
 * could be.
 *
 * @example
 * ```ts
 * import { weightsAmong } from "./weights_among.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(weightsAmong(["config.json", "rwkv.pth"]), "rwkv.pth");
 * ```
 */
export function weightsAmong(
  names: readonly string[],
): string {
  const weights = names.filter((name) => WEIGHTS.test(name)).sort();
  const name = USUAL.find((name) => weights.includes(name)) ??
    (weights.length === 1 ? weights[0] : newestOf(weights));
  if (name !== undefined) return name;
  const index = names.find((name) => INDEX.test(name));
  if (index !== undefined) {
    throw new Error(
      `its weights are in several files, of which ${index} is the list; ` +
        "save them as one first",
    );
  }
  throw new Error(
    weights.length === 0
      ? "the folder holds no weights"
      : `the folder holds ${weights.slice(0, 4).join(", ")}` +
        `${weights.length > 4 ? " and more" : ""}; name the one that is meant`,
  );
}

/** The last of a run's checkpoints, where there is nothing else. */
function newestOf(weights: readonly string[]): string | undefined {
  const steps = weights.map((name) =>
    Number(/^checkpoint_(\d{1,15})\.mpk$/.exec(name)?.[1] ?? NaN)
  );
  return weights[steps.indexOf(Math.max(...steps))];
}
