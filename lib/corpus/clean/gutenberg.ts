/**
 * Project Gutenberg's books: the text stands between two lines that say so;
 * before and after it there are facts about the file and its licence.
 *
 * @module
 */

const START =
  /^\*{3} ?START OF (?:THE|THIS) PROJECT GUTENBERG E(?:BOOK|TEXT)\b/i;
const END = /^\*{3} ?END OF (?:THE|THIS) PROJECT GUTENBERG E(?:BOOK|TEXT)\b/i;
/** The form of the files before 2003. */
const OLD_START = /^\*END ?\*? ?THE SMALL PRINT!/i;
const OLD_END = /^End of (?:the |this )?Project Gutenberg\b/i;
/** Who made the file, right after the start. */
const CREDITS =
  /^(?:(?:this (?:e-?(?:book|text)|file) was )?(?:produced|prepared|transcribed|created) (?:by|from)\b|e-?(?:book|text) (?:was )?(?:produced|prepared|created) by\b|produzido por\b)/i;
/** Such a paragraph is not longer, and stands not deeper, in lines. */
const MAX_CREDITS = 8, MAX_DEPTH = 20;

/**
 * Keeps what stands between the START and END lines of Project Gutenberg, of
 * each book where a file has several.
 *
 * @param lines The lines of a file, trimmed.
 * @returns All lines where there is no START line.
 *
 * @example
 * ```ts
 * import { withoutGutenberg } from "./gutenberg.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   withoutGutenberg([
 *     "Title: Iracema",
 *     "*** START OF THE PROJECT GUTENBERG EBOOK IRACEMA ***",
 *     "Verdes mares bravios.",
 *     "*** END OF THE PROJECT GUTENBERG EBOOK IRACEMA ***",
 *     "Licence",
 *   ]),
 *   ["Verdes mares bravios."],
 * );
 * ```
 */
export function withoutGutenberg(lines: readonly string[]): readonly string[] {
  const isStart = (line: string) =>
    line.startsWith("*") && (START.test(line) || OLD_START.test(line));
  if (!lines.some(isStart)) return lines;
  const kept: string[] = [];
  let inside = false;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at];
    if (line === "" || line[0] !== "*" && line[0] !== "E" && line[0] !== "e") {
      if (inside) kept.push(line);
    } else if (isStart(line)) {
      // A long title goes on in the next lines, to the closing asterisks.
      const end = endOfMark(lines, at);
      at = afterCredits(lines, end + 1) - 1;
      if (kept.length > 0) kept.push("");
      inside = true;
    } else if (END.test(line) || inside && OLD_END.test(line)) {
      inside = false;
    } else if (inside) kept.push(line);
  }
  return kept;
}

function endOfMark(lines: readonly string[], at: number): number {
  for (let end = at; end < at + 5; end++) {
    if (/\S ?\*+$/.test(lines[end] ?? "")) return end;
  }
  return at;
}

/** Where the text starts after the lines about who made the file. */
function afterCredits(lines: readonly string[], from: number): number {
  let start = from;
  for (let at = from; at < Math.min(lines.length, from + MAX_DEPTH); at++) {
    if (!CREDITS.test(lines[at])) continue;
    // Only blank lines may stand before it.
    if (lines.slice(start, at).some((line) => line !== "")) break;
    let end = at;
    while (end < lines.length && lines[end] !== "" && end - at < MAX_CREDITS) {
      end++;
    }
    start = at = end;
  }
  return start;
}
