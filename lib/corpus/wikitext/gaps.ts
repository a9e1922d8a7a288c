/**
 * What stands around the places where something was dropped.
 *
 * @module
 */

import { isWord, marksBetween, marksOf, whole } from "./line_marks.ts";
import { GONE } from "./marks.ts";

const CLOSING = ",.;:!?)]}»”…%";
const OPENING = "([{«“";
const SEPARATORS = ",;:", STOPS = ".!?";
/** What opens, and at the same place in the other what closes it. */
const OPENERS = "([“«", CLOSERS = ")]”»";
/** What stands before a gap and, after it, may have to be mended. */
const MENDED = SEPARATORS + STOPS + CLOSERS + "–—-/";

/**
 * Puts a space where something was dropped, if its neighbours need one, and
 * mends what the dropped thing leaves there: empty brackets, repeated
 * separators, a separator before a bracket or a stop. All else stays.
 *
 * @returns The text, and the marks of where it was put together.
 */
export function closeGaps(text: string): { text: string; marks: number } {
  const out: string[] = [];
  let done = 0, marks = 0, mended = false;
  for (
    let at = text.indexOf(GONE);
    at >= 0;
    at = text.indexOf(GONE, done)
  ) {
    const start = at > done && text[at - 1] === " " ? at - 1 : at;
    let end = at + 1;
    while (text[end] === " " || text[end] === GONE) end++;
    if (start > done) out.push(text.slice(done, start));
    done = end;
    if (end === text.length) continue;
    if (MENDED.includes(text[end]) || isConjunction(text, end)) {
      const next = mendGap(out, text, end);
      if (next !== undefined) {
        mended = true;
        done = end = next;
        const before = out.at(-1)?.at(-1), after = text[end];
        const apart = before === undefined || after === undefined ||
          CLOSING.includes(after) || OPENING.includes(before);
        if (!apart && before !== " ") out.push(" ");
        continue;
      }
    }
    const after = text.charCodeAt(end);
    const last = out.at(-1);
    if (start === 0 || last === undefined) {
      marks |= marksBetween(0x20, after);
      continue;
    }
    const before = last.charCodeAt(last.length - 1);
    if (needsSpace(text, start, end)) {
      out.push(" ");
      marks |= marksBetween(before, 0x20) | marksBetween(0x20, after);
    } else {
      marks |= marksBetween(before, after);
    }
  }
  out.push(text.slice(done));
  const closed = out.join("");
  return { text: closed, marks: mended ? marksOf(whole(closed)) : marks };
}

/** "e" or "ou" between two gaps, or before the end of a bracket. */
function isConjunction(text: string, at: number): boolean {
  const char = text[at];
  if (char !== "e" && char !== "o") return false;
  return /^(?:e|ou) ?\ufdd0/.test(text.slice(at, at + 4));
}

/**
 * Mends what stands around a gap.
 *
 * @param out What stands before it, in pieces; the ends of the last may go.
 * @param from Where the text after it starts.
 * @returns Where the text goes on; undefined where there was nothing to mend.
 */
function mendGap(
  out: string[],
  text: string,
  from: number,
): number | undefined {
  let end = from, mended = false;
  for (;;) {
    while (text[end] === " " || text[end] === GONE) end++;
    const before = lastOf(out), after = text[end] ?? "";
    const opener = before === "" ? -1 : OPENERS.indexOf(before);
    const isSeparator = before !== "" && SEPARATORS.includes(before);
    if (opener >= 0 && after === CLOSERS[opener]) {
      dropLast(out); // "()"
      end++;
    } else if (
      after !== "" && SEPARATORS.includes(after) &&
      (before === "" || opener >= 0 || before === ":" ||
        /^ ?[)\]]/.test(text.slice(end + 1, end + 3)))
    ) end++; // "(," and ":," and ";)"
    else if (
      (isSeparator || opener >= 0 || before === "") && isConjunction(text, end)
    ) end += text[end] === "e" ? 1 : 2;
    else if (
      (before === ":" || before === ".") && after === ")" && dropLabel(out)
    ) {
      end++; // "(coordenadas:)" and "(r.)"
    } else if (
      before === "/" && out.at(-1)!.at(-2) === " " && after !== "" &&
      (SEPARATORS + STOPS + CLOSERS).includes(after)
    ) {
      dropLast(out); // "x /)", but not "/a/)"
    } else if (
      after === "/" && text[end + 1] === " " && (opener >= 0 || before === "")
    ) end++; // "(/ x"
    else if (
      isSeparator && after !== "" &&
      (SEPARATORS + STOPS + CLOSERS).includes(after)
    ) dropLast(out); // ",," and ",)" and ",."
    else if (
      opener >= 0 && /^[–-] ?[)\]\ufdd0]/.test(text.slice(end, end + 3))
    ) end++; // "(-)"
    else if ((before === "–" || before === "—") && before === after) {
      dropLast(out);
    } else if (
      before === "" && after !== "" && (SEPARATORS + ")").includes(after)
    ) {
      end++;
    } else return mended ? end : undefined;
    mended = true;
  }
}

/** The last character that is no space; the spaces go. */
function lastOf(out: string[]): string {
  while (out.length > 0) {
    const piece = out[out.length - 1], trimmed = piece.trimEnd();
    if (trimmed !== "") {
      if (trimmed.length < piece.length) out[out.length - 1] = trimmed;
      return trimmed[trimmed.length - 1];
    }
    out.pop();
  }
  return "";
}

function dropLast(out: string[]): void {
  out[out.length - 1] = out[out.length - 1].slice(0, -1);
}

/** Drops a bracket that only announces what was dropped. */
function dropLabel(out: string[]): boolean {
  const piece = out[out.length - 1];
  const label = / ?\((?:[\p{L}. ]{1,30}:|(?:r|c|ca|fl|m|n|cap|pron|apr)\.)$/u
    .exec(piece.slice(-40));
  if (label === null) return false;
  out[out.length - 1] = piece.slice(0, piece.length - label[0].length);
  return true;
}

/** Whether what stands around a gap must not touch. */
function needsSpace(text: string, start: number, end: number): boolean {
  const before = text[start - 1], after = text[end];
  if (CLOSING.includes(after) || OPENING.includes(before)) return false;
  const spaced = text[start] === " " || text[end - 1] === " " ||
    text.slice(start, end).includes(" ");
  return spaced || isWord(before) && isWord(after);
}
