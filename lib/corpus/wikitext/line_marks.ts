/**
 * Which steps of cleaning a line needs, told by one look at each character.
 *
 * @module
 */

import { GONE } from "./marks.ts";

/**
 * Where a line stands in a longer text: reading the characters of a piece that
 * was cut out takes twice as long.
 */
export interface Span {
  /** The longer text. */
  readonly source: string;
  /** Where the line starts. */
  readonly from: number;
  /** Where it ends. */
  readonly to: number;
}

/** The span of a whole text. */
export function whole(source: string): Span {
  return { source, from: 0, to: source.length };
}

// The marks that `marksOf` finds, a bit each.
/** Places where something was dropped. */
export const GAPS = 1;
/** Spaces at an end, or two together. */
export const SPACES = 2;
/** Punctuation to tidy, or no letter at all. */
export const UNTIDY = 4;
/** What may start an entity. */
export const ENTITIES = 8;
/** Anything that more steps have to look at. */
export const MARKUP = 16;
/** A letter or a digit. */
const LETTERS = 32;

/** What a character may be. */
const KINDS = [
  "letter",
  "space",
  "opener",
  "separator",
  "closer",
  "stop",
  "dash",
  "other",
  "slash",
  "underscore",
  "ampersand",
  "gap",
  "special",
] as const;
type Kind = typeof KINDS[number];

/** The kind of each UTF-16 unit, as its place in `KINDS`. */
const KIND_OF = Uint8Array.from(
  { length: 0x10000 },
  (_, code) => KINDS.indexOf(kindOf(code)),
);
const SPACE = KINDS.indexOf("space"), LETTER = KINDS.indexOf("letter");

function kindOf(code: number): Kind {
  const char = String.fromCharCode(code);
  if (char === GONE) return "gap";
  if (code >= 0x300) return kindAbove(code);
  if (/[\p{L}\p{N}]/u.test(char)) return "letter";
  if (char === " ") return "space";
  if (char === "&") return "ampersand";
  if (char === "(" || char === "[") return "opener";
  if (",;:".includes(char)) return "separator";
  if (char === ")" || char === "]") return "closer";
  if (".!?".includes(char)) return "stop";
  if (char === "-") return "dash";
  if (char === "/") return "slash";
  if (char === "_") return "underscore";
  return /[\s\p{Cc}\u00ad<{}|]/u.test(char) ? "special" : "other";
}

/**
 * Beyond U+02FF: punctuation, signs and the letters that are common and that
 * Unicode normalisation leaves alone; all else is special.
 */
function kindAbove(code: number): Kind {
  if (code >= 0x2010 && code <= 0x2027) {
    return code === 0x2013 ? "dash" : "other";
  }
  if (code >= 0x2030 && code <= 0x205e) return "other";
  if (code >= 0x20a0 && code <= 0x20bf) return "other"; // currencies
  if (code >= 0x2190 && code <= 0x22ff) return "other"; // arrows, mathematics
  if (code >= 0x1e00 && code <= 0x1fff || code >= 0x2070 && code <= 0x208e) {
    // Latin and Greek letters with marks, raised and lowered digits
    const char = String.fromCharCode(code);
    if (char.normalize("NFC") !== char) return "special";
    return /[\p{L}\p{N}]/u.test(char) ? "letter" : "other";
  }
  const letter = code >= 0x3a3 && code <= 0x3ce || // Greek
    code >= 0x400 && code <= 0x481 || // Cyrillic
    code >= 0x5d0 && code <= 0x5ea || // Hebrew
    code >= 0x620 && code <= 0x64a || // Arabic
    code >= 0x3041 && code <= 0x3096 || // kana
    code >= 0x30a1 && code <= 0x30fa ||
    code >= 0x4e00 && code <= 0x9fa5 || // Han
    code >= 0xac00 && code <= 0xd7a3; // Hangul
  return letter ? "letter" : "special";
}

/** The marks of a character, by the kind before it and its own kind. */
const MARKS = Uint8Array.from(
  { length: 16 * 16 },
  (_, pair) => marksOfPair(KINDS[pair >> 4], KINDS[pair & 15]),
);

function marksOfPair(before?: Kind, kind?: Kind): number {
  const opened = before === "opener", spaced = before === "space";
  switch (kind) {
    case "letter":
      return LETTERS;
    case "gap":
      return GAPS;
    case "ampersand":
      return ENTITIES;
    case "special":
      return MARKUP;
    case "space":
      return spaced ? SPACES : opened ? UNTIDY : 0;
    case "opener": // "[["
      return opened ? MARKUP : 0;
    case "closer": // "]]"
      if (before === "closer") return MARKUP;
      return opened || spaced || before === "separator" ? UNTIDY : 0;
    case "separator":
      return opened || spaced ? UNTIDY : 0;
    case "stop":
      return spaced ? UNTIDY : 0;
    case "dash":
      return opened ? UNTIDY : 0;
    case "slash": // "://"
      return before === "separator" ? MARKUP : 0;
    case "underscore":
      return before === "underscore" ? MARKUP : 0;
  }
  return 0;
}

/**
 * Which steps a line needs. A line for which this is 0 is clean: it holds a
 * letter or digit and is what all the steps would make of it. There is no
 * branch in the loop, as every word would make the processor guess wrong.
 */
export function marksOf({ source, from, to }: Span): number {
  let marks = 0;
  let before = SPACE; // a space at the start is one too many
  for (let at = from; at < to; at++) {
    const kind = KIND_OF[source.charCodeAt(at)];
    marks |= MARKS[before << 4 | kind];
    before = kind;
  }
  if (before === SPACE) marks |= SPACES;
  return (marks & LETTERS) === 0 ? marks | UNTIDY : marks & ~LETTERS;
}

/** The marks of a line's joint, where one character follows another. */
export function marksBetween(before: number, after: number): number {
  return MARKS[KIND_OF[before] << 4 | KIND_OF[after]] & ~LETTERS;
}

/** Whether a character is a letter or a digit. */
export function isWord(char: string): boolean {
  const code = char.charCodeAt(0);
  return code < 0x300 ? KIND_OF[code] === LETTER : /[\p{L}\p{N}]/u.test(char);
}
