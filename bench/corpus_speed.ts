/**
 * How fast the stages of `clean-corpus`, `audit-corpus` and `build-corpus` are,
 * and the commands as wholes: MB of input a second of processor time, so MB/s a
 * core; medians.
 *
 * ```sh
 * deno run -A bench/corpus_speed.ts TEXTS... [--rounds 5] [--stage NAME]
 *     [--megabytes 8] [--commands] [--cli cli.ts]
 * ```
 *
 * Each of TEXTS, a file or a folder of text files, is a column of its own: its
 * texts, put together up to the megabytes given, over and over where they are
 * fewer. `--commands` times the commands instead, each in a process of its own
 * over the files as they are; their time to start is told apart.
 *
 * @module
 */

import { countFaults } from "../lib/corpus/audit/faults.ts";
import { RepeatCounter } from "../lib/corpus/audit/repeat_counter.ts";
import { contentHash } from "../lib/corpus/build/exact_duplicates.ts";
import { judge, PRESETS } from "../lib/corpus/build/filters.ts";
import { signatureOf } from "../lib/corpus/build/minhash.ts";
import { isBoilerplate } from "../lib/corpus/clean/boilerplate.ts";
import { WordForms } from "../lib/corpus/clean/hyphens.ts";
import { divideByIndents } from "../lib/corpus/clean/indents.ts";
import {
  countMojibake,
  repairMojibake,
} from "../lib/corpus/clean/wider_mojibake.ts";
import {
  cleanText,
  decodeLegacy,
  repairText,
} from "../lib/corpus/clean/text_cleaner.ts";
import { loadLanguageIdentifier } from "../lib/corpus/measures/language.ts";
import { wordsOf } from "../lib/corpus/measures/words.ts";
import { inTurn, median, readOptions, rowOf, run } from "./shared.ts";
import process from "node:process";

const CLI = new URL("../cli.ts", import.meta.url).pathname;

const options = readOptions({
  rounds: "5",
  megabytes: "8",
  stage: "",
  commands: false,
  cli: CLI,
});
const rounds = Number(options.rounds);
const WIDTHS = [-28, ...options.words.map(() => 12)];

/** A text that stages are timed with, as they need it. */
interface Input {
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly lines: readonly string[];
  /** What a corpus's lines of text look like to filters. */
  readonly clean: string;
}

async function* filesOf(path: string): AsyncGenerator<string> {
  if (!(await Deno.stat(path)).isDirectory) return yield path;
  const entries = await Array.fromAsync(Deno.readDir(path));
  for (const { name } of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
    yield* filesOf(`${path}/${name}`);
  }
}

/** The texts of a path, one after another, until they are long enough. */
async function inputOf(path: string): Promise<Input> {
  const texts: string[] = [];
  let length = 0;
  const most = Number(options.megabytes) * 1e6;
  for await (const file of filesOf(path)) {
    texts.push(decodeLegacy(await Deno.readFile(file)).text);
    length += texts.at(-1)!.length;
    if (length >= most) break;
  }
  const once = texts.join("\n\n").slice(0, most);
  // As a file that is read has it: in one piece.
  const bytes = new TextEncoder().encode(
    once.repeat(Math.max(1, Math.floor(most / once.length))),
  );
  const { text } = decodeLegacy(bytes);
  const clean = cleanText(text).text.split("\n")
    .filter((line) => line !== "").join("\n");
  return { bytes, text, lines: text.split("\n"), clean };
}

/** Parts of a text as long as an article, as filters take them. */
function* partsOf({ clean }: Input): Generator<string> {
  for (let at = 0; at < clean.length;) {
    const end = clean.indexOf("\n", at + 4000);
    yield clean.slice(at, end < 0 ? clean.length : end);
    at = end < 0 ? clean.length : end + 1;
  }
}

const identifier = await loadLanguageIdentifier();
const { min_language_share: _, ...noModel } = PRESETS.web;

/** What is timed, by name. */
const STAGES: Readonly<Record<string, (input: Input) => unknown>> = {
  "decode": ({ bytes }) => decodeLegacy(bytes),
  "divide by indents": ({ text }) => divideByIndents(text, () => true),
  "count mojibake": ({ text }) => countMojibake(text),
  "repair mojibake": ({ text }) => repairMojibake(text),
  "repair characters": ({ text }) => repairText(text),
  "boilerplate": ({ lines }) => lines.filter(isBoilerplate),
  "note and count word forms": ({ lines }) => {
    const forms = new WordForms();
    forms.note(["um corre-", "corre, e disse-", "lhe que segunda-", "feira"]);
    forms.note(lines);
    forms.count(lines);
  },
  "clean as a whole": ({ text }) => cleanText(text),
  "count faults": ({ lines }) => {
    for (const line of lines) countFaults(line);
  },
  "count repeats": ({ lines }) => {
    const counter = new RepeatCounter();
    for (const line of lines) counter.add(line);
  },
  "find words": (input) => {
    for (const part of partsOf(input)) wordsOf(part);
  },
  "filters but language": (input) => {
    for (const part of partsOf(input)) {
      judge(part, { language: "pt", thresholds: noModel });
    }
  },
  "language": (input) => {
    for (const part of partsOf(input)) identifier.shareOf(part, "pt");
  },
  "words and exact hash": (input) => {
    for (const part of partsOf(input)) contentHash(wordsOf(part));
  },
  "words and near signature": (input) => {
    for (const part of partsOf(input)) signatureOf(wordsOf(part));
  },
};

async function timeStages(): Promise<void> {
  const inputs = await Promise.all(options.words.map(inputOf));
  for (const [name, stage] of Object.entries(STAGES)) {
    if (!name.includes(options.stage)) continue;
    const taken = await inTurn(inputs, rounds + 1, (input) => {
      const start = process.cpuUsage();
      stage(input);
      const { user, system } = process.cpuUsage(start);
      return Promise.resolve((user + system) / 1e6);
    });
    console.log(rowOf(WIDTHS, [
      name,
      ...taken.map(([_first, ...seconds], i) =>
        (inputs[i].bytes.length / 1e6 / median(seconds)).toFixed(1)
      ),
    ]));
  }
}

/** The commands over each path, less what it takes to start and do nothing. */
async function timeCommands(): Promise<void> {
  const folder = await Deno.makeTempDir();
  const paths = options.words;
  const recipe = (path: string) => `${folder}/${paths.indexOf(path)}.toml`;
  for (const path of paths) {
    await Deno.writeTextFile(
      recipe(path),
      `[duplicates]\nnear = 0.8\n[[sources]]\nname = "a"\npath = "${path}"\n`,
    );
  }
  const commands: Record<string, (path: string) => string[]> = {
    "version": () => ["version"],
    "clean-corpus": (path) => [
      "clean-corpus",
      ...["--input", path, "--output", `${folder}/clean`],
    ],
    "audit-corpus": (path) => ["audit-corpus", "--input", path],
    "build-corpus": (path) => [
      "build-corpus",
      ...["--recipe", recipe(path), "--output", `${folder}/built`],
      ...["--allow-outside", "--restart"],
    ],
  };
  const sizes = await Promise.all(paths.map(sizeOf));
  let starting = 0;
  for (const [name, command] of Object.entries(commands)) {
    const taken = await inTurn(paths, rounds, (path) => {
      const args = [options.cli, ...command(path)];
      return measure(["deno", "run", "-A", "--no-prompt", ...args], folder);
    });
    const seconds = taken.map(median);
    if (name === "version") starting = median(seconds);
    console.log(rowOf(WIDTHS, [
      name,
      ...seconds.map((one, i) =>
        name === "version"
          ? `${one.toFixed(2)} s`
          : (sizes[i] / 1e6 / (one - starting)).toFixed(1)
      ),
    ]));
  }
  await Deno.remove(folder, { recursive: true });
}

async function sizeOf(path: string): Promise<number> {
  let size = 0;
  for await (const file of filesOf(path)) size += (await Deno.stat(file)).size;
  return size;
}

/** The processor time of a process, by GNU time. */
async function measure(
  command: readonly string[],
  folder: string,
): Promise<number> {
  const report = `${folder}/time.txt`;
  const time = ["/usr/bin/time", "-o", report, "-f", "%U %S"];
  await run([...time, ...command], { stdout: "null" });
  const [user, system] = (await Deno.readTextFile(report)).trim().split(" ")
    .map(Number);
  return user + system;
}

console.log(rowOf(WIDTHS, [
  "MB/s a core",
  ...options.words.map((path) => path.split("/").at(-1)!.slice(-12)),
]));
if (options.commands) await timeCommands();
else await timeStages();
