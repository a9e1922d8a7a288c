/**
 * The text that a stage is given, or what was given instead.
 *
 * @module
 */

import type { DocumentRule } from "../corpus/documents/document_rule.ts";
import {
  findTextFiles,
  type TextFiles,
} from "../corpus/documents/text_files.ts";
import { textFormOf } from "../input_files.ts";
import { type Kind, kindOf, refuseOtherKinds } from "../input_kinds.ts";

/** How text is given to a stage. */
export interface TextInput {
  /** A file, a folder, or a pattern with `*` and `?`. */
  readonly input: string;
  /** What a document is; `auto` unless given, see `findTextFiles()`. */
  readonly documents?: DocumentRule | "auto";
  /** Whether what is not UTF-8 is taken as well. */
  readonly keepBytes?: boolean;
  /** Told, once some is read, which files there are and what a document is in each. */
  readonly onFiles?: (files: TextFiles) => void;
}

/** What comes of text; no folder of text is one of these as well. */
const MADE_OF_TEXT: readonly (Kind | undefined)[] = ["dataset", "model"];

/**
 * Finds the files of text of a stage's input.
 *
 * @throws {Error} When nothing can be read there, or it is something else than
 * text: then which command takes it.
 */
export async function openTexts(
  { input, documents, keepBytes = false }: TextInput,
): Promise<TextFiles> {
  const kinds: Kind[] = [
    "text",
    "texts",
    "pages",
    "jsonLines",
    "table",
    "book",
    "nothing",
  ];
  if (keepBytes) kinds.push("legacyText");
  if (documents === "jsonl") kinds.push("json");
  // Text may well speak of markup.
  if (/\.(?:txt|md)$/i.test(input)) kinds.push("page", "dump");
  if (textFormOf(input) === "page") kinds.push("page");
  const refuse = () => refuseOtherKinds(input, "text", kinds);
  const isFile = await Deno.stat(input).then(
    (info) => info.isFile,
    () => false,
  );
  if (isFile) await refuse();
  else await refuseMade(input);
  try {
    return await findTextFiles(input, { documents });
  } catch (error) {
    await refuse();
    throw error;
  }
}

/**
 * Refuses a folder of what is made of text, which may well hold lines of JSON:
 * the log of a training.
 *
 * @throws {Error} Naming the command that takes it.
 */
export async function refuseMade(input: string): Promise<void> {
  if (!MADE_OF_TEXT.includes(await kindOf(input))) return;
  await refuseOtherKinds(input, "text", ["text", "texts"]);
}

/** What a document is in files: the rules that they have, in one word. */
export function rulesOf({ files }: TextFiles): string {
  return [...new Set(files.map(({ documents }) => documents))].sort()
    .join("+");
}
