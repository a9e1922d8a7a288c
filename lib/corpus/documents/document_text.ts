/**
 * A document's bytes as text: a paragraph a line, no line blank. What cannot be
 * read so is a fault of the document, not an error.
 *
 * @module
 */

/** Why a document's bytes cannot be read as text. */
export const FAULTS = [
  "too_long",
  "not_utf8",
  "not_json",
  "no_text",
  "binary",
] as const;
/** See {@linkcode FAULTS}. */
export type Fault = typeof FAULTS[number];

/** How documents are written in a source. */
export interface TextFormat {
  /** Whether a document is a JSON object. */
  readonly json: boolean;
  /** Which of its fields is the text. */
  readonly textField: string;
}

/** A document's text, or what is wrong; and the name it gives itself. */
export interface ReadText {
  /** Its lines joined by `\n`; absent where there is a fault. */
  readonly text?: string;
  /** What is wrong. */
  readonly fault?: Fault;
  /** What a JSON object has as `id`. */
  readonly name?: string;
  /** What it has as `title`. */
  readonly title?: string;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** A longer name is cut. */
const LONGEST_NAME = 200;

/**
 * Reads a document.
 *
 * @param bytes Its bytes; absent when they are too many.
 *
 * @example
 * ```ts
 * import { readText } from "./document_text.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode('{"id": 7, "text": "Um. \\n\\nDois."}');
 * assertEquals(readText(bytes, { json: true, textField: "text" }), {
 *   text: "Um.\nDois.",
 *   name: "7",
 * });
 * ```
 */
export function readText(
  bytes: Uint8Array | undefined,
  format: TextFormat,
): ReadText {
  const { text, ...rest } = decodeDocument(bytes, format);
  return text === undefined ? rest : { ...ofLines(text), ...rest };
}

/**
 * As {@linkcode readText}, with the text as it stands there: its lines are
 * neither trimmed nor looked at.
 */
export function decodeDocument(
  bytes: Uint8Array | undefined,
  { json, textField }: TextFormat,
): ReadText {
  if (bytes === undefined) return { fault: "too_long" };
  let source: string;
  try {
    source = decoder.decode(bytes);
  } catch {
    return { fault: "not_utf8" };
  }
  return json ? ofObject(source, textField) : { text: source };
}

function ofObject(source: string, textField: string): ReadText {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    return { fault: "not_json" };
  }
  if (typeof value !== "object" || value === null) return { fault: "no_text" };
  const fields = value as Record<string, unknown>;
  const names = {
    ...typeof fields.id === "string" || typeof fields.id === "number"
      ? { name: nameOf(fields.id) }
      : {},
    ...typeof fields.title === "string" ? { title: nameOf(fields.title) } : {},
  };
  const text = Object.hasOwn(fields, textField) ? fields[textField] : undefined;
  return typeof text === "string"
    ? { text: text.toWellFormed(), ...names }
    : { fault: "no_text", ...names };
}

function nameOf(value: string | number): string {
  return String(value).slice(0, LONGEST_NAME).toWellFormed();
}

function ofLines(source: string): ReadText {
  if (source.includes("\0")) return { fault: "binary" };
  const text = source.split(/\r\n?|\n/).map((line) => line.trimEnd())
    .filter((line) => line !== "").join("\n");
  return text === "" ? { fault: "no_text" } : { text };
}
