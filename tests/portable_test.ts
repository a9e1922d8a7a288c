/**
 * Which entries of the library run anywhere: nothing that they import, near or
 * far, uses Deno, Node or a file.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";

const { exports } = JSON.parse(await Deno.readTextFile("deno.json"));

/** What runs in a browser: entries, and what a page that trains is made of. */
const PORTABLE = [
  ...["./cleaning", "./tokenizer", "./model"].map((name) => exports[name]),
  "./lib/train/trainer.ts",
  "./lib/train/evaluate.ts",
  "./lib/dataset/data_loader.ts",
];

/** A file's code; examples in comments are for Deno. */
async function codeOf(path: string): Promise<string> {
  const source = await Deno.readTextFile(path);
  return source.replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "")
    // Types are gone before anything runs.
    .replaceAll(/(?:import|export) type [^;]*;/g, "");
}

/** All that a file imports, itself too, each with who imports it. */
async function graphOf(entry: string): Promise<Map<string, string>> {
  const graph = new Map([[entry, "its user"]]);
  for (const path of graph.keys()) {
    if (!path.endsWith(".ts")) continue;
    const code = await codeOf(path);
    for (const [, to] of code.matchAll(/(?:from|import\(?)\s*"([^"]+)"/g)) {
      const target = to.startsWith(".")
        ? new URL(to, new URL(path, "file:///")).pathname.slice(1)
        : to;
      if (!graph.has(target)) graph.set(target, path);
    }
  }
  return graph;
}

/** What of a file is not to be had everywhere. */
function strangersIn(code: string): string[] {
  return code.match(/\b(?:Deno|process|Buffer|__dirname)\b(?=[.[])/g) ?? [];
}

for (const entry of PORTABLE) {
  Deno.test(`${entry} needs neither Deno nor Node`, async () => {
    const graph = await graphOf(entry.slice(2));
    assert(graph.size > 3, `${graph.size} files`);
    const wrong: string[] = [];
    for (const [path, importer] of graph) {
      if (path.startsWith("node:") || path.startsWith("jsr:")) {
        wrong.push(`${importer} imports ${path}`);
      } else if (path.endsWith(".ts")) {
        const names = strangersIn(await codeOf(path));
        if (names.length > 0) wrong.push(`${path} uses ${names.join(", ")}`);
      }
    }
    assertEquals(wrong, []);
  });
}

Deno.test("strangers are found where there are some", async () => {
  const graph = await graphOf("lib/load_checkpoint.ts");
  assert(graph.has("node:zlib"));
  assert(strangersIn(await codeOf("lib/files.ts")).includes("Deno"));
});
