/**
 * `build-corpus`: from several sources, by a recipe, to one corpus.
 *
 * @module
 */

import { filesOf, megabytes, table } from "./shared/output.ts";
import { REASONS } from "../corpus/build/analysis.ts";
import { buildCorpus as build } from "../corpus/build/corpus_builder.ts";
import type { CorpusManifest } from "../corpus/build/corpus_files.ts";
import { parseRecipe } from "../corpus/build/recipe.ts";
import { readText } from "../files.ts";
import type { Command } from "./shared/command.ts";
import { flag, requiredText, SEED, THREADS } from "./shared/options.ts";

const options = {
  recipe: requiredText("FILE", "TOML file of sources and filters"),
  output: requiredText("FOLDER", "where the corpus goes"),
  "keep-dropped": flag("put the text of what is dropped into dropped.jsonl"),
  restart: flag("forget what an interrupted run has done"),
  ...SEED,
  ...THREADS,
};

/** The command. */
export const buildCorpus: Command<typeof options> = {
  name: "build-corpus",
  summary: "Filter, deduplicate and mix sources of text by a recipe",
  options,
  notes: "configs/corpus.toml is a recipe with every key explained. Paths in " +
    "it are seen from\nwhere you are. Writes SOURCE_000.txt and so on, " +
    "dropped.jsonl (a line about every\ndocument dropped: where it stands, " +
    "the rule, value, threshold, the twin that was kept)\nand manifest.json. " +
    "Interrupted, the same command goes on. The recipe's seed comes\nbefore " +
    "--seed.",
  examples: [
    "--recipe configs/corpus.toml --output data/corpus",
    "--recipe configs/corpus.toml --output data/corpus --keep-dropped --threads 2",
  ],
  async run(values, output) {
    const start = performance.now();
    const recipe = parseRecipe(await readText(values.recipe));
    using progress = output.progress("build-corpus");
    const manifest = await build(recipe, values.output, {
      threads: values.threads,
      seed: values.seed,
      keepDropped: values["keep-dropped"],
      restart: values.restart,
      onProgress: (stage, done, total) => progress.update(done, total, stage),
    });
    const seconds = (performance.now() - start) / 1000;
    for (const line of tables(manifest)) output.print(line);
    output.print("");
    output.print(
      `${manifest.documents} documents, ${megabytes(manifest.bytes)} MB in ` +
        `${filesOf(manifest.files.length)} in ${values.output}, ` +
        `in ${seconds.toFixed(1)} s`,
    );
    const { recipe: _, ...result } = manifest;
    return { ...result, seconds, output: values.output };
  },
};

/** What became of the sources, and which rule dropped how much of each. */
function tables({ sources }: CorpusManifest): string[] {
  const reasons = REASONS.filter((reason) =>
    sources.some(({ dropped }) => reason in dropped)
  );
  return [
    ...table([
      ["source", "read", "MB", "kept", "MB", "weight", "written", "MB"],
      ...sources.map(({ name, read, kept, weight, written }) => [
        name,
        String(read.documents),
        megabytes(read.bytes),
        String(kept.documents),
        megabytes(kept.bytes),
        String(weight),
        String(written.documents),
        megabytes(written.bytes),
      ]),
    ]),
    "",
    ...reasons.length === 0 ? ["nothing was dropped"] : table([
      ["dropped by", ...sources.map(({ name }) => name)],
      ...reasons.map((reason) => [
        reason,
        ...sources.map(({ dropped }) =>
          String(dropped[reason]?.documents ?? 0)
        ),
      ]),
    ]),
  ];
}
