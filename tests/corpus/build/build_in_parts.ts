/**
 * Builds a corpus in small parts, saying when it has written one: for tests
 * that end it in the middle. Arguments: recipe, folder, threads.
 *
 * @module
 */

import { buildByRecipe } from "../../../lib/corpus/build/corpus_builder.ts";
import { parseRecipe } from "../../../lib/corpus/build/recipe.ts";

const [recipe, folder, threads] = Deno.args;
await buildByRecipe(parseRecipe(await Deno.readTextFile(recipe)), folder, {
  threads: Number(threads),
  partBytes: 20_000,
  onProgress: (stage, done) => console.log(stage, done),
});
