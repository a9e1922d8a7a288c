/**
 * Plain text and Markdown made fit for training: wrong characters repaired,
 * hard line breaks undone (but not a poem's), markup and boilerplate taken out.
 *
 * @module
 */

import { encodingOf } from "../../text_encoding.ts";
import {
  EDGE_LINES,
  edgesOf,
  isBoilerplate,
  pageHeaders,
  type RepeatedLines,
} from "./boilerplate.ts";
import type { WordForms } from "./hyphens.ts";
import { withoutGutenberg } from "./gutenberg.ts";
import { divideByIndents } from "./indents.ts";
import { repairC1 } from "./mojibake.ts";
import { countMojibake, repairMojibake } from "./wider_mojibake.ts";
import { PAGE_BREAK, withoutPageNumbers } from "./pages.ts";
import { marksOf, MARKUP, SPACES } from "../wikitext/line_marks.ts";
import { plainSpaces } from "../wikitext/lines.ts";
import { withoutMarks } from "../wikitext/marks.ts";
import { MarkupStripper } from "./markup_stripper.ts";
import {
  beginsLower,
  formsOf,
  isHardWrapped,
  isSpacedOut,
  toBlocks,
  unwrapBlocks,
  wrapWidth,
} from "./wrapping.ts";

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
  return plainLines(repaired);
}

/** With plain spaces and composed letters; most lines are so already. */
function plainLines(text: string): string {
  const pieces: string[] = [];
  let kept = 0;
  for (let from = 0, to = 0; from <= text.length; from = to + 1) {
    to = text.indexOf("\n", from);
    if (to < 0) to = text.length;
    const marks = from === to ? 0 : marksOf({ source: text, from, to });
    if ((marks & (SPACES | MARKUP)) === 0) continue;
    const line = text.slice(from, to);
    const plain = plainSpaces(line).normalize("NFC");
    if (plain === line) continue;
    pieces.push(text.slice(kept, from), plain);
    kept = to;
  }
  if (kept === 0) return text;
  pieces.push(text.slice(kept));
  return pieces.join("");
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
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i];
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
  return yield* cleanRepaired(yield* repairInSteps(source, options), options);
}

/** A text whose characters are repaired, and what else was done so far. */
interface RepairedText {
  readonly source: string;
  /** Lines that blank lines divide. */
  readonly blocks: string[][];
  /** Whether its lines are broken at a page's width. */
  readonly unwrapped: boolean;
  readonly counts: CleaningCounts;
}

/** The first steps: of each text the words that its lines break are known. */
function* repairInSteps(
  source: string,
  options: TextCleanerOptions,
): Generator<number, RepairedText> {
  const counts = noCleaning();
  const divided = options.keepLineBreaks ? source : dividedByIndents(source);
  const blocks = toBlocks(yield* sourceLines(divided, options, counts));
  const unwrapped = !options.keepLineBreaks && isHardWrapped(blocks);
  if (unwrapped) { for (const block of blocks) options.broken?.note(block); }
  return { source, blocks, unwrapped, counts };
}

function* cleanRepaired(
  { source, blocks, unwrapped, counts }: RepairedText,
  options: TextCleanerOptions,
): Generator<number, CleanedText> {
  const { blankLines = "auto" } = options;
  const asParagraphs = blankLines === "paragraphs" ||
    blankLines === "auto" && (unwrapped || isSpacedOut(blocks));
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
 * The lines that a clean text begins and ends with, which take less time to
 * make than the whole: of a text of many lines only these are cleaned.
 *
 * @param options As {@linkcode cleanInSteps} takes them, without `repeated`.
 * @returns At each pause the share that is done; at the end what `edgesOf()`
 * gives of the clean text's lines.
 */
export function* cleanEdgesInSteps(
  source: string,
  options: TextCleanerOptions = {},
): Generator<number, readonly string[]> {
  const repaired = yield* repairInSteps(source, options);
  const { blocks, unwrapped, counts } = repaired;
  const width = wrapWidth(blocks);
  /** The clean lines of some of the blocks. */
  const cleaned = function* (part: string[][]) {
    const kept = unwrapped
      ? unwrapBlocks(
        part,
        counts,
        options.forms ?? formsOf(part, blocks),
        width,
      )
      : part;
    return (yield* dropLines(kept, options, counts)).flat();
  };
  const starts = paragraphStarts(blocks, 2 * EDGE_LINES);
  for (const { from, to } of starts) {
    if (from >= to) break;
    const first = yield* cleaned(blocks.slice(0, from));
    const last = yield* cleaned(blocks.slice(to));
    if (first.length < EDGE_LINES || last.length < EDGE_LINES) continue;
    return [...first.slice(0, EDGE_LINES), ...last.slice(-EDGE_LINES)];
  }
  // It is short, or nearly all of it is dropped.
  const { text } = yield* cleanRepaired(repaired, options);
  return edgesOf(text.split("\n").filter((line) => line !== ""));
}

/**
 * Places near a text's beginning and end, ever further from these, that no
 * paragraph goes on over.
 */
function* paragraphStarts(
  blocks: readonly string[][],
  least: number,
): Generator<{ from: number; to: number }> {
  const starts = (at: number) => !beginsLower(blocks[at][0]);
  for (let depth = least; 2 * depth < blocks.length; depth *= 4) {
    let from = depth, to = blocks.length - depth;
    while (from < to && !starts(from)) from++;
    while (from < to && !starts(to)) to--;
    yield { from, to };
  }
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
