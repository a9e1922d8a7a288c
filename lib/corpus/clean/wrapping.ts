/**
 * Lines that were broken at a page's width: how they are told from verse and
 * from paragraphs, and how paragraphs are made of them again.
 *
 * @module
 */

import { jointOf, WordForms } from "./hyphens.ts";

/** The runs of lines that blank lines divide. */
export function toBlocks(lines: readonly string[]): string[][] {
  const blocks: string[][] = [];
  let block: string[] = [];
  for (const line of lines) {
    if (line !== "") block.push(line);
    else if (block.length > 0) {
      blocks.push(block);
      block = [];
    }
  }
  if (block.length > 0) blocks.push(block);
  return blocks;
}

/** Share of single-line blocks from which blank lines divide paragraphs. */
const SPACED_OUT = 0.8;

/** Whether nearly every line has a blank one after it, as in Markdown. */
export function isSpacedOut(blocks: readonly string[][]): boolean {
  const single = blocks.filter((block) => block.length === 1).length;
  return blocks.length > 2 && single >= SPACED_OUT * blocks.length;
}

/** Fewer lines than this tell nothing. */
const MIN_CONTINUATIONS = 3;
/** The share of lines that end within a word, in a text broken by its width. */
const CUT_WORDS = 0.02;
/** Verse is shorter than this, and its stanzas longer than two lines. */
const VERSE_CHARS = 50;

/**
 * Whether lines end where the page's width did and not where a paragraph does.
 * Then most go on in lower case; verses seldom do, and where they do they are
 * short, of no common width, and in stanzas.
 *
 * @param blocks Runs of lines that blank lines divide.
 */
export function isHardWrapped(blocks: readonly string[][]): boolean {
  let continuations = 0, lower = 0, filled = 0, stanzas = 0, cut = 0;
  const width = wrapWidth(blocks);
  for (const block of blocks) {
    if (block.length > 1) stanzas++;
    for (let i = 1; i < block.length; i++) {
      continuations++;
      const line = block[i], before = block[i - 1];
      if (beginsLower(line)) {
        lower++;
        if (before.endsWith("-") && /\p{L}-$/u.test(before)) cut++;
      }
      const blank = line.indexOf(" ");
      const word = blank < 0 ? line.length : blank;
      if (before.length + 1 + word > width) filled++;
    }
  }
  if (continuations < MIN_CONTINUATIONS) return false;
  // Dialogue has many short lines; words cut by lines tell all the same.
  const cutsWords = cut >= MIN_CONTINUATIONS &&
    cut >= CUT_WORDS * continuations;
  if (lower < continuations / 2 && !cutsWords) return false;
  const isVerse = !cutsWords && width < VERSE_CHARS &&
    filled < continuations / 2 &&
    continuations >= 2 * stanzas;
  return !isVerse;
}

/** Which UTF-16 units are small letters. */
const SMALL = Uint8Array.from(
  { length: 0x10000 },
  (_, code) => /\p{Ll}/u.test(String.fromCharCode(code)) ? 1 : 0,
);

/** Whether a line's first character is a small letter. */
export function beginsLower(line: string): boolean {
  const code = line.charCodeAt(0);
  // Half of a character beyond U+FFFF.
  if (code >= 0xd800 && code < 0xdc00) return /^\p{Ll}/u.test(line);
  return SMALL[code] === 1;
}

/** The width that nine of ten wrapped lines keep. */
export function wrapWidth(blocks: readonly string[][]): number {
  let count = 0;
  for (const block of blocks) count += block.length - 1;
  const lengths = new Uint32Array(count);
  let filled = 0;
  for (const block of blocks) {
    for (let i = 0; i < block.length - 1; i++) {
      lengths[filled++] = block[i].length;
    }
  }
  return lengths.sort()[Math.floor(count * 0.9)] ?? 0;
}

/**
 * What a text itself writes, for the words that its lines break.
 *
 * @param blocks Where words may be broken.
 * @param all The whole text, where that is more.
 */
export function formsOf(
  blocks: readonly string[][],
  all: readonly string[][] = blocks,
): WordForms {
  const forms = new WordForms();
  forms.note(blocks.flat());
  if (!forms.isEmpty) forms.count(all.flat());
  return forms;
}

/** A paragraph that is cut in mid-sentence is longer than any verse. */
const MIN_CUT = 2 * VERSE_CHARS;

/** What {@linkcode unwrapBlocks} counts. */
export interface UnwrapCounts {
  /** Line breaks undone. */
  lineBreaks: number;
  /** Paragraphs that a blank line or a header had cut in mid-sentence. */
  rejoined: number;
}

/**
 * Undoes line breaks within paragraphs, and blank lines within sentences.
 *
 * @param counts Counted into.
 * @param forms What the corpus writes, for words that lines break.
 * @param width What {@linkcode wrapWidth} says of the whole text.
 */
export function unwrapBlocks(
  blocks: readonly string[][],
  counts: UnwrapCounts,
  forms: WordForms,
  width: number = wrapWidth(blocks),
): string[][] {
  const paragraphs: string[][] = [];
  /** The pieces of a paragraph that may go on, and their length. */
  let pieces: string[] = [], length = 0;
  const flush = () => {
    if (pieces.length > 0) paragraphs.push([pieces.join("")]);
    pieces = [];
    length = 0;
  };
  for (const block of blocks) {
    const lines = unwrap(block, width, forms);
    counts.lineBreaks += block.length - lines.length;
    if (lines.length > 1) {
      flush();
      paragraphs.push(lines);
      continue;
    }
    const [line] = lines;
    if (goesOn(pieces.at(-1) ?? "", length, line)) counts.rejoined++;
    else flush();
    append(pieces, line, forms);
    length += line.length;
  }
  flush();
  return paragraphs;
}

/** Whether a paragraph was cut within a sentence, or within a word. */
function goesOn(last: string, length: number, next: string): boolean {
  if (length < MIN_CUT / 5 || !beginsLower(next)) return false;
  const end = last.slice(-3);
  return length >= MIN_CUT && /[\p{Ll},]$/u.test(end) || /\p{L}-$/u.test(end);
}

/** Adds a line to the pieces of a paragraph, as its words go on. */
function append(pieces: string[], line: string, forms: WordForms): void {
  const last = pieces.at(-1);
  if (last === undefined) {
    pieces.push(line);
    return;
  }
  const joint = jointOf(last, line, forms);
  if (joint === "cut") pieces[pieces.length - 1] = last.slice(0, -1);
  else if (joint === "space") pieces.push(" ");
  pieces.push(line);
}

/** Joins the lines of a paragraph; a stanza within prose keeps its lines. */
function unwrap(
  block: readonly string[],
  width: number,
  forms: WordForms,
): string[] {
  if (isStanza(block, width)) return [...block];
  const pieces: string[] = [];
  for (const line of block) append(pieces, line, forms);
  return [pieces.join("")];
}

function isStanza(block: readonly string[], width: number): boolean {
  const capitals = block.filter((line) => !beginsLower(line)).length;
  return block.length >= 3 && capitals >= block.length - 1 &&
    block.every((line) => line.length < 0.75 * width);
}
