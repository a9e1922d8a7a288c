/**
 * The commands of the guides: each is one that there is, with options that it
 * has; with PTBR_SLM_TEST_LONG they are run, one guide after the other, as one
 * goes on from what another made.
 *
 * @module
 */

import { assert } from "@std/assert";
import { commands } from "../lib/commands/mod.ts";
import { parseOptions } from "../lib/commands/shared/parse_options.ts";
import {
  blocksOf,
  broughtFiles,
  runCommands,
  taskOf,
} from "./readme_commands.ts";
import { inProjectFolder, TASKS } from "./terminal/project_folder.ts";

/** The guides that are run, in this order. */
const RUN = ["books", "laws", "adapt", "serve", "browser", "livros"];
const IS_LONG = Deno.env.get("PTBR_SLM_TEST_LONG") === "1";
/** Questions of a reader's own, as long as a guide's windows. */
const QUESTIONS = Array.from({ length: 20 }, (_, i) =>
  `${
    JSON.stringify({
      question: `Quanto é ${i} mais um?`,
      answer: `É ${i + 1}, como todos sabem.`,
    })
  }\n`).join("");

for await (const file of documentsIn("docs")) {
  Deno.test(`${file}: every command has these options`, async () => {
    for (const block of blocksOf(await Deno.readTextFile(file))) {
      for (const line of block.split("\n")) {
        // What is an example of a shell's has other programs too.
        if (!/^\s*(?:npx --yes )?deno\S* task /.test(line)) continue;
        const { task, args } = taskOf(line);
        assert(task in TASKS, `there is no ${task}: ${line}`);
        const command = commands.find(({ name }) => name === task);
        // Of a line that goes on there is but the beginning.
        if (command === undefined || line.endsWith("\\")) continue;
        await parseOptions(command, args);
      }
    }
  });
}

Deno.test({
  name: "the commands of the guides work as printed",
  ignore: !IS_LONG,
  fn: async (test) => {
    const brought = {
      ...await broughtFiles(),
      "data/perguntas.jsonl": QUESTIONS,
    };
    await inProjectFolder(brought, async (folder) => {
      for (const name of RUN) {
        const markdown = await Deno.readTextFile(`docs/guides/${name}.md`);
        const options = { folder, locale: "en_US.UTF-8" };
        await test.step(name, async (test) => {
          await runCommands(markdown, { ...options, test });
        });
      }
    });
  },
});

/** The documents below a folder. */
async function* documentsIn(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* documentsIn(path);
    else if (name.endsWith(".md")) yield path;
  }
}
