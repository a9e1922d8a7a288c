/**
 * Splits text into the words that byte-pair merging never crosses.
 *
 * Two ways: GPT-2's pattern, which loses nothing, and the splitting of the
 * original Rust program, which its vocabulary files need and which folds
 * white space. Training uses GPT-2's, a line at a time.
 *
 * @module
 */

/**
 * How text is split: `gpt2` for everything written here, `original` for
 * vocabulary files of the Rust program, which name no splitting.
 */
export type PreTokenizer = "gpt2" | "original";

// The pattern is GPT-2's. JavaScript's \s lacks U+0085 and adds U+FEFF, so
// Unicode's White_Space is named.
const CONTRACTIONS = "'s|'t|'re|'ve|'m|'ll|'d";
const RUNS = " ?\\p{L}+| ?\\p{N}+| ?[^\\p{White_Space}\\p{L}\\p{N}]+";
const SPACES = "\\p{White_Space}+(?!\\P{White_Space})|\\p{White_Space}+";

const GPT2 = `${CONTRACTIONS}|${RUNS}|${SPACES}`;
/** The same, as if every line with its ending stood alone. */
const GPT2_BY_LINE =
  `${CONTRACTIONS}|${RUNS}|[\\p{White_Space}--\\n]*\\n|${SPACES}`;

/**
 * The original's words: a blank before a letter becomes the prefix `Ġ`, other
 * blanks vanish, ten punctuation marks stand alone.
 */
const ORIGINAL = "[ \\t\\n](?=\\p{Alphabetic})[^ \\t\\n.,!?:;()\"']+" +
  "|[.,!?:;()\"']|[^ \\t\\n.,!?:;()\"']+";

// Compiled once: for each document anew would cost more than a short one does.
const GPT2_PATTERN = new RegExp(GPT2, "gu");
const LINE_PATTERN = new RegExp(GPT2_BY_LINE, "gv");
const ORIGINAL_PATTERN = new RegExp(ORIGINAL, "gu");

/** What the original writes for a blank before a word. */
export const BLANK_MARK = "Ġ";

/**
 * Gets a word as a part of a source, without a string made for it, and where
 * it stands in the text that is split, unit for unit.
 */
export type WordVisitor = (
  source: string,
  start: number,
  end: number,
  at: number,
) => void;

/**
 * Calls `visit` with each word in order.
 *
 * @param text Normalised text.
 * @param kind How to split. With `gpt2` the words joined are the text again.
 * @param visit Gets every word; it must not split text itself.
 *
 * @example
 * ```ts
 * import { forEachWord } from "./pre_tokenizer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const words: string[] = [];
 * forEachWord("Bom dia,  Rio 40", "gpt2", (source, start, end) => {
 *   words.push(source.slice(start, end));
 * });
 * assertEquals(words, ["Bom", " dia", ",", " ", " Rio", " 40"]);
 * ```
 */
export function forEachWord(
  text: string,
  kind: PreTokenizer,
  visit: WordVisitor,
): void {
  if (kind === "gpt2") forEachMatch(GPT2_PATTERN, text, visit);
  else forEachOriginalWord(text, visit);
}

/**
 * Calls `visit` with each word of each line, a line ending where its `\n` is.
 *
 * @param text Normalised text of any number of lines.
 * @param visit Gets every word; it must not split text itself.
 *
 * @example
 * ```ts
 * import { forEachLineWord } from "./pre_tokenizer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const words: string[] = [];
 * forEachLineWord("sim \n\n não", (source, start, end) => {
 *   words.push(source.slice(start, end));
 * });
 * assertEquals(words, ["sim", " \n", "\n", " não"]);
 * ```
 */
export function forEachLineWord(text: string, visit: WordVisitor): void {
  forEachMatch(LINE_PATTERN, text, visit);
}

/** For patterns whose matches leave nothing out: each starts at the last. */
function forEachMatch(
  pattern: RegExp,
  text: string,
  visit: WordVisitor,
): void {
  pattern.lastIndex = 0;
  // test() makes neither the match nor its string.
  for (let start = 0; pattern.test(text); start = pattern.lastIndex) {
    visit(text, start, pattern.lastIndex, start);
  }
}

function forEachOriginalWord(text: string, visit: WordVisitor): void {
  for (const { 0: match, index } of text.matchAll(ORIGINAL_PATTERN)) {
    const word = match.replace(/^[ \t\n]/, BLANK_MARK);
    visit(word, 0, word.length, index);
  }
}

/**
 * Counts words as people do: runs without white space.
 *
 * @param text Any text.
 * @returns How many there are.
 *
 * @example
 * ```ts
 * import { countSpacedWords } from "./pre_tokenizer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(countSpacedWords(" Bom dia,\nRio! "), 3);
 * ```
 */
export function countSpacedWords(text: string): number {
  let words = 0;
  let inside = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const blank = code === 0x20 || (code >= 0x09 && code <= 0x0d) ||
      code === 0xa0;
    if (!blank && !inside) words++;
    inside = !blank;
  }
  return words;
}
