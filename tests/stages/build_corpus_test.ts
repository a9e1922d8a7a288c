import { assert, assertEquals } from "@std/assert";
import { buildCorpus } from "../../lib/stages/build_corpus.ts";
import { reads, TEXT, withFiles } from "../commands/run_cli.ts";

const RECIPE = `
  filters = { min_chars = 30, min_words = 5 }
  sources = [{ name = "a", path = "HERE/a.txt" }]
`;

for (const pass of ["reading", "comparing", "writing", "noting"] as const) {
  Deno.test(`buildCorpus() goes on after it was aborted while ${pass}`, () =>
    withFiles({ "a.txt": `${TEXT}\nFim.\n` }, async (folder) => {
      const recipe = `${folder}/recipe.toml`;
      await Deno.writeTextFile(recipe, RECIPE.replace("HERE", folder));
      const build = { recipe, output: `${folder}/out`, allowOutside: true };
      const controller = new AbortController();
      const aborted = await buildCorpus({
        ...build,
        signal: controller.signal,
        onProgress: (progress) => {
          if (progress.pass === pass) controller.abort();
        },
      });
      assertEquals(aborted, { complete: false, output: build.output });
      assertEquals(await reads(build.output), [".unfinished"]);
      const result = await buildCorpus(build);
      assert(result.complete);
      assertEquals(result.sources[0].dropped.min_chars.documents, 1);
      assertEquals(await reads(build.output), [
        "a_000.txt",
        "dropped.jsonl",
        "manifest.json",
      ]);
      await buildCorpus({ ...build, output: `${folder}/whole` });
      assertEquals(
        await Deno.readTextFile(`${build.output}/a_000.txt`),
        await Deno.readTextFile(`${folder}/whole/a_000.txt`),
      );
    }));
}
