/**
 * Writes what a recipe keeps: text files by source, a line about each document
 * that was dropped, and a manifest.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { hashKey } from "../../random.ts";
import { KEPT } from "./analysis.ts";
import { readManifest } from "../output/corpus_folder.ts";
import { emptyTally, type SourceTally, type Tally } from "./decisions.ts";
import { DocumentFiles } from "../documents/document_reader.ts";
import { readText } from "../documents/document_text.ts";
import { DROPPED } from "../../input_files.ts";
import { Copies } from "./copies.ts";
import { type DroppedOutcome, writeDropped } from "./dropped_log.ts";
import { writeExplanation } from "./explanation.ts";
import { withoutForeign } from "./foreign_paragraphs.ts";
import { loadLanguageIdentifier } from "../measures/language.ts";
import type { Recipe } from "./recipe.ts";
import { TextWriter } from "../output/text_writer.ts";

/** What to write. */
export interface Outcome extends DroppedOutcome {
  /** The recipe by which it was decided. */
  readonly recipe: Recipe & { readonly seed: number };
  /** The file that a line about every document goes to, if any. */
  readonly explain?: string;
  /** Ends the work between two files when it is aborted. */
  readonly signal?: AbortSignal;
  /** Is told how far it is. */
  readonly onProgress: (
    pass: "writing" | "noting" | "explaining",
    done: number,
    total: number,
  ) => void;
}

/** A file of the corpus. */
export interface CorpusFile {
  /** Its name in the folder. */
  readonly name: string;
  /** Documents in it. */
  readonly documents: number;
  /** Its length in bytes. */
  readonly bytes: number;
  /** SHA-256 of its bytes. */
  readonly sha256: string;
}

/** A source in the manifest. */
export interface SourceSummary extends SourceTally {
  /** The source's name. */
  readonly name: string;
  /** Where it is, as the recipe has it. */
  readonly path: string;
  /** Its weight, as the recipe has it. */
  readonly weight: number;
  /** Its licence, as the recipe has it. */
  readonly licence?: string;
  /** Where it can be had, as the recipe has it. */
  readonly url?: string;
  /** What the manifest in the source's own folder says of where it is from. */
  readonly madeFrom?: unknown;
  /** How many files it has. */
  readonly files: number;
  /** What was written, repetitions included. */
  readonly written: Tally;
}

/** What describes a corpus. */
export interface CorpusManifest {
  /** The recipe as it was understood. */
  readonly recipe: Recipe;
  /** What became of each source. */
  readonly sources: readonly SourceSummary[];
  /** What a document is in its files. */
  readonly documentsBy: "blank-lines";
  /** Documents written. */
  readonly documents: number;
  /** Words written. */
  readonly words: number;
  /** Bytes of all files. */
  readonly bytes: number;
  /** The files, in order. */
  readonly files: readonly CorpusFile[];
}

/** A file has at most so many documents, and about so many bytes. */
const FILE_DOCUMENTS = 10_000;
const FILE_BYTES = 2 ** 26;

/**
 * Writes a corpus and removes what was kept for its making.
 *
 * @returns What is in its manifest; undefined when it was aborted.
 * @throws {Error} When a source cannot be read again, or the folder written.
 */
export async function writeCorpus(
  outcome: Outcome,
): Promise<CorpusManifest | undefined> {
  const { recipe, state: { folder }, decisions: { tallies }, signal } = outcome;
  const sources: SourceSummary[] = [];
  const files: CorpusFile[] = [];
  const copies = copiesOf(recipe, tallies);
  const total = tallies.reduce(
    (sum, { kept }, i) =>
      sum + copies[i] * kept.bytes / Math.max(1, kept.documents),
    0,
  );
  const written = copies.map((copies, source) =>
    new Copies({
      kept: tallies[source].kept.documents,
      copies,
      key: hashKey(recipe.seed, source),
    })
  );
  let done = 0;
  for (const [i, source] of recipe.sources.entries()) {
    const tally = emptyTally();
    for await (const documents of filesOf(outcome, i, written[i])) {
      if (signal?.aborted) return undefined;
      const number = String(documents.number).padStart(3, "0");
      const name = `${source.name}_${number}.txt`;
      files.push(await writeFile(outcome, i, documents.documents, name));
      for (const { words, bytes } of documents.documents) {
        tally.documents++;
        tally.words += words;
        tally.bytes += bytes;
      }
      outcome.onProgress("writing", done += documents.bytes, total);
    }
    const { name, path, weight, licence, url } = source;
    sources.push({
      name,
      path,
      weight,
      licence,
      url,
      madeFrom: await originOf(path),
      files: outcome.files[i].length,
      ...tallies[i],
      written: tally,
    });
  }
  for await (const part of writeDropped(outcome)) {
    outcome.onProgress("noting", part, outcome.state.parts);
    if (signal?.aborted) return undefined;
  }
  if (outcome.explain !== undefined) {
    const parts = writeExplanation(outcome.explain, outcome, written);
    for await (const part of parts) {
      outcome.onProgress("explaining", part, outcome.state.parts);
      if (signal?.aborted) return undefined;
    }
  }
  const sum = (count: (tally: Tally) => number) =>
    sources.reduce((all, { written }) => all + count(written), 0);
  const manifest = {
    recipe,
    sources,
    documentsBy: "blank-lines" as const,
    documents: sum(({ documents }) => documents),
    words: sum(({ words }) => words),
    bytes: files.reduce((all, { bytes }) => all + bytes, 0),
    files,
  };
  await folder.publish(manifest, [
    ...files.map(({ name }) => name),
    DROPPED,
  ]);
  return manifest;
}

/** A document that is written: where it stands, and its size. */
type Written = Record<
  "file" | "offset" | "length" | "words" | "bytes" | "cut",
  number
>;

/**
 * How many documents of each source are written, one that is written twice
 * counting twice: its weight times what it keeps, times a common factor where
 * that would be more than the recipe's target.
 */
function copiesOf(
  { sources, targetBytes = Infinity }: Recipe,
  tallies: readonly SourceTally[],
): number[] {
  const natural = sources.reduce(
    (sum, { weight }, i) => sum + weight * tallies[i].kept.bytes,
    0,
  );
  const factor = Math.min(1, targetBytes / Math.max(1, natural));
  return sources.map(({ weight }, i) =>
    Math.round(factor * weight * tallies[i].kept.documents)
  );
}

/** What goes into each file of a source: its documents, round after round. */
async function* filesOf(
  { state, decisions }: Outcome,
  source: number,
  copies: Copies,
): AsyncGenerator<{ number: number; documents: Written[]; bytes: number }> {
  let number = 0, bytes = 0;
  let documents: Written[] = [];
  for (let round = 0; round < copies.rounds; round++) {
    let rank = 0;
    for (let part = 0; part < state.parts; part++) {
      if (decisions.sourceOf(part) !== source) continue;
      const { columns } = await state.readPart(part);
      for (const [i, outcome] of decisions.outcomes(part).entries()) {
        if (outcome !== KEPT) continue;
        if (!copies.has(rank++, round)) continue;
        if (documents.length === FILE_DOCUMENTS || bytes > FILE_BYTES) {
          yield { number: number++, documents, bytes };
          documents = [];
          bytes = 0;
        }
        documents.push({
          file: columns.file[i],
          offset: columns.offset[i],
          length: columns.length[i],
          words: columns.words[i],
          bytes: columns.bytes[i],
          cut: columns.cut[i],
        });
        bytes += columns.bytes[i];
      }
    }
  }
  if (documents.length > 0) yield { number, documents, bytes };
}

/** Writes a file unless an interrupted run has. */
async function writeFile(
  { recipe, files, state }: Outcome,
  source: number,
  documents: readonly Written[],
  name: string,
): Promise<CorpusFile> {
  const hash = createHash("sha256");
  let bytes = 0;
  const count = (read: Uint8Array) => {
    hash.update(read);
    bytes += read.length;
  };
  if (await state.folder.isStaged(name)) {
    using file = await Deno.open(state.folder.staged(name));
    for await (const chunk of file.readable) count(chunk);
  } else {
    await using file = await state.folder.create(name);
    await using sources = new DocumentFiles(files[source]);
    const writer = new TextWriter(async (text) => {
      count(text);
      await file.write(text);
    });
    const { language } = recipe.sources[source].filters;
    const identifier = documents.some(({ cut }) => cut > 0)
      ? await loadLanguageIdentifier()
      : undefined;
    for (const [i, { length, cut, ...place }] of documents.entries()) {
      const { text } = readText(await sources.read(place, length), {
        json: files[source][place.file].documents === "jsonl",
        textField: recipe.sources[source].textField,
      });
      if (text === undefined) {
        const { path } = files[source][place.file];
        throw new Error(`Cannot read "${path}": it has been changed meanwhile`);
      }
      const written = cut === 0 ? text : withoutForeign(
        text,
        language,
        identifier!,
        identifier!.shareOf(text, language),
      ).text;
      await writer.add(`${i === 0 ? "" : "\n"}${written}\n`);
    }
    await writer.flush();
    await file.commit();
  }
  const sha256 = hash.digest("hex");
  return { name, documents: documents.length, bytes, sha256 };
}

/** Where a source's own manifest says that it is from. */
async function originOf(path: string): Promise<unknown> {
  const source = (await readManifest(path))?.source;
  return JSON.stringify(source ?? null).length > 10_000 ? undefined : source;
}
