/**
 * `build-corpus`: from several sources, by a recipe, to one corpus.
 *
 * @module
 */

import { REASONS } from "../corpus/build/analysis.ts";
import type { CorpusManifest } from "../corpus/build/corpus_files.ts";
import {
  buildCorpus as build,
  type BuildCorpusProgress,
} from "../stages/build_corpus.ts";
import { portuguese } from "./build_corpus.pt.ts";
import type { Command } from "./shared/command.ts";
import { onInterrupt } from "./shared/interrupt.ts";
import { count, decimals, say, t } from "./shared/language.ts";
import {
  flag,
  requiredText,
  SEED,
  stageValues,
  text,
  THREADS,
} from "./shared/options.ts";
import { noteUnread } from "./shared/documents.ts";
import { filesOf, megabytes, table } from "./shared/output.ts";
import { PassBars } from "./shared/pass_bars.ts";

const options = {
  recipe: requiredText("FILE", "TOML file of sources and filters"),
  output: requiredText("FOLDER", "where the corpus goes"),
  "keep-dropped": flag("put the text of what is dropped into dropped.jsonl"),
  explain: text(
    "FILE",
    "write a line about every document: what became of it and why",
  ),
  restart: flag("forget what an interrupted run has done"),
  ...SEED,
  ...THREADS,
};

/** The command. */
export const buildCorpus: Command<typeof options> = {
  name: "build-corpus",
  summary: "Filter, deduplicate and mix sources of text by a recipe",
  options,
  portuguese,
  notes: "configs/corpus.toml is a recipe with every key explained. Paths in " +
    "it are seen from\nwhere you are, and stay below it without " +
    "--allow-outside. Writes SOURCE_000.txt and so on, " +
    "dropped.jsonl (a line about every\ndocument dropped: where it stands, " +
    "the rule, value, threshold, the twin that was kept)\nand manifest.json. " +
    "Interrupted, the same command goes on. The recipe's seed comes\nbefore " +
    "--seed.",
  examples: [
    "--recipe configs/corpus.toml --output data/corpus",
    "--recipe configs/corpus.toml --output data/corpus --keep-dropped --threads 2",
    "--recipe configs/corpus.toml --output data/corpus --explain documents.jsonl",
  ],
  async run(values, output) {
    using interrupt = onInterrupt(output, t`stopping`);
    using bars = new PassBars(output);
    const result = await build({
      ...stageValues(values),
      keepDropped: values["keep-dropped"],
      allowOutside: values["allow-outside"],
      signal: interrupt.signal,
      onFiles: (files) => noteUnread(files, output),
      onProgress: ({ done, total, pass }) =>
        bars.update(`build-corpus  ${say(PASSES[pass])}`, done, total),
    });
    if (!result.complete) {
      output.print(t`interrupted; the same command goes on from here`);
      return { ...result };
    }
    for (const line of tables(result)) output.print(line);
    output.print("");
    const documents = count(result.documents), size = megabytes(result.bytes);
    const files = filesOf(result.files.length);
    const seconds = decimals(result.seconds, 1);
    output.print(
      t`${documents} [document|documents], ${size} MB in ${files} in ${result.output}, in ${seconds} s`,
    );
    if (values.explain !== undefined) {
      output.print(t`every document: ${values.explain}`);
    }
    for (const line of warnings(result)) output.print(line);
    const { recipe: _, ...rest } = result;
    return rest;
  },
};

const PASSES: Readonly<Record<BuildCorpusProgress["pass"], string>> = {
  reading: "reading",
  comparing: "comparing",
  writing: "writing",
  noting: "noting what was dropped",
  explaining: "explaining",
};

/** What became of the sources, and which rule dropped how much of each. */
function tables({ sources }: CorpusManifest): string[] {
  const reasons = REASONS.filter((reason) =>
    sources.some(({ dropped }) => reason in dropped)
  );
  return [
    ...table([
      ["source", "read", "MB", "kept", "MB", "weight", "written", "MB"]
        .map(say),
      ...sources.map(({ name, read, kept, weight, written }) => [
        name,
        count(read.documents),
        megabytes(read.bytes),
        count(kept.documents),
        megabytes(kept.bytes),
        // As precise as the recipe has it.
        decimals(weight, String(weight).split(".")[1]?.length ?? 0),
        count(written.documents),
        megabytes(written.bytes),
      ]),
    ]),
    "",
    ...reasons.length === 0 ? [t`nothing was dropped`] : table([
      [t`dropped by`, ...sources.map(({ name }) => name)],
      ...reasons.map((reason) => [
        reason,
        ...sources.map(({ dropped }) => count(dropped[reason]?.documents ?? 0)),
      ]),
    ]),
    ...sources.filter(({ foreign }) => foreign.paragraphs > 0).map(
      ({ name, foreign: { paragraphs, documents } }) =>
        t`${name}: ${
          count(paragraphs)
        } [paragraph|paragraphs] in other languages taken out of ${
          count(documents)
        } [document|documents]`,
    ),
  ];
}

/** What is said of sources of which nothing is in the corpus. */
function warnings({ sources }: CorpusManifest): string[] {
  return sources.filter(({ kept }) => kept.documents === 0).map(
    ({ name, path, read, dropped }) => {
      if (read.documents === 0) {
        return t`warning: source ${name} holds no document (${path})`;
      }
      const reasons = Object.entries(dropped)
        .sort(([, a], [, b]) => b.documents - a.documents).slice(0, 3);
      const said = reasons.map(([reason, { documents }]) =>
        `${count(documents)} ${reason}`
      ).join(", ");
      return t`warning: nothing of source ${name} is kept: ${said} (${path})` +
        ("not_utf8" in dropped ? t`; clean-corpus makes UTF-8 of it` : "");
    },
  );
}
