/**
 * Plain text and Markdown made fit for training: wrong characters repaired,
 * hard line breaks undone (but not a poem's), markup and boilerplate taken out.
 *
 * @module
 */

import { encodingOf } from "../../text_encoding.ts";
import {
  isBoilerplate,
  pageHeaders,
  type RepeatedLines,
} from "./boilerplate.ts";
import { jointOf, WordForms } from "./hyphens.ts";
import { withoutGutenberg } from "./gutenberg.ts";
import { divideByIndents } from "./indents.ts";
import { repairC1 } from "./mojibake.ts";
import { countMojibake, repairMojibake } from "./wider_mojibake.ts";
import { PAGE_BREAK, withoutPageNumbers } from "./pages.ts";
import { plainSpaces } from "../wikitext/lines.ts";
import { withoutMarks } from "../wikitext/marks.ts";
import { MarkupStripper } from "./markup_stripper.ts";

/** What blank lines divide. */
export type BlankLines = "auto" | "documents" | "paragraphs";

/** How to clean; every rule can be left out. */
export interface TextCleanerOptions {
  /** Whether the text is Markdown. */
  readonly markdown?: boolean;
  /** What blank lines divide; found out by the text's shape unless given. */
  readonly blankLines?: BlankLines;
  /** Whether to leave characters as they are, mojibake and controls too. */
  readonly keepCharacters?: boolean;
  /** Whether to leave hard line breaks. */
  readonly keepLineBreaks?: boolean;
  /** Whether to leave markup. */
  readonly keepMarkup?: boolean;
  /** Whether to leave boilerplate, headers of pages among it. */
  readonly keepBoilerplate?: boolean;
  /** The lines that many files begin or end with; these are dropped. */
  readonly repeated?: RepeatedLines;
  /**
   * What the corpus writes, for words that lines break; counted in the text
   * itself unless given.
   */
  readonly forms?: WordForms;
  /** Is told the words that lines break, where line breaks are undone. */
  readonly broken?: WordForms;
  /** Shorter lines are dropped; a verse, a heading or a "No." may be one. */
  readonly minLineChars?: number;
}

/** What each rule did. */
export interface CleaningCounts {
  /** Characters that were UTF-8 read as Windows-1252. */
  mojibake: number;
  /** C1 controls that were Windows-1252 punctuation. */
  c1Controls: number;
  /** Line breaks undone. */
  lineBreaks: number;
  /** Paragraphs that a blank line or a header had cut in mid-sentence. */
  rejoined: number;
  /** Lines that held markup. */
  markup: number;
  /** Lines dropped for having no letter. */
  withoutLetters: number;
  /** Lines dropped as maintenance or boilerplate. */
  boilerplate: number;
  /** Lines dropped as headers or footers of pages. */
  pageHeaders: number;
  /** Lines dropped as many files begin or end with them. */
  repeated: number;
  /** Lines dropped as too short. */
  short: number;
  /** Texts of which those rules would have left nothing, so that they stay. */
  spared: number;
}

/** Clean text and what was done to it. */
export interface CleanedText {
  /** A paragraph a line, a blank line between documents. */
  readonly text: string;
  /** Lines that were dropped, by whichever rule. */
  readonly dropped: number;
  /** Whether hard line breaks were undone. */
  readonly unwrapped: boolean;
  /** How many documents there are. */
  readonly documents: number;
  /** What each rule did. */
  readonly counts: CleaningCounts;
}

/** Counts of a text to which nothing was done. */
export function noCleaning(): CleaningCounts {
  return {
    mojibake: 0,
    c1Controls: 0,
    lineBreaks: 0,
    rejoined: 0,
    markup: 0,
    withoutLetters: 0,
    boilerplate: 0,
    pageHeaders: 0,
    repeated: 0,
    short: 0,
    spared: 0,
  };
}

/**
 * Reads a text file's bytes: UTF-8, UTF-16 by its byte order mark, and for
 * what is neither Windows-1252, in which Portuguese was written before.
 *
 * @example
 * ```ts
 * import { decodeLegacy } from "./text_cleaner.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(decodeLegacy(Uint8Array.fromHex("e36f")).text, "ão");
 * ```
 */
export function decodeLegacy(
  bytes: Uint8Array,
): { text: string; encoding: string } {
  const encoding = encodingOf(bytes);
  try {
    const decoder = new TextDecoder(encoding, { fatal: true });
    return { text: decoder.decode(bytes), encoding };
  } catch {
    const text = new TextDecoder("windows-1252").decode(bytes);
    return { text, encoding: "windows-1252" };
  }
}

/**
 * Repairs characters and nothing else: mojibake, C1 controls, composition
 * (NFC), line ends, controls, spaces of every kind.
 *
 * @returns The text with the lines it had.
 *
 * @example
 * ```ts
 * import { repairText } from "./text_cleaner.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(repairText("Na\u0303o\u0085\u00a0 NÃ£o\r\n"), "Não… Não\n");
 * ```
 */
export function repairText(text: string): string {
  return repairPlain(withoutMarks(text).replace(/^\ufeff/, ""));
}

function repairPlain(text: string, formFeed = " "): string {
  let repaired = repairC1(repairMojibake(text));
  // What a line's end cut: a soft hyphen, or the sign that OCR makes of one.
  if (/[\u00ad¬]/.test(repaired)) {
    repaired = repaired.replace(
      /(?<=\p{L})[\u00ad¬](?=[ \t\r\f]*(?:\n|$))/gu,
      "-",
    );
  }
  if (/[\ufb00-\ufb06]/.test(repaired)) {
    repaired = repaired.replace(
      /[\ufb00-\ufb06]/g,
      (sign) => sign.normalize("NFKC"),
    );
  }
  if (repaired.includes("\f")) repaired = repaired.replaceAll("\f", formFeed);
  return repaired.split("\n").map(plainSpaces).join("\n").normalize("NFC");
}

/** The lines of a text, with {@linkcode PAGE_BREAK} for each form feed. */
function linesOf(text: string): string[] {
  // A private mark, as plainSpaces takes controls out.
  const mark = "\ufdd0";
  const repaired = repairPlain(text, `\n${mark}\n`);
  const lines = repaired.split("\n");
  if (!repaired.includes(mark)) return lines;
  // What the form feed made of one line are two only where both have text.
  const found: string[] = [];
  for (const [i, line] of lines.entries()) {
    if (line === mark) found.push(PAGE_BREAK);
    else if (line !== "" || lines[i - 1] !== mark && lines[i + 1] !== mark) {
      found.push(line);
    }
  }
  return found;
}

/**
 * Cleans a text.
 *
 * @example
 * ```ts
 * import { cleanText } from "./text_cleaner.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { text } = cleanText("Era uma vez\num rei\nque ria.\n\nE uma\nrainha.");
 * assertEquals(text, "Era uma vez um rei que ria.\nE uma rainha.\n");
 * ```
 */
export function cleanText(
  source: string,
  options: TextCleanerOptions = {},
): CleanedText {
  const steps = cleanInSteps(source, options);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** The share of the time that it takes to repair characters. */
const REPAIR_SHARE = 0.7;
/** Cleaning pauses after so much text, in UTF-16 units, */
const STEP_UNITS = 2 ** 18;
/** or after so many lines. */
const STEP_LINES = 2 ** 12;

/**
 * Cleans a text as {@linkcode cleanText} does, and pauses again and again.
 *
 * @returns The share that is done, at each pause; at the end the text.
 */
export function* cleanInSteps(
  source: string,
  options: TextCleanerOptions = {},
): Generator<number, CleanedText> {
  const counts = noCleaning();
  const divided = options.keepLineBreaks ? source : dividedByIndents(source);
  const blocks = toBlocks(yield* sourceLines(divided, options, counts));
  const unwrapped = !options.keepLineBreaks && isHardWrapped(blocks);
  const { blankLines = "auto" } = options;
  const asParagraphs = blankLines === "paragraphs" ||
    blankLines === "auto" && (unwrapped || isSpacedOut(blocks));
  if (unwrapped) { for (const block of blocks) options.broken?.note(block); }
  const paragraphs = unwrapped
    ? unwrapBlocks(blocks, counts, options.forms ?? formsOf(blocks))
    : blocks;
  const documents = (yield* dropLines(paragraphs, options, counts))
    .map((block) => block.join("\n"));
  const text = documents.join(asParagraphs ? "\n" : "\n\n");
  const { pageHeaders: headers } = counts;
  if (text === "" && counts.boilerplate + counts.repeated + headers > 0) {
    const rules = { ...options, keepBoilerplate: true, repeated: undefined };
    const whole = yield* cleanInSteps(source, rules);
    if (whole.text === "") return whole;
    return { ...whole, counts: { ...whole.counts, spared: 1 } };
  }
  const { withoutLetters, boilerplate, repeated, short } = counts;
  return {
    text: text === "" ? "" : `${text}\n`,
    dropped: withoutLetters + boilerplate + counts.pageHeaders + repeated +
      short,
    unwrapped,
    documents: asParagraphs ? Math.min(1, documents.length) : documents.length,
    counts,
  };
}

/**
 * Whether blank lines divide a text's paragraphs, and so not its documents: its
 * lines are broken at a page's width, or nearly every one has a blank one after
 * it.
 *
 * @example
 * ```ts
 * import { blankLinesDivideParagraphs } from "./text_cleaner.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(blankLinesDivideParagraphs("Um.\n\nDois.\n\nTrês.\n"), true);
 * assertEquals(blankLinesDivideParagraphs("Um.\nDois.\n\nTrês.\n"), false);
 * ```
 */
export function blankLinesDivideParagraphs(source: string): boolean {
  const lines = withoutMarks(source).split("\n").map((line) => line.trim());
  const blocks = toBlocks(lines);
  return isHardWrapped(blocks) || isSpacedOut(blocks);
}

/** With a blank line before the paragraphs that only their indents begin. */
function dividedByIndents(source: string): string {
  return divideByIndents(source, (lines) => isHardWrapped(toBlocks(lines)));
}

/** The lines of a file, its characters repaired, without those of its pages. */
function* sourceLines(
  source: string,
  { keepCharacters, keepBoilerplate }: TextCleanerOptions,
  counts: CleaningCounts,
): Generator<number, string[]> {
  const lines: string[] = [];
  for (const { part, start } of partsOf(source)) {
    if (start > 0) yield REPAIR_SHARE * start / source.length;
    if (!keepCharacters) {
      counts.mojibake += countMojibake(part);
      counts.c1Controls += part.match(/[\u0080-\u009f]/g)?.length ?? 0;
    }
    const plain = withoutMarks(
      start === 0 ? part.replace(/^\ufeff/, "") : part,
    );
    const found = keepCharacters
      ? plain.split("\n").map((line) => line.trim())
      : linesOf(plain);
    for (const line of found) lines.push(line);
  }
  if (keepBoilerplate) return lines.filter((line) => line !== PAGE_BREAK);
  const book = withoutGutenberg(lines);
  counts.boilerplate += lines.length - book.length;
  const isHeader = pageHeaders(book);
  const numbered = withoutPageNumbers(book);
  const kept = numbered.filter((line) => !isHeader(line));
  const breaks = book.reduce((n, line) => line === PAGE_BREAK ? n + 1 : n, 0);
  counts.pageHeaders = book.length - kept.length - breaks;
  return kept;
}

/** A text in parts, cut at line ends, which are left out. */
function* partsOf(source: string): Generator<{ part: string; start: number }> {
  // A mark that is taken out may stand between the two characters of a line end.
  const lineEnd = /[^\r\n\ufdd0-\ufdef](?=\r?\n)/g;
  let start = 0;
  while (source.length - start > STEP_UNITS) {
    lineEnd.lastIndex = start + STEP_UNITS;
    const match = lineEnd.exec(source);
    if (match === null) break;
    const end = match.index + 1;
    yield { part: source.slice(start, end), start };
    start = source.indexOf("\n", end) + 1;
  }
  yield { part: source.slice(start), start };
}

/** Without markup, and without the lines that a rule drops. */
function* dropLines(
  blocks: readonly (readonly string[])[],
  options: TextCleanerOptions,
  counts: CleaningCounts,
): Generator<number, string[][]> {
  const stripper = new MarkupStripper(options.markdown ?? false);
  const count = blocks.reduce((sum, block) => sum + block.length, 0);
  const { repeated, minLineChars = 0 } = options;
  let index = -1;
  const keeps = (line: string) => {
    index++;
    if (!/\p{L}/u.test(line)) counts.withoutLetters++;
    else if (!options.keepBoilerplate && isBoilerplate(line)) {
      counts.boilerplate++;
    } else if (repeated?.isRepeated(line, index, count)) counts.repeated++;
    else if (line.length < minLineChars) counts.short++;
    else return true;
    return false;
  };
  const kept: string[][] = [];
  let done = 0;
  for (const block of blocks) {
    const lines: string[] = [];
    for (const line of block) {
      if (++done % STEP_LINES === 0) {
        yield REPAIR_SHARE + (1 - REPAIR_SHARE) * done / count;
      }
      const stripped = options.keepMarkup ? line : stripper.strip(line);
      if (stripped !== line) counts.markup++;
      if (keeps(stripped)) lines.push(stripped);
    }
    if (lines.length > 0) kept.push(lines);
  }
  return kept;
}

/** The runs of lines that blank lines divide. */
function toBlocks(lines: readonly string[]): string[][] {
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
function isSpacedOut(blocks: readonly string[][]): boolean {
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
function isHardWrapped(blocks: readonly string[][]): boolean {
  let continuations = 0, lower = 0, filled = 0, stanzas = 0, cut = 0;
  const width = wrapWidth(blocks);
  for (const block of blocks) {
    if (block.length > 1) stanzas++;
    for (let i = 1; i < block.length; i++) {
      continuations++;
      if (/^\p{Ll}/u.test(block[i])) {
        lower++;
        if (/\p{L}-$/u.test(block[i - 1])) cut++;
      }
      const word = block[i].search(/ |$/);
      if (block[i - 1].length + 1 + word > width) filled++;
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

/** The width that nine of ten wrapped lines keep. */
function wrapWidth(blocks: readonly string[][]): number {
  const lengths = blocks.flatMap((block) =>
    block.slice(0, -1).map((line) => line.length)
  ).sort((a, b) => a - b);
  return lengths[Math.floor(lengths.length * 0.9)] ?? 0;
}

/** What a text itself writes, for the words that its lines break. */
function formsOf(blocks: readonly string[][]): WordForms {
  const forms = new WordForms(), lines = blocks.flat();
  forms.note(lines);
  forms.count(lines);
  return forms;
}

/** A paragraph that is cut in mid-sentence is longer than any verse. */
const MIN_CUT = 2 * VERSE_CHARS;

/** Undoes line breaks within paragraphs, and blank lines within sentences. */
function unwrapBlocks(
  blocks: readonly string[][],
  counts: CleaningCounts,
  forms: WordForms,
): string[][] {
  const width = wrapWidth(blocks);
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
  if (length < MIN_CUT / 5 || !/^\p{Ll}/u.test(next)) return false;
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
  const capitals = block.filter((line) => !/^\p{Ll}/u.test(line)).length;
  return block.length >= 3 && capitals >= block.length - 1 &&
    block.every((line) => line.length < 0.75 * width);
}
