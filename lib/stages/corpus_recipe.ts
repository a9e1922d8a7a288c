/**
 * Reads the recipe of a corpus from its file, which may be somebody else's.
 *
 * @module
 */

import { parseRecipe, type Recipe } from "../corpus/build/recipe.ts";
import { leadsOutside, readText } from "../files.ts";
import { refuseOtherKinds } from "../input_kinds.ts";

/**
 * Reads a recipe.
 *
 * @param path Its file.
 * @param allowOutside Whether its sources may lie outside the working folder.
 * @throws {SyntaxError} When the recipe is not right.
 * @throws {RangeError} When it leads out of the working folder.
 */
export async function readRecipe(
  path: string,
  allowOutside: boolean,
): Promise<Recipe> {
  let recipe: Recipe;
  try {
    recipe = parseRecipe(await readText(path), `recipe "${path}"`);
  } catch (error) {
    await refuseOtherKinds(path, "a recipe", ["recipe", "settings"]);
    throw error;
  }
  const outside = recipe.sources.find(({ path }) => leadsOutside(path));
  if (outside !== undefined && !allowOutside) {
    throw new RangeError(
      `Cannot use recipe "${path}": its source "${outside.path}" leads out of the working folder; --allow-outside permits it`,
    );
  }
  return recipe;
}
