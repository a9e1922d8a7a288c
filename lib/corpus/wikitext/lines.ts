/**
 * From wikitext without templates, links, tables and tags to headings and
 * paragraphs of clean text.
 *
 * @module
 */

import { decodeEntities } from "./entities.ts";
import {
  ENTITIES,
  GAPS,
  marksOf,
  MARKUP,
  SPACES,
  type Span,
  UNTIDY,
  whole,
} from "./line_marks.ts";
import { closeGaps } from "./gaps.ts";
import { BREAK, CODE, GONE, type Residue, unescape } from "./marks.ts";

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
  const breaks = wikitext.includes(BREAK);
  let paragraph: Span[] = [];
  const add = (level: number, span: Span) => {
    const lines = breaks ? textOf(span).split(BREAK).map(whole) : [span];
    for (const line of lines) {
      const text = cleanLine(line, residue);
      if (text !== "") blocks.push({ level, text });
    }
  };
  const flush = () => {
    if (paragraph.length === 0) return;
    const [only, ...more] = paragraph;
    add(0, more.length === 0 ? only : whole(paragraph.map(textOf).join(" ")));
    paragraph = [];
  };
  let quotes = wikitext.indexOf("''");
  for (let at = 0, end = 0; at <= wikitext.length; at = end + 1) {
    end = wikitext.indexOf("\n", at);
    if (end < 0) end = wikitext.length;
    let line = {
      source: wikitext,
      from: at,
      to: trimmedEnd(wikitext, at, end),
    };
    if (quotes >= 0 && quotes < at) quotes = wikitext.indexOf("''", at);
    if (quotes >= 0 && quotes < end) line = whole(stripQuotes(textOf(line)));
    const heading = headingOf(line);
    if (heading !== undefined) {
      flush();
      add(heading.level, heading.span);
      continue;
    }
    const { source, from, to } = line;
    const start = trimmedStart(source, from, to);
    if (start < to && isTableLine(source, start)) {
      residue.add("|");
      flush();
      continue;
    }
    const marker = markerEnd(source, start, to);
    if (isEmpty(source, start, to)) {
      flush();
    } else if (
      marker > start || source[from] === " " || source[from] === "\t"
    ) {
      flush();
      add(0, { source, from: marker, to });
    } else {
      paragraph.push({ source, from: start, to });
    }
  }
  flush();
  return blocks;
}

function textOf({ source, from, to }: Span): string {
  return source.slice(from, to);
}

/** Where a line ends without the spaces at its end. */
function trimmedEnd(source: string, from: number, to: number): number {
  if (from === to || isVisible(source.charCodeAt(to - 1))) return to;
  return from + source.slice(from, to).trimEnd().length;
}

/** Where a line starts without the spaces at its start. */
function trimmedStart(source: string, from: number, to: number): number {
  if (from === to || isVisible(source.charCodeAt(from))) return from;
  return to - source.slice(from, to).trimStart().length;
}

/** Whether a character is one of ASCII's that is no space. */
function isVisible(code: number): boolean {
  return code > 0x20 && code < 0x80;
}

/** Whether nothing is on a line, or only what was dropped. */
function isEmpty(source: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    if (source[at] !== GONE && source[at] !== " ") return false;
  }
  return true;
}

/** A row or cell that lost its table. */
function isTableLine(source: string, start: number): boolean {
  return source[start] === "|" || source.startsWith("{|", start);
}

function headingOf(
  { source, from, to }: Span,
): { level: number; span: Span } | undefined {
  if (from === to || source[from] !== "=") return undefined;
  let end = to;
  while (source[end - 1] === GONE || source[end - 1] === " ") end--;
  if (source[end - 1] !== "=" || end - from < 3) return undefined;
  let level = 0;
  while (
    level < 6 && source[from + level] === "=" &&
    source[end - 1 - level] === "=" && 2 * level + 2 < end - from
  ) level++;
  return level === 0
    ? undefined
    : { level, span: { source, from: from + level, to: end - level } };
}

/** Where the list marker or rule ends that a line starts with. */
function markerEnd(source: string, from: number, to: number): number {
  let at = from;
  while (
    at < to && ("*#:;".includes(source[at]) || at > from && source[at] === " ")
  ) at++;
  if (at > from) return at;
  while (at < to && source[at] === "-") at++;
  return at - from >= 4 ? at : from;
}

/**
 * Removes the apostrophes of italics and bold as MediaWiki pairs them, line by
 * line: `d'''O Globo''` keeps one of the three.
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

/**
 * Reads one mark of bold as an apostrophe and italics, as MediaWiki does where
 * both do not come in pairs: best after a word of one letter.
 */
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
const URL = /\b(?:https?|ftp):\/\/[^\s<>"\[\]|{}\ufdd0-\ufdef]+/gi;

/**
 * The last steps for one line of text: switches, entities (twice, as dumps
 * hold `&amp;nbsp;`), what templates left, addresses, leftovers and spaces.
 * Most lines need none of them; one look at each character tells.
 */
function cleanLine(line: Span, residue: Residue): string {
  let marks = marksOf(line);
  let text = textOf(line);
  if ((marks & (ENTITIES | MARKUP)) !== 0) {
    const source = text;
    if (text.includes("__")) text = text.replace(SWITCHES, "");
    // Before entities and nowiki give back what only looks like markup.
    if ((marks & MARKUP) !== 0) text = stripLeftovers(text, residue);
    if (text.includes("://")) text = text.replace(URL, withoutAddress);
    text = decodeEntities(decodeEntities(text)).replaceAll("\u00a0", " ");
    if (text !== source) marks = marksOf(whole(text));
    marks &= ~ENTITIES;
  }
  if ((marks & (SPACES | MARKUP)) === SPACES) {
    text = text.replace(/ {2,}/g, " ").trim();
    marks &= ~SPACES;
  }
  if ((marks & (GAPS | SPACES | MARKUP)) === GAPS) {
    const closed = closeGaps(text);
    text = closed.text;
    // Something untidy may have gone with a gap.
    marks = (marks & UNTIDY) === 0
      ? marks & ~GAPS | closed.marks
      : marksOf(whole(text)) & ~ENTITIES;
  }
  if (marks === 0) return text;
  if ((marks & (GAPS | SPACES | MARKUP)) !== 0) {
    text = plainSpaces(text);
    if (text.includes(GONE)) text = closeGaps(text).text;
  }
  text = tidy(text);
  if (!/[\p{L}\p{N}]/u.test(text) && !text.startsWith(CODE)) return "";
  // Without a special character, all are as normalisation leaves them.
  return (marks & MARKUP) === 0
    ? text
    : unescape(text.normalize("NFC")).trimEnd();
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

/** An address goes, the punctuation after it stays. */
function withoutAddress(url: string): string {
  let end = url.length;
  while (end > 0 && ",.;:!?)".includes(url[end - 1])) end--;
  return GONE + url.slice(end);
}

/**
 * Takes away what is left of wikitext's brackets and picture options. There
 * are two rounds, as taking one away may make another.
 *
 * @param text One line.
 * @param residue Where they are counted.
 */
export function stripLeftovers(text: string, residue: Residue): string {
  if (!["|", "<", "{{", "}}", "[[", "]]"].some((s) => text.includes(s))) {
    return text;
  }
  for (let round = 0; round < 2; round++) {
    text = text.replace(LEFTOVERS, (found) => {
      residue.add(
        found.length === 2 ? found : found[0] === "<" ? "<ref" : "thumb|",
      );
      return "";
    });
  }
  // Where some brackets still match others, all brackets go.
  return /\{\{|\}\}|\[\[|\]\]|\{\||\|\}|<ref/i.test(text)
    ? text.replace(/[{}[\]|]|<(?=ref)/gi, "")
    : text;
}

/** The spaces that are left over. */
function tidy(text: string): string {
  return text
    .replace(/\( | (?=[),.;!?](?:[\s)]|$))/g, (found) => found.trim())
    .replace(/ {2,}/g, " ")
    .trim();
}
