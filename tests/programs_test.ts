/**
 * The programs in `tests/programs`, each one public thing as its users write
 * it: by the package's own subpaths, and in few lines.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";

const FOLDER = new URL("programs/", import.meta.url);
/** Most lines of a program, its imports left out. */
const MOST_LINES = 30;

const programs = (await Array.fromAsync(Deno.readDir(FOLDER)))
  .map(({ name }) => name).sort();

for (const name of programs) {
  Deno.test(`the program ${name} runs`, async () => {
    await import(new URL(name, FOLDER).href);
  });
}

Deno.test("programs are short, and import what a user would", async () => {
  assert(programs.length >= 20);
  for (const name of programs) {
    const source = await Deno.readTextFile(new URL(name, FOLDER));
    const [, about, rest] = /^(\/\*\* .* \*\/\n\n)([^]*)$/.exec(source)!;
    assert(about.length < 100, name);
    const body = rest.replaceAll(/^import [^;]*;\n+/gm, "").trim();
    assert(body.split("\n").length <= MOST_LINES, name);
    const imports = rest.matchAll(/^import [^;]* from "([^"]+)";$/gm);
    for (const [, from] of imports) {
      const isPublic = /^(@ptbr-slm\/ptbr-slm\/\w+|@std\/assert)$/.test(from);
      assertEquals([name, from, isPublic], [name, from, true]);
    }
  }
});

Deno.test("docs/library.md names every program", async () => {
  const text = await Deno.readTextFile("docs/library.md");
  for (const name of programs) {
    assertStringIncludes(text, `\`${name.replace(".ts", "")}\``);
  }
});
