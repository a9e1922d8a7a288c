/**
 * A line of JSON about each document of a recipe's sources, kept or not: what
 * happened to it and why, so that one can look up any of them.
 *
 * @module
 */

import { readText } from "../documents/document_text.ts";
import { DocumentFiles } from "../documents/document_reader.ts";
import { AtomicFile } from "../../files.ts";
import { TextWriter } from "../output/text_writer.ts";
import { KEPT, REASONS } from "./analysis.ts";
import type { Copies } from "./copies.ts";
import { type DroppedOutcome, nameOf, whyDropped } from "./dropped_log.ts";

/** UTF-16 units of a document's beginning that are said. */
const BEGINNING = 100;
/** How a file of these lines begins. */
const HEAD = /^\{"source":"[^"]{1,64}","document":.{1,8000}"outcome":"/s;

/** Whether a file that begins so is such a one. */
export function isExplanation(head: string): boolean {
  return HEAD.test(head);
}

/**
 * Says of each document what became of it; tells the part it comes to. The file
 * is there when the last has been told.
 *
 * @param path Where the lines go.
 * @param outcome What was decided.
 * @param copies How often documents of each source are written.
 */
export async function* writeExplanation(
  path: string,
  outcome: DroppedOutcome,
  copies: readonly Copies[],
): AsyncGenerator<number> {
  const { recipe, state, files, decisions } = outcome;
  await using file = await AtomicFile.create(path);
  const writer = new TextWriter((piece) => file.write(piece));
  /** How many documents of each source were kept so far. */
  const ranks = recipe.sources.map(() => 0);
  for (let number = 0; number < state.parts; number++) {
    yield number;
    const part = await state.readPart(number);
    const { source, columns, names } = part;
    await using reader = new DocumentFiles(files[source]);
    for (const [i, fate] of decisions.outcomes(number).entries()) {
      const place = { file: columns.file[i], offset: columns.offset[i] };
      const reason = fate === KEPT ? undefined : REASONS[fate - 1];
      const bytes = columns.length[i];
      const { text } = reason === "too_long"
        ? {}
        : readText(await reader.read(place, bytes), {
          json: files[source][place.file].documents === "jsonl",
          textField: recipe.sources[source].textField,
        });
      const line = {
        source: recipe.sources[source].name,
        document: nameOf(files, { source, ...place }),
        name: names[i],
        bytes,
        words: columns.words[i],
        ...columns.cut[i] > 0 && { foreignParagraphs: columns.cut[i] },
        begins: text?.slice(0, BEGINNING),
        ...reason === undefined
          ? keptBy(copies[source].timesOf(ranks[source]++))
          : {
            outcome: "dropped",
            reason,
            ...whyDropped(outcome, number, part, i, reason),
          },
      };
      await writer.add(`${JSON.stringify(line)}\n`);
    }
  }
  await writer.flush();
  await file.commit();
}

/** A document that no rule drops may still be left out by its source's weight. */
function keptBy(written: number): object {
  return written > 0
    ? { outcome: "kept", written }
    : { outcome: "left out", reason: "weight" };
}
