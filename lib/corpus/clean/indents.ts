/**
 * Paragraphs that begin with an indent and have no blank line between them, as
 * books have them.
 *
 * @module
 */

/** So many paragraphs have to begin like that, */
const MIN_PARAGRAPHS = 5;
/** and such a share of these as sentences do, after the end of one. */
const MIN_SENTENCES = 0.8;
/** After so many nothing else is to be learned. */
const ENOUGH = 500;
/** How far the ends of two lines are looked at. */
const LOOK = 40;
/** Deeper than this is no indent but a place on the page. */
const MAX_INDENT = 16;
const INDENT = new RegExp(
  `^\\f*([ \\t\\u00a0\\u3000]{1,${MAX_INDENT}})(?=\\S)`,
);
/** What a paragraph ends in. */
const ENDED = /[.!?…:;"”»’')\]\d—–-]$/;
/** Verse is shorter than this share of the usual line. */
const VERSE = 0.75;

/**
 * Puts a blank line before each paragraph that only its indent begins. Left as
 * it is where indents mean something else, such as that a line goes on.
 *
 * @param source The text.
 * @param isWrapped Whether lines, trimmed, are broken at the width of a page.
 *
 * @example
 * ```ts
 * import { divideByIndents } from "./indents.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const text = "  Era uma vez\num rei.\n".repeat(6);
 * assertEquals(divideByIndents(text, () => true).split("\n\n").length, 6);
 * ```
 */
export function divideByIndents(
  source: string,
  isWrapped: (lines: readonly string[]) => boolean,
): string {
  if (!indentsBegin(source)) return source;
  const lines = source.split("\n");
  const trimmed = lines.map((line) => line.trim());
  const indents = lines.map((line) =>
    isIndented(line, 0) ? INDENT.exec(line)?.[1].length ?? 0 : 0
  );
  if (!isWrapped(trimmed)) return source;
  const starts = startsOf(trimmed, indents);
  return lines.map((line, at) => starts[at] ? `\n${line}` : line).join("\n");
}

/** Whether what stands at a place may be an indent, told by one character. */
function isIndented(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 0x20 || code === 0x09 || code === 0x0c || code === 0xa0 ||
    code === 0x3000;
}

/** Whether indents begin paragraphs, as the first of them tell. */
function indentsBegin(source: string): boolean {
  let begun = 0, sentences = 0, indented = true;
  for (
    let end = source.indexOf("\n"), start = 0;
    end >= 0 && begun < ENOUGH;
    start = end, end = source.indexOf("\n", end + 1)
  ) {
    const follows = indented;
    indented = isIndented(source, end + 1);
    if (!indented || follows) continue;
    const before = source.slice(Math.max(start, end - LOOK), end).trim();
    const next = source.slice(end + 1, end + 1 + LOOK);
    if (before === "" || !INDENT.test(next)) continue;
    begun++;
    if (!/^\p{Ll}/u.test(next.trim()) && ENDED.test(before)) sentences++;
  }
  return begun >= MIN_PARAGRAPHS && sentences >= MIN_SENTENCES * begun;
}

/** Which lines begin a paragraph, or what follows verse. */
function startsOf(
  lines: readonly string[],
  indents: readonly number[],
): boolean[] {
  const starts = lines.map(() => false);
  const lengths = lines.map((line) => line.length).sort((a, b) => a - b);
  const longestVerse = VERSE * lengths[Math.floor(lengths.length * 0.9)];
  for (let start = 0; start < lines.length; start++) {
    const indent = indents[start];
    if (indent === 0) continue;
    let end = start, width = 0;
    for (; indents[end] === indent; end++) {
      width = Math.max(width, lines[end].length);
    }
    const run = lines.slice(start, end), before = lines[start - 1] ?? "";
    starts[start] = before !== "" &&
      (indents[start - 1] > 0
        ? begins(before, run[0], width)
        : !/^\p{Ll}/u.test(run[0]));
    if (isVerse(run, longestVerse)) {
      if (end < lines.length) starts[end] = lines[end] !== "";
    } else {
      for (let at = start + 1; at < end; at++) {
        starts[at] = begins(lines[at - 1], lines[at], width);
      }
    }
    start = end - 1;
  }
  return starts;
}

/** Whether an indented line after another begins a paragraph or goes on. */
function begins(before: string, line: string, width: number): boolean {
  if (/^\p{Ll}/u.test(line) || /\p{L}-$/u.test(before)) return false;
  if (/^[–—"“«-]/.test(line) || ENDED.test(before)) return true;
  // A heading, or a line that had room for what follows.
  return !/\p{Ll}/u.test(before) ||
    before.length + 1 + line.search(/ |$/) < width;
}

/** Whether indented lines are verse: short, and few the end of a sentence. */
function isVerse(run: readonly string[], longest: number): boolean {
  const ended = run.filter((line) => /[.!?…]["”»]?$/.test(line)).length;
  return run.length > 2 && 2 * ended <= run.length &&
    run.every((line) =>
      line.length <= longest && !/^[\p{Ll}–—-]/u.test(line) &&
      /\p{Ll}/u.test(line)
    );
}
