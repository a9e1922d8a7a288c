/**
 * What is found out about documents, in columns, so that millions of them can
 * pass between threads and lie in files: the outcome of the filters, and what
 * duplicates are found by.
 *
 * @module
 */

import { FAULTS } from "../documents/document_text.ts";
import { HASH_WORDS } from "./exact_duplicates.ts";
import { RULE_NAMES, VARIETY_RULES } from "./filters.ts";
import { BANDS, HASHES } from "./minhash.ts";

/** A document like this one was kept before. */
export const EXACT = "exact_duplicate";
/** A document much like this one was kept before. */
export const NEAR = "near_duplicate";

/** Why a document may be dropped, in the order in which that is asked. */
export const REASONS: readonly string[] = [
  ...FAULTS,
  ...RULE_NAMES,
  ...VARIETY_RULES,
  EXACT,
  NEAR,
];

/** The outcome of a document that stays; others are 1 + a reason's number. */
export const KEPT = 0;

/** The outcome for a reason. */
export function outcomeOf(reason: string): number {
  return 1 + REASONS.indexOf(reason);
}

/** The columns: their types, and how many values each document has in them. */
const COLUMNS = {
  /** Where it begins in its file, and its length there, in bytes. */
  offset: [Float64Array, 1],
  length: [Float64Array, 1],
  /** What was measured, where it is dropped. */
  value: [Float64Array, 1],
  /** The number of its file in the source. */
  file: [Uint32Array, 1],
  /** How many words it has, and how many bytes as text in UTF-8. */
  words: [Uint32Array, 1],
  bytes: [Uint32Array, 1],
  /** Lines in other languages that are taken out of it. */
  cut: [Uint32Array, 1],
  /** `contentHash()`, and the two halves of `signatureOf()`; unset if dropped. */
  hash: [Uint32Array, HASH_WORDS],
  bands: [Uint32Array, BANDS],
  sketch: [Uint8Array, HASHES],
  /** {@linkcode KEPT}, or why it is dropped. */
  outcome: [Uint8Array, 1],
} as const;
type Name = keyof typeof COLUMNS;
const NAMES = Object.keys(COLUMNS) as Name[];

/** Values of documents, by column. */
export type Columns = {
  readonly [N in Name]: ReturnType<typeof COLUMNS[N][0]["of"]>;
};

/** What is said of few documents, by their number. */
export type Notes = Readonly<Record<number, string>>;

/** What was found out about some successive documents. */
export interface Analysis {
  /** How many. */
  readonly count: number;
  /** A value, or several, for each. */
  readonly columns: Columns;
  /** What documents call themselves. */
  readonly names: Notes;
  /** Languages of those dropped for theirs. */
  readonly languages: Notes;
}

/** Empty columns for so many documents. */
export function emptyColumns(count: number): Columns {
  return Object.fromEntries(
    NAMES.map((name) => {
      const [Type, width] = COLUMNS[name];
      return [name, new Type(count * width)];
    }),
  ) as unknown as Columns;
}

/** Puts analyses of successive documents one after another. */
export function joinAnalyses(parts: readonly Analysis[]): Analysis {
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const columns = emptyColumns(count);
  const names: Record<number, string> = {};
  const languages: Record<number, string> = {};
  let first = 0;
  for (const part of parts) {
    for (const name of NAMES) {
      columns[name].set(part.columns[name], first * COLUMNS[name][1]);
    }
    for (const [i, name] of Object.entries(part.names)) {
      names[first + Number(i)] = name;
    }
    for (const [i, language] of Object.entries(part.languages)) {
      languages[first + Number(i)] = language;
    }
    first += part.count;
  }
  return { count, columns, names, languages };
}

/** Where a reader stands between two documents. */
export interface Position {
  /** The number of the source. */
  readonly source: number;
  /** The number of its file. */
  readonly file: number;
  /** How many bytes of it are done. */
  readonly offset: number;
}

/** The documents of a stretch of one source. */
export interface Part extends Analysis {
  /** The source's number. */
  readonly source: number;
  /** Where the next part begins. */
  readonly next: Position;
}

/** How many bytes hold the length of the JSON that a part begins with. */
const LENGTH_BYTES = 4;

/**
 * A part as a file's bytes.
 *
 * @example
 * ```ts
 * import { decodePart, emptyColumns, encodePart } from "./analysis.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const part = {
 *   source: 0,
 *   next: { source: 1, file: 0, offset: 0 },
 *   count: 3,
 *   columns: emptyColumns(3),
 *   names: { 1: "a" },
 *   languages: {},
 * };
 * assertEquals(decodePart(encodePart(part)), part);
 * ```
 */
export function encodePart({ columns, ...rest }: Part): Uint8Array {
  const head = new TextEncoder().encode(JSON.stringify(rest));
  const arrays = NAMES.map((name) => columns[name]);
  const bytes = new Uint8Array(
    LENGTH_BYTES + head.length +
      arrays.reduce((sum, { byteLength }) => sum + byteLength, 0),
  );
  new DataView(bytes.buffer).setUint32(0, head.length);
  bytes.set(head, LENGTH_BYTES);
  let at = LENGTH_BYTES + head.length;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return bytes;
}

/**
 * Reads a part.
 *
 * @param bytes As {@linkcode encodePart} made them.
 * @throws {SyntaxError} When they are not whole.
 */
export function decodePart(bytes: Uint8Array): Part {
  const refuse = () =>
    new SyntaxError("Cannot read a part of the analysis: it is damaged");
  if (bytes.length < LENGTH_BYTES) throw refuse();
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  let at = LENGTH_BYTES + length;
  const head = JSON.parse(
    new TextDecoder().decode(bytes.subarray(LENGTH_BYTES, at)),
  );
  const columns: Record<string, unknown> = {};
  for (const name of NAMES) {
    const [Type, width] = COLUMNS[name];
    const end = at + head.count * width * Type.BYTES_PER_ELEMENT;
    if (end > bytes.length) throw refuse();
    columns[name] = new Type(bytes.slice(at, end).buffer);
    at = end;
  }
  return { ...head, columns };
}
