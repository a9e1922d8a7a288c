/** Two corpora compared. */

import { assertEquals, assertRejects } from "@std/assert";
import { compareCorpora } from "../../lib/stages/compare_corpora.ts";

/** Writes corpora of lines of JSON, and gives their files. */
async function corpora(
  folder: string,
  ...texts: Record<string, string>[]
): Promise<string[]> {
  return await Promise.all(texts.map(async (documents, i) => {
    const lines = Object.entries(documents).map(([title, text], id) =>
      JSON.stringify({ id: title.length * 100 + id, title, text })
    );
    const path = `${folder}/${i}.jsonl`;
    await Deno.writeTextFile(path, lines.join("\n") + "\n");
    return path;
  }));
}

Deno.test("compareCorpora() counts what changed and shows where", async () => {
  const folder = await Deno.makeTempDir();
  const same = { Lua: "A lua é um satélite." };
  const [old, now] = await corpora(
    folder,
    { Sol: "O sol (, estrela) .\nNota: apague.", ...same },
    { Sol: "O sol (estrela).", ...same, Terra: "A terra é um planeta." },
  );
  const { seconds: _, ...found } = await compareCorpora({ old, new: now });
  assertEquals(found, {
    documents: { both: 2, changed: 1, onlyOld: 0, onlyNew: 1 },
    lines: { gone: 1, come: 0, changed: 1 },
    kinds: { spaces: 0, punctuation: 1, words: 0 },
    replacements: [
      { old: "(, abc", new: "(abc", times: 1 },
      { old: ") .", new: ").", times: 1 },
    ],
    most: [{
      name: "Sol",
      lines: 2,
      characters: 28,
      shown: [
        {
          old: "O sol (, estrela) .",
          new: "O sol (estrela).",
          kind: "punctuation",
        },
        { old: "Nota: apague." },
      ],
    }],
    onlyOld: [],
    onlyNew: ["Terra"],
    unreadable: 0,
  });
  await Deno.remove(folder, { recursive: true });
});

Deno.test("compareCorpora() counts what cannot be read, and refuses what is not there", async () => {
  const folder = await Deno.makeTempDir();
  const [old] = await corpora(folder, { Sol: "O sol." });
  await Deno.writeTextFile(`${folder}/bad.jsonl`, '{"id":300,"te\n');
  const found = await compareCorpora({ old, new: `${folder}/bad.jsonl` });
  assertEquals([found.unreadable, found.documents.onlyOld], [1, 1]);
  await assertRejects(() => compareCorpora({ old, new: `${folder}/none` }));
  const signal = AbortSignal.abort();
  await assertRejects(() => compareCorpora({ old, new: old, signal }));
  await Deno.remove(folder, { recursive: true });
});
