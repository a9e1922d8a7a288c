/**
 * The documents that are to be predicted, before any tokenizer: texts with the
 * names of their files.
 *
 * @module
 */

import { readTextChunks } from "../corpus/documents/text_chunks.ts";
import { splitDocuments } from "../dataset/documents.ts";
import type { EvaluatedSource } from "../evaluation/report.ts";
import { EventTurns } from "../turns.ts";
import type { EvaluateDocumentsOptions } from "./evaluate_documents.ts";
import { openTexts } from "./text_input.ts";

/** What says which documents there are. */
export type DocumentSourcesOptions = Pick<
  EvaluateDocumentsOptions,
  | "texts"
  | "data"
  | "documents"
  | "onFiles"
  | "baselines"
  | "learnFrom"
  | "signal"
>;

/** Most characters of text that baselines learn from. */
const MOST_LEARNT = 2 ** 26;

/** A text that is to be predicted. */
export interface SourceText {
  readonly name: string;
  readonly source: number;
  readonly text: string;
}

/** What there is before any tokenizer. */
export interface DocumentSources {
  readonly sources: readonly EvaluatedSource[];
  readonly texts: readonly SourceText[];
  /** What baselines learn from. */
  readonly learnt?: readonly string[];
}

/**
 * Reads the texts, and notes the datasets, which come behind them.
 *
 * @throws {Error} When a file cannot be read, or a text has no document.
 */
export async function readDocumentSources(
  { texts = [], data = [], learnFrom, ...options }: DocumentSourcesOptions,
): Promise<DocumentSources> {
  const found: SourceText[] = [];
  for (const [source, input] of texts.entries()) {
    const before = found.length;
    for await (const { name, text } of documentsOf(input, options)) {
      found.push({ name, source, text });
    }
    if (found.length === before) {
      throw new Error(`Cannot evaluate "${input}": there is no text`);
    }
  }
  const sources = [
    ...texts.map((name) => ({ name, kind: "text" as const })),
    ...data.map((name) => ({ name, kind: "data" as const })),
  ];
  if (learnFrom === undefined || !options.baselines?.length) {
    return { sources, texts: found };
  }
  const learnt: string[] = [];
  let length = 0;
  for await (const { text } of documentsOf(learnFrom, options)) {
    learnt.push(text);
    length += text.length;
    if (length > MOST_LEARNT) {
      throw new RangeError(
        `Cannot learn from "${learnFrom}": it has more than 64 Mi characters`,
      );
    }
  }
  return { sources, texts: found, learnt };
}

/** The documents of a text, with the names of their files. */
async function* documentsOf(
  input: string,
  { documents, onFiles, signal }: Pick<
    DocumentSourcesOptions,
    "documents" | "onFiles" | "signal"
  >,
): AsyncGenerator<{ name: string; text: string }> {
  const found = await openTexts({ input, documents });
  onFiles?.(found);
  const turns = new EventTurns();
  for (const file of found.files) {
    let number = 0, whole: string | undefined;
    const named = (text: string) => {
      number++;
      const name = file.documents === "files"
        ? file.name
        : `${file.name} ${number}`;
      return { name, text };
    };
    for await (
      const { text, continues } of splitDocuments(readTextChunks([file]))
    ) {
      await turns.next();
      signal?.throwIfAborted();
      // A work that was too long for one document is one here.
      if (continues && whole !== undefined) {
        whole += `\n${text}`;
        continue;
      }
      if (whole !== undefined) yield named(whole);
      whole = text;
    }
    if (whole !== undefined) yield named(whole);
  }
}
