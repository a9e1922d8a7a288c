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
 * const paragraph = "  Era uma vez\num rei.\n";
 * assertEquals(
 *   divideByIndents(paragraph.repeat(6), () => true),
 *   `\n${paragraph}`.repeat(6),
 * );
 * ```
 */
export function divideByIndents(
  source: string,
  isWrapped: (lines: readonly string[]) => boolean,
): string {
  if (!/\n\f*[ \t\u00a0\u3000]{1,16}\S/.test(source)) return source;
  const lines = source.split("\n");
  const trimmed = lines.map((line) => line.trim());
  const indents = lines.map((line) => INDENT.exec(line)?.[1].length ?? 0);
  let begun = 0, sentences = 0;
  for (let at = 1; at < lines.length; at++) {
    if (indents[at] === 0 || indents[at - 1] > 0 || trimmed[at - 1] === "") {
      continue;
    }
    begun++;
    const begins = !/^\p{Ll}/u.test(trimmed[at]);
    if (begins && ENDED.test(trimmed[at - 1])) sentences++;
  }
  if (begun < MIN_PARAGRAPHS || sentences < MIN_SENTENCES * begun) {
    return source;
  }
  if (!isWrapped(trimmed)) return source;
  const starts = startsOf(trimmed, indents);
  return lines.map((line, at) => starts[at] ? `\n${line}` : line).join("\n");
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
