/**
 * From several sources, by a recipe, to one corpus.
 *
 * @module
 */

import {
  buildByRecipe,
  type BuildPass,
} from "../corpus/build/corpus_builder.ts";
import type { CorpusManifest } from "../corpus/build/corpus_files.ts";
import { isExplanation } from "../corpus/build/explanation.ts";
import type { Recipe } from "../corpus/build/recipe.ts";
import type { TextFiles } from "../corpus/documents/text_files.ts";
import {
  assertOptions,
  type OptionKinds,
  SEED,
  wholeFrom,
} from "../option_kinds.ts";
import { readRecipe } from "./corpus_recipe.ts";
import type { Progress, StageOptions } from "./stage.ts";
import { assertReportReplaceable } from "./written_files.ts";

/** How far a pass of `buildCorpus()` is. */
export interface BuildCorpusProgress extends Progress {
  /** What is being done; each pass counts from 0 to its own total. */
  readonly pass: BuildPass;
}

/** What `buildCorpus()` is to do. */
export interface BuildCorpusOptions extends StageOptions<BuildCorpusProgress> {
  /** The recipe, or the TOML file that it is in. */
  readonly recipe: string | Recipe;
  /** The folder that the corpus goes to. */
  readonly output: string;
  /** Whether the text of what is dropped is kept with the reason. */
  readonly keepDropped?: boolean;
  /** The file that a line about every document goes to, if any. */
  readonly explain?: string;
  /**
   * Whether sources may lie outside the working folder; else a recipe that is
   * read from a file, and perhaps somebody else's, reads nothing there.
   */
  readonly allowOutside?: boolean;
  /** Whether what an interrupted run has done is forgotten. */
  readonly restart?: boolean;
  /** Used where the recipe has no seed; 42 unless given. */
  readonly seed?: number;
  /** How many threads filter; up to one a core unless given. */
  readonly threads?: number;
  /** Told of each source's files, before they are read. */
  readonly onFiles?: (files: TextFiles) => void;
}

/** What its options are. */
const OPTIONS: OptionKinds<BuildCorpusOptions> = {
  recipe: "textOrObject",
  output: "text",
  keepDropped: "flag?",
  explain: "text?",
  allowOutside: "flag?",
  restart: "flag?",
  seed: SEED,
  threads: wholeFrom(1),
  onFiles: "function?",
  signal: "signal?",
  onProgress: "function?",
};

/** What `buildCorpus()` made; `complete` is false when it was aborted. */
export type BuildCorpusResult =
  | { readonly complete: false; readonly output: string }
  | {
    readonly complete: true;
    readonly output: string;
    readonly seconds: number;
  } & CorpusManifest;

/**
 * Filters, deduplicates and mixes sources of text. An earlier corpus in the
 * folder is replaced when all is done. After an abort or a crash the same call
 * goes on where it stopped.
 *
 * @param options The recipe and the folder.
 * @returns What is in the corpus's manifest, or that the work was aborted.
 * @throws {SyntaxError} When the recipe is not right.
 * @throws {RangeError} When it leads out of the working folder.
 * @throws {Error} When a source cannot be read, nothing is kept, or the folder
 * cannot be written or holds what another recipe has begun.
 *
 * @example
 * ```ts
 * import { buildCorpus } from "./build_corpus.ts";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/a.txt`, "Bom dia.\n\nbom DIA!\n\nSim.\n");
 * await Deno.writeTextFile(
 *   `${folder}/recipe.toml`,
 *   `filters = { preset = "none" }
 *    [[sources]]
 *    name = "a"
 *    path = "${folder}/a.txt"
 *    documents = "blank-lines"`,
 * );
 * const result = await buildCorpus({
 *   recipe: `${folder}/recipe.toml`,
 *   output: `${folder}/corpus`,
 *   allowOutside: true,
 * });
 * assert(result.complete);
 * assertEquals(result.sources[0].dropped.exact_duplicate.documents, 1);
 * ```
 */
export async function buildCorpus(
  options: BuildCorpusOptions,
): Promise<BuildCorpusResult> {
  assertOptions("build a corpus", options, OPTIONS);
  const start = performance.now();
  const { recipe, output, allowOutside = false, onProgress, ...rest } = options;
  if (rest.explain !== undefined) {
    await assertReportReplaceable(rest.explain, {
      isReport: isExplanation,
      command: "build-corpus",
      flag: "--explain",
    });
  }
  const manifest = await buildByRecipe(
    typeof recipe === "string"
      ? await readRecipe(recipe, allowOutside)
      : recipe,
    output,
    {
      ...rest,
      onProgress: (pass, done, total) => onProgress?.({ done, total, pass }),
    },
  );
  if (manifest === undefined) return { complete: false, output };
  const seconds = (performance.now() - start) / 1000;
  return { complete: true, output, ...manifest, seconds };
}
