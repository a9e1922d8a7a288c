/**
 * Splits text into the words that byte-pair merging never crosses.
 *
 * GPT-2's pattern, which loses nothing; the splitting of the original Rust
 * program, which its vocabulary files need and which folds white space; and
 * the patterns of vocabularies from elsewhere. Training uses GPT-2's, a line at a time.
 *
 * @module
 */

/** The ways to split by their names in vocabulary files. */
export const PRE_TOKENIZERS = [
  "gpt2",
  "original",
  "gpt2-digits",
  "llama3",
  "qwen2",
] as const;

/**
 * How text is split: `gpt2` for everything written here, `original` for
 * vocabulary files of the Rust program, which name no splitting. The others are
 * for vocabularies from elsewhere: GPT-2's between single digits, and the
 * patterns of Llama 3 and Qwen 2.
 */
export type PreTokenizer = typeof PRE_TOKENIZERS[number];

/**
 * The original's words: a blank before a letter becomes the prefix `Ġ`, other
 * blanks vanish, ten punctuation marks stand alone.
 */
const ORIGINAL = "[ \\t\\n](?=\\p{Alphabetic})[^ \\t\\n.,!?:;()\"']+" +
  "|[.,!?:;()\"']|[^ \\t\\n.,!?:;()\"']+";

// Compiled once: for each document anew would cost more than a short one does.
const ORIGINAL_PATTERN = new RegExp(ORIGINAL, "gu");

/** Unicode's white space: JavaScript's \\s lacks U+0085 and adds U+FEFF. */
const WHITE = "\\p{White_Space}";

/** The pattern of Llama 3 and Qwen 2 with numbers of so many digits. */
function byCase(digits: string): RegExp {
  return new RegExp(
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+" +
      `|\\p{N}${digits}| ?[^${WHITE}\\p{L}\\p{N}]+[\\r\\n]*` +
      `|${WHITE}*[\\r\\n]+|${WHITE}+(?!\\P{White_Space})|${WHITE}+`,
    "gu",
  );
}

const PATTERNS = {
  llama3: byCase("{1,3}"),
  qwen2: byCase(""),
};

/** What the original writes for a blank before a word. */
export const BLANK_MARK = "Ġ";

/** Gets a word as a part of a source, without a string made for it. */
export type WordVisitor = (source: string, start: number, end: number) => void;

/**
 * Calls `visit` with each word in order.
 *
 * @param text Normalised text.
 * @param kind How to split. With `gpt2` the words joined are the text again.
 * @param visit Gets every word.
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
  if (kind === "gpt2") return forEachGpt2Word(text, false, visit);
  if (kind === "original") return forEachOriginalWord(text, visit);
  if (kind === "gpt2-digits") return forEachDigit(text, visit);
  for (const { 0: word, index } of text.matchAll(PATTERNS[kind])) {
    visit(text, index, index + word.length);
  }
}

/** Every digit a word of its own, GPT-2's words between them. */
function forEachDigit(text: string, visit: WordVisitor): void {
  text.split(/(\p{N})/u).forEach((part, i) => {
    if (i % 2 === 1) visit(part, 0, part.length);
    else forEachGpt2Word(part, false, visit);
  });
}

/**
 * Calls `visit` with each word of each line, a line ending where its `\n` is.
 *
 * @param text Normalised text of any number of lines.
 * @param visit Gets every word.
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
  forEachGpt2Word(text, true, visit);
}

/**
 * GPT-2's pattern by hand, at about twice the pattern's speed:
 *
 *     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|
 *     \s+(?!\S)|\s+
 *
 * where white space is Unicode's: JavaScript's \s lacks U+0085 and adds
 * U+FEFF. By lines, `[\s--\n]*\n` goes before the last two.
 */
function forEachGpt2Word(
  text: string,
  byLine: boolean,
  visit: WordVisitor,
): void {
  for (let start = 0; start < text.length;) {
    const code = text.charCodeAt(start);
    let end = start + (code === APOSTROPHE ? contractionAt(text, start) : 0);
    if (end === start) {
      let kind = kindAt(text, start);
      if (kind === SPACE && code === BLANK && start + 1 < text.length) {
        kind = kindAt(text, start + 1);
        // A single blank belongs to the word after it.
        if (kind !== SPACE) end++;
      }
      end = kind === SPACE
        ? endOfSpaces(text, start, byLine)
        : endOfRun(text, end, kind);
    }
    visit(text, start, end);
    start = end;
  }
}

const APOSTROPHE = 0x27, BLANK = 0x20, LINE_END = 0x0a;

/** How long the contraction at an apostrophe is; zero where there is none. */
function contractionAt(text: string, at: number): number {
  switch (text[at + 1]) {
    case "s":
    case "t":
    case "m":
    case "d":
      return 2;
    case "r":
    case "v":
      return text[at + 2] === "e" ? 3 : 0;
    case "l":
      return text[at + 2] === "l" ? 3 : 0;
    default:
      return 0;
  }
}

// What a character is to the pattern; half of a pair needs the other half.
const OTHER = 0, LETTER = 1, NUMBER = 2, SPACE = 3, HALF = 4;

/** The kind of every UTF-16 unit. */
const KINDS: Uint8Array = (() => {
  const kinds = new Uint8Array(0x10000).fill(HALF, 0xd800, 0xe000);
  const units = Array.from(
    kinds,
    (kind, code) => kind === HALF ? "\0" : String.fromCharCode(code),
  ).join("");
  for (
    const [pattern, kind] of [
      [/\p{L}+/gu, LETTER],
      [/\p{N}+/gu, NUMBER],
      [/\p{White_Space}+/gu, SPACE],
    ] as const
  ) {
    for (const { 0: run, index } of units.matchAll(pattern)) {
      kinds.fill(kind, index, index + run.length);
    }
  }
  return kinds;
})();

function kindAt(text: string, at: number): number {
  const kind = KINDS[text.charCodeAt(at)];
  if (kind !== HALF) return kind;
  const char = String.fromCodePoint(text.codePointAt(at)!);
  return /\p{L}/u.test(char) ? LETTER : /\p{N}/u.test(char) ? NUMBER : OTHER;
}

/** Where a run of one kind, no white space, that goes through `at` ends. */
function endOfRun(text: string, at: number, kind: number): number {
  for (;;) {
    while (at < text.length && KINDS[text.charCodeAt(at)] === kind) at++;
    if (at >= text.length || KINDS[text.charCodeAt(at)] !== HALF) return at;
    if (kindAt(text, at) !== kind) return at;
    at += text.codePointAt(at)! > 0xffff ? 2 : 1;
  }
}

/** Where a word of white space ends: before the blank of the word after it. */
function endOfSpaces(text: string, start: number, byLine: boolean): number {
  let end = start;
  while (end < text.length && KINDS[text.charCodeAt(end)] === SPACE) {
    if (text.charCodeAt(end++) === LINE_END && byLine) return end;
  }
  return end === text.length || end === start + 1 ? end : end - 1;
}

function forEachOriginalWord(text: string, visit: WordVisitor): void {
  for (const [match] of text.matchAll(ORIGINAL_PATTERN)) {
    const word = match.replace(/^[ \t\n]/, BLANK_MARK);
    visit(word, 0, word.length);
  }
}

/**
 * Counts words as people do: runs without white space.
 *
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
