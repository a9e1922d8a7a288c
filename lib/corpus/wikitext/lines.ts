/**
 * From wikitext without templates, links, tables and tags to headings and
 * paragraphs of clean text.
 *
 * @module
 */

import { decodeEntities } from "./entities.ts";
import { BREAK, GONE, type Residue, unescape } from "./marks.ts";

/** A heading or a paragraph. */
export interface Block {
  /** 1 … 6 for a heading, 0 for text. */
  readonly level: number;
  /** One line of text. */
  readonly text: string;
}

/**
 * Splits a page into blocks. As in MediaWiki, lines that follow one another
 * are one paragraph, unless they are list items or indented.
 *
 * @param wikitext What the other stages left.
 * @param residue Where stripped markup is counted.
 */
export function toBlocks(wikitext: string, residue: Residue): Block[] {
  const blocks: Block[] = [];
  let paragraph: string[] = [];
  const add = (level: number, content: string) => {
    for (const line of content.split(BREAK)) {
      const text = cleanLine(line, residue);
      if (text !== "") blocks.push({ level, text });
    }
  };
  const flush = () => {
    if (paragraph.length > 0) add(0, paragraph.join(" "));
    paragraph = [];
  };
  for (const source of wikitext.split("\n")) {
    const line = stripQuotes(source.trimEnd());
    const heading = headingOf(line);
    if (heading !== undefined) {
      flush();
      add(heading.level, heading.text);
      continue;
    }
    const start = line.trimStart();
    if (isTableLine(start)) {
      residue.add("|");
      flush();
      continue;
    }
    const marker = markerLength(start);
    if (isEmpty(start)) {
      flush();
    } else if (marker > 0 || /^[ \t]/.test(line)) {
      flush();
      add(0, start.slice(marker));
    } else {
      paragraph.push(start);
    }
  }
  flush();
  return blocks;
}

/** Whether nothing is on a line, or only what was dropped. */
function isEmpty(line: string): boolean {
  for (const char of line) if (char !== GONE && char !== " ") return false;
  return true;
}

/** A row or cell that lost its table. */
function isTableLine(line: string): boolean {
  return line.startsWith("|") || line.startsWith("{|");
}

function headingOf(line: string): Block | undefined {
  let end = line.length;
  while (end > 0 && (line[end - 1] === GONE || line[end - 1] === " ")) end--;
  if (line[0] !== "=" || line[end - 1] !== "=" || end < 3) return undefined;
  let level = 0;
  while (
    level < 6 && line[level] === "=" && line[end - 1 - level] === "=" &&
    2 * level + 2 < end
  ) level++;
  return level === 0
    ? undefined
    : { level, text: line.slice(level, end - level) };
}

/** How many characters of list marker or rule a line starts with. */
function markerLength(line: string): number {
  let at = 0;
  while ("*#:;".includes(line[at] ?? " ") || at > 0 && line[at] === " ") at++;
  if (at > 0) return at;
  while (line[at] === "-") at++;
  return at >= 4 ? at : 0;
}

/**
 * Removes the apostrophes of italics and bold as MediaWiki pairs them, line by
 * line: `d'''O Globo''` keeps one of the three.
 *
 * @param line One line of wikitext.
 *
 * @example
 * ```ts
 * import { stripQuotes } from "./lines.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(stripQuotes("'''Água''' e ''pau-d'água''"), "Água e pau-d'água");
 * assertEquals(stripQuotes("d'''O Globo''"), "d'O Globo");
 * ```
 */
export function stripQuotes(line: string): string {
  if (!line.includes("''")) return line;
  const pieces = line.split(/('{2,})/);
  let italics = 0, bolds = 0;
  for (let i = 1; i < pieces.length; i += 2) {
    const count = pieces[i].length;
    // Four are an apostrophe and bold; of more than five, five count.
    const literal = count === 4 ? 1 : Math.max(0, count - 5);
    if (count === 2 || count >= 5) italics++;
    if (count >= 3) bolds++;
    pieces[i] = count === 3 ? "'''" : "'".repeat(literal);
  }
  if (italics % 2 === 1 && bolds % 2 === 1) keepOneApostrophe(pieces);
  return pieces.map((piece, i) => i % 2 === 1 && piece === "'''" ? "" : piece)
    .join("");
}

/** One bold was an apostrophe and italics: best after a one-letter word. */
function keepOneApostrophe(pieces: string[]): void {
  let best = -1, bestRank = 0;
  for (let i = 1; i < pieces.length; i += 2) {
    if (pieces[i] !== "'''") continue;
    const before = pieces[i - 1];
    const rank = before.endsWith(" ")
      ? 1
      : before.at(-2) === " " || before.length === 1
      ? 3
      : 2;
    if (rank > bestRank) [best, bestRank] = [i, rank];
  }
  if (best > 0) pieces[best] = "'";
}

/** Behaviour switches, in English and Portuguese (MediaWiki's words). */
const SWITCHES = new RegExp(
  "__(?:" + ("NOTOC SEMTDC SEMSUMÁRIO SEMSUMARIO FORCETOC FORCARTDC " +
    "FORÇARTDC FORCARSUMARIO FORÇARSUMÁRIO TOC TDC SUMARIO SUMÁRIO NOGALLERY " +
    "SEMGALERIA NOEDITSECTION NAOEDITARSECAO NÃOEDITARSEÇÃO SEMEDITARSEÇÃO " +
    "SEMEDITARSECAO NOTITLECONVERT NOTC SEMCONVERTERTITULO " +
    "SEMCONVERTERTÍTULO SEMCT NOCONTENTCONVERT NOCC SEMCONVERTERCONTEUDO " +
    "SEMCONVERTERCONTEÚDO SEMCC NEWSECTIONLINK LINKDENOVASECAO " +
    "LINKDENOVASEÇÃO LIGACAODENOVASECAO LIGAÇÃODENOVASEÇÃO NONEWSECTIONLINK " +
    "SEMLINKDENOVASECAO SEMLINKDENOVASEÇÃO SEMLIGACAODENOVASECAO " +
    "SEMLIGAÇÃODENOVASEÇÃO HIDDENCAT CATEGORIAOCULTA CATOCULTA INDEX INDEXAR " +
    "NOINDEX NAOINDEXAR NÃOINDEXAR STATICREDIRECT " +
    "REDIRECIONAMENTOESTATICO REDIRECIONAMENTOESTÁTICO EXPECTUNUSEDCATEGORY " +
    "DISAMBIG NOGLOBAL NOWYSIWYG").split(" ").join("|") +
    ")__",
  "gi",
);
/** Markup that must not be left; what it is called when counted. */
const LEFTOVERS =
  /\{\{|\}\}|\[\[|\]\]|\{\||\|\}|<\/?ref\b[^<>]{0,200}>?|(?:\b(?:thumb|thumbnail|miniatura|miniaturadaimagem|frameless|upright|left|right|center|esquerda|direita|centro)|\b\d{1,4}px)\|/gi;
const URL = /\b(?:https?|ftp):\/\/[^\s<>"\[\]|{}]+/gi;

/**
 * The last steps for one line of text: switches, entities (twice, as dumps
 * hold `&amp;nbsp;`), what templates left, addresses, leftovers and spaces.
 */
function cleanLine(line: string, residue: Residue): string {
  let text = line;
  if (text.includes("__")) text = text.replace(SWITCHES, "");
  text = decodeEntities(decodeEntities(text));
  text = plainSpaces(text);
  if (text.includes(GONE)) text = closeGaps(text);
  if (text.includes("://")) text = text.replace(URL, withoutAddress);
  text = unescape(text);
  text = stripLeftovers(text, residue);
  text = tidy(plainSpaces(text));
  return /[\p{L}\p{N}]/u.test(text) ? text.normalize("NFC") : "";
}

/**
 * Spaces of any kind become one; invisible and control characters go.
 *
 * @param text One line.
 */
export function plainSpaces(text: string): string {
  return text
    .replace(/[\s\u00a0\u2000-\u200a\u202f\u205f\u3000]+/g, " ")
    .replace(INVISIBLE, "")
    .trim();
}

/** Controls, soft hyphens, joiners, marks of direction, noncharacters. */
const INVISIBLE =
  /[\p{Cc}\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufffe\uffff]/gu;

const CLOSING = ",.;:!?)]}»”…%";
const OPENING = "([{«“";

/** Puts a space where something was dropped, if its neighbours need one. */
function closeGaps(text: string): string {
  return text.replace(/ ?\ufdd0[ \ufdd0]*/g, (gap, at: number) => {
    const before = text[at - 1], after = text[at + gap.length];
    if (before === undefined || after === undefined) return "";
    if (CLOSING.includes(after) || OPENING.includes(before)) return "";
    const words = /[\p{L}\p{N}]/u.test(before) && /[\p{L}\p{N}]/u.test(after);
    return words || gap.includes(" ") ? " " : "";
  });
}

/** An address goes, the punctuation after it stays. */
function withoutAddress(url: string): string {
  let end = url.length;
  while (end > 0 && ",.;:!?)".includes(url[end - 1])) end--;
  return url.slice(end);
}

/**
 * Takes away what is left of wikitext's brackets and picture options. There
 * are two rounds, as taking one away may make another.
 *
 * @param text One line.
 * @param residue Where they are counted.
 */
export function stripLeftovers(text: string, residue: Residue): string {
  for (let round = 0; round < 2; round++) {
    text = text.replace(LEFTOVERS, (found) => {
      residue.add(
        found.length === 2 ? found : found[0] === "<" ? "<ref" : "thumb|",
      );
      return "";
    });
  }
  // What is still paired after that loses every bracket.
  return /\{\{|\}\}|\[\[|\]\]|\{\||\|\}|<ref/i.test(text)
    ? text.replace(/[{}[\]|]|<(?=ref)/gi, "")
    : text;
}

/** Brackets that lost their content, and the spaces that are left over. */
function tidy(text: string): string {
  return text
    .replace(/[(\[](?: ?[,;:–-])* ?[)\]]/g, "")
    .replace(/\( ?[,;:] ?/g, "(")
    .replace(/ ?[,;] ?\)/g, ")")
    .replace(/\( | (?=[),.;!?](?:[\s)]|$))/g, (found) => found.trim())
    .replace(/ {2,}/g, " ")
    .replace(/^ ?[,;:)]+ /, "")
    .trim();
}
