/** No corpus is written over files that no earlier one has. */

import { assertEquals, assertRejects } from "@std/assert";
import { CorpusFolder } from "../../../lib/corpus/output/corpus_folder.ts";
import { buildCorpus } from "../../../lib/stages/build_corpus.ts";
import { cleanCorpus } from "../../../lib/stages/clean_corpus.ts";
import { processLaws } from "../../../lib/stages/process_laws.ts";
import { processWiki } from "../../../lib/stages/process_wiki.ts";
import { withFiles } from "../../commands/run_cli.ts";

const ARTICLE = "O '''Sol''' é uma [[estrela]]. ".repeat(9);
const SOURCES = {
  "dump.xml": `<mediawiki><page><title>Sol</title><ns>0</ns>` +
    `<revision><text>${ARTICLE}</text></revision></page></mediawiki>`,
  "pages/a.html": `<html><body><p>${"Art. 1º Vale. ".repeat(20)}`,
  "in/a.txt": "Bom dia.\n\nBom dia.\n",
};

/** The stages that write a corpus, each into the folder it is given. */
function stagesIn(folder: string): Record<string, (output: string) => unknown> {
  const filters = { preset: "none", language: "pt", thresholds: {} } as const;
  const path = `${folder}/in`;
  const recipe = {
    duplicates: { exact: true },
    sources: [{ name: "a", path, weight: 1, textField: "text", filters }],
  };
  return {
    wiki: (output) => processWiki({ input: `${folder}/dump.xml`, output }),
    laws: (output) => processLaws({ input: `${folder}/pages`, output }),
    clean: (output) => cleanCorpus({ input: path, output }),
    build: (output) => buildCorpus({ recipe, output, threads: 1 }),
  };
}

const FOREIGN = [
  ["wiki", "wiki_000.txt"],
  ["wiki", "wiki_007.txt"],
  ["wiki", "wiki_005.jsonl"],
  ["laws", "laws_001.txt"],
  ["clean", "a.txt"],
  ["build", "a_000.txt"],
  ["build", "dropped.jsonl"],
];

Deno.test("no corpus is written over files that it has not written", () =>
  withFiles(SOURCES, async (folder) => {
    const stages = stagesIn(folder);
    for (const [i, [stage, name]] of FOREIGN.entries()) {
      const output = `${folder}/${i}`, path = `${output}/${name}`;
      await Deno.mkdir(output);
      await Deno.writeTextFile(path, "minhas notas\n");
      const run = async () => await stages[stage](output);
      const reason = `it holds a ${name} that `;
      await assertRejects(run, Error, reason);
      await Deno.remove(path);
      // Its own is replaced; what a manifest does not name is not.
      await run();
      await run();
      if (!/_00[57]|_001/.test(name)) continue;
      await Deno.writeTextFile(path, "minhas notas\n");
      await assertRejects(run, Error, reason);
      assertEquals(await Deno.readTextFile(path), "minhas notas\n");
    }
  }));

Deno.test("CorpusFolder#publish() loses no file that came meanwhile", () =>
  withFiles({}, async (path) => {
    await using folder = await CorpusFolder.open(path, { command: "test" });
    await using file = await folder.create("a.txt");
    await file.commit();
    await Deno.writeTextFile(`${path}/a.txt`, "minhas notas\n");
    await assertRejects(
      () => folder.publish({ files: [{ name: "a.txt" }] }, ["a.txt"]),
      Error,
      "it holds a a.txt that test has not written",
    );
    assertEquals(await Deno.readTextFile(`${path}/a.txt`), "minhas notas\n");
  }));
