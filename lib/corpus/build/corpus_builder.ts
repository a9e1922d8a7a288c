/**
 * Builds a corpus by a recipe, in three passes:
 *
 * 1. every document is read, put through its source's filters and signed, in
 *    Workers; what was found out is kept in parts on the disk;
 * 2. duplicates are found among what the filters left;
 * 3. what stays is read again and written, as often as its source's weight
 *    says, and a line about each document that was dropped.
 *
 * Interrupted at any moment it goes on after the last whole file, and the
 * result is the same bytes, as it is for any number of threads.
 *
 * @module
 */

import { type Analysis, joinAnalyses, type Position } from "./analysis.ts";
import { BuildState } from "./build_state.ts";
import { type CorpusManifest, writeCorpus } from "./corpus_files.ts";
import { Decisions } from "./decisions.ts";
import {
  type AnalysedBatch,
  analyseDocuments,
  type RawBatch,
  RawBatcher,
} from "./document_analyser.ts";
import { CorpusFolder } from "../output/corpus_folder.ts";
import { readDocuments } from "../documents/document_reader.ts";
import {
  findTextFiles,
  type TextFile,
  type TextFiles,
} from "../documents/text_files.ts";
import type { Recipe } from "./recipe.ts";
import { DROPPED, refuseOverlap, totalSize } from "../../input_files.ts";
import { usefulThreads } from "../../workers.ts";
import {
  assertOptions,
  type OptionKinds,
  SEED,
  wholeFrom,
} from "../../option_kinds.ts";

/** How to build. */
export interface BuildOptions {
  /** How many threads filter; up to one a core unless given. */
  readonly threads?: number;
  /** Used where the recipe has no seed. */
  readonly seed?: number;
  /** Whether the text of what is dropped is kept with the reason. */
  readonly keepDropped?: boolean;
  /** The file that a line about every document goes to, if any. */
  readonly explain?: string;
  /** Whether to forget what an interrupted run has done. */
  readonly restart?: boolean;
  /**
   * How many bytes of documents are analysed again at most after an
   * interruption; 32 MB unless given. The result does not depend on it.
   */
  readonly partBytes?: number;
  /** Told of each source's files, before they are read. */
  readonly onFiles?: (files: TextFiles) => void;
  /** Ends the work when it is aborted; what has been found out is kept. */
  readonly signal?: AbortSignal;
  /** Is told how far a pass is. */
  readonly onProgress?: (
    pass: BuildPass,
    done: number,
    total: number,
  ) => void;
}

/** What its options are. */
const OPTIONS: OptionKinds<BuildOptions> = {
  threads: wholeFrom(1),
  seed: SEED,
  keepDropped: "flag?",
  explain: "text?",
  restart: "flag?",
  partBytes: "number?",
  onFiles: "function?",
  signal: "signal?",
  onProgress: "function?",
};

/**
 * What is being done: documents are read (counted in bytes), compared (in
 * parts), and written (in bytes), then what was dropped is noted and, where asked, what became of each (in parts).
 */
export type BuildPass =
  | "reading"
  | "comparing"
  | "writing"
  | "noting"
  | "explaining";

/** How many bytes of documents end a part of the analysis. */
const PART_BYTES = 2 ** 25;
/** How many documents end a part, however short they are. */
const PART_DOCUMENTS = 2 ** 16;
/** Goes up when the same recipe and files would give something else. */
const PLAN_VERSION = 2;

/**
 * Builds a corpus.
 *
 * @param folder Where it shall stand; an earlier corpus there is replaced when
 * the new one is complete.
 * @returns What is in the corpus's manifest; undefined when it was aborted.
 * @throws {Error} When a source cannot be read, nothing is kept, the folder
 * cannot be written, or holds what another recipe has begun.
 *
 * @example
 * ```ts
 * import { buildByRecipe } from "./corpus_builder.ts";
 * import { parseRecipe } from "./recipe.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/a.txt`, "Bom dia.\n\nbom DIA!\n\nSim.\n");
 * const recipe = parseRecipe(`
 *   filters = { preset = "none" }
 *   sources = [
 *     { name = "a", path = "${folder}/a.txt", documents = "blank-lines" },
 *   ]
 * `);
 * const manifest = await buildByRecipe(recipe, `${folder}/corpus`);
 * assertEquals(manifest?.documents, 2);
 * assertEquals(
 *   await Deno.readTextFile(`${folder}/corpus/a_000.txt`),
 *   "Bom dia.\n\nSim.\n",
 * );
 * ```
 */
export async function buildByRecipe(
  recipe: Recipe,
  folder: string,
  options: BuildOptions = {},
): Promise<CorpusManifest | undefined> {
  assertOptions<Recipe>(
    "build a corpus",
    recipe,
    {
      sources: "list",
      duplicates: "object",
      seed: SEED,
      targetBytes: "number?",
    },
  );
  assertOptions("build a corpus", options, OPTIONS);
  const { seed = 42, onProgress = () => {}, signal } = options;
  const whole = { ...recipe, seed: recipe.seed ?? seed };
  const inputs = await Promise.all(
    recipe.sources.map(({ path, documents, textField }) =>
      findTextFiles(path, { documents, textField, mayBeEmpty: true })
    ),
  );
  for (const found of inputs) options.onFiles?.(found);
  const files = inputs.map(({ files }) => files);
  const roots = inputs.flatMap(({ roots }) => roots);
  await refuseOverlap(roots, folder);
  if (options.explain !== undefined) {
    await refuseOverlap([...roots, folder], options.explain);
  }
  await using target = await CorpusFolder.open(folder, {
    command: "build-corpus",
    writes: namesOf(recipe),
    identity: { version: PLAN_VERSION, recipe: whole, files },
    restart: options.restart,
  });
  if (target.state === undefined) await target.save({});
  const state = await BuildState.open(target);
  const total = totalSize(files.flat());
  const threads = options.threads ?? usefulThreads(total);
  // From which document on there is no analysis yet.
  const from = state.parts === 0
    ? { source: 0, file: 0, offset: 0 }
    : (await state.readPart(state.parts - 1)).next;
  const batches = readBatches(files, from, options.partBytes ?? PART_BYTES);
  const rules = recipe.sources.map(({ filters, textField }) => ({
    filters,
    textField,
    signed: recipe.duplicates.near !== undefined,
  }));
  let done = bytesBefore(files, from);
  const analysed = analyseDocuments(batches, rules, threads);
  for await (const size of analyse(state, analysed)) {
    if (signal?.aborted) return undefined;
    onProgress("reading", done += size, total);
  }
  const decisions = new Decisions(recipe.sources.length, recipe.duplicates);
  for (let part = 0; part < state.parts; part++) {
    if (signal?.aborted) return undefined;
    onProgress("comparing", part, state.parts);
    decisions.add(await state.readPart(part));
  }
  if (decisions.tallies.every(({ kept }) => kept.documents === 0)) {
    let documents = 0;
    for (const { read } of decisions.tallies) documents += read.documents;
    target.discard();
    throw new Error(
      `Cannot build a corpus: none of ${documents} documents is kept; ` +
        mainReasons(decisions),
    );
  }
  return await writeCorpus({
    recipe: whole,
    files,
    state,
    decisions,
    keepDropped: options.keepDropped ?? false,
    explain: options.explain,
    signal,
    onProgress,
  });
}

/** The names that the corpus's files may have. */
function namesOf({ sources }: Recipe): RegExp {
  const names = sources.map(({ name }) => RegExp.escape(name)).join("|");
  return new RegExp(
    `^(?:${RegExp.escape(DROPPED)}|(?:${names})_\\d{3,}\\.txt)$`,
  );
}

/** Fills in the parts that are still missing; tells the bytes of each batch. */
async function* analyse(
  state: BuildState,
  batches: AsyncIterable<AnalysedBatch>,
): AsyncGenerator<number> {
  let open: Analysis[] = [];
  for await (const batch of batches) {
    open.push(batch);
    const { source, size, end: next } = batch;
    if (next !== undefined) {
      await state.addPart({ ...joinAnalyses(open), source, next });
      open = [];
    }
    yield size;
  }
}

/** How many bytes of the sources stand before a position. */
function bytesBefore(
  files: readonly (readonly TextFile[])[],
  { source, file, offset }: Position,
): number {
  return offset +
    totalSize(
      files.flatMap((list, i) =>
        i < source ? list : i === source ? list.slice(0, file) : []
      ),
    );
}

/** The documents in batches; the last of a part says where the next begins. */
async function* readBatches(
  files: readonly (readonly TextFile[])[],
  from: Position,
  partBytes: number,
): AsyncGenerator<RawBatch> {
  for (let source = from.source; source < files.length; source++) {
    const place = source === from.source ? from : undefined;
    let batcher = new RawBatcher(source);
    let inPart = 0, documents = 0;
    for await (const document of readDocuments(files[source], place)) {
      const { documents: rule } = files[source][document.file];
      batcher.add(document, rule === "jsonl");
      inPart += document.length;
      documents++;
      const { file, offset, length } = document;
      if (inPart >= partBytes || documents === PART_DOCUMENTS) {
        yield batcher.finish({ source, file, offset: offset + length });
        inPart = documents = 0;
      } else if (batcher.isFull) yield batcher.finish();
      else continue;
      batcher = new RawBatcher(source);
    }
    yield batcher.finish({ source: source + 1, file: 0, offset: 0 });
  }
}

function mainReasons({ tallies }: Decisions): string {
  const counts = new Map<string, number>();
  for (const { dropped } of tallies) {
    for (const [reason, { documents }] of Object.entries(dropped)) {
      counts.set(reason, (counts.get(reason) ?? 0) + documents);
    }
  }
  return [...counts].sort(([, a], [, b]) => b - a).slice(0, 3)
    .map(([reason, count]) => `${count} broke ${reason}`).join(", ") ||
    "the sources are empty";
}
