/**
 * Commands as documents print them: block by block, each made short, in a copy of
 * the project's folder with what a reader brings.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { torchFile } from "./checkpoint/torch_files.ts";
import { worldTensors } from "./checkpoint/models.ts";
import { BOOK, LAW_PAGE, TASKS } from "./terminal/project_folder.ts";
import { WORLD_TEXT } from "./tokenizer/world.ts";

const SAMPLE = "data/sample/amostra-pages-articles-multistream.xml.bz2";

/** What a reader brings, small. */
export async function broughtFiles(): Promise<
  Record<string, string | Uint8Array>
> {
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
    config: undefined, // a recipe says hours too; `recipe_files_test.ts` reads it
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
  // Bundles, and this folder is made of links; `tests/site` builds it.
  site: ["site", "--help"],
  // It is what runs this.
  test: undefined,
};

/** The blocks of commands of a document, in their order. */
export function blocksOf(markdown: string): string[] {
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
export function taskOf(line: string): { task: string; args: string[] } {
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

/** Runs a document's commands in a folder, each a step; all must succeed. */
export async function runCommands(
  markdown: string,
  { folder, locale, test }: {
    readonly folder: string;
    readonly locale: string;
    readonly test: Deno.TestContext;
  },
): Promise<void> {
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
}
