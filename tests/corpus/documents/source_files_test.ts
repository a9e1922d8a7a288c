/** Files of a source. */

import { assertEquals, assertRejects } from "@std/assert";
import { listSourceFiles } from "../../../lib/corpus/documents/source_files.ts";

async function withFiles(
  names: readonly string[],
  work: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const name of names) {
      const path = `${folder}/${name}`;
      await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), {
        recursive: true,
      });
      await Deno.writeTextFile(path, "x");
    }
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("listSourceFiles() knows folders and patterns", async () => {
  const names = [
    "a.txt",
    "b.jsonl",
    "c.html",
    "d/e/f.txt",
    "d/g.TXT",
    ".h/i.txt",
    "d/.j.txt",
    "x+(1).txt",
  ];
  await withFiles(names, async (folder) => {
    const cases: Record<string, string[]> = {
      "": ["a.txt", "b.jsonl", "d/e/f.txt", "d/g.TXT", "x+(1).txt"],
      "/": ["a.txt", "b.jsonl", "d/e/f.txt", "d/g.TXT", "x+(1).txt"],
      "/d": ["d/e/f.txt", "d/g.TXT"],
      "/*.txt": ["a.txt", "x+(1).txt"],
      "/?.*": ["a.txt", "b.jsonl", "c.html"],
      "/**/*.txt": ["a.txt", "d/e/f.txt", "x+(1).txt"],
      "/*/g.*": ["d/g.TXT"],
      "/x+(1)*": ["x+(1).txt"],
      "/c.html": ["c.html"],
    };
    for (const [pattern, expected] of Object.entries(cases)) {
      const files = await listSourceFiles(folder + pattern);
      const found = files.map(({ path }) => path.slice(folder.length + 1));
      assertEquals(found, expected, pattern);
    }
    const [{ json, size }] = await listSourceFiles(`${folder}/b*`);
    assertEquals([json, size], [true, 1]);
  });
});

Deno.test("listSourceFiles() says what is wrong", async () => {
  await withFiles(["a.html"], async (folder) => {
    await assertRejects(
      () => listSourceFiles(folder),
      Error,
      "it has no .txt or .jsonl file",
    );
    await assertRejects(
      () => listSourceFiles(`${folder}/none`),
      Error,
      "no such file or folder",
    );
    await assertRejects(() => listSourceFiles(`${folder}/*.txt`), Error);
  });
});
