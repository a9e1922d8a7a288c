/**
 * A line of JSON about each document that a corpus has not: where it stands,
 * why it was dropped, what was measured, and for a duplicate what was kept.
 *
 * @module
 */

import { EXACT, KEPT, NEAR, type Part, REASONS } from "./analysis.ts";
import type { BuildState } from "./build_state.ts";
import type { Decisions } from "./decisions.ts";
import { DocumentFiles } from "../documents/document_reader.ts";
import { readText } from "../documents/document_text.ts";
import type { Recipe } from "./recipe.ts";
import { DROPPED, type InputFile, isJsonLines } from "../../input_files.ts";
import { TextWriter } from "../output/text_writer.ts";

/** What was decided, and by what. */
export interface DroppedOutcome {
  /** The recipe by which it was decided. */
  readonly recipe: Recipe;
  /** Each source's files. */
  readonly files: readonly (readonly InputFile[])[];
  /** The parts, and where the file shall lie. */
  readonly state: BuildState;
  /** What stays and what does not. */
  readonly decisions: Decisions;
  /** Whether to keep the text as well. */
  readonly keepDropped: boolean;
}

/**
 * Says of each document that was dropped why.
 *
 * @param outcome What was decided, and by what.
 */
export async function writeDropped(outcome: DroppedOutcome): Promise<void> {
  const { state, files } = outcome;
  await using file = await state.folder.create(DROPPED);
  const writer = new TextWriter((piece) => file.write(piece));
  const readers = files.map((list) => new DocumentFiles(list));
  try {
    for (let part = 0; part < state.parts; part++) {
      for (const line of droppedOf(outcome, part, await state.readPart(part))) {
        const { source, ...rest } = line;
        const text = outcome.keepDropped && rest.reason !== "too_long"
          ? { text: textOf(outcome, source, readers[source], rest) }
          : {};
        const { file: _file, offset: _offset, ...shown } = rest;
        const name = outcome.recipe.sources[source].name;
        const value = { source: name, ...shown, ...text };
        await writer.add(`${JSON.stringify(value)}\n`);
      }
    }
    await writer.flush();
    await file.commit();
  } finally {
    for (const reader of readers) reader[Symbol.dispose]();
  }
}

/** A line about a document that was dropped. */
interface Dropped {
  readonly source: number;
  readonly file: number;
  readonly offset: number;
  readonly document: string;
  readonly name?: string;
  readonly bytes: number;
  readonly reason: string;
  readonly value?: number;
  readonly threshold?: number;
  readonly language?: string;
  readonly twin?: string;
}

function* droppedOf(
  { recipe, files, decisions }: DroppedOutcome,
  part: number,
  { source, columns, names, languages }: Part,
): Generator<Dropped> {
  const { thresholds } = recipe.sources[source].filters;
  const at = (file: InputFile, offset: number) => `${file.path}#${offset}`;
  for (const [i, outcome] of decisions.outcomes(part).entries()) {
    if (outcome === KEPT) continue;
    const reason = REASONS[outcome - 1];
    const file = columns.file[i], offset = columns.offset[i];
    const about = {
      source,
      file,
      offset,
      document: at(files[source][file], offset),
      ...(names[i] === undefined ? {} : { name: names[i] }),
      bytes: columns.length[i],
      reason,
    };
    if (reason === EXACT || reason === NEAR) {
      const { place, similarity } = decisions.twinOf(part, i);
      const twin = at(files[place.source][place.file], place.offset);
      yield reason === EXACT ? { ...about, twin } : {
        ...about,
        value: rounded(similarity),
        threshold: recipe.duplicates.near!,
        twin,
      };
    } else if (thresholds[reason] === undefined) {
      yield about; // it could not be read
    } else {
      yield {
        ...about,
        value: rounded(columns.value[i]),
        threshold: thresholds[reason],
        ...(languages[i] === undefined ? {} : { language: languages[i] }),
      };
    }
  }
}

function rounded(value: number): number {
  return Number(value.toFixed(4));
}

/** The text of a document that was dropped, as well as it can be read. */
function textOf(
  { recipe, files }: DroppedOutcome,
  source: number,
  reader: DocumentFiles,
  { file, offset, bytes }: Dropped | Omit<Dropped, "source">,
): string {
  const read = reader.read({ file, offset }, bytes);
  const { textField } = recipe.sources[source];
  const { text } = readText(read, {
    json: isJsonLines(files[source][file].path),
    textField,
  });
  return text ?? new TextDecoder().decode(read);
}
