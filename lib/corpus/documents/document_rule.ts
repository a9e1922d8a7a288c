/**
 * Where in files documents begin and end: the rules that there are, and which
 * of them a file's name tells.
 *
 * @module
 */

import type { TextSourceFile } from "../formats/text_source.ts";
import { isJsonLines, isOneDocument } from "../../input_files.ts";

/**
 * The rules: blocks between blank lines; a file each; an object with a `text` a
 * line. A `.jsonl` file has lines of JSON under each of them, and the rows of
 * `.parquet` are read as such.
 */
export const DOCUMENT_RULES = ["blank-lines", "files", "jsonl"] as const;

/** What a document is. */
export type DocumentRule = typeof DOCUMENT_RULES[number];

/** A file, and what a document is in it; what its name tells unless given. */
export interface RuledFile extends TextSourceFile {
  /** The rule. */
  readonly documents?: DocumentRule;
}

/**
 * The rule of a file.
 *
 * @returns The one that it has; else lines of `.jsonl`, rows of `.parquet`, the
 * whole of `.md`, `.html` and `.epub`, and blocks of any other file.
 *
 * @example
 * ```ts
 * import { ruleOf } from "./document_rule.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(ruleOf({ path: "a.txt" }), "blank-lines");
 * assertEquals(ruleOf({ path: "a.md" }), "files");
 * assertEquals(ruleOf({ path: "a.jsonl", documents: "files" }), "jsonl");
 * ```
 */
export function ruleOf({ path, documents }: RuledFile): DocumentRule {
  if (isJsonLines(path)) return "jsonl";
  return documents ?? (isOneDocument(path) ? "files" : "blank-lines");
}
