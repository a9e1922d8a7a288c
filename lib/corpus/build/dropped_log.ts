/**
 * A line of JSON about each document that a corpus has not: where it stands,
 * why it was dropped, what was measured, and for a duplicate what was kept.
 *
 * @module
 */

import {
  EXACT,
  KEPT,
  NEAR,
  type Part,
  type Position,
  REASONS,
} from "./analysis.ts";
import { VARIETY_RULES } from "./filters.ts";
import type { BuildState } from "./build_state.ts";
import type { Decisions } from "./decisions.ts";
import { DocumentFiles } from "../documents/document_reader.ts";
import { readText } from "../documents/document_text.ts";
import type { TextFile } from "../documents/text_files.ts";
import type { Recipe } from "./recipe.ts";
import { DROPPED } from "../../input_files.ts";
import { TextWriter } from "../output/text_writer.ts";

/** What was decided, and by what. */
export interface DroppedOutcome {
  /** The recipe by which it was decided. */
  readonly recipe: Recipe;
  /** Each source's files. */
  readonly files: readonly (readonly TextFile[])[];
  /** The parts, and where the file shall lie. */
  readonly state: BuildState;
  /** What stays and what does not. */
  readonly decisions: Decisions;
  /** Whether to keep the text as well. */
  readonly keepDropped: boolean;
}

/** Says of each document that was dropped why; tells the part it comes to. */
export async function* writeDropped(
  outcome: DroppedOutcome,
): AsyncGenerator<number> {
  const { recipe, state, files, decisions } = outcome;
  await using file = await state.folder.create(DROPPED);
  const writer = new TextWriter((piece) => file.write(piece));
  for (let number = 0; number < state.parts; number++) {
    yield number;
    const part = await state.readPart(number);
    const { source, columns, names } = part;
    await using reader = new DocumentFiles(files[source]);
    for (const [i, fate] of decisions.outcomes(number).entries()) {
      if (fate === KEPT) continue;
      const reason = REASONS[fate - 1], bytes = columns.length[i];
      const place = { file: columns.file[i], offset: columns.offset[i] };
      const line = {
        source: recipe.sources[source].name,
        document: nameOf(files, { source, ...place }),
        name: names[i],
        bytes,
        reason,
        ...whyDropped(outcome, number, part, i, reason),
        text: outcome.keepDropped && reason !== "too_long"
          ? textOf(
            outcome,
            source,
            place.file,
            await reader.read(place, bytes),
          )
          : undefined,
      };
      await writer.add(`${JSON.stringify(line)}\n`);
    }
  }
  await writer.flush();
  await file.commit();
}

/** What a document is called in the log. */
export function nameOf(
  files: DroppedOutcome["files"],
  { source, file, offset }: Position,
): string {
  return `${files[source][file].path}#${offset}`;
}

/** What was measured, or found instead; nothing where it could not be read. */
export function whyDropped(
  { recipe, files, decisions }: DroppedOutcome,
  part: number,
  { source, columns, languages }: Part,
  i: number,
  reason: string,
): object {
  if (reason === EXACT || reason === NEAR) {
    const { place, similarity } = decisions.twinOf(part, i);
    const twin = nameOf(files, place);
    const threshold = recipe.duplicates.near;
    return reason === EXACT
      ? { twin }
      : { value: rounded(similarity), threshold, twin };
  }
  const { filters } = recipe.sources[source];
  const variety = VARIETY_RULES.find((rule) => rule === reason);
  if (variety !== undefined) {
    return { found: languages[i], wanted: filters[variety] };
  }
  const threshold = filters.thresholds[reason];
  if (threshold === undefined) return {};
  const value = rounded(columns.value[i]);
  return { value, threshold, language: languages[i] };
}

function rounded(value: number): number {
  return Number(value.toFixed(4));
}

/** The text of a document that was dropped, as well as it can be read. */
function textOf(
  { recipe, files }: DroppedOutcome,
  source: number,
  file: number,
  bytes: Uint8Array,
): string {
  const { text } = readText(bytes, {
    json: files[source][file].documents === "jsonl",
    textField: recipe.sources[source].textField,
  });
  return text ?? new TextDecoder().decode(bytes);
}
