/**
 * Numbers and running heads of pages, as programs that read scans and PDFs leave
 * them between the lines of a text, with or without a form feed.
 *
 * @module
 */

/** A form feed, as a line of its own. */
export const PAGE_BREAK = "\f";

/** "15", "- 15 -", "[15]", "p. 15", "Página 15 de 200". */
const NUMBER =
  /^(?:[-–—•*[(] ?)?(?:p(?:[áa]g(?:ina)?)?\.? ?)?(\d{1,4})(?: ?(?:de|\/) ?\d{1,4})?(?: ?[-–—•*\])])?$/i;
/** Of a preface. */
const ROMAN = /^[-–— ]*[ivxl]{1,7}[-–— ]*$/;
/** Pages have at least so many lines, blank ones among them. */
const MIN_PAGE_LINES = 5;
/** Numbers that go up by one so often are those of pages. */
const MIN_PAGES = 3;
/** How many lines without text may stand between a page's end and its number. */
const MAX_BLANK = 4;
/** A running head is not longer. */
const MAX_HEAD = 80;

/**
 * Takes out the numbers of pages, and the heads beside them that come again and
 * again: numbers beside a form feed, and those that stand alone on their lines
 * and go up by one, a page apart.
 *
 * @param lines Trimmed; {@linkcode PAGE_BREAK} for a form feed, which goes too.
 *
 * @example
 * ```ts
 * import { withoutPageNumbers } from "./pages.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   withoutPageNumbers(["E foi-se em-", "7", "\f", "bora.", "1822"]),
 *   ["E foi-se em-", "bora.", "1822"],
 * );
 * ```
 */
export function withoutPageNumbers(lines: readonly string[]): string[] {
  /** 1 for each line that goes. */
  const dropped = new Uint8Array(lines.length);
  /** Where a page ends or starts. */
  const seams: number[] = [];
  let chain: number[] = [], last = NaN;
  const endChain = () => {
    if (chain.length >= MIN_PAGES) {
      for (const at of chain) {
        dropped[at] = 1;
        seams.push(at);
      }
    }
    chain = [];
  };
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at];
    if (line === PAGE_BREAK) {
      dropped[at] = 1;
      seams.push(at);
      for (const step of [-1, 1]) {
        const beside = nextText(lines, at, step);
        if (beside !== undefined && isNumber(lines[beside])) {
          dropped[beside] = 1;
        }
      }
    }
    if (line === "" || line.length > 24) continue;
    const number = Number(NUMBER.exec(line)?.[1] ?? NaN);
    if (Number.isNaN(number)) continue;
    const follows = number === last + 1 &&
      at - chain[chain.length - 1] >= MIN_PAGE_LINES;
    if (!follows) endChain();
    chain.push(at);
    last = number;
  }
  endChain();
  if (!dropped.includes(1)) return [...lines];
  dropHeads(lines, seams, dropped);
  return lines.filter((_, at) => dropped[at] === 0);
}

function isNumber(line: string): boolean {
  return line.length <= 24 && (NUMBER.test(line) || ROMAN.test(line));
}

/** The nearest line with text in a direction, if it is near. */
function nextText(
  lines: readonly string[],
  from: number,
  step: number,
): number | undefined {
  for (let i = 1, at = from + step; i <= MAX_BLANK; i++, at += step) {
    if (lines[at] !== undefined && lines[at] !== "") {
      return lines[at] === PAGE_BREAK ? undefined : at;
    }
  }
  return undefined;
}

/** Drops what stands beside the seams of many pages. */
function dropHeads(
  lines: readonly string[],
  seams: readonly number[],
  dropped: Uint8Array,
): void {
  const places = new Map<string, Set<number>>();
  for (const seam of seams) {
    for (const step of [-1, 1]) {
      let at = nextText(lines, seam, step);
      if (at !== undefined && dropped[at] === 1) at = nextText(lines, at, step);
      if (at === undefined || lines[at].length > MAX_HEAD) continue;
      const here = places.get(lines[at]) ?? new Set();
      places.set(lines[at], here.add(at));
    }
  }
  const needed = Math.max(MIN_PAGES, seams.length / 10);
  for (const [line, at] of places) {
    if (at.size < needed || !/\p{L}/u.test(line)) continue;
    for (const place of at) dropped[place] = 1;
  }
}
