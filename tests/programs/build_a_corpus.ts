/** A recipe puts sources together and leaves duplicates out. */

import { buildCorpus, parseRecipe } from "@ptbr-slm/ptbr-slm/corpus";
import { assertEquals } from "@std/assert";

const folder = await Deno.makeTempDir();
await Deno.writeTextFile(`${folder}/a.txt`, "Bom dia.\n\nSim.\n");
await Deno.writeTextFile(`${folder}/b.txt`, "bom DIA!\n\nBoa noite.\n");
const recipe = parseRecipe(`
  filters = { preset = "none" }
  sources = [
    { name = "a", path = "${folder}/a.txt" },
    { name = "b", path = "${folder}/b.txt" },
  ]
`);
const { documents } = await buildCorpus(recipe, `${folder}/corpus`);
assertEquals(documents, 3);
const text = await Deno.readTextFile(`${folder}/corpus/b_000.txt`);
assertEquals(text, "Boa noite.\n");
await Deno.remove(folder, { recursive: true });
