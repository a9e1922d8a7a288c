/** `docs/from-the-rust-program.md` is true: what it says is there is there. */

import { assert, assertEquals } from "@std/assert";
import { commands } from "../lib/commands/mod.ts";
import * as library from "../mod.ts";

const PAGE = await Deno.readTextFile("docs/from-the-rust-program.md");

/** The rows of a section's table: what was there, and what is here. */
function rowsOf(section: string): [there: string, here: string][] {
  const [, after] = PAGE.split(`## ${section}\n`);
  return after.split("\n## ")[0].split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => {
      const [, there, here] = line.split(/\s*(?<!\\)\|\s*/);
      return [there, here];
    });
}

const SECTIONS = [...PAGE.matchAll(/^## (.+)$/gm)].map(([, name]) => name);
const CODES = /`([^`]+)`/g;

const bytes = new TextEncoder().encode("o rio corre\n");
const { vocab } = await new library.BPETrainer()
  .train([{ name: "rio", bytes }]);
const config = new library.RWKVConfig({ vocabSize: 9, dModel: 8, dFfn: 16 });
const model = new library.RWKV(config, new library.ReferenceBackend(), {
  training: true,
});
const sequence = {
  path: "a",
  length: 9,
  read: (_: number, into: Uint16Array) => void into.fill(1),
};
const path = await Deno.makeTempFile();
await Deno.writeFile(path, new Uint8Array(8).fill(1));
const dataset = library.MmapDataset.open(path);
const training = new library.TrainingConfig();

/** One of each class whose fields the page names. */
const MADE: Record<string, object> = {
  BPETokenizer: new library.BPETokenizer(vocab),
  BPETrainer: new library.BPETrainer(),
  BPEVocab: vocab,
  DataLoader: new library.DataLoader(sequence, {
    batchSize: 1,
    contextLength: 2,
    seed: 1,
  }),
  MmapDataset: dataset,
  RWKV: model,
  RWKVConfig: config,
  TokenWindows: new library.TokenWindows(sequence, 2),
  Trainer: new library.Trainer(model, training),
  TrainingConfig: training,
};

/** Types, which are gone when the page is read. */
const TYPES: {
  Article?: library.Article;
  WikiStreamOptions?: library.WikiStreamOptions;
} = { Article: undefined, WikiStreamOptions: undefined };

/** Whether the library has what a name of the page says; undefined for others. */
function has(code: string): boolean | undefined {
  const [, name, sign, member] =
    /^(?:new )?(\w+)(?:([.#])(\w+))?(?:\(.*\)| = \d+)?$/.exec(code) ?? [];
  if (name === undefined || !/^[A-Z]\w*[a-z]|^[A-Z]+_[A-Z]+$/.test(name)) {
    return /^[a-z]+[A-Z]\w+$|^judge$/.test(code)
      ? code in library || isOption(code)
      : undefined;
  }
  const own = (library as Record<string, unknown>)[name] as {
    prototype?: object;
  };
  if (own === undefined) return name in TYPES;
  if (member === undefined) return true;
  if (sign === ".") return member in own;
  return member in (MADE[name] ?? own.prototype!);
}

/** Options that the page names by themselves; others tests have them at work. */
function isOption(name: string): boolean {
  return name === "minSentenceLength";
}

Deno.test("every command and flag of the Rust program is here, or the page says why not", () => {
  const rows = rowsOf("Commands and flags");
  let flags = 0;
  for (const [there, here] of rows) {
    const works = here.startsWith("works");
    assert(works || /^replaced by .*, because /.test(here), here);
    if (!works) continue;
    const [name, ...given] = there.replaceAll("`", "").split(" ");
    const command = commands.find((command) => command.name === name);
    assert(command !== undefined, name);
    for (const flag of given) {
      assert(flag.slice(2) in command.options, `${name} ${flag}`);
      flags++;
    }
  }
  assertEquals(flags, 35);
  for (const [, here] of rows) {
    for (const [, name] of here.matchAll(/replaced by `([\w-]+)`/g)) {
      assert(commands.some((command) => command.name === name), name);
    }
  }
});

for (const section of SECTIONS.slice(1)) {
  Deno.test(`every name in the table "${section}" is in the library`, () => {
    let names = 0;
    for (const [there, here] of rowsOf(section)) {
      const works = here.startsWith("works: ");
      assert(
        works || /^(replaced by|left out).*(, because |; )/.test(here),
        here,
      );
      for (const [, code] of here.matchAll(CODES)) {
        const found = has(code);
        assert(found !== false, `${there}: ${code}`);
        if (found) names++;
      }
    }
    assert(names >= rowsOf(section).length - 3);
  });
}

Deno.test("the page names what the old program's modules exported", () => {
  const exported = [
    ..."WikiStreamParser WikiParserConfig WikiArticle WikiCleaner".split(" "),
    ..."MmapDataset DataLoader TokenizedDatasetWriter".split(" "),
    ..."BPETokenizer BPETrainer BPEVocab PTBRNormalizer".split(" "),
    ..."RWKVConfig TrainingConfig RWKV RWKVBlock TimeMixing".split(" "),
    ..."ChannelMixing Trainer LoRAAdapter".split(" "),
  ];
  const there = SECTIONS.slice(1).flatMap(rowsOf).flat().join("\n");
  for (const name of exported) assert(there.includes(name), name);
});
