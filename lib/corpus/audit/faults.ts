/**
 * What is wrong with a text, counted: characters that were lost, controls,
 * mojibake, and markup that cleaning should have taken out.
 *
 * @module
 */

import { countMojibake, findMojibake } from "../clean/mojibake.ts";

/** What is counted. */
export interface Faults {
  /** U+FFFD, where a character was lost; bytes that are not valid too. */
  replacement: number;
  /** C0 controls other than tab and line ends, and U+007F. */
  c0: number;
  /** C1 controls, which were Windows-1252 punctuation once. */
  c1: number;
  /** UTF-8 that was read as Windows-1252, one for each character. */
  mojibake: number;
  /** Tags of HTML. */
  tags: number;
  /** Character references of HTML. */
  entities: number;
  /** Brackets, quotes, headings and picture options of wikitext. */
  wikitext: number;
}

/** Counts of a text in which nothing is wrong. */
export function noFaults(): Faults {
  return {
    replacement: 0,
    c0: 0,
    c1: 0,
    mojibake: 0,
    tags: 0,
    entities: 0,
    wikitext: 0,
  };
}

/** Adds one count to another. */
export function addFaults(to: Faults, more: Faults): void {
  for (const kind of Object.keys(to) as (keyof Faults)[]) {
    to[kind] += more[kind];
  }
}

/** How many faults there are in all. */
export function totalFaults(faults: Faults): number {
  return Object.values(faults).reduce((sum, count) => sum + count, 0);
}

// deno-lint-ignore no-control-regex
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffd]/g;
/** As {@linkcode CONTROLS}, for lines of which most have none. */
const CONTROL = new RegExp(CONTROLS.source);
const TAG = /<\/?[a-z][a-z0-9]{0,12}(?:\s[^<>]{0,300})?\/?>|<!--/gi;
const ENTITY = /&(?:[a-z]{2,8}\d?|#\d{1,7}|#x[0-9a-f]{1,6});/gi;
const WIKITEXT =
  /\[\[|\]\]|\{\{|\}\}|\{\||\|\}|'{2,5}(?=\p{L})|^=={1,5}[^=].{0,200}=={1,5}\s{0,9}$|\b(?:thumb|miniaturadaimagem|\d{1,4}px)\||\b(?:Ficheiro|Imagem|Categoria|File|Category):\p{Lu}|^#(?:REDIRECT|REDIRECIONAMENTO)\b/gu;
/** What each of those holds. */
const WIKITEXT_SIGN = /[[\]{}|:#=]|''/;

/**
 * Counts what is wrong with a line.
 *
 * @param faults Counted into, and given back; a new count unless given.
 *
 * @example
 * ```ts
 * import { countFaults } from "./faults.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const faults = countFaults("N\u00c3\u00a3o \u0097 <b>[[sol]]</b> &nbsp;");
 * const { mojibake, c1, tags, wikitext, entities } = faults;
 * assertEquals([mojibake, c1, tags, wikitext, entities], [1, 1, 2, 2, 1]);
 * ```
 */
export function countFaults(
  line: string,
  faults: Faults = noFaults(),
): Faults {
  if (CONTROL.test(line)) {
    for (const [char] of line.matchAll(CONTROLS)) {
      if (char === "\ufffd") faults.replacement++;
      else if (char < "\u0080") faults.c0++;
      else faults.c1++;
    }
  }
  faults.mojibake += countMojibake(line);
  if (line.includes("<")) faults.tags += count(line, TAG);
  if (line.includes("&")) faults.entities += count(line, ENTITY);
  if (WIKITEXT_SIGN.test(line)) faults.wikitext += count(line, WIKITEXT);
  return faults;
}

/** What each kind looks like, but for mojibake. */
const PATTERNS: Readonly<Record<Exclude<keyof Faults, "mojibake">, RegExp>> = {
  replacement: /\ufffd/,
  // deno-lint-ignore no-control-regex
  c0: /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/,
  c1: /[\u0080-\u009f]/,
  tags: new RegExp(TAG, "i"),
  entities: new RegExp(ENTITY, "i"),
  wikitext: new RegExp(WIKITEXT, "u"),
};

/**
 * Where a line has its first fault of a kind.
 *
 * @returns Where it begins and how long it is, in UTF-16 units; undefined where
 * there is none.
 *
 * @example
 * ```ts
 * import { findFault } from "./faults.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const line = "N\u00c3\u00a3o <b>";
 * assertEquals(findFault(line, "mojibake"), { at: 1, length: 2 });
 * assertEquals(findFault(line, "tags"), { at: 5, length: 3 });
 * ```
 */
export function findFault(
  line: string,
  kind: keyof Faults,
): { at: number; length: number } | undefined {
  if (kind === "mojibake") return findMojibake(line);
  const match = PATTERNS[kind].exec(line);
  if (match === null) return undefined;
  return { at: match.index, length: match[0].length };
}

function count(line: string, pattern: RegExp): number {
  let count = 0;
  pattern.lastIndex = 0;
  while (pattern.exec(line) !== null) count++;
  return count;
}
