/**
 * The commands of both READMEs, block by block and as printed, in a copy of the
 * project's folder: what a step needs was made by the steps before or is what a
 * reader brings.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { lineOf, stagesFrom } from "../lib/commands/demo.ts";
import { broughtFiles, runCommands } from "./readme_commands.ts";
import { inProjectFolder } from "./terminal/project_folder.ts";

/** The READMEs, and the language of who reads them. */
const READMES = {
  "README.md": "en_US.UTF-8",
  "README.pt-BR.md": "pt_BR.UTF-8",
};

for (const [file, locale] of Object.entries(READMES)) {
  Deno.test(`${file}: every command works as printed`, async (test) => {
    const markdown = await Deno.readTextFile(file);
    await inProjectFolder(await broughtFiles(), async (folder) => {
      const before = await namesIn(folder);
      await runCommands(markdown, { folder, locale, test });
      const made = (await namesIn(folder)).filter((name) =>
        !before.includes(name)
      );
      const ignored = (await Deno.readTextFile(".gitignore")).split("\n");
      assertEquals(
        made.filter((name) =>
          !ignored.includes(`/${name}`) && !ignored.includes(`/${name}*`)
        ),
        [],
        "git would see what the commands made",
      );
    });
  });

  Deno.test(`${file}: what demo shows is what it does`, async () => {
    const markdown = await Deno.readTextFile(file);
    const [, shown] = /^```text\n([^]*?)^```$/m.exec(markdown)!;
    const expected = stagesFrom(".").map((stage, i, { length }) => [
      `[${i + 1}/${length}]`,
      `$ ${lineOf(stage)}`,
    ]);
    const lines = shown.split("\n").filter((line) => /^(?:\[\d|\$ )/.test(line))
      .map((line) => line.replace(/^(\[\d+\/\d+\]) .+$/, "$1"));
    assertEquals(lines, expected.flat());
    assert(shown.trimEnd().split("\n").at(-1)!.includes("deno task generate"));
  });
}

/** What is in a folder: names, those of folders with a slash, as git has them. */
async function namesIn(folder: string): Promise<string[]> {
  const names = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    names.push(isDirectory ? `${name}/` : name);
  }
  return names.sort();
}
