/**
 * The commands of both READMEs, block by block and as printed, in a copy of the
 * project's folder: what a step needs was made by the steps before or is what a
 * reader brings.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { lineOf, stagesFrom } from "../lib/commands/demo.ts";
import { torchFile } from "./checkpoint/torch_files.ts";
import { worldTensors } from "./checkpoint/models.ts";
import { WORLD_TEXT } from "./tokenizer/world.ts";
import {
  BOOK,
  inProjectFolder,
  LAW_PAGE,
  TASKS,
} from "./terminal/project_folder.ts";

/** The READMEs, and the language of who reads them. */
const READMES = {
  "README.md": "en_US.UTF-8",
  "README.pt-BR.md": "pt_BR.UTF-8",
};

const SAMPLE = "data/sample/amostra-pages-articles-multistream.xml.bz2";

/** What a reader brings, small. */
async function broughtFiles(): Promise<Record<string, string | Uint8Array>> {
  return {
    "data/dumps/ptwiki-20260101-pages-articles-multistream.xml.bz2": await Deno
      .readFile(SAMPLE),
    "data/planalto/lei.htm": LAW_PAGE,
    "my_books/livro.txt": BOOK,
    "meus_livros/livro.txt": BOOK,
    "rwkv7-0.1b.pth": torchFile(await worldTensors()),
    "rwkv_vocab_v20230424.txt": WORLD_TEXT,
  };
}

/**
 * Options that make a long run short; they take the place of those printed, or
 * away those that are undefined.
 */
const SHORTER: Readonly<
  Record<string, Readonly<Record<string, string | undefined>>>
> = {
  train: {
    hours: undefined,
    "max-steps": "2",
    "batch-size": "1",
    "grad-accum": "1",
    "seq-len": "32",
  },
  finetune: { "max-steps": "2", "seq-len": "32", "grad-accum": "1" },
  // The run above has done all of its steps; Ctrl-C would have left some.
  resume: { "additional-steps": "1" },
  generate: { "max-tokens": "5" },
};

/** What is not run, and what is in its place. */
const APART: Readonly<Record<string, readonly string[] | undefined>> = {
  // Takes minutes; `.ci/run` runs it as it is printed.
  demo: ["demo", "--help"],
  // Brings gigabytes from Wikimedia; its options are read all the same.
  download: ["download", "--help"],
  // Ends by Ctrl-C only.
  dashboard: ["dashboard", "--help"],
  serve: ["serve", "--help"],
  // It is what runs this.
  test: undefined,
};

/** The blocks of commands of a document, in their order. */
function blocksOf(markdown: string): string[] {
  return [...markdown.matchAll(/^ *```sh\n([^]*?)^ *```$/gm)]
    .map(([, block]) => block);
}

/** A line of a block as words, without its comment. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/#.*|"([^"]*)"|\S+/g)]
    .filter(([word]) => !word.startsWith("#"))
    .map(([word, quoted]) => quoted ?? word);
}

/** The task that a line names, and its arguments. */
function taskOf(line: string): { task: string; args: string[] } {
  const words = wordsOf(line);
  const at = words.indexOf("task");
  const program = words.slice(0, at).join(" ");
  assert(
    program === "deno" || program === "npx --yes deno@2.9.6",
    `no reader could know that this is run: ${line}`,
  );
  return { task: words[at + 1], args: words.slice(at + 2) };
}

/** Arguments with other values for some options. */
function withOptions(
  args: readonly string[],
  options: Readonly<Record<string, string | undefined>> = {},
): string[] {
  const kept = args.filter((arg, i) =>
    !(arg.slice(2) in options) && !((args[i - 1] ?? "").slice(2) in options)
  );
  const flags = Object.entries(options)
    .flatMap(([name, value]) =>
      value === undefined ? [] : [`--${name}`, value]
    );
  return [...kept, ...flags];
}

for (const [file, locale] of Object.entries(READMES)) {
  Deno.test(`${file}: every command works as printed`, async (test) => {
    const markdown = await Deno.readTextFile(file);
    await inProjectFolder(await broughtFiles(), async (folder) => {
      const before = await namesIn(folder);
      for (const block of blocksOf(markdown)) {
        for (const line of block.split("\n").filter((line) => line.trim())) {
          const { task, args } = taskOf(line);
          assert(task in TASKS, `deno.json has no task ${task}`);
          if (task in APART && APART[task] === undefined) continue;
          await test.step(line.trim(), async () => {
            const words = APART[task] ?? [
              task,
              ...withOptions(args, SHORTER[task]),
            ];
            const { code, stderr } = await new Deno.Command(Deno.execPath(), {
              args: ["task", ...words],
              cwd: folder,
              env: { LC_ALL: locale, NO_COLOR: "1" },
              stdin: "null",
            }).output();
            assertEquals(code, 0, new TextDecoder().decode(stderr));
          });
        }
      }
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
